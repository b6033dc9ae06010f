/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A root's rpm database, read by a worker: an old root's is outside bytes, and librpm is
 * not a library to have in one's own process. */

#include "base/error.h"

struct sp_patience;
struct sp_rpmdb_package;

/* Gets one package: its name, its evr, and what was asked for (borrowed); the text is as
 * the worker sent it.  < 0 ends the reading. */
typedef int (*sp_database_fn)(void *user, const struct sp_rpmdb_package *package,
			      struct sp_error *err);

/* What is read of which root. */
struct sp_database_job {
	const char *root; /* its path */
	unsigned what; /* enum sp_rpmdb_what (repo/rpmdb.h); with SP_RPMDB_FILES, packages
			   * without files are passed over */
	const char *title; /* "reading the rpm database": opens an error's message */
	sp_database_fn take;
	void *user;
};

/* Has all of it taken, one package after another, by NEVRA.  A root without a database has
 * none.  < 0: SP_ERR_CANCELLED, SP_ERR_DAMAGED, a limit (60 s, or 120 s with files), or
 * what @take returned. */
SP_MUST_CHECK
int sp_database_read(const struct sp_database_job *job,
		     const struct sp_patience *patience, struct sp_error *err);
