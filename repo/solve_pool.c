/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packages as they cross between processes (pack.h) become libsolv's again. */
#include "repo/solve_steps.h"

#include "repo/pack.h"
#include "repo/solve.h"

#include <solv/pool.h>
#include <solv/pool_parserpmrichdep.h>
#include <solv/poolarch.h>
#include <solv/repo.h>
#include <stdlib.h>
#include <string.h>

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

static int add_deps(const struct sp_solving *solving, const char *package,
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

static Id evr_of(const struct sp_solving *solving, const struct sp_package *package)
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

static Id new_solvable(const struct sp_solving *solving, Repo *repo,
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

static void add_installed(const struct sp_solving *solving,
			  const struct sp_package *package)
{
	Id id = new_solvable(solving, solving->installed, package);
	Solvable *solvable = pool_id2solvable(solving->pool, id);

	add_installed_deps(solvable, &package->provides, &solvable->provides);
	add_installed_deps(solvable, &package->conflicts, &solvable->conflicts);
	/* What it requires was there when it was installed; it is not on trial. */
}

static int add_offered(struct sp_solving *solving, size_t index, struct sp_error *err)
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
static Id add_capabilities(const struct sp_solving *solving)
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
static void assume(const struct sp_solving *solving, Solvable *host)
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

int sp_solve_fill_pool(struct sp_solving *solving, struct sp_error *err)
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
