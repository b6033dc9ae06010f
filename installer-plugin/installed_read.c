/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An old root's rpm database is outside bytes, and librpm is not a library to have in
 * one's own process; so a worker reads it and sends the names. */

#include "installer-plugin/installed.h"

#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/worker.h"
#include "repo/rpmdb.h"

enum {
	DEADLINE_MS = 60 * 1000,
	CPU_SECONDS = 30,
	FILE_BYTES = 64 << 20, /* sqlite's shared memory */
	PACKAGES_MAX = 65536,
};

static const size_t memory_bytes = (size_t)512 << 20;

/* ---- in the worker --------------------------------------------------------------- */

static int send_package(struct sp_outlet *outlet, const struct sp_rpmdb_package *package,
			struct sp_error *err)
{
	struct json_object *message = sp_json_object();

	sp_json_set_string(message, "name", package->name);
	sp_json_set_string(message, "evr", package->evr);
	sp_json_set_strv(message, "provides", &package->provides);
	return sp_outlet_send(outlet, message, err);
}

static int read_database(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	SP_AUTO(sp_rpmdb_list_done) struct sp_rpmdb_list list = { 0 };
	int r = sp_rpmdb_list_read(arg, SP_RPMDB_DEPENDENCIES, &list, err);

	for (size_t i = 0; r == 0 && i < list.n; i++)
		r = send_package(outlet, &list.items[i], err);
	return r;
}

/* ---- in the engine ----------------------------------------------------------------- */

static int take_package(void *user, struct json_object *message, struct sp_error *err)
{
	struct sp_installed *installed = user;
	const char *name = sp_json_get_string(message, "name");
	const char *evr = sp_json_get_string(message, "evr");
	struct sp_installed_package *package;

	if (!name || !evr)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "a worker's message makes no sense");
	package = sp_array_add(&installed->items, &installed->n);
	if (!package)
		return sp_error_nomem(err);
	package->name = sp_text_clean_dup(name);
	package->evr = sp_text_clean_dup(evr);
	if (!package->name || !package->evr)
		return sp_error_nomem(err);
	return sp_json_get_strv(message, "provides", &installed->provides, err);
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
	struct sp_worker_job job = {
		.what = "reading the rpm database",
		.run = read_database,
		.arg = (void *)(uintptr_t)root_path,
		.on_message = take_package,
		.user = &installed,
		.limits = { .deadline_ms = DEADLINE_MS,
			    .cpu_seconds = CPU_SECONDS,
			    .memory_bytes = memory_bytes,
			    .file_bytes = FILE_BYTES,
			    .messages = PACKAGES_MAX },
	};
	int r = sp_worker_run(&job, patience, err);

	if (r < 0)
		return r;
	if (installed.n)
		qsort(installed.items, installed.n, sizeof *installed.items, compare);
	*ret_installed = installed;
	installed = (struct sp_installed){ 0 };
	return 0;
}
