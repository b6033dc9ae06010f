/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A driver disk is a handful of packages: a walk over them until nothing is added finds
 * what a solver would, and asks for no versions, which the transaction checks anyway. */

#include "installer-plugin/closure.h"

#include <stdbool.h>
#include <string.h>

#include "base/array.h"
#include "plan/plan.h"
#include "repo/pack.h"

void sp_closure_done(struct sp_closure *closure)
{
	free(closure->items);
	*closure = (struct sp_closure){ 0 };
}

static void free_flags(bool **flags)
{
	free(*flags);
}

/* The name of a dependency: "name >= 1.0" without its version. */
static bool names_same(const char *dependency, const char *name)
{
	size_t len = strcspn(dependency, " ");

	return strlen(name) == len && !strncmp(dependency, name, len);
}

static bool provides(const struct sp_package *package, const char *dependency)
{
	if (names_same(dependency, package->name))
		return true;
	for (size_t i = 0; i < package->provides.n; i++) {
		const char *provided = package->provides.items[i];
		size_t len = strcspn(provided, " ");

		if (strcspn(dependency, " ") == len &&
		    !strncmp(dependency, provided, len))
			return true;
	}
	return sp_strv_has(&package->files, dependency);
}

static bool is_wanted(const struct sp_plan *plan, const struct sp_pack *of, size_t pack,
		      size_t package)
{

	for (size_t i = 0; i < plan->n_packages; i++)
		if (plan->packages[i].pack == pack &&
		    plan->packages[i].package == package)
			return true;
	return of->packages[package].name &&
	       sp_strv_has(&of->driver_packages, of->packages[package].name);
}

/* Marks what @package needs of its own pack.  True if anything was added. */
static bool add_needed(const struct sp_pack *pack, const struct sp_package *package,
		       bool *in)
{
	bool added = false;

	for (size_t d = 0; d < package->requires_.n; d++)
		for (size_t i = 0; i < pack->n_packages; i++) {
			if (in[i] ||
			    !provides(&pack->packages[i], package->requires_.items[d]))
				continue;
			in[i] = true;
			added = true;
			break;
		}
	return added;
}

static int close_pack(const struct sp_plan *plan, const struct sp_pack *pack,
		      size_t index, struct sp_closure *closure, struct sp_error *err)
{
	SP_AUTO(free_flags) bool *in = calloc(pack->n_packages + 1, sizeof *in);
	bool added = true;

	if (!in)
		return sp_error_nomem(err);
	for (size_t i = 0; i < pack->n_packages; i++)
		in[i] = is_wanted(plan, pack, index, i);
	while (added) {
		added = false;
		for (size_t i = 0; i < pack->n_packages; i++)
			if (in[i])
				added |= add_needed(pack, &pack->packages[i], in);
	}
	for (size_t i = 0; i < pack->n_packages; i++) {
		struct sp_closure_item *item;

		if (!in[i])
			continue;
		item = sp_array_add(&closure->items, &closure->n);
		if (!item)
			return sp_error_nomem(err);
		*item = (struct sp_closure_item){ index, i };
	}
	return 0;
}

int sp_closure_make(const struct sp_plan *plan, const struct sp_pack_list *packs,
		    struct sp_closure *closure, struct sp_error *err)
{
	for (size_t p = 0; p < packs->n; p++) {
		bool used = false;
		int r;

		for (size_t i = 0; i < plan->n_packages; i++)
			used |= plan->packages[i].pack == p;
		r = used ? close_pack(plan, &packs->items[p], p, closure, err) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}
