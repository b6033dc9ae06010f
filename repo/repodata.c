/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libsolv reads the three documents; what it makes of them is checked here.  After a
 * failure it keeps half of what it read, so the whole pool goes then. */
#include "repo/repodata.h"

#include "base/array.h"
#include "base/text.h"
#include "repo/bugtool.h"
#include "repo/limits.h"
#include "repo/pack.h"

#include <ctype.h>
#include <solv/pool.h>
#include <solv/repo.h>
#include <solv/repo_comps.h>
#include <solv/repo_rpmmd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sp_repodata {
	Pool *pool;
	Repo *packages, *groups;
	bool path_is_unsafe;   /* of one of them */
	char complaint[200];   /* of libsolv; "" if it has none */
	struct sp_strv needed; /* files that packages of it require; sorted */
};

/* It does not fail for everything it complains of: malformed groups, for one. */
static void note_complaint(Pool *pool, void *data, int type, const char *text)
{
	struct sp_repodata *repodata = data;

	(void)pool;
	if (type & (SOLV_FATAL | SOLV_ERROR) && !repodata->complaint[0])
		sp_text_clean(text, strlen(text), repodata->complaint,
			      sizeof repodata->complaint);
}

int sp_repodata_new(struct sp_repodata **ret_repodata, struct sp_error *err)
{
	SP_AUTO(sp_repodata_freep) struct sp_repodata *repodata = NULL;

	repodata = calloc(1, sizeof *repodata);
	if (!repodata)
		return sp_error_nomem(err);
	repodata->pool = pool_create();
	pool_setdebugcallback(repodata->pool, note_complaint, repodata);
	/* It was built for this system's packages, which need not be RPMs. */
	if (pool_setdisttype(repodata->pool, DISTTYPE_RPM) < 0)
		return sp_error_set(err, SP_ERR_INTERNAL,
				    "this system's libsolv cannot read RPM metadata");
	repodata->packages = repo_create(repodata->pool, "packages");
	repodata->groups = repo_create(repodata->pool, "groups");
	*ret_repodata = sp_steal(repodata);
	return 0;
}

void sp_repodata_free(struct sp_repodata *repodata)
{
	if (!repodata)
		return;
	if (repodata->pool)
		pool_free(repodata->pool);
	sp_strv_done(&repodata->needed);
	free(repodata);
}

/* ---- reading --------------------------------------------------------------- */

static void close_file(FILE *file)
{
	(void)fclose(file);
}

SP_DEFINE_FREEP(FILE *, close_file)

static const char *const names[] = {
	[SP_REPOMD_PRIMARY] = "list of packages",
	[SP_REPOMD_FILELISTS] = "list of files",
	[SP_REPOMD_GROUP] = "list of groups",
};

/* A document on its way to libsolv, which wants a FILE. */
struct stream {
	sp_archive_source_fn source;
	void *user;
	bool has_any;
	struct sp_error error; /* of the source; code 0: none */
};

static ssize_t read_stream(void *cookie, char *buf, size_t size)
{
	struct stream *stream = cookie;
	ssize_t n = stream->error.code
			    ? -1
			    : stream->source(stream->user, buf, size, &stream->error);

	stream->has_any |= n > 0;
	return n < 0 ? -1 : n;
}

/* What libsolv left is read too: only at its end the source knows that it was sound. */
static int check_stream(FILE *file, const struct stream *stream, enum sp_repomd_kind kind,
			struct sp_error *err)
{
	char rest[512];

	while (fread(rest, 1, sizeof rest, file) > 0)
		;
	if (stream->error.code) {
		*err = stream->error;
		return -(int)err->code;
	}
	/* It does not say so of nothing at all. */
	return stream->has_any
		       ? 0
		       : sp_error_set(err, SP_ERR_FORMAT, "the %s is empty", names[kind]);
}

int sp_repodata_add(struct sp_repodata *repodata, enum sp_repomd_kind kind,
		    sp_archive_source_fn source, void *user, struct sp_error *err)
{
	struct stream stream = { .source = source, .user = user };
	SP_AUTO(close_filep)
	FILE *file =
		fopencookie(&stream, "r", (cookie_io_functions_t){ .read = read_stream });
	int r, sound;

	if (!file)
		return sp_error_nomem(err);
	if (kind == SP_REPOMD_GROUP)
		r = repo_add_comps(repodata->groups, file, 0);
	else if (kind == SP_REPOMD_PRIMARY)
		r = repo_add_rpmmd(repodata->packages, file, NULL, 0);
	else
		r = repo_add_rpmmd(repodata->packages, file, "FL", REPO_EXTEND_SOLVABLES);
	sound = check_stream(file, &stream, kind, err);
	if (sound < 0)
		return sound;
	if (r != 0 || repodata->complaint[0])
		return sp_error_set(err, SP_ERR_FORMAT, "the %s is malformed: %.200s",
				    names[kind],
				    repodata->complaint[0] ? repodata->complaint
							   : pool_errstr(repodata->pool));
	return 0;
}

/* ---- files ----------------------------------------------------------------- */

bool sp_repodata_is_of_interest(const char *path)
{
	static const char *const below[] = {
		"lib/modules/",    "lib/firmware/",      "etc/modprobe.d/",
		"lib/modprobe.d/", "etc/depmod.d/",      "lib/depmod.d/",
		"etc/udev/",       "lib/udev/",          "etc/modules-load.d/",
		"lib/dracut/",     "etc/dracut.conf.d/", SP_BUGTOOL_DIRECTORY "/",
	};

	while (*path == '/')
		path++;
	if (sp_text_starts_with(path, "usr/"))
		path += 4;
	for (size_t i = 0; i < sizeof below / sizeof below[0]; i++)
		if (sp_text_starts_with(path, below[i]))
			return true;
	return sp_text_ends_with(path, "EULA");
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_needed(const struct sp_repodata *repodata, const char *path)
{
	return repodata->needed.n &&
	       bsearch(&path, repodata->needed.items, repodata->needed.n,
		       sizeof *repodata->needed.items, compare_text);
}

/* Files that stand for a dependency count wherever they are. */
static int note_needed(struct sp_repodata *repodata, const struct sp_package *package,
		       struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < package->requires_.n; i++)
		if (package->requires_.items[i][0] == '/')
			r = sp_strv_add(&repodata->needed, package->requires_.items[i],
					err);
	return r;
}

static void sort_once(struct sp_strv *list)
{
	size_t n = 0;

	sp_strv_sort(list);
	for (size_t i = 0; i < list->n; i++) {
		if (n && strcmp(list->items[n - 1], list->items[i]) == 0)
			free(list->items[i]);
		else
			list->items[n++] = list->items[i];
	}
	list->n = n;
}

static int add_files(struct sp_repodata *repodata, Id id, struct sp_package *package,
		     struct sp_error *err)
{
	Dataiterator files;
	int r = 0;

	if (dataiterator_init(&files, repodata->pool, repodata->packages, id,
			      SOLVABLE_FILELIST, NULL,
			      SEARCH_FILES | SEARCH_COMPLETE_FILELIST) < 0)
		return sp_error_nomem(err);
	while (r == 0 && dataiterator_step(&files)) {
		const char *path = files.kv.str;

		if (!path ||
		    (!sp_repodata_is_of_interest(path) && !is_needed(repodata, path)))
			continue;
		if (package->files.n == SP_LIMIT_FILES)
			r = sp_error_set(err, SP_ERR_LIMIT, "'%s' has too many files",
					 package->name);
		else
			r = sp_strv_add(&package->files, path + strspn(path, "/"), err);
	}
	dataiterator_free(&files);
	sort_once(&package->files);
	return r;
}

/* ---- one package ----------------------------------------------------------- */

static int take_text(char **ret_text, const char *text, struct sp_error *err)
{
	*ret_text = sp_text_clean_dup(text ? text : "");
	return *ret_text ? 0 : sp_error_nomem(err);
}

static int add_deps(Solvable *solvable, Id key, struct sp_strv *list,
		    struct sp_error *err)
{
	Pool *pool = solvable->repo->pool;
	Queue deps;
	int r = 0;

	queue_init(&deps);
	(void)solvable_lookup_deparray(solvable, key, &deps, 0);
	for (int i = 0; r == 0 && i < deps.count; i++) {
		char text[1024];
		const char *dep;

		if (deps.elements[i] == SOLVABLE_PREREQMARKER ||
		    deps.elements[i] == SOLVABLE_FILEMARKER)
			continue;
		dep = pool_dep2str(pool, deps.elements[i]);
		sp_text_clean(dep, strlen(dep), text, sizeof text);
		if (list->n == SP_LIMIT_LIST)
			r = sp_error_set(err, SP_ERR_LIMIT, "too many dependencies");
		else
			r = sp_strv_add(list, text, err);
	}
	queue_free(&deps);
	return r;
}

static int add_all_deps(Solvable *solvable, struct sp_package *package,
			struct sp_error *err)
{
	int r = add_deps(solvable, SOLVABLE_REQUIRES, &package->requires_, err);

	if (r == 0)
		r = add_deps(solvable, SOLVABLE_PROVIDES, &package->provides, err);
	if (r == 0)
		r = add_deps(solvable, SOLVABLE_CONFLICTS, &package->conflicts, err);
	if (r == 0)
		r = add_deps(solvable, SOLVABLE_OBSOLETES, &package->obsoletes, err);
	return r;
}

/* "1:2.0-3" */
static int split_evr(const char *evr, struct sp_package *package, struct sp_error *err)
{
	size_t digits = strspn(evr, "0123456789");
	bool has_epoch = digits && evr[digits] == ':';
	const char *version = has_epoch ? evr + digits + 1 : evr;
	const char *dash = strrchr(version, '-');

	package->epoch = strndup(evr, has_epoch ? digits : 0);
	package->version =
		strndup(version, dash ? (size_t)(dash - version) : strlen(version));
	package->release = strdup(dash ? dash + 1 : "");
	if (!package->epoch || !package->version || !package->release)
		return sp_error_nomem(err);
	return 0;
}

/* What becomes part of messages, file names and commands must be what rpm allows. */
static bool is_word(const char *text)
{
	if (!*text || strlen(text) >= SP_TEXT_MAX || !isalnum((unsigned char)*text))
		return false;
	for (const char *at = text; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("-._+~^:%{}", *at))
			return false;
	return true;
}

static int take_name(Solvable *solvable, struct sp_package *package, struct sp_error *err)
{
	Pool *pool = solvable->repo->pool;
	const char *name = pool_id2str(pool, solvable->name);
	const char *evr = pool_id2str(pool, solvable->evr);
	const char *arch = pool_id2str(pool, solvable->arch);

	if (!is_word(name) || !is_word(evr) || !is_word(arch))
		return sp_error_set(err, SP_ERR_FORMAT,
				    "it names a package '%.60s-%.60s.%.20s', which is no "
				    "name of one",
				    name, evr, arch);
	package->name = strdup(name);
	package->arch = strdup(arch);
	package->type = strdup("rpm");
	if (!package->name || !package->arch || !package->type)
		return sp_error_nomem(err);
	return split_evr(evr, package, err);
}

static int take_file(struct sp_repodata *repodata, Solvable *solvable,
		     struct sp_package *package, struct sp_error *err)
{
	const char *path;

	if (solvable_lookup_str(solvable, SOLVABLE_MEDIABASE))
		return sp_error_set(err, SP_ERR_FORMAT, "'%s' is to be found elsewhere",
				    package->name);
	path = solvable_lookup_location(solvable, NULL);
	if (!path)
		return sp_error_set(err, SP_ERR_FORMAT, "'%s' has no file",
				    package->name);
	repodata->path_is_unsafe = !sp_text_path_is_safe(path);
	if (repodata->path_is_unsafe)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "the file of '%s', '%.80s', is outside of the pack",
				    package->name, path);
	package->size_bytes = solvable_lookup_num(solvable, SOLVABLE_DOWNLOADSIZE, 0);
	package->installed_bytes = solvable_lookup_num(solvable, SOLVABLE_INSTALLSIZE, 0);
	if (package->size_bytes == 0)
		return sp_error_set(err, SP_ERR_FORMAT, "'%s' has no size",
				    package->name);
	if (package->size_bytes > sp_limit_rpm_bytes)
		return sp_error_set(err, SP_ERR_LIMIT, "'%s' has %llu bytes, too many",
				    package->name,
				    (unsigned long long)package->size_bytes);
	package->file = strdup(path);
	return package->file ? 0 : sp_error_nomem(err);
}

static int take_digest(Solvable *solvable, struct sp_package *package,
		       struct sp_error *err)
{
	Id type = 0;
	const char *hex = solvable_lookup_checksum(solvable, SOLVABLE_CHECKSUM, &type);

	if (!hex || (type != REPOKEY_TYPE_SHA256 && type != REPOKEY_TYPE_SHA384 &&
		     type != REPOKEY_TYPE_SHA512))
		return sp_error_set(err, SP_ERR_FORMAT,
				    "'%s' has no checksum that proves anything",
				    package->name);
	package->sha256 = strdup(hex);
	return package->sha256 ? 0 : sp_error_nomem(err);
}

static int take_package(struct sp_repodata *repodata, Solvable *solvable,
			struct sp_package *package, struct sp_error *err)
{
	int r = take_name(solvable, package, err);

	if (r == 0)
		r = take_file(repodata, solvable, package, err);
	if (r == 0)
		r = take_digest(solvable, package, err);
	if (r == 0)
		r = take_text(&package->summary,
			      solvable_lookup_str(solvable, SOLVABLE_SUMMARY), err);
	if (r == 0)
		r = add_all_deps(solvable, package, err);
	return r == 0 ? note_needed(repodata, package, err) : r;
}

/* ---- all of them ----------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	const struct sp_package *x = a, *y = b;

	return strcmp(x->file, y->file);
}

static int compare_nevra(const void *a, const void *b)
{
	const struct sp_package *x = *(const struct sp_package *const *)a;
	const struct sp_package *y = *(const struct sp_package *const *)b;
	int order = strcmp(x->name, y->name);

	order = order ? order : strcmp(x->epoch, y->epoch);
	order = order ? order : strcmp(x->version, y->version);
	order = order ? order : strcmp(x->release, y->release);
	return order ? order : strcmp(x->arch, y->arch);
}

static int fail_twice(const struct sp_package *package, struct sp_error *err)
{
	return sp_error_set(err, SP_ERR_FORMAT, "it names '%s' ('%.80s') twice",
			    package->name, package->file);
}

static int check_twins(const struct sp_pack *pack, struct sp_error *err)
{
	const struct sp_package **sorted = calloc(pack->n_packages, sizeof *sorted);
	int r = 0;

	if (!sorted)
		return sp_error_nomem(err);
	for (size_t i = 0; i < pack->n_packages; i++)
		sorted[i] = &pack->packages[i];
	qsort(sorted, pack->n_packages, sizeof *sorted, compare_nevra);
	for (size_t i = 1; r == 0 && i < pack->n_packages; i++)
		if (compare_nevra(&sorted[i - 1], &sorted[i]) == 0 ||
		    compare(&pack->packages[i - 1], &pack->packages[i]) == 0)
			r = fail_twice(sorted[i], err);
	free(sorted);
	return r;
}

static int take_packages(struct sp_repodata *repodata, struct sp_pack *pack,
			 struct sp_error *err)
{
	Solvable *solvable;
	Id id;

	FOR_REPO_SOLVABLES(repodata->packages, id, solvable)
	{
		struct sp_package *package;
		int r;

		if (pack->n_packages == SP_LIMIT_PACKAGES)
			return sp_error_set(err, SP_ERR_LIMIT,
					    "it has more than %d packages",
					    SP_LIMIT_PACKAGES);
		package = sp_array_add(&pack->packages, &pack->n_packages);
		if (!package)
			return sp_error_nomem(err);
		r = take_package(repodata, solvable, package, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* In the same order as the packages were taken. */
static int take_all_files(struct sp_repodata *repodata, struct sp_pack *pack,
			  struct sp_error *err)
{
	Solvable *solvable;
	size_t n = 0;
	int r = 0;
	Id id;

	sp_strv_sort(&repodata->needed);
	FOR_REPO_SOLVABLES(repodata->packages, id, solvable)
	{
		if (r == 0)
			r = add_files(repodata, id, &pack->packages[n++], err);
	}
	if (r < 0 || pack->n_packages == 0)
		return r;
	qsort(pack->packages, pack->n_packages, sizeof *pack->packages, compare);
	return check_twins(pack, err);
}

/* ---- groups ---------------------------------------------------------------- */

/* Whatever its name, the group with this id; mandatory and default members alike. */
static int take_group(struct sp_repodata *repodata, const char *id, bool *ret_there,
		      struct sp_strv *list, struct sp_error *err)
{
	Solvable *solvable;
	Id p;

	FOR_REPO_SOLVABLES(repodata->groups, p, solvable)
	{
		const char *name = pool_id2str(repodata->pool, solvable->name);
		int r;

		if (!sp_text_starts_with(name, "group:") || strcmp(name + 6, id) != 0)
			continue;
		*ret_there = true;
		r = add_deps(solvable, SOLVABLE_REQUIRES, list, err);
		if (r == 0)
			r = add_deps(solvable, SOLVABLE_RECOMMENDS, list, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int sp_repodata_fill(struct sp_repodata *repodata, struct sp_pack *pack,
		     const char **ret_code, struct sp_error *err)
{
	bool has_updates = false;
	int r = take_packages(repodata, pack, err);

	if (r < 0 && repodata->path_is_unsafe && ret_code)
		*ret_code = "unsafe-path";
	if (r == 0)
		r = take_all_files(repodata, pack, err);
	if (r == 0)
		r = take_group(repodata, "drivers", &pack->driver_disk,
			       &pack->driver_packages, err);
	if (r == 0)
		r = take_group(repodata, "update", &has_updates, &pack->update_packages,
			       err);
	return r;
}
