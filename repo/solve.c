/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of libsolv, and its answer as indices. */
#include "repo/solve.h"

#include "base/array.h"
#include "repo/pack.h"
#include "repo/solve_steps.h"

#include <solv/evr.h>
#include <solv/pool.h>
#include <solv/repo.h>
#include <solv/solver.h>
#include <solv/transaction.h>
#include <stdlib.h>
#include <string.h>

void sp_solution_done(struct sp_solution *solution)
{
	free(solution->order);
	sp_strv_done(&solution->problems);
	*solution = (struct sp_solution){ 0 };
}

SP_DEFINE_FREEP(Pool *, pool_free)
SP_DEFINE_FREEP(Solver *, solver_free)
SP_DEFINE_FREEP(Transaction *, transaction_free)

/* ---- the answer ------------------------------------------------------------ */

static int collect_order(const struct sp_solving *solving, Solver *solver,
			 struct sp_solution *solution, struct sp_error *err)
{
	SP_AUTO(transaction_freep)
	Transaction *transaction = solver_create_transaction(solver);

	transaction_order(transaction, 0);
	for (int i = 0; i < transaction->steps.count; i++) {
		Id id = transaction->steps.elements[i];
		size_t *index;

		if (pool_id2solvable(solving->pool, id)->repo != solving->offered)
			continue; /* what is replaced */
		index = sp_array_add(&solution->order, &solution->n_order);
		if (!index)
			return sp_error_nomem(err);
		*index = (size_t)(id - solving->first);
	}
	return 0;
}

/* Of what is installed more than once (kernels) all stay. */
static int keep_all_versions(const struct sp_solving *solving, Queue *jobs,
			     struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *seen = calloc((size_t)solving->pool->ss.nstrings, 1);
	Solvable *solvable;
	Id id;

	if (!seen)
		return sp_error_nomem(err);
	FOR_REPO_SOLVABLES(solving->installed, id, solvable)
	{
		if (seen[solvable->name])
			queue_push2(jobs, SOLVER_MULTIVERSION | SOLVER_SOLVABLE_NAME,
				    solvable->name);
		seen[solvable->name] = 1;
	}
	return 0;
}

/* libsolv takes being asked for one package by name as leave to put it in place of a
 * newer one. */
static int refuse_older(const struct sp_solving *solving,
			const struct sp_solution *solution, struct sp_strv *problems,
			struct sp_error *err)
{
	Pool *pool = solving->pool;
	int r = 0;

	for (size_t i = 0; r == 0 && i < solution->n_order; i++) {
		Solvable *offered =
			pool_id2solvable(pool, solving->first + (Id)solution->order[i]);
		Solvable *installed;
		Id id;

		FOR_REPO_SOLVABLES(solving->installed, id, installed)
		{
			SP_AUTO(sp_str_freep) char *name = NULL;

			if (r < 0 || installed->name != offered->name ||
			    pool_evrcmp(pool, offered->evr, installed->evr,
					EVRCMP_COMPARE) >= 0)
				continue;
			/* libsolv's strings are good for a few calls only. */
			name = strdup(pool_solvable2str(pool, installed));
			r = name ? sp_solve_add_newer(name,
						      pool_solvable2str(pool, offered),
						      problems, err)
				 : sp_error_nomem(err);
		}
	}
	return r;
}

static int collect(const struct sp_solving *solving, Solver *solver,
		   struct sp_solution *solution, struct sp_error *err)
{
	int r = collect_order(solving, solver, solution, err);

	if (r == 0 && !solving->host->allow_older)
		r = refuse_older(solving, solution, &solution->problems, err);
	if (r < 0 || solution->problems.n == 0)
		return r;
	solution->n_order = 0;
	return SP_SOLVE_PROBLEMS;
}

static int run(const struct sp_solving *solving, const size_t wanted[], size_t n_wanted,
	       struct sp_solution *solution, struct sp_error *err)
{
	SP_AUTO(solver_freep) Solver *solver = solver_create(solving->pool);
	Queue jobs;
	int r, problems;

	queue_init(&jobs);
	r = keep_all_versions(solving, &jobs, err);
	for (size_t i = 0; i < n_wanted; i++)
		queue_push2(&jobs, SOLVER_INSTALL | SOLVER_SOLVABLE,
			    solving->first + (Id)wanted[i]);
	(void)solver_set_flag(solver, SOLVER_FLAG_ALLOW_DOWNGRADE,
			      solving->host->allow_older);
	(void)solver_set_flag(solver, SOLVER_FLAG_IGNORE_RECOMMENDED, 1);
	problems = r == 0 ? solver_solve(solver, &jobs) : 0;
	queue_free(&jobs);
	if (r < 0)
		return r;
	if (problems == 0)
		return collect(solving, solver, solution, err);
	r = sp_solve_collect_problems(solver, &solution->problems, err);
	return r == 0 ? SP_SOLVE_PROBLEMS : r;
}

int sp_solve(const struct sp_pack *pack, const size_t wanted[], size_t n_wanted,
	     const struct sp_solve_host *host, struct sp_solution *ret_solution,
	     struct sp_error *err)
{
	SP_AUTO(pool_freep) Pool *pool = pool_create();
	SP_AUTO(sp_solution_done) struct sp_solution solution = { 0 };
	struct sp_solving solving = { .pack = pack, .host = host, .pool = pool };
	int r;

	for (size_t i = 0; i < n_wanted; i++)
		if (wanted[i] >= pack->n_packages)
			return sp_error_set(err, SP_ERR_INTERNAL,
					    "a package is wanted that the pack has not");
	r = sp_solve_fill_pool(&solving, err);
	if (r == 0)
		r = run(&solving, wanted, n_wanted, &solution, err);
	if (r < 0)
		return r;
	*ret_solution = solution;
	solution = (struct sp_solution){ 0 };
	return r;
}

/* ---- what is wanted -------------------------------------------------------- */

static bool is_wanted(const struct sp_pack *pack, const struct sp_strv *group,
		      const struct sp_package *package)
{
	if (group->n == 0)
		return true;
	return sp_strv_has(group, package->name) ||
	       (pack->control && strcmp(pack->control, package->name) == 0);
}

int sp_solve_wanted(const struct sp_pack *pack, bool drivers, size_t **ret_wanted,
		    size_t *ret_n, struct sp_error *err)
{
	const struct sp_strv *group =
		drivers ? &pack->driver_packages : &pack->update_packages;
	size_t *wanted = calloc(pack->n_packages + 1, sizeof *wanted), n = 0;

	if (!wanted)
		return sp_error_nomem(err);
	for (size_t i = 0; i < pack->n_packages; i++)
		if (is_wanted(pack, group, &pack->packages[i]))
			wanted[n++] = i;
	*ret_wanted = wanted;
	*ret_n = n;
	return 0;
}
