/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Only what is asked about later is kept of the database. */

#include "installer-plugin/installed.h"

#include <string.h>

#include "base/array.h"
#include "installer-plugin/database.h"
#include "repo/rpmdb.h"

static int take_package(void *user, const struct sp_rpmdb_package *from,
			struct sp_error *err)
{
	struct sp_installed *installed = user;
	struct sp_installed_package *package =
		sp_array_add(&installed->items, &installed->n);

	if (!package)
		return sp_error_nomem(err);
	package->name = sp_text_clean_dup(from->name);
	package->evr = sp_text_clean_dup(from->evr);
	if (!package->name || !package->evr)
		return sp_error_nomem(err);
	return sp_strv_add_all(&installed->provides, &from->provides, err);
}

static int compare(const void *a, const void *b)
{
	const struct sp_installed_package *left = a, *right = b;
	int by_name = strcmp(left->name, right->name);

	return by_name ? by_name : strcmp(left->evr, right->evr);
}

int sp_installed_read(const char *root_path, const struct sp_patience *patience,
		      struct sp_installed *ret_installed, struct sp_error *err)
{
	SP_AUTO(sp_installed_done) struct sp_installed installed = { 0 };
	const struct sp_database_job job = {
		.root = root_path,
		.what = SP_RPMDB_DEPENDENCIES,
		.title = "reading the rpm database",
		.take = take_package,
		.user = &installed,
	};
	int r = sp_database_read(&job, patience, err);

	if (r < 0)
		return r;
	if (installed.n)
		qsort(installed.items, installed.n, sizeof *installed.items, compare);
	*ret_installed = installed;
	installed = (struct sp_installed){ 0 };
	return 0;
}
