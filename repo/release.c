/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The installer checks this repository before it installs from it, with the keys it was
 * made with; here it is evidence only, so its digests are checked and its signature not. */

#include "repo/release.h"

#include <string.h>

#include "base/array.h"
#include "base/builtin.h"
#include "base/file.h"
#include "repo/limits.h"
#include "repo/pack.h"
#include "repo/reader.h"
#include "repo/reading.h"
#include "repo/repomd.h"
#include "repo/tree.h"
#include "repo/treeinfo.h"

#define REPOMD "repodata/repomd.xml"

enum { TREEINFO_BYTES = 64 << 10, BUILTIN_BYTES = 16 << 20 };

struct looking {
	struct sp_tree *tree;
	const struct sp_release_options *options;
	struct sp_release *release;
	struct sp_findings *findings;
	struct sp_error *err;
	struct sp_pack all;     /* every package of the repository */
	struct sp_pack drivers; /* those with modules; they were taken out of @all */
};

static void looking_done(struct looking *looking)
{
	sp_pack_done(&looking->all);
	sp_pack_done(&looking->drivers);
}

void sp_release_done(struct sp_release *release)
{
	free(release->what);
	free(release->kernel);
	sp_module_list_done(&release->modules);
	sp_strv_done(&release->names);
	sp_strv_done(&release->builtin);
	sp_module_list_done(&release->builtin_modules);
	*release = (struct sp_release){ 0 };
}

/* ---- what it is, and what it has ----------------------------------------------------- */

static int name_it(struct looking *looking)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	SP_AUTO(sp_str_freep) char *product = NULL;
	struct sp_error ignored = SP_ERROR_INIT;
	size_t len;

	if (sp_tree_load(looking->tree, SP_TREEINFO_PATH, TREEINFO_BYTES, &text, &len,
			 &ignored) == 0)
		product = sp_treeinfo_product(text);
	looking->release->what =
		product && *product ? sp_steal(product) : strdup("the new release");
	return looking->release->what ? 0 : sp_error_nomem(looking->err);
}

static int complain(struct looking *looking, const char *file,
		    const struct sp_error *cause)
{
	if (cause->code == SP_ERR_NOMEM)
		return sp_error_nomem(looking->err);
	return sp_findings_add(looking->findings, "unreadable-release",
			       looking->options->location, looking->err,
			       "'%s' of the new release cannot be read: %s", file,
			       cause->text);
}

/* *@ret_sound: its packages are known. */
static int read_lists(struct looking *looking, bool *ret_sound)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	SP_AUTO(sp_repomd_done) struct sp_repomd repomd = { 0 };
	struct sp_reading_blame_on blame = { NULL, REPOMD };
	struct sp_error cause = SP_ERROR_INIT;
	size_t len = 0;
	int r = sp_tree_load(looking->tree, REPOMD, SP_LIMIT_REPOMD_BYTES, &text, &len,
			     &cause);

	if (r == SP_TREE_ABSENT)
		return SP_RELEASE_NONE;
	if (r == 0)
		r = sp_repomd_parse(text, len, &repomd, NULL, &cause);
	if (r == 0)
		r = sp_reading_documents(looking->tree, "", &repomd, &looking->all,
					 &blame, &cause);
	*ret_sound = r == 0;
	return r < 0 ? complain(looking, blame.file, &cause) : 0;
}

/* ---- its drivers ---------------------------------------------------------------------- */

/* The kernel that @package has modules for, or is; NULL: neither.  Caller frees. */
static char *kernel_of(const struct sp_package *package)
{
	for (size_t i = 0; i < package->files.n; i++) {
		SP_AUTO(sp_str_freep) char *kernel = NULL;

		if ((sp_module_path_split(package->files.items[i], &kernel, NULL) ||
		     sp_builtin_is_file(package->files.items[i], &kernel)) &&
		    kernel)
			return sp_steal(kernel);
	}
	return NULL;
}

/* Newer releases split it. */
static bool is_kernel(const struct sp_package *package)
{
	static const char *const names[] = { "kernel", "kernel-core", "kernel-modules",
					     "kernel-modules-core" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (!strcmp(package->name, names[i]))
			return true;
	return false;
}

static void find_kernel(struct looking *looking)
{
	for (size_t i = 0; !looking->release->kernel && i < looking->all.n_packages; i++)
		if (is_kernel(&looking->all.packages[i]))
			looking->release->kernel = kernel_of(&looking->all.packages[i]);
}

static bool is_driver(const struct looking *looking, const struct sp_package *package)
{
	SP_AUTO(sp_str_freep) char *kernel = kernel_of(package);

	return kernel && !sp_text_ends_with(package->name, "-alt") &&
	       (!looking->release->kernel || !strcmp(kernel, looking->release->kernel));
}

static int take_drivers(struct looking *looking)
{
	find_kernel(looking);
	for (size_t i = 0; i < looking->all.n_packages; i++) {
		struct sp_package *from = &looking->all.packages[i], *to;

		if (!is_driver(looking, from))
			continue;
		to = sp_array_add(&looking->drivers.packages,
				  &looking->drivers.n_packages);
		if (!to)
			return sp_error_nomem(looking->err);
		*to = *from;
		*from = (struct sp_package){ 0 };
	}
	looking->drivers.label = strdup(looking->release->what);
	return looking->drivers.label ? 0 : sp_error_nomem(looking->err);
}

/* Runs once for each of the two files; the names are sorted out when both are there. */
static int take_builtin(void *user, const char *path, int fd, struct sp_error *err)
{
	struct looking *looking = user;
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct sp_error cause = SP_ERROR_INIT;
	size_t len;

	if (sp_file_read_all(fd, BUILTIN_BYTES, &bytes, &len, &cause) < 0)
		return complain(looking, path, &cause);
	looking->release->has_builtin = true;
	return sp_text_ends_with(path, ".modinfo")
		       ? sp_builtin_read_aliases(bytes, len, path,
						 &looking->release->builtin_modules, err)
		       : sp_builtin_read_names(bytes, &looking->release->builtin, err);
}

static bool is_builtin(const char *path)
{
	return sp_builtin_is_file(path, NULL);
}

static int read_modules(struct looking *looking)
{
	size_t n_packs = 0;
	struct sp_reader_options options = {
		.read_module = looking->options->read_module,
		.wants = is_builtin,
		.take = take_builtin,
		.take_user = looking,
		.location = looking->options->location,
	};
	struct sp_reader_sink sink = { 0 };
	struct sp_reading reading = {
		.tree = looking->tree,
		.options = &options,
		.sink = &sink,
		.findings = looking->findings,
		.image = "",
		.n_packs = &n_packs,
	};

	return sp_reading_packages(&reading, "", &looking->drivers, NULL, looking->err);
}

/* What cannot be read of a package; that it brings a kernel, say, is no fault here. */
static int say_unread(struct looking *looking)
{
	const struct sp_findings *from = &looking->drivers.findings;
	int r = 0;

	for (size_t i = 0; r == 0 && i < from->n; i++)
		if (sp_finding_weight(from->items[i].code) == SP_WEIGHT_REFUSAL)
			r = sp_findings_add(looking->findings, "unreadable-release",
					    from->items[i].about, looking->err, "%s",
					    from->items[i].text);
	return r;
}

static bool was_read(const struct looking *looking, const char *path)
{
	const struct sp_module_list *modules = &looking->release->modules;

	for (size_t i = 0; i < modules->n; i++)
		if (!strcmp(modules->items[i].path, path))
			return true;
	return false;
}

static int add_name(struct looking *looking, const char *path)
{
	SP_AUTO(sp_str_freep) char *name = NULL;

	if (!sp_module_path_split(path, NULL, &name) || !name ||
	    (looking->release->modules.n && was_read(looking, path)))
		return 0;
	return sp_strv_add(&looking->release->names, name, looking->err);
}

/* Where a driver says what it claims, its name alone means nothing. */
static void drop_read_names(struct sp_release *release)
{
	size_t n = 0;

	for (size_t i = 0; i < release->builtin.n; i++) {
		char *name = release->builtin.items[i];
		bool is_read = false;

		for (size_t m = 0; !is_read && m < release->builtin_modules.n; m++)
			is_read = !strcmp(release->builtin_modules.items[m].name, name);
		if (is_read)
			free(name);
		else
			release->builtin.items[n++] = name;
	}
	release->builtin.n = n;
}

/* A package that was read twice, and was another one the second time. */
static bool is_trustworthy(const struct sp_package *package)
{
	for (size_t i = 0; i < package->files.n; i++)
		if (!package->verified && is_builtin(package->files.items[i]))
			return false;
	return true;
}

static void check_builtin(struct looking *looking)
{
	struct sp_release *release = looking->release;

	for (size_t i = 0; i < looking->drivers.n_packages; i++)
		if (!is_trustworthy(&looking->drivers.packages[i])) {
			release->has_builtin = false;
			sp_module_list_done(&release->builtin_modules);
			sp_strv_done(&release->builtin);
		}
	drop_read_names(release);
}

static int add_names(struct looking *looking)
{
	int r = 0;

	looking->release->modules = looking->drivers.modules;
	looking->drivers.modules = (struct sp_module_list){ 0 };
	check_builtin(looking);
	for (size_t i = 0; r == 0 && i < looking->drivers.n_packages; i++) {
		const struct sp_package *package = &looking->drivers.packages[i];

		for (size_t f = 0; r == 0 && f < package->files.n; f++)
			r = add_name(looking, package->files.items[f]);
	}
	return r;
}

int sp_release_read(struct sp_tree *tree, const struct sp_release_options *options,
		    struct sp_release *release, struct sp_findings *findings,
		    struct sp_error *err)
{
	SP_AUTO(looking_done)
	struct looking looking = { .tree = tree,
				   .options = options,
				   .release = release,
				   .findings = findings,
				   .err = err };
	bool sound = false;
	int r = name_it(&looking);

	if (r == 0)
		r = read_lists(&looking, &sound);
	if (r != 0 || !sound)
		return r;
	r = take_drivers(&looking);
	if (r == 0)
		r = read_modules(&looking);
	if (r == 0)
		r = say_unread(&looking);
	return r == 0 ? add_names(&looking) : r;
}
