/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An RPM from a medium, taken in and its header read by librpm.  What was kept is what came,
 * and what the header names can be shown and unpacked. */
#include "base/text.h"
#include "repo/intake.h"
#include "repo/rpmfile.h"
#include "repo/tree_kind.h"
#include "fuzz/memory.h"

struct source {
	struct sp_tree_stream stream;
	const uint8_t *data;
	size_t left;
};

static ssize_t give(struct sp_tree_stream *stream, void *buf, size_t size,
		    struct sp_error *err)
{
	struct source *source = (struct source *)stream;
	size_t n = source->left < size ? source->left : size;

	(void)err;
	if (n > 700)
		n = 700; /* so that headers come in parts */
	memcpy(buf, source->data, n);
	source->data += n;
	source->left -= n;
	return (ssize_t)n;
}

static void read_header(const struct sp_intake *intake)
{
	struct sp_rpmfile rpm = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int r = sp_rpmfile_read(intake->fd, &rpm, &err);

	FUZZ_PROMISE(r == 0 || (r < 0 && err.text[0]));
	if (r == 0) {
		FUZZ_PROMISE(rpm.package.name && rpm.package.version &&
			     rpm.package.release && rpm.package.arch);
		for (size_t i = 0; i < rpm.n_files; i++)
			FUZZ_PROMISE(rpm.files[i].path && rpm.files[i].path[0] != '/');
		FUZZ_PROMISE(!rpm.signer || strlen(rpm.signer) == 16);
	}
	sp_rpmfile_done(&rpm);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source source = { { .read = give }, data, size };
	const struct sp_intake_wish wish = { .is_rpm = true, .own_digests = true };
	SP_AUTO(sp_intake_done) struct sp_intake intake = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int r = sp_intake_take(&source.stream, &wish, &intake, &err);

	FUZZ_PROMISE(r == 0 || (r < 0 && err.text[0]));
	if (r < 0)
		return 0;
	FUZZ_PROMISE(intake.size_bytes == size);
	FUZZ_PROMISE(intake.header_at && intake.header_at < intake.payload_at &&
		     intake.payload_at <= size);
	read_header(&intake);
	return 0;
}
