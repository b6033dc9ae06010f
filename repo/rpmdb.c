/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a root keeps its rpm database is written in its own macros, and has moved over
 * the years; the running system's macros say nothing about it. */
#include "repo/rpmdb.h"

#include "base/array.h"
#include "base/inside.h"
#include "repo/rpm_root.h"
#include "repo/rpmdb_copy.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { MACROS_MAX_BYTES = 1 << 20, MACRO_FILES_MAX = 256 };

/* Later ones win, as they do for rpm. */
static const char *const macro_files[] = { "usr/lib/rpm/macros", "etc/rpm/macros" };
static const char *const macro_dirs[] = { "usr/lib/rpm/macros.d", "etc/rpm" };

/* What a path in a macro file may begin with. */
static const struct prefix {
	const char *macro, *path;
} prefixes[] = {
	{ "%{_var}/", "var/" },
	{ "%{_localstatedir}/", "var/" },
	{ "%{_usr}/", "usr/" },
	{ "%{_prefix}/", "usr/" },
	{ "/", "" },
};

static const char *const places[] = { "usr/lib/sysimage/rpm", "var/lib/rpm" };
static const char *const databases[] = { "rpmdb.sqlite", "Packages.db", "Packages" };

/* ---- what macros say -------------------------------------------------------- */

/* The value of %_dbpath, where it is one that we can read. */
static char *understand(const char *value, size_t len)
{
	SP_AUTO(sp_str_freep) char *text = strndup(value, len);

	for (size_t i = 0; text && i < sizeof prefixes / sizeof prefixes[0]; i++) {
		SP_AUTO(sp_str_freep) char *path = NULL;

		if (!sp_text_starts_with(text, prefixes[i].macro))
			continue;
		path = sp_text_format("%s%s", prefixes[i].path,
				      text + strlen(prefixes[i].macro));
		if (path && !strchr(path, '%') && sp_text_path_is_safe(path))
			return sp_steal(path);
		return NULL;
	}
	return NULL;
}

static void take_line(const char *line, size_t len, char **dbpath)
{
	static const char name[] = "%_dbpath";
	size_t start = strlen(name);
	char *path;

	if (len <= start || memcmp(line, name, start) != 0 ||
	    !isblank((unsigned char)line[start]))
		return;
	while (start < len && isblank((unsigned char)line[start]))
		start++;
	while (len > start && isspace((unsigned char)line[len - 1]))
		len--;
	path = understand(line + start, len - start);
	if (!path)
		return;
	free(*dbpath);
	*dbpath = path;
}

static void take_macros(int root_fd, const char *file, char **dbpath)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	struct sp_error ignored = SP_ERROR_INIT;
	size_t len = 0;

	if (sp_inside_load(root_fd, file, MACROS_MAX_BYTES, &text, &len, &ignored) != 0)
		return;
	for (char *line = text; line; line = strchr(line, '\n'), line += line ? 1 : 0)
		take_line(line, strcspn(line, "\n"), dbpath);
}

static void take_directory(int root_fd, const char *directory, char **dbpath)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	struct sp_error ignored = SP_ERROR_INIT;

	if (sp_inside_list(root_fd, directory, MACRO_FILES_MAX, &names, &ignored) != 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		SP_AUTO(sp_str_freep) char *path = NULL;

		if (!sp_text_starts_with(names.items[i], "macros."))
			continue;
		path = sp_text_format("%s/%s", directory, names.items[i]);
		if (path)
			take_macros(root_fd, path, dbpath);
	}
}

/* ---- where it is ------------------------------------------------------------ */

static bool has_database(int root_fd, const char *path)
{
	for (size_t i = 0; i < sizeof databases / sizeof databases[0]; i++) {
		SP_AUTO(sp_str_freep) char *file = NULL, *real = NULL;
		struct sp_error ignored = SP_ERROR_INIT;

		file = sp_text_format("%s/%s", path, databases[i]);
		if (file && sp_inside_resolve(root_fd, file, &real, &ignored) == 0)
			return true;
	}
	return false;
}

int sp_rpmdb_find(int root_fd, char **ret_path, bool *ret_exists, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = NULL;
	bool exists;

	for (size_t i = 0; i < sizeof macro_files / sizeof macro_files[0]; i++) {
		take_macros(root_fd, macro_files[i], &path);
		take_directory(root_fd, macro_dirs[i], &path);
	}
	exists = path && has_database(root_fd, path);
	for (size_t i = 0; !exists && i < sizeof places / sizeof places[0]; i++) {
		exists = has_database(root_fd, places[i]);
		if (!exists && (path || i + 1 < sizeof places / sizeof places[0]))
			continue;
		free(path);
		path = strdup(places[i]);
	}
	if (!path)
		return sp_error_nomem(err);
	*ret_path = sp_steal(path);
	if (ret_exists)
		*ret_exists = exists;
	return 0;
}

/* ---- what is in it ---------------------------------------------------------- */

void sp_rpmdb_list_done(struct sp_rpmdb_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct sp_rpmdb_package *package = &list->items[i];

		free(package->name);
		free(package->evr);
		free(package->arch);
		free(package->nevra);
		sp_strv_done(&package->provides);
		sp_strv_done(&package->requires_);
		sp_strv_done(&package->files);
	}
	free(list->items);
	*list = (struct sp_rpmdb_list){ 0 };
}

static int take_files(const struct sp_rpm_package *from, struct sp_strv *files,
		      struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < from->n_files; i++) {
		const struct sp_rpm_file *file = &from->files[i];

		if (file->present && !S_ISDIR(file->mode))
			r = sp_strv_add(files, file->path + strspn(file->path, "/"), err);
	}
	return r;
}

static int take_package(struct sp_rpm_package *from, struct sp_rpmdb_list *list,
			struct sp_error *err)
{
	struct sp_rpmdb_package *to = sp_array_add(&list->items, &list->n);

	if (!to)
		return sp_error_nomem(err);
	to->name = sp_steal(from->name);
	to->evr = sp_steal(from->evr);
	to->arch = sp_steal(from->arch);
	to->nevra = sp_steal(from->nevra);
	to->provides = from->provides;
	to->requires_ = from->requires_;
	from->provides = from->requires_ = (struct sp_strv){ 0 };
	return take_files(from, &to->files, err);
}

static int by_nevra(const void *a, const void *b)
{
	return strcmp(((const struct sp_rpmdb_package *)a)->nevra,
		      ((const struct sp_rpmdb_package *)b)->nevra);
}

static int list_at(const char *path, const char *dbpath, unsigned what,
		   struct sp_rpmdb_list *list, struct sp_error *err)
{
	SP_AUTO(sp_rpm_packages_done) struct sp_rpm_packages packages = { 0 };
	SP_AUTO(sp_rpm_root_closep) struct sp_rpm_root *root = NULL;
	int r = sp_rpm_root_open(path, dbpath, NULL, &root, err);

	if (r == 0)
		r = sp_rpm_root_list(
			root, NULL,
			(what & SP_RPMDB_DEPENDENCIES ? SP_RPM_DEPENDENCIES : 0) |
				(what & SP_RPMDB_FILES ? SP_RPM_FILES : 0) |
				(what & SP_RPMDB_MODULES ? SP_RPM_MODULES : 0),
			&packages, err);
	for (size_t i = 0; r == 0 && i < packages.n; i++)
		r = take_package(&packages.items[i], list, err);
	if (r == 0 && list->n)
		qsort(list->items, list->n, sizeof *list->items, by_nevra);
	return r;
}

int sp_rpmdb_list_read(const char *path, unsigned what, struct sp_rpmdb_list *list,
		       struct sp_error *err)
{
	SP_AUTO(sp_rpmdb_copy_done) struct sp_rpmdb_copy copy = { 0 };
	SP_AUTO(sp_str_freep) char *dbpath = NULL;
	SP_AUTO(sp_closep) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool exists = false;
	int r;

	if (fd < 0)
		return sp_error_set_errno(err, errno, "opening '%s'", path);
	r = sp_rpmdb_find(fd, &dbpath, &exists, err);
	if (r < 0 || !exists)
		return r;
	if (what & SP_RPMDB_UNTOUCHED || sp_rpmdb_copy_is_needed(fd, dbpath))
		r = sp_rpmdb_copy_make(fd, dbpath, &copy, err);
	if (r < 0)
		return sp_error_context(err, "reading the rpm database of '%s'", path);
	return list_at(copy.path ? copy.path : path, dbpath, what, list, err);
}
