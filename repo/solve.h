/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which packages of a pack must be installed together, and in which order, so that what
 * is wanted of it works on a host; or what is in the way.  Over libsolv.  Only the pack
 * and what the host has are considered: nothing is ever fetched from elsewhere.  The
 * texts come from a pack, so this runs in a worker. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

struct sp_pack;
struct sp_package;

/* What there is already.  All borrowed. */
struct sp_solve_host {
	const char *arch;                  /* "x86_64" */
	const struct sp_package *packages; /* installed: names, versions, dependencies */
	size_t n_packages;
	const struct sp_strv *provides; /* capabilities beside those, as rpm writes
					    * them: "kernel-uname-r = 4.19.0+1"; NULL */
	/* Is there a file of this absolute path?  NULL: there is none. */
	bool (*has_file)(void *user, const char *path);
	void *user;
	bool allow_older;   /* may replace an installed package by an older one */
	bool known_in_part; /* what no package of the pack provides is taken to be there */
};

/* Zero-initialise. */
struct sp_solution {
	size_t *order; /* indices into the pack's packages, in order of installation */
	size_t n_order;
	struct sp_strv problems; /* one sentence each */
};

void sp_solution_done(struct sp_solution *solution);

/* Outcome: it cannot be done: `problems` says why, at least one. */
#define SP_SOLVE_PROBLEMS 1

enum { SP_SOLVE_MAX_PROBLEMS = 32 };

/* @wanted: indices into the packages of @pack.  Nothing that is installed is removed
 * but for what is replaced by a newer or obsoleting package.
 * SP_ERR_FORMAT: a dependency that is none.  Zero-initialised @ret_solution. */
SP_MUST_CHECK
int sp_solve(const struct sp_pack *pack, const size_t wanted[], size_t n_wanted,
	     const struct sp_solve_host *host, struct sp_solution *ret_solution,
	     struct sp_error *err);

/* The packages of @pack that its group "drivers" (@drivers), or else "update", with its
 * control package, stand for; all of them for a pack without groups.  Caller frees
 * *@ret_wanted. */
SP_MUST_CHECK
int sp_solve_wanted(const struct sp_pack *pack, bool drivers, size_t **ret_wanted,
		    size_t *ret_n, struct sp_error *err);
