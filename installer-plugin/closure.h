/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which packages are installed to have a driver: those that hold its modules, those that
 * the pack names for early loading, and what they need of the same pack or of another
 * that is used, as libsolv settles it (settle.h). */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct sp_machine_plan;

/* A package of a pack: indices. */
struct sp_closure_item {
	size_t pack, package;
};

/* A package that is no RPM, but one file. */
struct sp_closure_file {
	size_t pack, package;
	char *path; /* where it goes, without a leading "/" */
};

/* Zero-initialise.  Owned. */
struct sp_closure {
	struct sp_closure_item *items; /* RPMs, by pack and package, each once */
	size_t n;
	struct sp_closure_file *files; /* by pack, firmware first (closure_files.h) */
	size_t n_files;
	char **misfits; /* for each pack: why its packages cannot be installed; NULL:
			 * nothing is known to be in the way */
	size_t n_misfits;
};

void sp_closure_done(struct sp_closure *closure);

/* Outcome: a pack that the plan uses has become a misfit, and a plan without it is to be
 * made.  The misfits stay from call to call. */
#define SP_CLOSURE_MISFIT 1

/* Settles @made's plan, into its `install`.  Of a recorded machine, which is known in
 * part, what no pack has is taken to be there. */
SP_MUST_CHECK
int sp_closure_make(struct sp_machine_plan *made, struct sp_error *err);

/* Does @made's plan load anything of the pack? */
bool sp_closure_uses(const struct sp_machine_plan *made, size_t pack);
