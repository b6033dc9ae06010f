/* SPDX-License-Identifier: GPL-2.0-or-later */
/* librpm's word is not enough for what is on disk, neither after it succeeded nor after
 * it failed: files are looked at one by one. */
#include "repo/rpm_files.h"

#include "base/inside.h"
#include "repo/digest.h"
#include "repo/rpm_root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_MAX = 1 << 20, TID_DIGITS = 8 };

/* ---- where files may be ------------------------------------------------------ */

/* In the running installer: drivers, their firmware and settings, and what package tools
 * keep about themselves. */
static const char *const places[] = {
	"/lib/modules/",    "/lib/firmware/",      "/lib/udev/",
	"/usr/lib/",        "/usr/share/",         "/usr/src/",
	"/etc/modprobe.d/", "/etc/depmod.d/",      "/etc/modules-load.d/",
	"/etc/udev/",       "/etc/dracut.conf.d/", "/opt/",
	"/var/lib/",        "/var/update/",
};

static bool is_climbing(const char *path)
{
	const char *at = path;

	if (*at != '/')
		return true;
	while ((at = strstr(at, "/.."))) {
		at += 3;
		if (*at == '/' || *at == '\0')
			return true;
	}
	return false;
}

static bool is_place_of_drivers(const struct sp_rpm_file *file)
{
	size_t len = strlen(file->path);

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		const char *place = places[i];

		if (sp_text_starts_with(file->path, place))
			return true;
		/* A directory on the way there. */
		if (S_ISDIR(file->mode) && sp_text_starts_with(place, file->path) &&
		    place[len] == '/')
			return true;
	}
	return false;
}

static bool is_ordinary(const struct sp_rpm_file *file)
{
	if (S_ISREG(file->mode))
		return !(file->mode & (S_ISUID | S_ISGID));
	return S_ISDIR(file->mode) || S_ISLNK(file->mode);
}

static const char *objection(const struct sp_rpm_file *file, bool installer)
{
	if (is_climbing(file->path))
		return "which leads out of the root";
	if (!installer)
		return NULL;
	if (!is_ordinary(file))
		return "which is a device or has special rights";
	if (!is_place_of_drivers(file))
		return "which is no place for drivers";
	return NULL;
}

bool sp_rpm_files_may_be_in_installer(const char *path)
{
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (sp_text_starts_with(path, places[i] + 1))
			return true;
	return false;
}

int sp_rpm_files_check_places(const struct sp_rpm_package *package, bool installer,
			      struct sp_findings *findings, struct sp_error *err)
{
	for (size_t i = 0; i < package->n_files; i++) {
		const char *why = objection(&package->files[i], installer);

		if (why)
			return sp_findings_add(findings, "unsafe-path", package->nevra,
					       err, "'%s' has a file '%s', %s",
					       package->nevra, package->files[i].path,
					       why);
	}
	return 0;
}

/* ---- finding them ------------------------------------------------------------ */

/* Splits @path: *@ret_dir is where its directory really is ("." for the root itself),
 * *@ret_name points into @path.  SP_INSIDE_ABSENT if there is no such directory. */
static int find_dir(int root_fd, const char *path, char **ret_dir, const char **ret_name,
		    struct sp_error *err)
{
	const char *slash = strrchr(path, '/');
	SP_AUTO(sp_str_freep) char *given = NULL, *real = NULL;
	int r;

	given = strndup(path, slash ? (size_t)(slash - path) : 0);
	if (!given)
		return sp_error_nomem(err);
	r = sp_inside_resolve(root_fd, given, &real, err);
	if (r != 0)
		return r;
	if (!*real) {
		free(real);
		real = strdup(".");
		if (!real)
			return sp_error_nomem(err);
	}
	*ret_dir = sp_steal(real);
	*ret_name = slash ? slash + 1 : path;
	return 0;
}

/* Opens the directory of @path. */
static int open_dir(int root_fd, const char *path, int *ret_fd, const char **ret_name,
		    struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *dir = NULL;
	int fd, r = find_dir(root_fd, path, &dir, ret_name, err);

	if (r != 0)
		return r;
	fd = openat(root_fd, dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? SP_INSIDE_ABSENT
			       : sp_error_set_errno(err, errno, "opening '%s'", path);
	*ret_fd = fd;
	return 0;
}

/* ---- are they right ------------------------------------------------------------ */

static int check_content(int dir_fd, const char *name, const struct sp_rpm_file *file,
			 const char **ret_why, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	char digest[SP_DIGEST_HEX_SIZE];
	struct sp_error cause = SP_ERROR_INIT;

	if (file->config || file->digest_kind < 0 || !file->digest || !*file->digest)
		return 0;
	fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		*ret_why = "cannot be opened";
		return 0;
	}
	if (sp_digest_fd(fd, (enum sp_digest_kind)file->digest_kind, UINT64_MAX, digest,
			 NULL, &cause) < 0) {
		if (cause.code != SP_ERR_IO) {
			*err = cause;
			return -(int)cause.code;
		}
		*ret_why = "cannot be read";
		return 0;
	}
	if (!sp_digest_is_equal(digest, file->digest))
		*ret_why = "has another content";
	return 0;
}

static const char *check_link(int dir_fd, const char *name,
			      const struct sp_rpm_file *file)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(dir_fd, name, target, sizeof target);

	if (len < 0 || (size_t)len != strlen(file->link) ||
	    memcmp(target, file->link, (size_t)len) != 0)
		return "leads elsewhere";
	return NULL;
}

/* A directory may be a link to one: that is how a distribution moves it. */
static bool is_dir(int root_fd, const char *path)
{
	SP_AUTO(sp_str_freep) char *real = NULL;
	struct sp_error ignored = SP_ERROR_INIT;
	struct stat st;

	return sp_inside_resolve(root_fd, path, &real, &ignored) == 0 &&
	       fstatat(root_fd, *real ? real : ".", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

static int verify_one(int root_fd, const struct sp_rpm_file *file, const char **ret_why,
		      struct sp_error *err)
{
	SP_AUTO(sp_closep) int dir_fd = -1;
	const char *name = NULL;
	struct stat st;
	int r;

	*ret_why = NULL;
	if (S_ISDIR(file->mode)) {
		*ret_why = is_dir(root_fd, file->path) ? NULL : "is missing";
		return 0;
	}
	r = open_dir(root_fd, file->path, &dir_fd, &name, err);
	if (r < 0)
		return r;
	if (r == SP_INSIDE_ABSENT || fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		*ret_why = "is missing";
	else if ((st.st_mode & S_IFMT) != (file->mode & S_IFMT))
		*ret_why = "is of another kind";
	else if (S_ISLNK(file->mode))
		*ret_why = check_link(dir_fd, name, file);
	else if (S_ISREG(file->mode) && !file->config &&
		 (uint64_t)st.st_size != file->size_bytes)
		*ret_why = "has another size";
	else if (S_ISREG(file->mode))
		return check_content(dir_fd, name, file, ret_why, err);
	return 0;
}

int sp_rpm_files_verify(int root_fd, const struct sp_rpm_package *package,
			struct sp_strv *wrong, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < package->n_files; i++) {
		const struct sp_rpm_file *file = &package->files[i];
		SP_AUTO(sp_str_freep) char *text = NULL;
		const char *why = NULL;

		if (file->present)
			r = verify_one(root_fd, file, &why, err);
		if (r < 0 || !why)
			continue;
		text = sp_text_format("'%s' %s", file->path, why);
		r = text ? sp_strv_add(wrong, text, err) : sp_error_nomem(err);
	}
	return r;
}

/* ---- what was not there ---------------------------------------------------------- */

static bool exists(int root_fd, const char *path)
{
	SP_AUTO(sp_closep) int dir_fd = -1;
	struct sp_error ignored = SP_ERROR_INIT;
	const char *name = NULL;
	struct stat st;

	return open_dir(root_fd, path, &dir_fd, &name, &ignored) == 0 &&
	       (!*name || fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0);
}

/* Adds the missing directories on the way to @path, which is missing itself. */
static int add_dirs(int root_fd, const char *path, struct sp_strv *fresh,
		    struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *dir = strdup(path);
	char *slash;
	int r = 0;

	if (!dir)
		return sp_error_nomem(err);
	while (r == 0 && (slash = strrchr(dir, '/')) && slash != dir) {
		*slash = '\0';
		if (sp_strv_has(fresh, dir) || exists(root_fd, dir))
			break;
		r = sp_strv_add(fresh, dir, err);
	}
	return r;
}

int sp_rpm_files_list_fresh(int root_fd, const struct sp_rpm_package *package,
			    struct sp_strv *fresh, struct sp_error *err)
{
	const char *last_dir = NULL;
	size_t last_len = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < package->n_files; i++) {
		const char *path = package->files[i].path;
		size_t len = (size_t)(strrchr(path, '/') - path);

		if (exists(root_fd, path))
			continue;
		/* Files of a directory stand together. */
		if (!last_dir || len != last_len || memcmp(path, last_dir, len) != 0)
			r = add_dirs(root_fd, path, fresh, err);
		last_dir = path;
		last_len = len;
		if (r == 0)
			r = sp_strv_add(fresh, path, err);
	}
	return r;
}

int sp_rpm_files_list_there(int root_fd, const struct sp_rpm_package *package,
			    struct sp_strv *there, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < package->n_files; i++) {
		const struct sp_rpm_file *file = &package->files[i];

		if (!S_ISDIR(file->mode) && exists(root_fd, file->path))
			r = sp_strv_add(there, file->path, err);
	}
	return r;
}

int sp_rpm_files_still_there(int root_fd, const struct sp_strv *paths,
			     struct sp_strv *left, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < paths->n; i++)
		if (exists(root_fd, paths->items[i]))
			r = sp_strv_add(left, paths->items[i], err);
	return r;
}

/* ---- leftovers --------------------------------------------------------------------- */

/* "name;65f0c0de" */
static bool is_unfinished(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return sp_text_starts_with(entry, name) && entry[len] == ';' &&
	       strspn(entry + len + 1, "0123456789abcdef") == TID_DIGITS &&
	       entry[len + 1 + TID_DIGITS] == '\0';
}

static bool is_of_these(const char *entry, const char *dir, size_t dir_len,
			const struct sp_strv *paths)
{
	if (!strchr(entry, ';'))
		return false;
	for (size_t i = 0; i < paths->n; i++) {
		const char *path = paths->items[i];

		if (strncmp(path, dir, dir_len) == 0 && path[dir_len] == '/' &&
		    is_unfinished(entry, path + dir_len + 1))
			return true;
	}
	return false;
}

static int sweep_dir(int root_fd, const char *path, size_t len,
		     const struct sp_strv *paths, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	SP_AUTO(sp_str_freep) char *dir = strndup(path, len);
	SP_AUTO(sp_closep) int fd = -1;
	const char *ignored = NULL;
	int r;

	if (!dir)
		return sp_error_nomem(err);
	/* The path itself names something in that directory. */
	r = open_dir(root_fd, path, &fd, &ignored, err);
	if (r == 0)
		r = sp_inside_list(root_fd, dir, NAMES_MAX, &names, err);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (is_of_these(names.items[i], dir, len, paths) &&
		    unlinkat(fd, names.items[i], 0) < 0 && errno != ENOENT)
			r = sp_error_set_errno(err, errno, "removing '%s/%s'", dir,
					       names.items[i]);
	return r == SP_INSIDE_ABSENT ? 0 : r;
}

int sp_rpm_files_sweep(int root_fd, const struct sp_strv *paths, struct sp_error *err)
{
	const char *last = NULL;
	size_t last_len = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < paths->n; i++) {
		const char *path = paths->items[i];
		const char *slash = strrchr(path, '/');
		size_t len = slash ? (size_t)(slash - path) : 0;

		if (!slash || (last && len == last_len && !memcmp(path, last, len)))
			continue;
		r = sweep_dir(root_fd, path, len, paths, err);
		last = path;
		last_len = len;
	}
	return r;
}

static int remove_one(int root_fd, const char *path, struct sp_strv *left,
		      struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	const char *name = NULL;
	struct stat st;
	int r = open_dir(root_fd, path, &fd, &name, err);

	if (r == SP_INSIDE_ABSENT ||
	    (r == 0 && fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0))
		return 0;
	if (r < 0)
		return r;
	if (S_ISDIR(st.st_mode)) {
		/* With something else in it, it has come to stay. */
		(void)unlinkat(fd, name, AT_REMOVEDIR);
		return 0;
	}
	return unlinkat(fd, name, 0) == 0 ? 0 : sp_strv_add(left, path, err);
}

int sp_rpm_files_remove(int root_fd, struct sp_strv *fresh, struct sp_strv *left,
			struct sp_error *err)
{
	int r = 0;

	/* What is in a directory sorts after it. */
	sp_strv_sort(fresh);
	for (size_t i = fresh->n; r == 0 && i > 0; i--)
		r = remove_one(root_fd, fresh->items[i - 1], left, err);
	return r;
}
