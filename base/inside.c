/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The kernel can do this with openat2(), from 5.6 on; installers run on older ones. */

#include "base/inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/file.h"

enum { LINKS_MAX = 40, PATH_BYTES = PATH_MAX };

/* A path being resolved: what is done is free of links, what is left is not known. */
struct walk {
	int root_fd;
	const char *path; /* as asked for, for messages */
	char done[PATH_BYTES];
	char left[PATH_BYTES];
	unsigned n_links;
};

static int fail_long(const struct walk *walk, struct sp_error *err)
{
	return sp_error_set(err, SP_ERR_FORMAT,
			    "'%.200s' has links without end, or is "
			    "too long",
			    walk->path);
}

static void drop_last(char *done)
{
	char *slash = strrchr(done, '/');

	*(slash ? slash : done) = '\0';
}

/* Takes the next component off what is left; false when there is none. */
static bool component_next(struct walk *walk, char name[NAME_MAX + 1], bool *ret_long)
{
	const char *at = walk->left + strspn(walk->left, "/");
	size_t len = strcspn(at, "/");

	*ret_long = len > NAME_MAX;
	if (!len || *ret_long)
		return false;
	memcpy(name, at, len);
	name[len] = '\0';
	memmove(walk->left, at + len, strlen(at + len) + 1);
	return true;
}

static int link_follow(struct walk *walk, const char *target, struct sp_error *err)
{
	size_t len = strlen(target), left = strlen(walk->left);

	if (++walk->n_links > LINKS_MAX || len + left >= PATH_BYTES)
		return fail_long(walk, err);
	drop_last(walk->done);
	if (*target == '/')
		walk->done[0] = '\0';
	memmove(walk->left + len, walk->left, left + 1);
	memcpy(walk->left, target, len);
	return 0;
}

static int step(struct walk *walk, const char *name, struct sp_error *err)
{
	char target[PATH_BYTES];
	size_t len = strlen(walk->done);
	ssize_t n;

	if (!strcmp(name, "."))
		return 0;
	if (!strcmp(name, "..")) {
		drop_last(walk->done);
		return 0;
	}
	if (len + strlen(name) + 2 > PATH_BYTES)
		return fail_long(walk, err);
	if (len)
		walk->done[len++] = '/';
	memcpy(walk->done + len, name, strlen(name) + 1);
	n = readlinkat(walk->root_fd, walk->done, target, sizeof target - 1);
	if (n >= 0) {
		target[n] = '\0';
		return link_follow(walk, target, err);
	}
	if (errno == EINVAL)
		return 0;
	if (errno == ENOENT || errno == ENOTDIR)
		return SP_INSIDE_ABSENT;
	return sp_error_set_errno(err, errno, "reading '%.200s'", walk->path);
}

int sp_inside_resolve(int root_fd, const char *path, char **ret_path,
		      struct sp_error *err)
{
	struct walk walk = { .root_fd = root_fd, .path = path };
	char name[NAME_MAX + 1];
	bool too_long;
	int r = 0;

	if (strlen(path) >= PATH_BYTES)
		return fail_long(&walk, err);
	memcpy(walk.left, path, strlen(path) + 1);
	while (r == 0 && component_next(&walk, name, &too_long))
		r = step(&walk, name, err);
	if (r == 0 && too_long)
		return fail_long(&walk, err);
	if (r != 0)
		return r;
	*ret_path = strdup(walk.done);
	return *ret_path ? 0 : sp_error_nomem(err);
}

int sp_inside_open(int root_fd, const char *path, int *ret_fd, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *real = NULL;
	int r = sp_inside_resolve(root_fd, path, &real, err);

	if (r == 0)
		r = sp_file_open_beneath(root_fd, real, ret_fd, err);
	return r == SP_FILE_ABSENT ? SP_INSIDE_ABSENT : r;
}

int sp_inside_load(int root_fd, const char *path, size_t max_bytes, char **ret_bytes,
		   size_t *ret_len, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	int r = sp_inside_open(root_fd, path, &fd, err);

	if (r != 0)
		return r;
	r = sp_file_read_all(fd, max_bytes, ret_bytes, ret_len, err);
	return r < 0 ? sp_error_context(err, "reading '%s'", path) : r;
}

/* ---- directories ------------------------------------------------------------------ */

static void closedirp(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static int dir_open(int root_fd, const char *path, int *ret_fd, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *real = NULL;
	int r = sp_inside_resolve(root_fd, path, &real, err);

	if (r != 0)
		return r;
	if (*real)
		return sp_file_open_dir_beneath(root_fd, real, ret_fd, err);
	*ret_fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret_fd < 0 ? sp_error_set_errno(err, errno, "opening '%s'", path) : 0;
}

static int names_read(DIR *dir, size_t max, struct sp_strv *names, struct sp_error *err)
{
	const struct dirent *entry;
	int r = 0;

	while (r == 0 && (errno = 0, entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (names->n >= max)
			return sp_error_set(err, SP_ERR_LIMIT, "more than %zu files",
					    max);
		r = sp_strv_add(names, entry->d_name, err);
	}
	return r == 0 && errno ? sp_error_set_errno(err, errno, "reading") : r;
}

int sp_inside_list(int root_fd, const char *path, size_t max, struct sp_strv *ret_names,
		   struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	int fd = -1, r = dir_open(root_fd, path, &fd, err);
	SP_AUTO(closedirp) DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (r != 0)
		return r;
	if (!dir) {
		sp_closep(&fd);
		return sp_error_set_errno(err, errno, "reading '%s'", path);
	}
	r = names_read(dir, max, &names, err);
	if (r < 0)
		return sp_error_context(err, "'%s'", path);
	sp_strv_sort(&names);
	return sp_strv_add_all(ret_names, &names, err);
}
