/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server need not send what no driver of this kernel lies in: signed metadata lists the
 * files of each package.  What is left unread keeps the names of its modules, so that
 * whoever asks why nothing of it is of use is told. */
#include "repo/reading.h"

#include "base/array.h"
#include "base/module.h"
#include "repo/limits.h"

#include <stdlib.h>
#include <string.h>

/* What a package has: modules at all, and of that kernel. */
struct modules {
	bool any, usable;
};

static struct modules modules_of(const struct sp_package *package, const char *kernel)
{
	struct modules found = { false, false };

	for (size_t i = 0; i < package->files.n; i++) {
		SP_AUTO(sp_str_freep) char *own = NULL;

		if (!sp_module_path_split(package->files.items[i], &own, NULL))
			continue;
		found.any = true;
		found.usable |= own && !strcmp(own, kernel);
	}
	return found;
}

static bool is_worth_it(const struct sp_pack *pack, const char *kernel)
{
	for (size_t i = 0; pack->driver_disk && i < pack->n_packages; i++)
		if (modules_of(&pack->packages[i], kernel).usable)
			return true;
	return false;
}

static int add_name(struct sp_pack *pack, size_t package, const char *path,
		    struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *kernel = NULL;
	SP_AUTO(sp_str_freep) char *name = NULL;
	struct sp_module *module;

	if (!sp_module_path_split(path, &kernel, &name) ||
	    pack->modules.n == SP_LIMIT_MODULES)
		return 0;
	module = sp_array_add(&pack->modules.items, &pack->modules.n);
	if (!module)
		return sp_error_nomem(err);
	*module = (struct sp_module){ .name = sp_steal(name),
				      .path = strdup(path),
				      .kernel = sp_steal(kernel),
				      .package = package };
	return module->name && module->path ? 0 : sp_error_nomem(err);
}

int sp_reading_leave_unread(const struct sp_reading *reading, struct sp_pack *pack,
			    struct sp_error *err)
{
	const char *kernel = reading->options->only_kernel;
	bool worth_it = !kernel || is_worth_it(pack, kernel);
	int r = 0;

	for (size_t i = 0; r == 0 && kernel && i < pack->n_packages; i++) {
		struct sp_package *package = &pack->packages[i];
		struct modules has = modules_of(package, kernel);

		package->unread = !worth_it || (has.any && !has.usable);
		for (size_t f = 0; r == 0 && package->unread && f < package->files.n; f++)
			r = add_name(pack, i, package->files.items[f], err);
	}
	return r;
}

static bool has_unread_only(const struct sp_pack *pack)
{
	for (size_t i = 0; i < pack->n_packages; i++)
		if (!pack->packages[i].unread)
			return false;
	return true;
}

void sp_reading_withhold(const struct sp_reading *reading, struct sp_pack *pack)
{
	const struct sp_reader_options *options = reading->options;

	/* Nobody is asked whom to trust for nothing. */
	if (!options->may_read || has_unread_only(pack) ||
	    options->may_read(options->may_read_user, pack))
		return;
	pack->withheld = true;
	for (size_t i = 0; i < pack->n_packages; i++)
		pack->packages[i].unread = true;
}
