/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each file is checked while it is copied against what the reader found, so that what is
 * kept is what was looked at. */
#include "repo/spool_steps.h"

#include "base/file.h"
#include "repo/digest.h"
#include "repo/intake.h"
#include "repo/reading.h"
#include "repo/spool.h"
#include "repo/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
	STEP_BYTES = 64 << 10,
	TELL_BYTES = 1 << 20,
	ROOM_SPARE_BYTES = 1 << 20, /* directories, and what rounding takes */
};

/* ---- room -------------------------------------------------------------------- */

static int fail_space(uint64_t wanted, struct sp_error *err)
{
	(void)sp_error_set(err, SP_ERR_REQUIREMENTS,
			   "there is no room for the %llu MiB of the pack",
			   (unsigned long long)((wanted >> 20) + 1));
	err->sys_errno = ENOSPC;
	return -SP_ERR_REQUIREMENTS;
}

/* A file system without blocks (ramfs) cannot say; it is found out in writing. */
static int check_space(const struct sp_spooling *keeping, struct sp_error *err)
{
	uint64_t wanted = keeping->total + ROOM_SPARE_BYTES, room;
	struct statvfs st;

	if (fstatvfs(keeping->fd, &st) < 0 || st.f_blocks == 0 ||
	    __builtin_mul_overflow((uint64_t)st.f_bavail, (uint64_t)st.f_frsize, &room))
		return 0;
	return wanted > room ? fail_space(wanted, err) : 0;
}

/* ---- one file ---------------------------------------------------------------- */

int sp_spool_open_new(const struct sp_spooling *keeping, const char *name, int *ret_fd,
		      struct sp_error *err)
{
	const char *slash = strrchr(name, '/');
	SP_AUTO(sp_str_freep)
	char *dir = slash ? strndup(name, (size_t)(slash - name)) : NULL;
	int r = slash && !dir ? sp_error_nomem(err) : 0;

	if (r == 0 && dir)
		r = sp_file_make_dirs(keeping->fd, dir, 0700, err);
	if (r < 0)
		return r;
	*ret_fd = openat(keeping->fd, name,
			 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return *ret_fd < 0 ? sp_error_set_errno(err, errno, "keeping '%.200s'", name) : 0;
}

struct copy {
	const struct sp_spool_item *item;
	struct sp_digest *digest; /* NULL: none is to be checked */
	int fd;
	uint64_t bytes;
};

static void copy_done(struct copy *copy)
{
	sp_digest_free(copy->digest);
	if (copy->fd >= 0)
		(void)close(copy->fd);
}

static int copy_step(struct sp_spooling *keeping, struct copy *copy, const char *bytes,
		     size_t n, struct sp_error *err)
{
	const struct sp_spool_item *item = copy->item;
	bool is_time;
	int r;

	copy->bytes += n;
	if (copy->bytes > item->max_bytes)
		return sp_error_set(err, SP_ERR_LIMIT, "it is larger than %llu bytes",
				    (unsigned long long)item->max_bytes);
	if (item->size_bytes && copy->bytes > item->size_bytes)
		return sp_error_set(err, SP_ERR_DAMAGED,
				    "it is larger than when it was read");
	if (copy->digest)
		sp_digest_add(copy->digest, bytes, n);
	r = sp_file_write_all(copy->fd, bytes, n, err);
	if (r < 0 && err->sys_errno == ENOSPC)
		return fail_space(keeping->total, err);
	is_time = keeping->done / TELL_BYTES != (keeping->done + n) / TELL_BYTES ||
		  keeping->done + n == keeping->total || copy->bytes == n;
	keeping->done += n;
	if (r == 0 && is_time && keeping->progress && keeping->progress->tell &&
	    keeping->progress->tell(keeping->progress->user, keeping->done,
				    keeping->total))
		return sp_error_set(err, SP_ERR_CANCELLED,
				    "keeping the pack was cancelled");
	return r;
}

static int copy_all(struct sp_spooling *keeping, struct copy *copy,
		    struct sp_tree_stream *stream, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *bytes = malloc(STEP_BYTES);
	ssize_t n = 1;
	int r = 0;

	if (!bytes)
		return sp_error_nomem(err);
	while (r == 0 && n > 0) {
		n = sp_tree_read(stream, bytes, STEP_BYTES, err);
		r = n < 0 ? -(int)err->code
			  : copy_step(keeping, copy, bytes, (size_t)n, err);
	}
	return r;
}

static int check_copy(struct copy *copy, struct sp_error *err)
{
	char hex[SP_DIGEST_HEX_SIZE];
	int r = copy->digest ? sp_digest_take(copy->digest, hex, err) : 0;

	if (r < 0)
		return r;
	if ((copy->item->size_bytes && copy->bytes != copy->item->size_bytes) ||
	    (copy->digest && !sp_digest_is_equal(hex, copy->item->digest)))
		return sp_error_set(err, SP_ERR_DAMAGED,
				    "it is not the file that it was when it was read");
	return 0;
}

static int copy_item(struct sp_spooling *keeping, const struct sp_spool_item *item,
		     struct sp_tree_stream *stream, struct sp_error *err)
{
	SP_AUTO(copy_done) struct copy copy = { .item = item, .fd = -1 };
	enum sp_digest_kind kind = SP_DIGEST_SHA256;
	int r = 0;

	if (item->digest && !sp_intake_digest_kind(item->digest, &kind))
		return sp_error_set(err, SP_ERR_INTERNAL,
				    "its digest is of no known kind");
	if (item->digest)
		r = sp_digest_new(kind, &copy.digest, err);
	if (r == 0)
		r = sp_spool_open_new(keeping, item->to, &copy.fd, err);
	if (r == 0)
		r = copy_all(keeping, &copy, stream, err);
	return r == 0 ? check_copy(&copy, err) : r;
}

/* ---- all of them ------------------------------------------------------------- */

static int on_file(void *user, size_t index, struct sp_tree_stream *stream,
		   struct sp_error *err)
{
	struct sp_spooling *keeping = user;
	struct sp_spool_item *item = &keeping->items[index];
	int r = copy_item(keeping, item, stream, err);

	item->is_done = true;
	return r < 0 && err->code != SP_ERR_CANCELLED && err->sys_errno != ENOSPC
		       ? sp_reading_name_file(item->from, err)
		       : r;
}

static int copy_items(struct sp_spooling *keeping, struct sp_error *err)
{
	const char **paths = calloc(keeping->n_items + 1, sizeof *paths);
	int r;

	if (!paths)
		return sp_error_nomem(err);
	for (size_t i = 0; i < keeping->n_items; i++)
		paths[i] = keeping->items[i].from;
	r = sp_tree_visit(keeping->tree, paths, keeping->n_items, on_file, keeping, err);
	free(paths);
	for (size_t i = 0; r == 0 && i < keeping->n_items; i++)
		if (!keeping->items[i].is_done && !keeping->items[i].optional)
			r = sp_error_set(err, SP_ERR_DAMAGED,
					 "'%.200s' is no longer there",
					 keeping->items[i].from);
	return r;
}

int sp_spool_copy(struct sp_spooling *keeping, struct sp_error *err)
{
	int r = check_space(keeping, err);

	return r == 0 ? copy_items(keeping, err) : r;
}
