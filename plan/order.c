/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the chosen modules drag along: modules of the packs they depend on (loaded
 * before them), the packages that hold them, and the packages with their firmware. */

#include <string.h>

#include "base/array.h"
#include "plan/steps.h"
#include "probe/kernel.h"
#include "repo/pack.h"

enum { DEPTH_MAX = 16 }; /* of dependencies: deeper is a cycle */

struct ordering {
	const struct sp_plan_input *input;
	struct sp_plan *plan;
	struct sp_error *err;
};

static const struct sp_pack *pack_at(const struct ordering *o, size_t pack)
{
	return &o->input->packs->items[pack];
}

static bool has_module(const struct sp_plan *plan, size_t pack, size_t module)
{
	for (size_t i = 0; i < plan->n_modules; i++)
		if (plan->modules[i].pack == pack && plan->modules[i].module == module)
			return true;
	return false;
}

static int add_package(struct ordering *o, size_t pack, size_t package)
{
	struct sp_plan *plan = o->plan;
	struct sp_plan_package *added;

	for (size_t i = 0; i < plan->n_packages; i++)
		if (plan->packages[i].pack == pack &&
		    plan->packages[i].package == package)
			return 0;
	added = sp_array_add(&plan->packages, &plan->n_packages);
	if (!added)
		return sp_error_nomem(o->err);
	*added = (struct sp_plan_package){ pack, package };
	return 0;
}

/* The module @name for this kernel, first in @pack, then in the others. */
static bool find_module(const struct ordering *o, const char *name, size_t pack,
			struct sp_plan_module *ret_found)
{
	const struct sp_pack_list *packs = o->input->packs;

	for (size_t i = 0; i < packs->n; i++) {
		size_t p = (pack + i) % packs->n;
		const struct sp_module_list *modules = &packs->items[p].modules;

		if (i && sp_accept_refuses(o->input->accept, &packs->items[p]))
			continue;
		for (size_t m = 0; m < modules->n; m++) {
			const char *kernel = modules->items[m].kernel;

			if (!sp_usable_is_module(modules->items[m].name, name) ||
			    (kernel && strcmp(kernel, o->input->kernel->release) != 0))
				continue;
			*ret_found = (struct sp_plan_module){ p, m };
			return true;
		}
	}
	return false;
}

static int add_module(struct ordering *o, size_t pack, size_t module, unsigned depth)
{
	const struct sp_module *wanted = &pack_at(o, pack)->modules.items[module];
	struct sp_plan_module *added;

	if (depth > DEPTH_MAX || has_module(o->plan, pack, module))
		return 0;
	for (size_t i = 0; i < wanted->depends.n; i++) {
		struct sp_plan_module found;
		int r = 0;

		if (find_module(o, wanted->depends.items[i], pack, &found))
			r = add_module(o, found.pack, found.module, depth + 1);
		if (r < 0)
			return r;
	}
	if (has_module(o->plan, pack, module)) /* by way of a cycle */
		return 0;
	added = sp_array_add(&o->plan->modules, &o->plan->n_modules);
	if (!added)
		return sp_error_nomem(o->err);
	*added = (struct sp_plan_module){ pack, module };
	return add_package(o, pack, wanted->package);
}

static bool is_firmware_file(const char *file, const char *name)
{
	const char *found = strstr(file, "lib/firmware/");

	return found && sp_text_ends_with(file, name) &&
	       file[strlen(file) - strlen(name) - 1] == '/';
}

/* Old packs' firmware lies on the medium as it is, and goes below lib/firmware by its name
 * alone (repo/legacy.h). */
static bool is_firmware(const struct sp_package *package, const char *name)
{
	const char *slash;

	if (!package->type || strcmp(package->type, "firmware") != 0)
		return false;
	slash = strrchr(package->file, '/');
	return !strcmp(slash ? slash + 1 : package->file, name);
}

static bool package_has_firmware(const struct sp_package *package, const char *name)
{
	if (is_firmware(package, name))
		return true;
	for (size_t i = 0; i < package->files.n; i++)
		if (strlen(package->files.items[i]) > strlen(name) &&
		    is_firmware_file(package->files.items[i], name))
			return true;
	return false;
}

const struct sp_pack *sp_plan_firmware_pack(const struct sp_pack_list *packs,
					    const char *name)
{
	for (size_t p = 0; p < packs->n; p++)
		for (size_t i = 0; i < packs->items[p].n_packages; i++)
			if (package_has_firmware(&packs->items[p].packages[i], name))
				return &packs->items[p];
	return NULL;
}

static int add_firmware_file(struct ordering *o, const struct sp_plan_module *module,
			     const char *name)
{
	const struct sp_plan_facts *facts = &o->input->facts;
	const struct sp_pack *pack = pack_at(o, module->pack);
	const struct sp_pack *other;

	for (size_t i = 0; i < pack->n_packages; i++)
		if (package_has_firmware(&pack->packages[i], name))
			return add_package(o, module->pack, i);
	if (!facts->has_firmware || facts->has_firmware(facts->user, name))
		return 0;
	other = sp_plan_firmware_pack(o->input->packs, name);
	return sp_findings_add(
		&o->plan->findings, "firmware-missing",
		pack->modules.items[module->module].name, o->err,
		"module '%s' may ask for firmware '%s', which is neither in "
		"'%s' nor on this system%s%s%s",
		pack->modules.items[module->module].name, name, sp_step_pack_name(pack),
		other ? "; '" : "", other ? sp_step_pack_name(other) : "",
		other ? "' has it" : "");
}

static int add_firmware(struct ordering *o)
{
	for (size_t i = 0; i < o->plan->n_modules; i++) {
		const struct sp_plan_module *at = &o->plan->modules[i];
		const struct sp_strv *firmware =
			&pack_at(o, at->pack)->modules.items[at->module].firmware;

		for (size_t f = 0; f < firmware->n; f++) {
			int r = add_firmware_file(o, at, firmware->items[f]);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

int sp_order_make(const struct sp_plan_input *input, struct sp_plan *plan,
		  struct sp_error *err)
{
	struct ordering o = { input, plan, err };

	for (size_t i = 0; i < plan->n_matches; i++) {
		const struct sp_match *match = &plan->matches[i];
		int r;

		if (match->verdict != SP_VERDICT_LOAD &&
		    match->verdict != SP_VERDICT_REPLACE)
			continue;
		r = add_module(&o, match->pack, match->module, 0);
		if (r < 0)
			return r;
	}
	return add_firmware(&o);
}
