/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The worker sends package by package: no message grows with the host. */

#include "installer-plugin/database.h"

#include "base/json.h"
#include "base/worker.h"
#include "repo/rpmdb.h"

enum {
	FILE_BYTES = 64 << 20, /* sqlite's shared memory */
	PACKAGES_MAX = 65536,
};

static struct sp_worker_limits limits_of(unsigned what)
{
	bool files = what & SP_RPMDB_FILES;

	return (struct sp_worker_limits){
		.deadline_ms = files ? 120 * 1000 : 60 * 1000,
		.cpu_seconds = files ? 60 : 30,
		.memory_bytes = (size_t)(files ? 768 : 512) << 20,
		.file_bytes = FILE_BYTES,
		.messages = PACKAGES_MAX,
	};
}

/* ---- in the worker --------------------------------------------------------------- */

static int send_package(struct sp_outlet *outlet, const struct sp_rpmdb_package *package,
			struct sp_error *err)
{
	struct json_object *message = sp_json_object();

	sp_json_set_string(message, "name", package->name);
	sp_json_set_string(message, "evr", package->evr);
	sp_json_set_strv(message, "provides", &package->provides);
	sp_json_set_strv(message, "files", &package->files);
	return sp_outlet_send(outlet, message, err);
}

static int read_database(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct sp_database_job *job = arg;
	SP_AUTO(sp_rpmdb_list_done) struct sp_rpmdb_list list = { 0 };
	int r = sp_rpmdb_list_read(job->root, job->what, &list, err);

	for (size_t i = 0; r == 0 && i < list.n; i++)
		if (!(job->what & SP_RPMDB_FILES) || list.items[i].files.n)
			r = send_package(outlet, &list.items[i], err);
	return r;
}

/* ---- in the engine ----------------------------------------------------------------- */

static int take_message(void *user, struct json_object *message, struct sp_error *err)
{
	const struct sp_database_job *job = user;
	const char *name = sp_json_get_string(message, "name");
	const char *evr = sp_json_get_string(message, "evr");
	SP_AUTO(sp_strv_done) struct sp_strv provides = { 0 }, files = { 0 };
	struct sp_rpmdb_package package = { .name = (char *)(uintptr_t)name,
					    .evr = (char *)(uintptr_t)evr };
	int r;

	if (!name || !evr)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "a worker's message makes no sense");
	r = sp_json_get_strv(message, "provides", &provides, err);
	if (r == 0)
		r = sp_json_get_strv(message, "files", &files, err);
	if (r < 0)
		return r;
	package.provides = provides;
	package.files = files;
	return job->take(job->user, &package, err);
}

int sp_database_read(const struct sp_database_job *job,
		     const struct sp_patience *patience, struct sp_error *err)
{
	struct sp_worker_job worker = {
		.what = job->title,
		.run = read_database,
		.arg = (void *)(uintptr_t)job,
		.on_message = take_message,
		.user = (void *)(uintptr_t)job,
		.limits = limits_of(job->what),
	};

	return sp_worker_run(&worker, patience, err);
}
