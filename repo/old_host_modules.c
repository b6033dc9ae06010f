/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which modules of an old host did not come with its kernel, and which pack brought each.
 * The record says it, or the rpm database (the owner, and the update package that
 * requires the owner); a module that nobody accounts for is a pack of its own, since it
 * may drive the boot disk all the same. */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/inside.h"
#include "repo/evr.h"
#include "repo/old_host_steps.h"

#define MODULES "lib/modules"
#define UPDATE "update-"

enum {
	KERNELS_MAX = 256,
	NAMES_MAX = 4096,
	MODULES_MAX = 2048,
	DEPTH_MAX = 8,
	DIRECTORIES_MAX = 4096
};

static const char *const places[] = { "updates", "extra", "override" };

/* Packages of the product whose requirements are the drivers that it brings itself. */
static const char *const product_rpms[] = { "vendor-drivers", "xcp-ng-deps" };

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

struct search {
	struct sp_old_reading *reading;
	struct sp_strv kernels; /* the newest first */
	struct sp_strv paths;   /* of modules, in the order of kernels */
	unsigned n_directories;
};

static void search_done(struct search *search)
{
	sp_strv_done(&search->kernels);
	sp_strv_done(&search->paths);
}

/* ---- looking for them ------------------------------------------------------------------ */

static int compare_kernels(const void *a, const void *b)
{
	return sp_evr_compare(*(const char *const *)b, *(const char *const *)a);
}

static int list(struct search *search, const char *path, size_t max,
		struct sp_strv *names)
{
	struct sp_error cause = SP_ERROR_INIT;
	int r = sp_inside_list(search->reading->input->root_fd, path, max, names, &cause);

	return r < 0 ? sp_old_host_complain(search->reading, path, &cause) : 0;
}

static int find_kernels(struct search *search)
{
	int r = list(search, MODULES, KERNELS_MAX, &search->kernels);

	if (search->kernels.n > 1)
		qsort(search->kernels.items, search->kernels.n,
		      sizeof *search->kernels.items, compare_kernels);
	return r;
}

static bool is_directory(const struct search *search, const char *path)
{
	int root_fd = search->reading->input->root_fd;
	SP_AUTO(sp_str_freep) char *real = NULL;
	struct sp_error ignored = SP_ERROR_INIT;
	struct stat st;

	/* The last component as it is: a link to a directory could go round. */
	return sp_inside_resolve(root_fd, path, &real, &ignored) == 0 &&
	       sp_text_ends_with(real, strrchr(path, '/')) &&
	       fstatat(root_fd, real, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

static int path_add(struct search *search, const char *path)
{
	if (search->paths.n < MODULES_MAX)
		return sp_strv_add(&search->paths, path, search->reading->err);
	if (search->paths.n > MODULES_MAX)
		return 0;
	/* One more, so that it is said once. */
	if (sp_strv_add(&search->paths, path, search->reading->err) < 0)
		return -SP_ERR_NOMEM;
	return sp_findings_add(
		search->reading->findings, "damaged-record", path, search->reading->err,
		"the old host has more than %d modules of packs; the others "
		"are not looked at",
		MODULES_MAX);
}

static int walk(struct search *search, const char *directory, unsigned depth)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	int r = list(search, directory, NAMES_MAX, &names);

	search->n_directories++;
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		SP_AUTO(sp_str_freep)
		char *path = sp_text_format("%s/%s", directory, names.items[i]);

		if (!path)
			return sp_error_nomem(search->reading->err);
		if (sp_module_path_split(path, NULL, NULL))
			r = path_add(search, path);
		else if (depth < DEPTH_MAX && search->n_directories < DIRECTORIES_MAX &&
			 is_directory(search, path))
			r = walk(search, path, depth + 1);
	}
	return r;
}

static int find_in_places(struct search *search, const char *kernel)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < COUNT(places); i++) {
		SP_AUTO(sp_str_freep)
		char *path = sp_text_format(MODULES "/%s/%s", kernel, places[i]);

		if (!path)
			return sp_error_nomem(search->reading->err);
		r = walk(search, path, 1);
	}
	return r;
}

/* "/usr/lib/…", "lib/…": the same file. */
static const char *plain(const char *path)
{
	path += strspn(path, "/");
	return sp_text_starts_with(path, "usr/lib/") ? path + 4 : path;
}

/* Component by component; one of @pattern that leaves the kernel open is any. */
static bool is_path(const char *pattern, const char *path)
{
	pattern = plain(pattern);
	path = plain(path);
	for (;;) {
		size_t a = strcspn(pattern, "/"), b = strcspn(path, "/");

		if (!sp_text_starts_with(pattern, "${") &&
		    (a != b || memcmp(pattern, path, a) != 0))
			return false;
		if (!pattern[a] || !path[b])
			return pattern[a] == path[b];
		pattern += a + 1;
		path += b + 1;
	}
}

static bool has_path(const struct sp_strv *patterns, const char *path)
{
	for (size_t i = 0; patterns && i < patterns->n; i++)
		if (is_path(patterns->items[i], path))
			return true;
	return false;
}

/* What a record names outside of the usual places, once for each kernel. */
static int find_recorded(struct search *search, const char *recorded)
{
	SP_AUTO(sp_str_freep) char *path = NULL;
	const char *variable = strstr(recorded, "${");
	size_t end = variable ? strcspn(variable, "}") : 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < (variable ? search->kernels.n : 1); i++) {
		SP_AUTO(sp_str_freep) char *real = NULL;
		struct sp_error ignored = SP_ERROR_INIT;

		free(path);
		path = variable ? sp_text_format("%.*s%s%s", (int)(variable - recorded),
						 recorded, search->kernels.items[i],
						 variable + end + (variable[end] == '}'))
				: strdup(recorded);
		if (!path)
			return sp_error_nomem(search->reading->err);
		if (sp_module_path_split(path, NULL, NULL) &&
		    !has_path(&search->paths, path) &&
		    sp_inside_resolve(search->reading->input->root_fd, path, &real,
				      &ignored) == 0)
			r = path_add(search, path);
	}
	return r;
}

static int find_all(struct search *search)
{
	const struct sp_host_packs *records = &search->reading->records;
	int r = find_kernels(search);

	for (size_t i = 0; r == 0 && i < search->kernels.n; i++)
		r = find_in_places(search, search->kernels.items[i]);
	for (size_t p = 0; r == 0 && p < records->n; p++)
		for (size_t i = 0; r == 0 && i < records->items[p].modules.n; i++)
			r = find_recorded(search, records->items[p].modules.items[i]);
	return r;
}

/* ---- whose they are ---------------------------------------------------------------------- */

static bool owns(const struct sp_old_rpm *rpm, const char *plain_path)
{
	for (size_t i = 0; rpm->files && i < rpm->files->n; i++)
		if (!strcmp(plain(rpm->files->items[i]), plain_path))
			return true;
	return false;
}

static const struct sp_old_rpm *owner_of(const struct sp_old_host_input *input,
					 const char *path)
{
	for (size_t i = 0; input->rpms && i < input->n_rpms; i++)
		if (owns(&input->rpms[i], plain(path)))
			return &input->rpms[i];
	return NULL;
}

static bool requires_name(const struct sp_old_rpm *rpm, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; rpm->requires_ && i < rpm->requires_->n; i++) {
		const char *text = rpm->requires_->items[i];

		if (!strncmp(text, name, len) && (!text[len] || text[len] == ' '))
			return true;
	}
	return false;
}

static struct sp_old_pack *pack_with_label(const struct sp_old_host *host,
					   const char *label)
{
	for (size_t i = 0; i < host->n_packs; i++)
		if (!strcmp(host->packs[i].label, label))
			return &host->packs[i];
	return NULL;
}

static struct sp_old_pack *pack_with_id(const struct sp_old_host *host, const char *id)
{
	for (size_t i = 0; i < host->n_packs; i++)
		if (!strcmp(host->packs[i].id, id))
			return &host->packs[i];
	return NULL;
}

/* The pack whose update package requires @name. */
static struct sp_old_pack *pack_requiring(const struct sp_old_reading *reading,
					  const char *name)
{
	for (size_t i = 0; i < reading->input->n_rpms; i++) {
		const struct sp_old_rpm *rpm = &reading->input->rpms[i];

		if (sp_text_starts_with(rpm->name, UPDATE) && requires_name(rpm, name))
			return pack_with_label(reading->host, rpm->name + strlen(UPDATE));
	}
	return NULL;
}

static bool is_of_product(const struct sp_old_host_input *input, const char *name)
{
	if (!strcmp(name, "kernel"))
		return true;
	for (size_t i = 0; i < input->n_rpms; i++)
		for (size_t p = 0; p < COUNT(product_rpms); p++)
			if (!strcmp(input->rpms[i].name, product_rpms[p]) &&
			    requires_name(&input->rpms[i], name))
				return true;
	return false;
}

static struct sp_old_pack *pack_of_rpm(struct sp_old_reading *reading,
				       const struct sp_old_rpm *rpm)
{
	const char *colon = strchr(rpm->evr, ':');
	struct sp_old_pack *pack = NULL;

	for (size_t i = 0; i < reading->records.n; i++)
		if (sp_strv_has(&reading->records.items[i].packages, rpm->name))
			return &reading->host->packs[i];
	pack = pack_requiring(reading, rpm->name);
	if (!pack)
		pack = pack_with_label(reading->host, rpm->name);
	if (pack)
		return pack;
	pack = sp_old_host_add_pack(reading, SP_OLD_RPM, rpm->name, rpm->name,
				    colon ? colon + 1 : rpm->evr);
	if (pack)
		pack->is_product = is_of_product(reading->input, rpm->name);
	return pack;
}

/* "lib/modules/K/dmv/ice/generic/ice.ko" → "ice", "generic". */
static bool is_variant(const char *path, char **ret_name, char **ret_variant)
{
	const char *at = strstr(path, "/dmv/");
	size_t name, variant;

	if (!at)
		return false;
	at += strlen("/dmv/");
	name = strcspn(at, "/");
	variant = at[name] ? strcspn(at + name + 1, "/") : 0;
	if (!name || !variant || !at[name + 1 + variant])
		return false;
	*ret_name = strndup(at, name);
	*ret_variant = strndup(at + name + 1, variant);
	return true;
}

/* One driver of several versions is one pack, called by the selected version. */
static struct sp_old_pack *pack_of_variant(struct sp_old_reading *reading,
					   const char *real)
{
	SP_AUTO(sp_str_freep) char *name = NULL;
	SP_AUTO(sp_str_freep) char *variant = NULL;
	SP_AUTO(sp_str_freep) char *id = NULL;
	SP_AUTO(sp_str_freep) char *label = NULL;
	struct sp_old_pack *pack;

	if (!is_variant(real, &name, &variant))
		return sp_old_host_add_pack(reading, SP_OLD_FILE, real, real, "");
	id = name ? sp_text_format("dmv:%s", name) : NULL;
	label = name && variant ? sp_text_format("%s (%s)", name, variant) : NULL;
	if (!id || !label)
		return NULL;
	pack = pack_with_id(reading->host, id);
	return pack ? pack : sp_old_host_add_pack(reading, SP_OLD_FILE, id, label, "");
}

/* NULL: out of memory. */
static struct sp_old_pack *pack_of(struct sp_old_reading *reading, const char *path,
				   const char *real)
{
	const struct sp_old_rpm *owner;

	for (size_t i = 0; i < reading->records.n; i++)
		if (has_path(&reading->records.items[i].modules, path) ||
		    has_path(&reading->records.items[i].modules, real))
			return &reading->host->packs[i];
	owner = owner_of(reading->input, path);
	if (!owner && strcmp(plain(path), plain(real)) != 0)
		owner = owner_of(reading->input, real);
	return owner ? pack_of_rpm(reading, owner) : pack_of_variant(reading, real);
}

/* ---- reading them ------------------------------------------------------------------------- */

static int module_read(struct sp_old_reading *reading, const char *path, const char *real,
		       struct sp_module *ret_module)
{
	SP_AUTO(sp_module_done) struct sp_module module = { 0 };
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error cause = SP_ERROR_INIT;
	int r = sp_inside_open(reading->input->root_fd, real, &fd, &cause);

	if (r == SP_INSIDE_ABSENT)
		r = sp_error_set(&cause, SP_ERR_IO, "it is gone");
	if (r == 0)
		r = reading->input->read_module(fd, path, &module, &cause);
	if (r == 0) {
		*ret_module = module;
		module = (struct sp_module){ 0 };
		return 0;
	}
	r = sp_old_host_complain(reading, path, &cause);
	if (r < 0)
		return r;
	/* Its name is known all the same. */
	ret_module->path = strdup(path);
	(void)sp_module_path_split(path, &ret_module->kernel, &ret_module->name);
	return ret_module->path && ret_module->name ? 0 : sp_error_nomem(reading->err);
}

static bool has_module(const struct sp_old_pack *pack, const char *path)
{
	SP_AUTO(sp_str_freep) char *name = NULL;

	if (!sp_module_path_split(path, NULL, &name) || !name)
		return false;
	for (size_t i = 0; i < pack->modules.n; i++)
		if (!strcmp(pack->modules.items[i].name, name))
			return true;
	return false;
}

static int take(struct sp_old_reading *reading, const char *path)
{
	SP_AUTO(sp_str_freep) char *real = NULL;
	struct sp_error cause = SP_ERROR_INIT;
	struct sp_old_pack *pack;
	struct sp_module *module;
	int r = sp_inside_resolve(reading->input->root_fd, path, &real, &cause);

	if (r == SP_INSIDE_ABSENT)
		r = sp_error_set(&cause, SP_ERR_FORMAT, "it is a link to nothing");
	if (r < 0)
		return sp_old_host_complain(reading, path, &cause);
	pack = pack_of(reading, path, real);
	if (!pack)
		return sp_error_nomem(reading->err);
	if (has_module(pack, path))
		return 0;
	module = sp_array_add(&pack->modules.items, &pack->modules.n);
	return module ? module_read(reading, path, real, module)
		      : sp_error_nomem(reading->err);
}

int sp_old_host_read_modules(struct sp_old_reading *reading)
{
	SP_AUTO(search_done) struct search search = { .reading = reading };
	int r = find_all(&search);

	for (size_t i = 0; r == 0 && i < search.paths.n && i < MODULES_MAX; i++)
		r = take(reading, search.paths.items[i]);
	return r;
}
