/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libblkid itself is not instrumented; what is made of its answers is. */
#include "probe/media.h"
#include "fuzz/memory.h"

static void check_text(const char *text)
{
	for (; text && *text; text++)
		FUZZ_PROMISE((unsigned char)*text >= 0x20 && *text != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_filesystem filesystem = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int fd = fuzz_file(data, size);
	int r = sp_media_blkid_probe(fd, &filesystem, &err);

	FUZZ_PROMISE(r <= 0);
	if (r == 0) {
		FUZZ_PROMISE(filesystem.state != SP_MEDIUM_UNKNOWN);
		FUZZ_PROMISE((filesystem.state == SP_MEDIUM_USABLE ||
			      filesystem.state == SP_MEDIUM_UNSUPPORTED) ==
			     (filesystem.type != NULL));
		check_text(filesystem.label);
		check_text(filesystem.uuid);
	}
	sp_filesystem_done(&filesystem);
	(void)close(fd);
	return 0;
}
