/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the packages of a legacy pack hold is gone through in one way, whatever is done with
 * it: so nothing can be made that was not looked at. */

#include "repo/placing_walk.h"

#include <stdlib.h>
#include <string.h>

#include "repo/legacy.h"
#include "repo/limits.h"
#include "repo/pack.h"

enum { FILE_MODE = 0644 };

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool sp_placing_has(const struct sp_strv *sorted, const char *path)
{
	return sorted->n &&
	       bsearch(&path, sorted->items, sorted->n, sizeof *sorted->items, compare);
}

static int check_entry(const struct sp_placing_walk *walk,
		       const struct sp_archive_entry *entry)
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

static int walk_entry(struct sp_placing_walk *walk, const char *root,
		      struct sp_archive *archive, const struct sp_archive_entry *entry,
		      sp_placing_fn fn)
{
	bool is_hard = entry->type == SP_ARCHIVE_HARD_LINK;
	SP_AUTO(sp_str_freep) char *path = below(root, entry->path);
	SP_AUTO(sp_str_freep)
	char *hard = is_hard ? below(root, entry->link_target) : NULL;
	const struct sp_placing_thing thing = {
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

static int walk_tbz2(struct sp_placing_walk *walk, const char *root, sp_placing_fn fn)
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

static int walk_package(struct sp_placing_walk *walk, sp_placing_fn fn)
{
	const struct sp_package *package = walk->source->package;
	SP_AUTO(sp_str_freep) char *path = NULL;
	const struct sp_placing_thing file = { .type = SP_ARCHIVE_FILE,
					       .mode = FILE_MODE,
					       .fd = walk->source->fd };
	struct sp_placing_thing thing = file;
	int r = sp_legacy_destination(package, walk->source->kernel, &path, walk->err);

	if (r != 0)
		return r < 0 ? r : 0;
	thing.path = path;
	return strcmp(package->type, "tbz2") ? fn(walk, &thing)
					     : walk_tbz2(walk, path, fn);
}

int sp_placing_walk_all(struct sp_placing_walk *walk,
			const struct sp_placing_source *sources, size_t n,
			sp_placing_fn fn)
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
