/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A file of an older version keeps a second name until the new one is on record: so a
 * failure, however late, has something to go back to. */

#include "repo/placing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/archive.h"
#include "base/file.h"
#include "repo/legacy.h"
#include "repo/limits.h"
#include "repo/pack.h"

#define NEW_NAME ".suppack-new"
#define OLD_PREFIX ".suppack-old."

enum {
	DIR_MODE = 0755,
	FILE_MODE = 0644,
	MKDIR_MODES = 01777, /* what mkdir takes */
	PATH_BYTES = 4096,
	CONFLICTS_MAX = 8,
};

/* One thing to be made. */
struct thing {
	const char *path;
	enum sp_archive_type type;
	mode_t mode;
	const char *target;         /* of links; of a hard link: a path like @path */
	struct sp_archive *archive; /* its content is the current entry's; or else: */
	int fd;                     /* all of this file */
};

struct walk {
	int root_fd;
	const struct sp_placing_source *source;
	const struct sp_strv *old;
	struct sp_strv *placed; /* while listing */
	struct sp_findings *findings;
	size_t n_conflicts;
	struct sp_error *err;
};

typedef int (*thing_fn)(struct walk *walk, const struct thing *thing);

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool has(const struct sp_strv *sorted, const char *path)
{
	return sorted->n &&
	       bsearch(&path, sorted->items, sorted->n, sizeof *sorted->items, compare);
}

/* ---- going through a package ----------------------------------------------------------- */

static int check_entry(const struct walk *walk, const struct sp_archive_entry *entry)
{
	const char *name = walk->source->package->name;

	if (!sp_text_path_is_safe(entry->path) ||
	    (entry->type == SP_ARCHIVE_HARD_LINK &&
	     !sp_text_path_is_safe(entry->link_target)))
		return sp_error_set(walk->err, SP_ERR_FORMAT,
				    "'%.100s' holds a path that is not safe: '%.100s'",
				    name, entry->path);
	if (entry->type == SP_ARCHIVE_OTHER)
		return sp_error_set(walk->err, SP_ERR_FORMAT,
				    "'%.100s' of '%.100s' is a device or another "
				    "special file, and is not made",
				    entry->path, name);
	return 0;
}

static char *below(const char *root, const char *path)
{
	return sp_text_format("%s%s%s", root, *root ? "/" : "", path);
}

static int walk_entry(struct walk *walk, const char *root, struct sp_archive *archive,
		      const struct sp_archive_entry *entry, thing_fn fn)
{
	bool is_hard = entry->type == SP_ARCHIVE_HARD_LINK;
	SP_AUTO(sp_str_freep) char *path = below(root, entry->path);
	SP_AUTO(sp_str_freep)
	char *hard = is_hard ? below(root, entry->link_target) : NULL;
	const struct thing thing = {
		.path = path,
		.type = entry->type,
		.mode = entry->mode,
		.target = is_hard ? hard : entry->link_target,
		.archive = archive,
		.fd = -1,
	};

	if (!path || (is_hard && !hard))
		return sp_error_nomem(walk->err);
	/* Each part is; together they may be too deep to be taken away again. */
	if (!sp_text_path_is_safe(path))
		return sp_error_set(walk->err, SP_ERR_FORMAT,
				    "'%.100s' holds a path that is not safe: '%.100s'",
				    walk->source->package->name, path);
	return fn(walk, &thing);
}

static int walk_tbz2(struct walk *walk, const char *root, thing_fn fn)
{
	SP_AUTO(sp_archive_freep) struct sp_archive *archive = NULL;
	struct sp_archive_entry entry;
	int r = sp_archive_open_fd(walk->source->fd, SP_ARCHIVE_TBZ2,
				   sp_limit_payload_bytes, &archive, walk->err);

	while (r == 0) {
		r = sp_archive_next(archive, &entry, walk->err);
		if (r == 0)
			r = check_entry(walk, &entry);
		if (r == 0)
			r = walk_entry(walk, root, archive, &entry, fn);
	}
	return r == SP_ARCHIVE_END ? 0 : r;
}

static int walk_package(struct walk *walk, thing_fn fn)
{
	const struct sp_package *package = walk->source->package;
	SP_AUTO(sp_str_freep) char *path = NULL;
	const struct thing file = { .type = SP_ARCHIVE_FILE,
				    .mode = FILE_MODE,
				    .fd = walk->source->fd };
	struct thing thing = file;
	int r = sp_legacy_destination(package, walk->source->kernel, &path, walk->err);

	if (r != 0)
		return r < 0 ? r : 0;
	thing.path = path;
	return strcmp(package->type, "tbz2") ? fn(walk, &thing)
					     : walk_tbz2(walk, path, fn);
}

static int walk_all(struct walk *walk, const struct sp_placing_source *sources, size_t n,
		    thing_fn fn)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		walk->source = &sources[i];
		r = walk_package(walk, fn);
		if (r < 0)
			r = sp_error_context(walk->err, "placing '%.100s'",
					     sources[i].package->name);
	}
	return r;
}

/* ---- listing ----------------------------------------------------------------------------- */

static int add(struct walk *walk, const char *path, size_t len, bool is_dir)
{
	SP_AUTO(sp_str_freep)
	char *text = sp_text_format("%.*s%s", (int)len, path, is_dir ? "/" : "");

	if (walk->placed->n >= SP_PLACING_MAX_PATHS)
		return sp_error_set(walk->err, SP_ERR_LIMIT, "more than %d files",
				    SP_PLACING_MAX_PATHS);
	return text ? sp_strv_add(walk->placed, text, walk->err)
		    : sp_error_nomem(walk->err);
}

static int say_conflict(struct walk *walk, const char *path, const char *why)
{
	if (++walk->n_conflicts > CONFLICTS_MAX)
		return 0;
	return sp_findings_add(walk->findings, "conflict", walk->source->package->name,
			       walk->err, "'%.100s' would put a file at '/%.200s', %s",
			       walk->source->package->name, path, why);
}

/* The directories on the way to @path that are not there. */
static int list_parents(struct walk *walk, const char *path)
{
	for (const char *slash = strchr(path, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		SP_AUTO(sp_str_freep) char *dir = strndup(path, (size_t)(slash - path));
		struct stat info;
		int r = 0;

		if (!dir)
			return sp_error_nomem(walk->err);
		if (fstatat(walk->root_fd, dir, &info, 0) < 0)
			r = errno == ENOENT ? add(walk, dir, strlen(dir), true)
					    : sp_error_set_errno(walk->err, errno,
								 "looking at '/%s'", dir);
		else if (!S_ISDIR(info.st_mode))
			return say_conflict(walk, path,
					    "and a file of the host is in the way");
		if (r < 0)
			return r;
	}
	return 0;
}

static int list_thing(struct walk *walk, const struct thing *thing)
{
	bool is_dir = thing->type == SP_ARCHIVE_DIR;
	int follow = is_dir ? 0 : AT_SYMLINK_NOFOLLOW;
	struct stat info;
	int r = list_parents(walk, thing->path);

	if (r < 0)
		return r;
	if (fstatat(walk->root_fd, thing->path, &info, follow) < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? add(walk, thing->path, strlen(thing->path), is_dir)
			       : sp_error_set_errno(walk->err, errno, "looking at '/%s'",
						    thing->path);
	if (is_dir && S_ISDIR(info.st_mode))
		return 0;
	if (is_dir || S_ISDIR(info.st_mode) || !has(walk->old, thing->path))
		return say_conflict(walk, thing->path,
				    "where the host has one that is not the pack's");
	return add(walk, thing->path, strlen(thing->path), false);
}

static void drop_repeated(struct sp_strv *sorted)
{
	size_t n = 0;

	for (size_t i = 0; i < sorted->n; i++) {
		if (n && !strcmp(sorted->items[n - 1], sorted->items[i]))
			free(sorted->items[i]);
		else
			sorted->items[n++] = sorted->items[i];
	}
	sorted->n = n;
}

/* What the older version made and this one fills is this one's from now on. */
static int keep_directories(struct walk *walk)
{
	size_t n = walk->placed->n;
	int r = 0;

	for (size_t i = 0; r == 0 && i < walk->old->n; i++) {
		const char *dir = walk->old->items[i];

		for (size_t j = 0; r == 0 && sp_text_ends_with(dir, "/") && j < n; j++)
			if (sp_text_starts_with(walk->placed->items[j], dir)) {
				r = add(walk, dir, strlen(dir), false);
				break;
			}
	}
	return r;
}

int sp_placing_list(int root_fd, const struct sp_placing_source *sources, size_t n,
		    const struct sp_strv *old, struct sp_strv *placed,
		    struct sp_findings *findings, struct sp_error *err)
{
	struct walk walk = { .root_fd = root_fd,
			     .old = old,
			     .placed = placed,
			     .findings = findings,
			     .err = err };
	int r = walk_all(&walk, sources, n, list_thing);

	if (r == 0)
		r = keep_directories(&walk);
	sp_strv_sort(placed);
	drop_repeated(placed);
	return r;
}

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

static int make_parents(struct walk *walk, const char *path)
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

static ssize_t read_content(const struct thing *thing, off_t at, void *buf, size_t size,
			    struct sp_error *err)
{
	ssize_t n;

	if (thing->archive)
		return sp_archive_read(thing->archive, buf, size, err);
	n = pread(thing->fd, buf, size, at);
	return n < 0 ? sp_error_set_errno(err, errno, "reading a kept package") : n;
}

static int write_content(struct walk *walk, const struct thing *thing, int fd)
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

static int make_file(struct walk *walk, const struct thing *thing, const char *as)
{
	SP_AUTO(sp_closep)
	int fd = openat(walk->root_fd, as,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return sp_error_set_errno(walk->err, errno, "making '/%s'", thing->path);
	return write_content(walk, thing, fd);
}

static int make_link(struct walk *walk, const struct thing *thing, const char *as)
{
	int failed = thing->type == SP_ARCHIVE_SYMLINK
			     ? symlinkat(thing->target, walk->root_fd, as)
			     : linkat(walk->root_fd, thing->target, walk->root_fd, as, 0);

	return failed < 0 ? sp_error_set_errno(walk->err, errno, "linking '/%s'",
					       thing->path)
			  : 0;
}

static int keep_old(struct walk *walk, const char *path)
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
static int make_directory(struct walk *walk, const struct thing *thing)
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

static int put_thing(struct walk *walk, const struct thing *thing)
{
	SP_AUTO(sp_str_freep) char *as = beside(thing->path, "", NEW_NAME);
	int r = as ? make_parents(walk, thing->path) : sp_error_nomem(walk->err);

	if (r == 0 && thing->type == SP_ARCHIVE_DIR)
		return make_directory(walk, thing);
	if (r == 0 && has(walk->old, thing->path))
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
	struct walk walk = { .root_fd = root_fd, .old = old, .err = err };
	int r = walk_all(&walk, sources, n, put_thing);

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
		if (!has(placed, path))
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
	if (!has(old, path))
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
