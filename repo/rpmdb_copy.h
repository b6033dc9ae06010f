/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A copy of a root's rpm database, to be read where it may be written: SQLite cannot
 * open its own files without writing beside them.  For rpmdb.c. */

#include <stdbool.h>

#include "base/error.h"

/* A root of its own that has nothing but the database.  Zero-initialise, with @path NULL
 * while there is none. */
struct sp_rpmdb_copy {
	char *path; /* "/tmp/rpmdb-XXXXXX" */
};

/* Must the database at @dbpath below @root_fd be copied to be read? */
bool sp_rpmdb_copy_is_needed(int root_fd, const char *dbpath);

/* Copies it, to the same path below @copy's root.  At most 1 GiB for each file. */
SP_MUST_CHECK
int sp_rpmdb_copy_make(int root_fd, const char *dbpath, struct sp_rpmdb_copy *copy,
		       struct sp_error *err);

/* Removes it. */
void sp_rpmdb_copy_done(struct sp_rpmdb_copy *copy);
