/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Held while packs are read, by every worker that reads one: they are forked from us and
 * share it. */

#include "installer-plugin/base_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/database.h"
#include "installer-plugin/host.h"
#include "installer-plugin/operator.h"
#include "repo/rpmdb.h"

enum { FILES_MAX = 1 << 20 };

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

static int take_package(void *user, const struct sp_rpmdb_package *from,
			struct sp_error *err)
{
	struct task *task = user;
	struct sp_base_files *files = task->files;
	int r;

	if (files->n + from->files.n > FILES_MAX)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "the host's packages have more than %d files",
				    FILES_MAX);
	if (is_of_packs(task->host, from->name))
		return 0;
	r = sp_strv_add(&files->packages, from->name, err);
	for (size_t i = 0; r == 0 && i < from->files.n; i++) {
		struct sp_base_file *file = sp_array_add(&files->items, &files->n);

		if (!file)
			return sp_error_nomem(err);
		file->package = files->packages.n - 1;
		file->path = strdup(merged(from->files.items[i]));
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
	const struct sp_database_job job = {
		.root = host->path,
		.what = SP_RPMDB_FILES,
		.title = "reading what files the host's packages have",
		.take = take_package,
		.user = &task,
	};
	int r = sp_database_read(&job, patience, err);

	if (r < 0)
		return r;
	if (files.n)
		qsort(files.items, files.n, sizeof *files.items, compare);
	*ret_files = files;
	files = (struct sp_base_files){ 0 };
	return 0;
}

int sp_base_files_of_root(struct sp_context *context, struct sp_operator *op,
			  struct sp_base_files *ret_files, struct sp_error *err)
{
	SP_AUTO(sp_host_done) struct sp_host host = { 0 };
	struct sp_patience patience = sp_operator_patience(op);
	int r;

	if (!context->options->root)
		return 0;
	r = sp_host_open(context, &host, err);
	if (r == 0)
		r = sp_base_files_read(&host, &patience, ret_files, err);
	if (r == 0)
		context->base = ret_files;
	return r;
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
