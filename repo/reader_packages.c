/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last links of the chain: each RPM is the file that the metadata names, and what
 * the metadata says it is; and then, what modules are in it. */
#include "repo/reading.h"

#include "base/array.h"
#include "base/module.h"
#include "repo/intake.h"
#include "repo/limits.h"
#include "repo/payload.h"
#include "repo/rpmfile.h"

#include <stdlib.h>
#include <string.h>

struct packages {
	const struct sp_reading *reading;
	struct sp_pack *pack;
	const char **paths;      /* on the medium, of each package */
	struct sp_strv *modules; /* of each package */
	bool *seen;
	uint64_t done, total;
	size_t current;
};

static void packages_done(struct packages *packages)
{
	for (size_t i = 0; i < packages->pack->n_packages; i++) {
		if (packages->paths)
			free((void *)(uintptr_t)packages->paths[i]);
		if (packages->modules)
			sp_strv_done(&packages->modules[i]);
	}
	free(packages->paths);
	free(packages->modules);
	free(packages->seen);
}

/* ---- modules --------------------------------------------------------------- */

static int find_modules(const struct sp_strv *files, struct sp_strv *modules,
			struct sp_error *err)
{
	for (size_t i = 0; i < files->n; i++) {
		int r = sp_module_path_split(files->items[i], NULL, NULL)
				? sp_strv_add(modules, files->items[i], err)
				: 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static int on_module(void *user, const char *path, int fd, struct sp_error *err)
{
	struct packages *packages = user;
	struct sp_pack *pack = packages->pack;
	struct sp_error why = SP_ERROR_INIT;
	struct sp_module *module;

	if (pack->modules.n == SP_LIMIT_MODULES)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "the pack has more than %d modules",
				    SP_LIMIT_MODULES);
	module = sp_array_add(&pack->modules.items, &pack->modules.n);
	if (!module)
		return sp_error_nomem(err);
	if (packages->reading->options->read_module(fd, path, module, &why) == 0) {
		module->package = packages->current;
		return 0;
	}
	sp_module_done(module);
	pack->modules.n--;
	return sp_reading_blame(pack, "damaged-module", path, &why, err);
}

static int read_modules(struct packages *packages, size_t index,
			const struct sp_intake *intake, struct sp_error *err)
{
	const struct sp_strv *modules = &packages->modules[index];
	struct sp_error why = SP_ERROR_INIT;
	int r;

	if (!packages->reading->options->read_module || modules->n == 0)
		return 0;
	if (!intake->has_all)
		return 0;
	packages->current = index;
	r = sp_payload_read_fd(intake->fd, modules, SP_LIMIT_MODULE_BYTES, on_module,
			       packages, &why);
	if (r == 0)
		return 0;
	return sp_reading_blame(packages->pack, "damaged-package",
				packages->pack->packages[index].file, &why, err);
}

/* ---- one package ----------------------------------------------------------- */

static int say_differs(struct packages *packages, const struct sp_package *package,
		       const char *nevra, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *should = sp_package_nevra(package);

	if (!should)
		return sp_error_nomem(err);
	return sp_findings_add(&packages->pack->findings, "nevra-mismatch", package->file,
			       err, "'%.200s' is %s, and the pack says it is %s",
			       package->file, nevra, should);
}

static int check_header(struct packages *packages, size_t index,
			const struct sp_intake *intake, struct sp_error *err)
{
	struct sp_package *package = &packages->pack->packages[index];
	SP_AUTO(sp_rpmfile_done) struct sp_rpmfile rpm = { 0 };
	SP_AUTO(sp_str_freep) char *nevra = NULL;
	struct sp_error why = SP_ERROR_INIT;
	int r = sp_rpmfile_read(intake->fd, &rpm, &why);

	if (r < 0)
		return sp_reading_blame(packages->pack, "damaged-package", package->file,
					&why, err);
	r = sp_rpmfile_compare(&rpm, package, &nevra, err);
	if (r == SP_RPMFILE_DIFFERS)
		return say_differs(packages, package, nevra, err);
	if (r < 0)
		return r;
	package->verified = true;
	return read_modules(packages, index, intake, err);
}

static int on_package(void *user, size_t index, struct sp_tree_stream *stream,
		      struct sp_error *err)
{
	struct packages *packages = user;
	const struct sp_package *package = &packages->pack->packages[index];
	const struct sp_reader_sink *sink = packages->reading->sink;
	const struct sp_intake_wish wish = {
		.size_bytes = package->size_bytes,
		.digest = package->sha256,
		.is_rpm = true,
		.keep_all = packages->modules[index].n > 0,
	};
	SP_AUTO(sp_intake_done) struct sp_intake intake = { 0 };
	struct sp_error why = SP_ERROR_INIT;
	int r;

	packages->seen[index] = true;
	r = sp_intake_take(stream, &wish, &intake, &why);
	if (r < 0)
		r = sp_reading_blame(packages->pack, "damaged-package", package->file,
				     &why, err);
	else
		r = check_header(packages, index, &intake, err);
	packages->done += package->size_bytes;
	if (r == 0 && sink->progress &&
	    sink->progress(sink->user, packages->pack->label, packages->done,
			   packages->total))
		return sp_error_set(err, SP_ERR_CANCELLED, "reading was cancelled");
	return r;
}

/* ---- all of them ----------------------------------------------------------- */

static int prepare(struct packages *packages, const char *base, struct sp_error *err)
{
	const struct sp_pack *pack = packages->pack;
	size_t n = pack->n_packages ? pack->n_packages : 1;

	packages->paths = calloc(n, sizeof *packages->paths);
	packages->modules = calloc(n, sizeof *packages->modules);
	packages->seen = calloc(n, sizeof *packages->seen);
	if (!packages->paths || !packages->modules || !packages->seen)
		return sp_error_nomem(err);
	for (size_t i = 0; i < pack->n_packages; i++) {
		int r = find_modules(&pack->packages[i].files, &packages->modules[i],
				     err);

		if (r < 0)
			return r;
		packages->total += pack->packages[i].size_bytes;
		packages->paths[i] = sp_reading_path(base, pack->packages[i].file);
		if (!packages->paths[i])
			return sp_error_nomem(err);
	}
	return 0;
}

static int say_missing(const struct packages *packages, struct sp_error *err)
{
	struct sp_pack *pack = packages->pack;
	int r = 0;

	for (size_t i = 0; r == 0 && i < pack->n_packages; i++)
		if (!packages->seen[i])
			r = sp_findings_add(
				&pack->findings, "missing-package",
				pack->packages[i].file, err,
				"'%.200s' is not there, though the pack names it",
				pack->packages[i].file);
	return r;
}

int sp_reading_packages(const struct sp_reading *reading, const char *base,
			struct sp_pack *pack, struct sp_error *err)
{
	SP_AUTO(packages_done)
	struct packages packages = {
		.reading = reading,
		.pack = pack,
	};
	int r = prepare(&packages, base, err);

	if (r == 0)
		r = sp_tree_visit(reading->tree, packages.paths, pack->n_packages,
				  on_package, &packages, err);
	return r == 0 ? say_missing(&packages, err) : r;
}
