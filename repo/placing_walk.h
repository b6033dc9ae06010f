/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Between the files that place legacy packages; everything else uses placing.h. */

#include <sys/types.h>

#include "base/archive.h"
#include "repo/placing.h"

/* One thing to be made.  Borrowed. */
struct sp_placing_thing {
	const char *path;
	enum sp_archive_type type;
	mode_t mode;
	const char *target;         /* of links; of a hard link: a path like @path */
	struct sp_archive *archive; /* its content is the current entry's; or else: */
	int fd;                     /* all of this file */
};

struct sp_placing_walk {
	int root_fd;
	const struct sp_placing_source *source;
	const struct sp_strv *old;
	struct sp_strv *placed; /* while listing */
	struct sp_findings *findings;
	size_t n_conflicts;
	struct sp_error *err;
};

typedef int (*sp_placing_fn)(struct sp_placing_walk *walk,
			     const struct sp_placing_thing *thing);

/* Is @path in the list? */
bool sp_placing_has(const struct sp_strv *sorted, const char *path);

/* Calls @fn for all that the @n @sources hold, in their order, each path checked: it leads
 * nowhere out of the root, and is no device.  Stops at the first that fails. */
SP_MUST_CHECK
int sp_placing_walk_all(struct sp_placing_walk *walk,
			const struct sp_placing_source *sources, size_t n,
			sp_placing_fn fn);
