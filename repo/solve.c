/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packages as they cross between processes (pack.h) become libsolv's again, and its
 * answer becomes indices and sentences. */
#include "repo/solve.h"

#include "base/array.h"
#include "repo/pack.h"

#include <solv/evr.h>
#include <solv/pool.h>
#include <solv/pool_parserpmrichdep.h>
#include <solv/poolarch.h>
#include <solv/problems.h>
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

struct solving {
	const struct sp_pack *pack;
	const struct sp_solve_host *host;
	Pool *pool;
	Repo *installed, *offered;
	Id first; /* of the pack's packages, which follow one another */
};

/* ---- dependencies ---------------------------------------------------------- */

static const struct {
	const char *text;
	int flags;
} tests[] = {
	{ "=", REL_EQ },           { "<", REL_LT },           { ">", REL_GT },
	{ "<=", REL_LT | REL_EQ }, { ">=", REL_GT | REL_EQ },
};

static int test_of(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
		if (strlen(tests[i].text) == len && memcmp(tests[i].text, text, len) == 0)
			return tests[i].flags;
	return 0;
}

/* "name", "name >= 1:2-3", "(a or b)"; 0 if it is none. */
static Id parse_dep(Pool *pool, const char *text)
{
	size_t name = strcspn(text, " "), test;
	const char *version;
	int flags;

	if (text[0] == '(')
		return pool_parserpmrichdep(pool, text);
	if (name == 0)
		return 0;
	if (text[name] == '\0')
		return pool_str2id(pool, text, 1);
	test = strcspn(text + name + 1, " ");
	version = text + name + 1 + test;
	flags = test_of(text + name + 1, test);
	if (!flags || version[0] != ' ' || !version[1] || strchr(version + 1, ' '))
		return 0;
	return pool_rel2id(pool, pool_strn2id(pool, text, (unsigned)name, 1),
			   pool_str2id(pool, version + 1, 1), flags, 1);
}

static int add_deps(const struct solving *solving, const char *package,
		    const struct sp_strv *list, Offset *offset, struct sp_error *err)
{
	for (size_t i = 0; i < list->n; i++) {
		Id dep;

		/* What rpm itself can do is its matter. */
		if (sp_text_starts_with(list->items[i], "rpmlib("))
			continue;
		dep = parse_dep(solving->pool, list->items[i]);
		if (!dep)
			return sp_error_set(
				err, SP_ERR_FORMAT,
				"'%.100s' has a dependency '%.100s', which is none",
				package, list->items[i]);
		*offset = repo_addid_dep(solving->offered, *offset, dep, 0);
	}
	return 0;
}

/* ---- packages -------------------------------------------------------------- */

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static Id evr_of(const struct solving *solving, const struct sp_package *package)
{
	bool has_epoch =
		package->epoch && *package->epoch && strcmp(package->epoch, "0") != 0;
	bool has_release = package->release && *package->release;
	SP_AUTO(sp_str_freep)
	char *evr = sp_text_format("%s%s%s%s%s", has_epoch ? package->epoch : "",
				   has_epoch ? ":" : "", or_empty(package->version),
				   has_release ? "-" : "", or_empty(package->release));

	return evr ? pool_str2id(solving->pool, evr, 1) : 0;
}

static void add_provide(Solvable *solvable, Id dep)
{
	solvable->provides = repo_addid_dep(solvable->repo, solvable->provides, dep, 0);
}

/* What is installed may be anything: a dependency that cannot be read is passed over. */
static void add_installed_deps(Solvable *solvable, const struct sp_strv *list,
			       Offset *offset)
{
	for (size_t i = 0; i < list->n; i++) {
		Id dep = sp_text_starts_with(list->items[i], "rpmlib(")
				 ? 0
				 : parse_dep(solvable->repo->pool, list->items[i]);

		if (dep)
			*offset = repo_addid_dep(solvable->repo, *offset, dep, 0);
	}
}

static Id new_solvable(const struct solving *solving, Repo *repo,
		       const struct sp_package *package)
{
	Pool *pool = solving->pool;
	Id id = repo_add_solvable(repo);
	Solvable *solvable = pool_id2solvable(pool, id);

	solvable->name = pool_str2id(pool, or_empty(package->name), 1);
	solvable->evr = evr_of(solving, package);
	solvable->arch = pool_str2id(
		pool, package->arch && *package->arch ? package->arch : "noarch", 1);
	add_provide(solvable,
		    pool_rel2id(pool, solvable->name, solvable->evr, REL_EQ, 1));
	for (size_t i = 0; i < package->files.n; i++) {
		const char *path = package->files.items[i];
		SP_AUTO(sp_str_freep)
		char *absolute = sp_text_format("/%s", path + strspn(path, "/"));

		if (absolute)
			add_provide(solvable, pool_str2id(pool, absolute, 1));
	}
	return id;
}

static void add_installed(const struct solving *solving, const struct sp_package *package)
{
	Id id = new_solvable(solving, solving->installed, package);
	Solvable *solvable = pool_id2solvable(solving->pool, id);

	add_installed_deps(solvable, &package->provides, &solvable->provides);
	add_installed_deps(solvable, &package->conflicts, &solvable->conflicts);
	/* What it requires was there when it was installed; it is not on trial. */
}

static int add_offered(struct solving *solving, size_t index, struct sp_error *err)
{
	const struct sp_package *package = &solving->pack->packages[index];
	Id id = new_solvable(solving, solving->offered, package);
	Solvable *solvable = pool_id2solvable(solving->pool, id);
	int r;

	if (index == 0)
		solving->first = id;
	r = add_deps(solving, package->name, &package->provides, &solvable->provides,
		     err);
	if (r == 0)
		r = add_deps(solving, package->name, &package->requires_,
			     &solvable->requires, err);
	if (r == 0)
		r = add_deps(solving, package->name, &package->conflicts,
			     &solvable->conflicts, err);
	if (r == 0)
		r = add_deps(solving, package->name, &package->obsoletes,
			     &solvable->obsoletes, err);
	return r;
}

/* ---- the host -------------------------------------------------------------- */

/* What the host can do that no package of it says: a package that is never shown. */
static Id add_capabilities(const struct solving *solving)
{
	const struct sp_package host = { .name = (char[]){ "this host" },
					 .version = (char[]){ "0" } };
	const struct sp_strv none = { 0 };
	Id id = new_solvable(solving, solving->installed, &host);
	Solvable *solvable = pool_id2solvable(solving->pool, id);

	add_installed_deps(solvable,
			   solving->host->provides ? solving->host->provides : &none,
			   &solvable->provides);
	for (size_t p = 0; solving->host->has_file && p < solving->pack->n_packages;
	     p++) {
		const struct sp_strv *deps = &solving->pack->packages[p].requires_;

		for (size_t i = 0; i < deps->n; i++)
			if (deps->items[i][0] == '/' &&
			    solving->host->has_file(solving->host->user, deps->items[i]))
				add_provide(solvable, pool_str2id(solving->pool,
								  deps->items[i], 1));
	}
	return id;
}

/* What nothing provides, the host does. */
static void assume(const struct solving *solving, Solvable *host)
{
	Pool *pool = solving->pool;
	Solvable *solvable;
	Queue deps;
	Id id;

	queue_init(&deps);
	FOR_REPO_SOLVABLES(solving->offered, id, solvable)
	{
		queue_empty(&deps);
		(void)solvable_lookup_deparray(solvable, SOLVABLE_REQUIRES, &deps, 0);
		for (int i = 0; i < deps.count; i++)
			if (pool_whatprovides(pool, deps.elements[i]) == 1)
				add_provide(host, deps.elements[i]);
	}
	queue_free(&deps);
	pool_createwhatprovides(pool);
}

static void say_nothing(Pool *pool, void *data, int type, const char *text)
{
	(void)pool;
	(void)data;
	(void)type;
	(void)text;
}

static int fill_pool(struct solving *solving, struct sp_error *err)
{
	Pool *pool = solving->pool;
	Id host;
	int r = 0;

	pool_setdebugcallback(pool, say_nothing, NULL);
	if (pool_setdisttype(pool, DISTTYPE_RPM) < 0)
		return sp_error_set(err, SP_ERR_INTERNAL,
				    "this system's libsolv cannot compare RPMs");
	pool_setarch(pool, solving->host->arch);
	solving->installed = repo_create(pool, "installed");
	solving->offered = repo_create(pool, "offered");
	pool_set_installed(pool, solving->installed);
	for (size_t i = 0; i < solving->host->n_packages; i++)
		add_installed(solving, &solving->host->packages[i]);
	host = add_capabilities(solving);
	for (size_t i = 0; r == 0 && i < solving->pack->n_packages; i++)
		r = add_offered(solving, i, err);
	pool_createwhatprovides(pool);
	if (r == 0 && solving->host->known_in_part)
		assume(solving, pool_id2solvable(pool, host));
	return r;
}

/* ---- problems -------------------------------------------------------------- */

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

static int collect_problems(Solver *solver, struct sp_strv *problems,
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

/* ---- the answer ------------------------------------------------------------ */

static int collect_order(const struct solving *solving, Solver *solver,
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
static int keep_all_versions(const struct solving *solving, Queue *jobs,
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
static int refuse_older(const struct solving *solving, const struct sp_solution *solution,
			struct sp_strv *problems, struct sp_error *err)
{
	const struct sentence *sentence = sentence_of(SOLVER_RULE_UNKNOWN);
	Pool *pool = solving->pool;
	int r = 0;

	for (size_t i = 0; r == 0 && i < solution->n_order; i++) {
		Solvable *offered =
			pool_id2solvable(pool, solving->first + (Id)solution->order[i]);
		Solvable *installed;
		Id id;

		FOR_REPO_SOLVABLES(solving->installed, id, installed)
		{
			SP_AUTO(sp_str_freep) char *text = NULL;
			SP_AUTO(sp_str_freep) char *name = NULL;

			if (r < 0 || installed->name != offered->name ||
			    pool_evrcmp(pool, offered->evr, installed->evr,
					EVRCMP_COMPARE) >= 0)
				continue;
			name = strdup(pool_solvable2str(pool, installed));
			text = name ? fill(sentence, name,
					   pool_solvable2str(pool, offered))
				    : NULL;
			r = add_text(problems, text, err);
		}
	}
	return r;
}

static int collect(const struct solving *solving, Solver *solver,
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

static int run(const struct solving *solving, const size_t wanted[], size_t n_wanted,
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
	r = collect_problems(solver, &solution->problems, err);
	return r == 0 ? SP_SOLVE_PROBLEMS : r;
}

int sp_solve(const struct sp_pack *pack, const size_t wanted[], size_t n_wanted,
	     const struct sp_solve_host *host, struct sp_solution *ret_solution,
	     struct sp_error *err)
{
	SP_AUTO(pool_freep) Pool *pool = pool_create();
	SP_AUTO(sp_solution_done) struct sp_solution solution = { 0 };
	struct solving solving = { .pack = pack, .host = host, .pool = pool };
	int r;

	for (size_t i = 0; i < n_wanted; i++)
		if (wanted[i] >= pack->n_packages)
			return sp_error_set(err, SP_ERR_INTERNAL,
					    "a package is wanted that the pack has not");
	r = fill_pool(&solving, err);
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
