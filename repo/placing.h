/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Packages of legacy packs that are no RPMs: a tbz2 that is unpacked below a directory,
 * a driver or a firmware file that is copied.  What RPM does for its own is done here for
 * them: nothing that somebody else has is replaced, every file appears whole or not at
 * all, and all of it can be taken back.
 *
 * Runs in a worker whose root directory is the host's: links there then lead nowhere
 * else.  Paths have no leading "/"; those of directories end with one.  All lists of
 * paths are sorted. */

#include "base/finding.h"
#include "base/text.h"

struct sp_package;

/* One package.  Borrowed. */
struct sp_placing_source {
	const struct sp_package *package;
	const char *kernel; /* where the pack leaves it open */
	int fd;             /* the verified file */
};

enum { SP_PLACING_MAX_PATHS = 8192 };

/* What would be made in the root @root_fd, added to @placed: files, links, and directories
 * that are not there.  @old is what an older version of the pack has placed and may be
 * replaced; anything else in the way is a finding (conflict). SP_ERR_FORMAT: what the
 * package holds cannot be placed; SP_ERR_LIMIT: it is too much. */
SP_MUST_CHECK
int sp_placing_list(int root_fd, const struct sp_placing_source *sources, size_t n,
		    const struct sp_strv *old, struct sp_strv *placed,
		    struct sp_findings *findings, struct sp_error *err);

/* Makes it, synced; files of @old are kept beside theirs.  May be done again after it was
 * cut off anywhere. */
SP_MUST_CHECK
int sp_placing_put(int root_fd, const struct sp_placing_source *sources, size_t n,
		   const struct sp_strv *old, struct sp_error *err);

/* For good: what was kept is removed, and so is what only @old had. */
SP_MUST_CHECK
int sp_placing_settle(int root_fd, const struct sp_strv *placed,
		      const struct sp_strv *old, struct sp_error *err);

/* Takes @placed back: what is of @old is as it was, the rest is gone, directories only if
 * they are empty.  What cannot be removed is a finding (left-behind). */
SP_MUST_CHECK
int sp_placing_undo(int root_fd, const struct sp_strv *placed, const struct sp_strv *old,
		    struct sp_findings *findings, struct sp_error *err);
