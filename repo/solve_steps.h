/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The steps of solve.c: its packages as libsolv has them (solve_pool.c), and libsolv's
 * problems as sentences (solve_problems.c). */

#include "base/error.h"
#include "base/text.h"

struct s_Pool;
struct s_Repo;
struct s_Solver;
struct sp_pack;
struct sp_solve_host;

struct sp_solving {
	const struct sp_pack *pack;
	const struct sp_solve_host *host;
	struct s_Pool *pool;
	struct s_Repo *installed, *offered; /* the pool's */
	int first; /* id of the first of the pack's packages, which follow one another */
};

/* Puts the host's packages, what else it provides, and the pack's into the pool.
 * SP_ERR_FORMAT: a dependency that is none. */
SP_MUST_CHECK
int sp_solve_fill_pool(struct sp_solving *solving, struct sp_error *err);

/* Adds what is in the way of @solver, whose run has failed: at least one sentence. */
SP_MUST_CHECK
int sp_solve_collect_problems(struct s_Solver *solver, struct sp_strv *problems,
			      struct sp_error *err);

/* Adds that @installed is newer than @offered, both as rpm writes packages. */
SP_MUST_CHECK
int sp_solve_add_newer(const char *installed, const char *offered,
		       struct sp_strv *problems, struct sp_error *err);
