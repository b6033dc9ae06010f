/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which files of a pack go where in the host; placing_work.h goes there. */

#include "installer-plugin/install_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/finding.h"
#include "base/module.h"
#include "installer-plugin/host.h"
#include "installer-plugin/install.h"
#include "installer-plugin/placing_work.h"
#include "repo/evr.h"
#include "repo/legacy.h"
#include "repo/placing.h"

static const struct sp_strv nothing;

/* The pack's own older version is on record where this one will be. */
static const struct sp_strv *old_of(const struct sp_host *host,
				    const struct sp_record *record)
{
	for (size_t i = 0; i < host->records.n; i++)
		if (!strcmp(host->records.items[i].directory, record->directory))
			return &host->records.items[i].placed;
	return &nothing;
}

/* The one the module says it is for, if the host has it; else its newest. */
static const char *kernel_for(const struct sp_install *install, size_t package)
{
	const struct sp_module_list *modules = &install->pack->modules;
	const struct sp_strv *kernels = &install->host->target.kernels;
	const char *newest = kernels->n ? kernels->items[0] : "";

	for (size_t i = 0; i < modules->n; i++) {
		const char *vermagic = modules->items[i].vermagic;
		size_t len = vermagic ? strcspn(vermagic, " ") : 0;

		for (size_t j = 0; modules->items[i].package == package && j < kernels->n;
		     j++)
			if (len && strlen(kernels->items[j]) == len &&
			    !strncmp(kernels->items[j], vermagic, len))
				return kernels->items[j];
	}
	for (size_t i = 1; i < kernels->n; i++)
		if (sp_evr_compare(kernels->items[i], newest) > 0)
			newest = kernels->items[i];
	return newest;
}

static int add_source(const struct sp_install *install, int kept_fd, size_t index,
		      struct sp_placing_work *work, struct sp_error *err)
{
	const struct sp_package *package = &install->pack->packages[index];
	struct sp_placing_source *source = &work->sources[work->n];
	int r;

	if (sp_install_is_rpm(package))
		return 0;
	r = sp_file_open_beneath(kept_fd, package->file, &source->fd, err);
	if (r > 0)
		return sp_error_set(err, SP_ERR_DAMAGED, "'%s/%s' is not there",
				    install->kept, package->file);
	if (r < 0)
		return r;
	source->package = package;
	source->kernel = kernel_for(install, index);
	work->n++;
	return 0;
}

static int work_init(const struct sp_install *install, const struct sp_record *record,
		     struct sp_placing_work *work, struct sp_error *err)
{
	SP_AUTO(sp_closep)
	int kept_fd = open(install->kept, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = 0;

	work->root = install->host->path;
	work->old = old_of(install->host, record);
	work->sources = calloc(install->pack->n_packages + 1, sizeof *work->sources);
	if (!work->sources)
		return sp_error_nomem(err);
	if (kept_fd < 0)
		return sp_error_set_errno(err, errno, "opening '%s'", install->kept);
	for (size_t i = 0; r == 0 && i < install->pack->n_packages; i++)
		r = add_source(install, kept_fd, i, work, err);
	return r;
}

static int list_modules(struct sp_record *record, struct sp_error *err)
{
	const struct sp_module_list *modules = &record->pack.modules;
	int r = 0;

	sp_strv_done(&record->installed_modules);
	for (size_t i = 0; r == 0 && i < modules->n; i++)
		if (modules->items[i].path)
			r = sp_strv_add(&record->installed_modules,
					modules->items[i].path, err);
	sp_strv_sort(&record->installed_modules);
	return r;
}

/* A driver of its own is a module of a kernel only where it will be. */
static int place_modules(const struct sp_install *install, struct sp_record *record,
			 struct sp_error *err)
{
	for (size_t i = 0; i < record->pack.modules.n; i++) {
		struct sp_module *module = &record->pack.modules.items[i];
		const struct sp_package *package =
			&record->pack.packages[module->package];
		SP_AUTO(sp_str_freep) char *path = NULL;
		SP_AUTO(sp_str_freep) char *kernel = NULL;
		int r;

		if (!package->type || strcmp(package->type, "driver") != 0)
			continue;
		r = sp_legacy_destination(package, kernel_for(install, module->package),
					  &path, err);
		if (r < 0)
			return r;
		(void)sp_module_path_split(path, &kernel, NULL);
		free(module->path);
		free(module->kernel);
		module->path = sp_steal(path);
		module->kernel = sp_steal(kernel);
	}
	return list_modules(record, err);
}

int sp_install_files_list(const struct sp_install *install, struct sp_record *record,
			  struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_placing_work_done)
	struct sp_placing_work work = { .placed = &record->placed, .findings = findings };
	int r = work_init(install, record, &work, err);

	if (r == 0)
		r = place_modules(install, record, err);
	if (r == 0 && work.n)
		r = sp_placing_work_run(&work, SP_PLACING_LIST, install->op, err);
	return r < 0 ? r : sp_findings_first_refusal(findings) ? SP_INSTALL_FAILED : 0;
}

int sp_install_files_put(const struct sp_install *install, const struct sp_record *record,
			 struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv none = { 0 };
	SP_AUTO(sp_placing_work_done) struct sp_placing_work work = { .placed = &none };
	int r = work_init(install, record, &work, err);

	return r < 0 || !work.n
		       ? r
		       : sp_placing_work_run(&work, SP_PLACING_PUT, install->op, err);
}

int sp_install_files_settle(const struct sp_install *install,
			    const struct sp_record *record, struct sp_error *err)
{
	struct sp_placing_work work = {
		.root = install->host->path,
		.old = old_of(install->host, record),
		.placed = (struct sp_strv *)(uintptr_t)&record->placed,
	};

	return work.old->n
		       ? sp_placing_work_run(&work, SP_PLACING_SETTLE, install->op, err)
		       : 0;
}

int sp_install_files_undo(const struct sp_host *host, struct sp_operator *op,
			  const struct sp_record *record, struct sp_findings *findings,
			  struct sp_error *err)
{
	struct sp_placing_work work = {
		.root = host->path,
		.old = old_of(host, record),
		.placed = (struct sp_strv *)(uintptr_t)&record->placed,
		.findings = findings,
	};

	return work.placed->n ? sp_placing_work_run(&work, SP_PLACING_UNDO, op, err) : 0;
}

int sp_install_files_remove(const struct sp_host *host, struct sp_operator *op,
			    const struct sp_record *record, struct sp_findings *findings,
			    struct sp_error *err)
{
	struct sp_placing_work work = {
		.root = host->path,
		.old = &nothing,
		.placed = (struct sp_strv *)(uintptr_t)&record->placed,
		.findings = findings,
	};

	return work.placed->n ? sp_placing_work_run(&work, SP_PLACING_UNDO, op, err) : 0;
}
