/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file at a time in memory, and none that nobody asked for. */
#include "repo/payload.h"

#include "base/file.h"
#include "base/text.h"
#include "repo/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STEP_BYTES = 64 << 10 };

static int compare(const void *key, const void *item)
{
	return strcmp(key, *(char *const *)item);
}

static bool is_wanted(const struct sp_strv *wanted, const char *path)
{
	return wanted->n && bsearch(path, wanted->items, wanted->n, sizeof *wanted->items,
				    compare) != NULL;
}

static int copy(struct sp_archive *archive, int fd, size_t max_bytes,
		struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *bytes = malloc(STEP_BYTES);
	size_t copied = 0;
	ssize_t n;
	int r = 0;

	if (!bytes)
		return sp_error_nomem(err);
	while (r == 0 && (n = sp_archive_read(archive, bytes, STEP_BYTES, err)) != 0) {
		if (n < 0)
			return -(int)err->code;
		copied += (size_t)n;
		if (copied > max_bytes)
			return sp_error_set(err, SP_ERR_LIMIT, "more than %zu bytes",
					    max_bytes);
		r = sp_file_write_all(fd, bytes, (size_t)n, err);
	}
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		return sp_error_set_errno(err, errno, "reading a memory file");
	return r;
}

static int hand_over(struct sp_archive *archive, const char *path, size_t max_bytes,
		     sp_payload_file_fn on_file, void *user, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = memfd_create("suppack", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return sp_error_set_errno(err, errno, "making a memory file");
	r = copy(archive, fd, max_bytes, err);
	if (r < 0)
		return sp_error_context(err, "'%.200s'", path);
	return on_file(user, path, fd, err);
}

static int go_through(struct sp_archive *archive, const struct sp_strv *wanted,
		      size_t max_bytes, sp_payload_file_fn on_file, void *user,
		      struct sp_error *err)
{
	struct sp_archive_entry entry;
	size_t left = wanted->n;
	int r = 0;

	while (r == 0 && left) {
		SP_AUTO(sp_str_freep) char *path = NULL;

		r = sp_archive_next(archive, &entry, err);
		if (r != 0 || entry.type != SP_ARCHIVE_FILE ||
		    !is_wanted(wanted, entry.path))
			continue;
		left--;
		path = strdup(entry.path); /* the archive's own goes as it is read */
		if (!path)
			return sp_error_nomem(err);
		r = hand_over(archive, path, max_bytes, on_file, user, err);
	}
	return r == SP_ARCHIVE_END ? 0 : r;
}

int sp_payload_read(sp_archive_source_fn source, void *source_user,
		    const struct sp_strv *wanted, size_t max_bytes,
		    sp_payload_file_fn on_file, void *user, struct sp_error *err)
{
	SP_AUTO(sp_archive_freep) struct sp_archive *archive = NULL;
	int r = sp_archive_open_stream(source, source_user, SP_ARCHIVE_RPM,
				       sp_limit_payload_bytes, &archive, err);

	return r == 0 ? go_through(archive, wanted, max_bytes, on_file, user, err) : r;
}

int sp_payload_read_fd(int fd, const struct sp_strv *wanted, size_t max_bytes,
		       sp_payload_file_fn on_file, void *user, struct sp_error *err)
{
	SP_AUTO(sp_archive_freep) struct sp_archive *archive = NULL;
	int r = sp_archive_open_fd(fd, SP_ARCHIVE_RPM, sp_limit_payload_bytes, &archive,
				   err);

	return r == 0 ? go_through(archive, wanted, max_bytes, on_file, user, err) : r;
}
