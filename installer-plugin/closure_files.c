/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Old packs say for each file where it goes; of all those places few make sense for a
 * system that is running. */

#include "installer-plugin/closure_files.h"

#include <stdbool.h>
#include <string.h>

#include "base/array.h"
#include "base/module.h"
#include "installer-plugin/closure.h"
#include "installer-plugin/install.h"
#include "installer-plugin/machine.h"
#include "probe/kernel.h"
#include "repo/legacy.h"
#include "repo/pack.h"
#include "repo/rpm_files.h"

struct adding {
	struct sp_machine_plan *made;
	size_t pack, package;
	struct sp_error *err;
};

static const struct sp_package *package_of(const struct adding *adding)
{
	return &adding->made->packs->items[adding->pack].packages[adding->package];
}

static bool is_type(const struct adding *adding, const char *type)
{
	const struct sp_package *package = package_of(adding);

	return package->type && !strcmp(package->type, type);
}

static bool is_in_plan(const struct adding *adding)
{
	const struct sp_plan *plan = &adding->made->plan;

	for (size_t i = 0; i < plan->n_packages; i++)
		if (plan->packages[i].pack == adding->pack &&
		    plan->packages[i].package == adding->package)
			return true;
	return false;
}

/* @taken: the reason. */
static int refuse(const struct adding *adding, char *taken)
{
	char **misfit = &adding->made->install.misfits[adding->pack];

	free(*misfit);
	*misfit = taken;
	return taken ? SP_CLOSURE_MISFIT : sp_error_nomem(adding->err);
}

/* ---- where it goes ------------------------------------------------------------------- */

/* libkmod looks for a module by its name among those of the running kernel. */
static bool is_found(const struct adding *adding, const char *path)
{
	const struct sp_module_list *modules =
		&adding->made->packs->items[adding->pack].modules;
	SP_AUTO(sp_str_freep) char *kernel = NULL;
	SP_AUTO(sp_str_freep) char *name = NULL;

	if (!sp_module_path_split(path, &kernel, &name) ||
	    strcmp(kernel, adding->made->input.kernel->release) != 0)
		return false;
	for (size_t i = 0; i < modules->n; i++)
		if (modules->items[i].package == adding->package)
			return !strcmp(modules->items[i].name, name);
	return false;
}

static int check_place(const struct adding *adding, const char *path)
{
	const char *file = package_of(adding)->file;

	if (!sp_rpm_files_may_be_in_installer(path))
		return refuse(adding,
			      sp_text_format("'%s' would go to '/%s', which is no place "
					     "for drivers",
					     file, path));
	if (is_type(adding, "driver") && !is_found(adding, path))
		return refuse(adding,
			      sp_text_format("'%s' would go to '/%s', where the running "
					     "kernel does not find it",
					     file, path));
	return 0;
}

static int add(const struct adding *adding)
{
	struct sp_closure *closure = &adding->made->install;
	SP_AUTO(sp_str_freep) char *path = NULL;
	struct sp_closure_file *file;
	int r = sp_legacy_destination(package_of(adding),
				      adding->made->input.kernel->release, &path,
				      adding->err);

	if (r == 0)
		r = check_place(adding, path);
	if (r != 0)
		return r;
	file = sp_array_add(&closure->files, &closure->n_files);
	if (!file)
		return sp_error_nomem(adding->err);
	file->pack = adding->pack;
	file->package = adding->package;
	file->path = sp_steal(path);
	return 0;
}

/* ---- which ------------------------------------------------------------------------------ */

/* Few old modules name their firmware: all of the pack's is theirs.  A tbz2 has none of
 * which anything is known before it is unpacked into a host. */
static int look_at(const struct adding *adding, bool firmware)
{
	if (sp_install_is_rpm(package_of(adding)))
		return 0;
	if (is_type(adding, "firmware"))
		return firmware ? add(adding) : 0;
	return !firmware && is_type(adding, "driver") && is_in_plan(adding) ? add(adding)
									    : 0;
}

static int add_all(struct sp_machine_plan *made, size_t pack, struct sp_error *err)
{
	struct adding adding = { .made = made, .pack = pack, .err = err };
	size_t n = made->packs->items[pack].n_packages;
	int r = 0;

	for (int firmware = 1; firmware >= 0; firmware--)
		for (size_t i = 0; r == 0 && i < n; i++) {
			adding.package = i;
			r = look_at(&adding, firmware);
		}
	return r;
}

int sp_closure_files_make(struct sp_machine_plan *made, struct sp_error *err)
{
	int outcome = 0;

	for (size_t i = 0; i < made->packs->n; i++) {
		int r = sp_closure_uses(made, i) ? add_all(made, i, err) : 0;

		if (r < 0)
			return r;
		if (r > 0)
			outcome = r;
	}
	return outcome;
}
