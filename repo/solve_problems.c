/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libsolv's rules that hold against each other become sentences for people. */
#include "repo/solve_steps.h"

#include "base/text.h"
#include "repo/solve.h"

#include <solv/pool.h>
#include <solv/problems.h>
#include <solv/solver.h>
#include <stdlib.h>
#include <string.h>

/* ---- sentences ------------------------------------------------------------- */

static const char *name_of(Pool *pool, Id id)
{
	return id ? pool_solvid2str(pool, id) : "what is wanted";
}

enum part { NOTHING, DEP, TARGET };

// clang-format off
static const struct sentence {
	SolverRuleinfo type;
	const char *middle; /* behind the package's name */
	enum part part;     /* in quotes between the two */
	const char *end;
} sentences[] = {
	{ SOLVER_RULE_PKG_NOTHING_PROVIDES_DEP, " needs ", DEP,
	  ", which neither the pack nor this host provides" },
	{ SOLVER_RULE_PKG_REQUIRES, " needs ", DEP, ", and what provides it cannot be installed" },
	{ SOLVER_RULE_PKG_CONFLICTS, " conflicts with ", TARGET, "" },
	{ SOLVER_RULE_PKG_SELF_CONFLICT, " conflicts with what it provides itself", NOTHING, "" },
	{ SOLVER_RULE_PKG_SAME_NAME, " cannot be installed together with ", TARGET, "" },
	{ SOLVER_RULE_PKG_OBSOLETES, " makes obsolete ", TARGET, ", which is to be installed too" },
	{ SOLVER_RULE_PKG_INSTALLED_OBSOLETES, " is installed, and makes obsolete ", TARGET, "" },
	{ SOLVER_RULE_PKG_NOT_INSTALLABLE, " is for another architecture than this host's", NOTHING, "" },
	{ SOLVER_RULE_UPDATE, " is installed, and what is wanted would have to take its place", NOTHING, "" },
	{ SOLVER_RULE_UNKNOWN, " is installed, and newer than ", TARGET, "" },
};
// clang-format on

static const struct sentence *sentence_of(SolverRuleinfo type)
{
	for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
		if (sentences[i].type == type)
			return &sentences[i];
	return NULL;
}

static char *fill(const struct sentence *sentence, const char *package, const char *part)
{
	if (sentence->part == NOTHING)
		return sp_text_format("'%s'%s", package, sentence->middle);
	return sp_text_format("'%s'%s'%s'%s", package, sentence->middle, part,
			      sentence->end);
}

/* libsolv's strings are good for a few calls only. */
static char *describe(Solver *solver, Id rule)
{
	Pool *pool = solver->pool;
	Id source = 0, target = 0, dep = 0;
	SolverRuleinfo type = solver_ruleinfo(solver, rule, &source, &target, &dep);
	const struct sentence *sentence = sentence_of(type);
	SP_AUTO(sp_str_freep) char *package = strdup(name_of(pool, source));

	if (!sentence)
		return strdup(
			solver_problemruleinfo2str(solver, type, source, target, dep));
	return package ? fill(sentence, package,
			      sentence->part == DEP ? pool_dep2str(pool, dep)
						    : name_of(pool, target))
		       : NULL;
}

/* A job's own rule says nothing; where there are others, they are the reason. */
static bool is_reason(Solver *solver, Id rule)
{
	SolverRuleinfo type = solver_ruleinfo(solver, rule, NULL, NULL, NULL);

	return (type & SOLVER_RULE_TYPEMASK) != SOLVER_RULE_JOB &&
	       type != SOLVER_RULE_BEST;
}

static int add_text(struct sp_strv *problems, const char *text, struct sp_error *err)
{
	char clean[SP_TEXT_MAX * 2];

	if (!text)
		return sp_error_nomem(err);
	sp_text_clean(text, strlen(text), clean, sizeof clean);
	if (problems->n == SP_SOLVE_MAX_PROBLEMS || sp_strv_has(problems, clean))
		return 0;
	return sp_strv_add(problems, clean, err);
}

/* libsolv names one at a time; whoever has to fetch three things wants to hear of
 * three. */
static int add_all_missing(Solver *solver, Id package, struct sp_strv *problems,
			   struct sp_error *err)
{
	Pool *pool = solver->pool;
	Queue deps;
	int r = 0;

	queue_init(&deps);
	(void)solvable_lookup_deparray(pool_id2solvable(pool, package), SOLVABLE_REQUIRES,
				       &deps, 0);
	for (int i = 0; r == 0 && i < deps.count; i++) {
		SP_AUTO(sp_str_freep) char *text = NULL;

		if (pool_whatprovides(pool, deps.elements[i]) != 1)
			continue;
		text = fill(&sentences[0], pool_solvid2str(pool, package),
			    pool_dep2str(pool, deps.elements[i]));
		r = add_text(problems, text, err);
	}
	queue_free(&deps);
	return r;
}

static int add_problem(Solver *solver, Id rule, struct sp_strv *problems,
		       struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = describe(solver, rule);
	Id package = 0;
	int r = add_text(problems, text, err);

	if (r == 0 && solver_ruleinfo(solver, rule, &package, NULL, NULL) ==
			      SOLVER_RULE_PKG_NOTHING_PROVIDES_DEP)
		r = add_all_missing(solver, package, problems, err);
	return r;
}

static int add_problem_rules(Solver *solver, Id problem, struct sp_strv *problems,
			     struct sp_error *err)
{
	size_t before = problems->n;
	Queue rules;
	int r = 0;

	queue_init(&rules);
	solver_findallproblemrules(solver, problem, &rules);
	for (int i = 0; r == 0 && i < rules.count; i++)
		if (is_reason(solver, rules.elements[i]))
			r = add_problem(solver, rules.elements[i], problems, err);
	queue_free(&rules);
	if (r == 0 && problems->n == before && problems->n < SP_SOLVE_MAX_PROBLEMS)
		r = add_problem(solver, solver_findproblemrule(solver, problem), problems,
				err);
	return r;
}

int sp_solve_collect_problems(Solver *solver, struct sp_strv *problems,
			      struct sp_error *err)
{
	int r = 0;

	for (Id problem = solver_next_problem(solver, 0); r == 0 && problem;
	     problem = solver_next_problem(solver, problem))
		r = add_problem_rules(solver, problem, problems, err);
	if (r == 0 && problems->n == 0)
		r = sp_strv_add(problems, "what is wanted cannot be installed here", err);
	return r;
}

int sp_solve_add_newer(const char *installed, const char *offered,
		       struct sp_strv *problems, struct sp_error *err)
{
	const struct sentence *sentence = sentence_of(SOLVER_RULE_UNKNOWN);
	SP_AUTO(sp_str_freep)
	char *text = sentence ? fill(sentence, installed, offered) : NULL;

	return add_text(problems, text, err);
}
