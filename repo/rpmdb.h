/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What RPMs a root has, from its database; the root of an old host is outside bytes, so
 * this belongs into a worker (base/worker.h; as root, without privileges; 512 MiB, and
 * as much of file size: what cannot be written is copied to /tmp, to be read there). */

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct sp_rpmdb_package {
	char *name, *evr, *arch; /* evr: "1:2.0-3", epoch only if there is one */
	char *nevra;             /* "name-[epoch:]version-release.arch" */
	struct sp_strv provides, requires_; /* as rpm writes them; if asked for */
	struct sp_strv files; /* of every type but directories, those that are meant to
			       * be there, without leading "/"; if asked for */
};

enum sp_rpmdb_what {
	SP_RPMDB_DEPENDENCIES = 1,
	SP_RPMDB_FILES = 2,
	SP_RPMDB_MODULES = 4, /* of the files, kernel modules only: much cheaper */
	SP_RPMDB_UNTOUCHED =
		8, /* a copy is read even where it could be written to: librpm
				 * makes a database where it knows none */
};

/* Zero-initialise.  Sorted by NEVRA. */
struct sp_rpmdb_list {
	struct sp_rpmdb_package *items;
	size_t n;
};

void sp_rpmdb_list_done(struct sp_rpmdb_list *list);

/* Reads all of it, and of each package @what (enum sp_rpmdb_what).  A root without a database has none.  Text is cleaned.  The
 * process's rpm configuration is that of this root from now on.
 * < 0: SP_ERR_DAMAGED when the database cannot be read. */
SP_MUST_CHECK
int sp_rpmdb_list_read(const char *root, unsigned what, struct sp_rpmdb_list *list,
		       struct sp_error *err);

/* Where the database of @root_fd is, below it: what its own rpm macros say
 * (%_dbpath), or where one is found, or "var/lib/rpm".  Caller frees.  *@ret_exists
 * (may be NULL): is there one? */
SP_MUST_CHECK
int sp_rpmdb_find(int root_fd, char **ret_path, bool *ret_exists, struct sp_error *err);
