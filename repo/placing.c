/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A file of an older version keeps a second name until the new one is on record: so a
 * failure, however late, has something to go back to. */

#include "repo/placing_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define NEW_NAME ".suppack-new"
#define OLD_PREFIX ".suppack-old."

enum {
	DIR_MODE = 0755,
	MKDIR_MODES = 01777, /* what mkdir takes */
	PATH_BYTES = 4096,
};

/* ---- making -------------------------------------------------------------------------------- */

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* @name in the directory of @path. */
static char *beside(const char *path, const char *prefix, const char *name)
{
	const char *base = base_of(path);

	return sp_text_format("%.*s%s%s", (int)(base - path), path, prefix, name);
}

static int make_parents(struct sp_placing_walk *walk, const char *path)
{
	for (const char *slash = strchr(path, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		SP_AUTO(sp_str_freep) char *dir = strndup(path, (size_t)(slash - path));

		if (!dir)
			return sp_error_nomem(walk->err);
		if (mkdirat(walk->root_fd, dir, DIR_MODE) < 0 && errno != EEXIST)
			return sp_error_set_errno(walk->err, errno, "making '/%s'", dir);
	}
	return 0;
}

static ssize_t read_content(const struct sp_placing_thing *thing, off_t at, void *buf,
			    size_t size, struct sp_error *err)
{
	ssize_t n;

	if (thing->archive)
		return sp_archive_read(thing->archive, buf, size, err);
	n = pread(thing->fd, buf, size, at);
	return n < 0 ? sp_error_set_errno(err, errno, "reading a kept package") : n;
}

static int write_content(struct sp_placing_walk *walk,
			 const struct sp_placing_thing *thing, int fd)
{
	char bytes[32 << 10];
	off_t at = 0;
	ssize_t n;

	while ((n = read_content(thing, at, bytes, sizeof bytes, walk->err)) > 0) {
		int r = sp_file_write_all(fd, bytes, (size_t)n, walk->err);

		if (r < 0)
			return r;
		at += n;
	}
	if (n < 0)
		return (int)n;
	if (fchmod(fd, thing->mode) < 0 || fsync(fd) < 0)
		return sp_error_set_errno(walk->err, errno, "writing '/%s'", thing->path);
	return 0;
}

static int make_file(struct sp_placing_walk *walk, const struct sp_placing_thing *thing,
		     const char *as)
{
	SP_AUTO(sp_closep)
	int fd = openat(walk->root_fd, as,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return sp_error_set_errno(walk->err, errno, "making '/%s'", thing->path);
	return write_content(walk, thing, fd);
}

static int make_link(struct sp_placing_walk *walk, const struct sp_placing_thing *thing,
		     const char *as)
{
	int failed = thing->type == SP_ARCHIVE_SYMLINK
			     ? symlinkat(thing->target, walk->root_fd, as)
			     : linkat(walk->root_fd, thing->target, walk->root_fd, as, 0);

	return failed < 0 ? sp_error_set_errno(walk->err, errno, "linking '/%s'",
					       thing->path)
			  : 0;
}

static int keep_old(struct sp_placing_walk *walk, const char *path)
{
	SP_AUTO(sp_str_freep) char *kept = beside(path, OLD_PREFIX, base_of(path));

	if (!kept)
		return sp_error_nomem(walk->err);
	if (linkat(walk->root_fd, path, walk->root_fd, kept, 0) < 0 && errno != EEXIST &&
	    errno != ENOENT)
		return sp_error_set_errno(walk->err, errno, "keeping '/%s'", path);
	return 0;
}

/* With its mode from the first moment: one that is there already is left as it is. */
static int make_directory(struct sp_placing_walk *walk,
			  const struct sp_placing_thing *thing)
{
	mode_t mask = umask(0);
	int made = mkdirat(walk->root_fd, thing->path, thing->mode & MKDIR_MODES);
	int why = errno;

	(void)umask(mask);
	errno = why;
	if (made < 0 && errno == EEXIST)
		return 0;
	if (made == 0 && (!(thing->mode & ~(mode_t)MKDIR_MODES) ||
			  fchmodat(walk->root_fd, thing->path, thing->mode, 0) == 0))
		return 0;
	return sp_error_set_errno(walk->err, errno, "making '/%s'", thing->path);
}

static int put_thing(struct sp_placing_walk *walk, const struct sp_placing_thing *thing)
{
	SP_AUTO(sp_str_freep) char *as = beside(thing->path, "", NEW_NAME);
	int r = as ? make_parents(walk, thing->path) : sp_error_nomem(walk->err);

	if (r == 0 && thing->type == SP_ARCHIVE_DIR)
		return make_directory(walk, thing);
	if (r == 0 && sp_placing_has(walk->old, thing->path))
		r = keep_old(walk, thing->path);
	if (r < 0)
		return r;
	(void)unlinkat(walk->root_fd, as, 0);
	r = thing->type == SP_ARCHIVE_FILE ? make_file(walk, thing, as)
					   : make_link(walk, thing, as);
	if (r == 0 && renameat(walk->root_fd, as, walk->root_fd, thing->path) < 0)
		r = sp_error_set_errno(walk->err, errno, "placing '/%s'", thing->path);
	/* It is still there, too, when both are names of one file. */
	(void)unlinkat(walk->root_fd, as, 0);
	return r;
}

int sp_placing_put(int root_fd, const struct sp_placing_source *sources, size_t n,
		   const struct sp_strv *old, struct sp_error *err)
{
	struct sp_placing_walk walk = { .root_fd = root_fd, .old = old, .err = err };
	int r = sp_placing_walk_all(&walk, sources, n, put_thing);

	if (r == 0 && syncfs(root_fd) < 0)
		r = sp_error_set_errno(err, errno, "syncing");
	return r;
}

/* ---- for good, or back ---------------------------------------------------------------------- */

/* "a/b/" without its end. */
static char *trimmed(const char *path)
{
	size_t len = strlen(path);

	return strndup(path, len && path[len - 1] == '/' ? len - 1 : len);
}

static int take_away(int root_fd, const char *path, struct sp_findings *findings,
		     struct sp_error *err)
{
	bool is_dir = sp_text_ends_with(path, "/");
	SP_AUTO(sp_str_freep) char *name = trimmed(path);

	if (!name)
		return sp_error_nomem(err);
	if (!sp_text_path_is_safe(name) ||
	    unlinkat(root_fd, name, is_dir ? AT_REMOVEDIR : 0) == 0 || errno == ENOENT ||
	    errno == ENOTDIR || (is_dir && (errno == ENOTEMPTY || errno == EEXIST)))
		return 0;
	return sp_findings_add(findings, "left-behind", name, err,
			       "'/%.300s' could not be removed: %s", name,
			       strerror(errno));
}

int sp_placing_settle(int root_fd, const struct sp_strv *placed,
		      const struct sp_strv *old, struct sp_error *err)
{
	SP_AUTO(sp_findings_done) struct sp_findings ignored = { 0 };
	int r = 0;

	for (size_t i = old->n; r == 0 && i > 0; i--) {
		const char *path = old->items[i - 1];
		SP_AUTO(sp_str_freep)
		char *kept = beside(path, OLD_PREFIX, base_of(path));

		if (!kept)
			return sp_error_nomem(err);
		if (!sp_text_ends_with(path, "/"))
			(void)unlinkat(root_fd, kept, 0);
		if (!sp_placing_has(placed, path))
			r = take_away(root_fd, path, &ignored, err);
	}
	if (r == 0 && syncfs(root_fd) < 0)
		r = sp_error_set_errno(err, errno, "syncing");
	return r;
}

static int take_back(int root_fd, const char *path, const struct sp_strv *old,
		     struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *kept = beside(path, OLD_PREFIX, base_of(path));
	SP_AUTO(sp_str_freep) char *as = beside(path, "", NEW_NAME);

	if (!kept || !as)
		return sp_error_nomem(err);
	(void)unlinkat(root_fd, as, 0);
	if (!sp_placing_has(old, path))
		return take_away(root_fd, path, findings, err);
	if (sp_text_ends_with(path, "/") || renameat(root_fd, kept, root_fd, path) == 0 ||
	    errno == ENOENT)
		return 0;
	return sp_findings_add(findings, "left-behind", path, err,
			       "'/%.300s' could not be put back: %s", path,
			       strerror(errno));
}

int sp_placing_undo(int root_fd, const struct sp_strv *placed, const struct sp_strv *old,
		    struct sp_findings *findings, struct sp_error *err)
{
	int r = 0;

	for (size_t i = placed->n; r == 0 && i > 0; i--)
		r = take_back(root_fd, placed->items[i - 1], old, findings, err);
	if (r == 0 && syncfs(root_fd) < 0)
		r = sp_error_set_errno(err, errno, "syncing");
	return r;
}
