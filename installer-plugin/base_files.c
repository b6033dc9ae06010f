/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Held while packs are read, by every worker that reads one: they are forked from us and
 * share it. */

#include "installer-plugin/base_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/worker.h"
#include "installer-plugin/host.h"
#include "repo/rpmdb.h"

enum {
	DEADLINE_MS = 120 * 1000,
	CPU_SECONDS = 60,
	FILE_BYTES = 64 << 20, /* sqlite's shared memory */
	PACKAGES_MAX = 65536,
	FILES_MAX = 1 << 20,
};

static const size_t memory_bytes = (size_t)768 << 20;

/* What is read, and into what. */
struct task {
	const struct sp_host *host;
	struct sp_base_files *files;
};

void sp_base_files_done(struct sp_base_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		free(files->items[i].path);
	free(files->items);
	sp_strv_done(&files->packages);
	*files = (struct sp_base_files){ 0 };
}

/* ---- in the worker ------------------------------------------------------------------------ */

static int send_package(struct sp_outlet *outlet, const struct sp_rpmdb_package *package,
			struct sp_error *err)
{
	struct json_object *message = sp_json_object();

	sp_json_set_string(message, "name", package->name);
	sp_json_set_strv(message, "files", &package->files);
	return sp_outlet_send(outlet, message, err);
}

static int read_database(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct task *task = arg;
	SP_AUTO(sp_rpmdb_list_done) struct sp_rpmdb_list list = { 0 };
	int r = sp_rpmdb_list_read(task->host->path, SP_RPMDB_FILES, &list, err);

	for (size_t i = 0; r == 0 && i < list.n; i++)
		if (list.items[i].files.n)
			r = send_package(outlet, &list.items[i], err);
	return r;
}

/* ---- in the engine ------------------------------------------------------------------------- */

static bool is_of_packs(const struct sp_host *host, const char *name)
{
	for (size_t i = 0; i < host->records.n; i++)
		if (sp_strv_has(&host->records.items[i].brought, name))
			return true;
	return false;
}

/* One file system with the root's, as dom0 has it: /lib is a link to /usr/lib. */
static const char *merged(const char *path)
{
	static const char *const tops[] = { "lib/", "lib64/", "bin/", "sbin/" };

	path += strspn(path, "/");
	for (size_t i = 0; i < sizeof tops / sizeof tops[0]; i++)
		if (sp_text_starts_with(path, "usr/") &&
		    sp_text_starts_with(path + strlen("usr/"), tops[i]))
			return path + strlen("usr/");
	return path;
}

static int take_package(void *user, struct json_object *message, struct sp_error *err)
{
	struct task *task = user;
	struct sp_base_files *files = task->files;
	const char *name = sp_json_get_string(message, "name");
	SP_AUTO(sp_strv_done) struct sp_strv paths = { 0 };
	int r = sp_json_get_strv(message, "files", &paths, err);

	if (r < 0)
		return r;
	if (!name || files->n + paths.n > FILES_MAX)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "a worker's message makes no sense");
	if (is_of_packs(task->host, name))
		return 0;
	r = sp_strv_add(&files->packages, name, err);
	for (size_t i = 0; r == 0 && i < paths.n; i++) {
		struct sp_base_file *file = sp_array_add(&files->items, &files->n);

		if (!file)
			return sp_error_nomem(err);
		file->package = files->packages.n - 1;
		file->path = strdup(merged(paths.items[i]));
		if (!file->path)
			return sp_error_nomem(err);
	}
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct sp_base_file *left = a, *right = b;

	return strcmp(left->path, right->path);
}

int sp_base_files_read(const struct sp_host *host, const struct sp_patience *patience,
		       struct sp_base_files *ret_files, struct sp_error *err)
{
	SP_AUTO(sp_base_files_done) struct sp_base_files files = { 0 };
	struct task task = { host, &files };
	struct sp_worker_job job = {
		.what = "reading what files the host's packages have",
		.run = read_database,
		.arg = &task,
		.on_message = take_package,
		.user = &task,
		.limits = { .deadline_ms = DEADLINE_MS,
			    .cpu_seconds = CPU_SECONDS,
			    .memory_bytes = memory_bytes,
			    .file_bytes = FILE_BYTES,
			    .messages = PACKAGES_MAX },
	};
	int r = sp_worker_run(&job, patience, err);

	if (r < 0)
		return r;
	if (files.n)
		qsort(files.items, files.n, sizeof *files.items, compare);
	*ret_files = files;
	files = (struct sp_base_files){ 0 };
	return 0;
}

const char *sp_base_files_owner(void *context, const char *path)
{
	const struct sp_base_files *files = context;
	const struct sp_base_file wanted = { .path = (char *)(uintptr_t)merged(path) };
	const struct sp_base_file *found =
		files->n ? bsearch(&wanted, files->items, files->n, sizeof *files->items,
				   compare)
			 : NULL;

	return found ? files->packages.items[found->package] : NULL;
}
