/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The RPMs that a root has: read from its database by a worker, since an old root's
 * database is outside bytes too. */

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct sp_package;
struct sp_patience;

struct sp_installed_package {
	char *name, *evr; /* "1:2.0-3" */
};

/* Zero-initialise.  Sorted by name. */
struct sp_installed {
	struct sp_installed_package *items;
	size_t n;
	struct sp_strv provides; /* "name = evr" of all of them, for the solver */
};

void sp_installed_done(struct sp_installed *installed);

/* A root without a database has no packages: no error. */
SP_MUST_CHECK
int sp_installed_read(const char *root_path, const struct sp_patience *patience,
		      struct sp_installed *ret_installed, struct sp_error *err);

/* The version of @name; NULL if it is not installed, or @installed is NULL. */
const char *sp_installed_find(const struct sp_installed *installed, const char *name);

/* Is @package there, in the version that it has? */
bool sp_installed_has(const struct sp_installed *installed,
		      const struct sp_package *package);
