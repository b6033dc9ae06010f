/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first byte says as what the rest is read: an archive of a kind, one compressed blob,
 * or an initrd.  Never more comes out than is allowed, whatever it unpacks to. */
#include "base/archive.h"
#include "repo/initrd.h"
#include "fuzz/memory.h"

/* libarchive asks for as much as a header says it needs; a worker cannot have it. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=256";
}

enum { MAX_BYTES = 1 << 20, N_KINDS = SP_ARCHIVE_CPIO + 1 };

static void read_archive(int fd, enum sp_archive_kind kind)
{
	SP_AUTO(sp_archive_freep) struct sp_archive *archive = NULL;
	struct sp_archive_entry entry = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	char bytes[4096];
	size_t all = 0;
	ssize_t n = 0;

	if (sp_archive_open_fd(fd, kind, MAX_BYTES, &archive, &err) < 0)
		return;
	while (n >= 0 && sp_archive_next(archive, &entry, &err) == 0) {
		FUZZ_PROMISE(entry.path && entry.path[0] != '/');
		FUZZ_PROMISE((entry.type == SP_ARCHIVE_SYMLINK ||
			      entry.type == SP_ARCHIVE_HARD_LINK) == !!entry.link_target);
		while ((n = sp_archive_read(archive, bytes, sizeof bytes, &err)) > 0)
			all += (size_t)n;
		FUZZ_PROMISE(all <= MAX_BYTES);
		FUZZ_PROMISE(n == 0 || err.text[0]);
	}
}

static void inflate(const uint8_t *data, size_t size)
{
	struct sp_error err = SP_ERROR_INIT;
	char *bytes = NULL;
	size_t len = 0;

	if (sp_archive_inflate(data, size, MAX_BYTES, 20, &bytes, &len, &err) == 0)
		FUZZ_PROMISE(len <= MAX_BYTES && bytes[len] == '\0');
	else
		FUZZ_PROMISE(err.text[0]);
	free(bytes);
}

static void look_into_initrd(int fd)
{
	struct sp_initrd_file files[] = { { .path = "lib/modules/1/x.ko" },
					  { .path = "lib/firmware/x.bin" } };
	struct sp_error err = SP_ERROR_INIT;

	FUZZ_PROMISE(sp_initrd_look(fd, files, 2, &err) <= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned what = size ? data[0] % (N_KINDS + 2) : 0;
	int fd;

	if (size == 0)
		return 0;
	fd = fuzz_file(data + 1, size - 1);
	if (what < N_KINDS)
		read_archive(fd, (enum sp_archive_kind)what);
	else if (what == N_KINDS)
		inflate(data + 1, size - 1);
	else
		look_into_initrd(fd);
	(void)close(fd);
	return 0;
}
