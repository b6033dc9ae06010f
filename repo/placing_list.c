/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is in the way is said before anything is touched. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "repo/pack.h"
#include "repo/placing_walk.h"

enum { CONFLICTS_MAX = 8 };

static int add(struct sp_placing_walk *walk, const char *path, size_t len, bool is_dir)
{
	SP_AUTO(sp_str_freep)
	char *text = sp_text_format("%.*s%s", (int)len, path, is_dir ? "/" : "");

	if (walk->placed->n >= SP_PLACING_MAX_PATHS)
		return sp_error_set(walk->err, SP_ERR_LIMIT, "more than %d files",
				    SP_PLACING_MAX_PATHS);
	return text ? sp_strv_add(walk->placed, text, walk->err)
		    : sp_error_nomem(walk->err);
}

static int say_conflict(struct sp_placing_walk *walk, const char *path, const char *why)
{
	if (++walk->n_conflicts > CONFLICTS_MAX)
		return 0;
	return sp_findings_add(walk->findings, "conflict", walk->source->package->name,
			       walk->err, "'%.100s' would put a file at '/%.200s', %s",
			       walk->source->package->name, path, why);
}

/* The directories on the way to @path that are not there. */
static int list_parents(struct sp_placing_walk *walk, const char *path)
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

static int list_thing(struct sp_placing_walk *walk, const struct sp_placing_thing *thing)
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
	if (is_dir || S_ISDIR(info.st_mode) || !sp_placing_has(walk->old, thing->path))
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
static int keep_directories(struct sp_placing_walk *walk)
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
	struct sp_placing_walk walk = { .root_fd = root_fd,
					.old = old,
					.placed = placed,
					.findings = findings,
					.err = err };
	int r = sp_placing_walk_all(&walk, sources, n, list_thing);

	if (r == 0)
		r = keep_directories(&walk);
	sp_strv_sort(placed);
	drop_repeated(placed);
	return r;
}
