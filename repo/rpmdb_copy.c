/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An old root is mounted so that it cannot be changed, and librpm cannot read a database
 * there; a copy in memory it may write to as it likes. */
#include "repo/rpmdb_copy.h"

#include "base/file.h"
#include "base/inside.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { STEP_BYTES = 1 << 20 };

static const off_t max_bytes = (off_t)1 << 30;

/* What a database of each kind consists of; the index that SQLite shares between
 * processes is made anew. */
static const char *const files[] = { "rpmdb.sqlite", "rpmdb.sqlite-wal", "Packages.db",
				     "Index.db", "Packages" };

bool sp_rpmdb_copy_is_needed(int root_fd, const char *dbpath)
{
	SP_AUTO(sp_str_freep) char *real = NULL;
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error ignored = SP_ERROR_INIT;
	struct statvfs st;

	if (sp_inside_resolve(root_fd, dbpath, &real, &ignored) != 0)
		return false;
	fd = openat(root_fd, *real ? real : ".",
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 && fstatvfs(fd, &st) == 0 && st.f_flag & ST_RDONLY;
}

static int copy_bytes(int from, int to, struct sp_error *err)
{
	off_t at = 0;
	ssize_t n;

	do {
		n = sendfile(to, from, &at, STEP_BYTES);
		if (n < 0 && errno != EINTR)
			return sp_error_set_errno(err, errno, "copying the database");
		if (at > max_bytes)
			return sp_error_set(err, SP_ERR_LIMIT,
					    "the database has more than %lld MiB",
					    (long long)(max_bytes >> 20));
	} while (n != 0);
	return 0;
}

static int copy_file(int root_fd, const char *dbpath, const char *name, int to_dir,
		     struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = sp_text_format("%s/%s", dbpath, name);
	SP_AUTO(sp_closep) int from = -1, to = -1;
	int r;

	if (!path)
		return sp_error_nomem(err);
	r = sp_inside_open(root_fd, path, &from, err);
	if (r != 0)
		return r < 0 ? r : 0;
	to = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0)
		return sp_error_set_errno(err, errno, "copying the database");
	return copy_bytes(from, to, err);
}

int sp_rpmdb_copy_make(int root_fd, const char *dbpath, struct sp_rpmdb_copy *copy,
		       struct sp_error *err)
{
	SP_AUTO(sp_closep) int top = -1, dir = -1;
	char path[] = "/tmp/rpmdb-XXXXXX";
	int r;

	if (!mkdtemp(path))
		return sp_error_set_errno(err, errno, "creating directory '%s'", path);
	copy->path = strdup(path);
	if (!copy->path)
		return sp_error_nomem(err);
	top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return sp_error_set_errno(err, errno, "opening '%s'", path);
	r = sp_file_make_dirs(top, dbpath, 0700, err);
	if (r == 0)
		r = sp_file_open_dir_beneath(top, dbpath, &dir, err);
	if (r > 0)
		r = sp_error_set(err, SP_ERR_INTERNAL, "'%s' vanished", path);
	for (size_t i = 0; r == 0 && i < sizeof files / sizeof files[0]; i++)
		r = copy_file(root_fd, dbpath, files[i], dir, err);
	return r;
}

void sp_rpmdb_copy_done(struct sp_rpmdb_copy *copy)
{
	SP_AUTO(sp_closep) int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct sp_error ignored = SP_ERROR_INIT;

	if (copy->path && tmp >= 0)
		(void)!sp_file_remove_tree(tmp, strrchr(copy->path, '/') + 1, &ignored);
	free(copy->path);
	copy->path = NULL;
}
