/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is not in modules.dep is no module of this kernel, however it lies there; and
 * what is in it need not exist: a recorded machine has one module, to show its flags. */
#include "probe/kernel_files.h"

#include "base/module.h"
#include "probe/kernel.h"
#include "probe/root.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_DEP_BYTES = 32 * 1024 * 1024 };

struct files {
	const struct sp_root *root;
	const struct sp_kernel *kernel;
	sp_kernel_files_fn fn;
	void *user;
	int dirfd; /* of lib/modules/<release> */
	size_t left;
};

static bool is_loaded(const struct sp_kernel *kernel, const char *path)
{
	SP_AUTO(sp_str_freep) char *name = NULL;

	return sp_module_path_split(path, NULL, &name) &&
	       sp_strv_has(&kernel->loaded, name);
}

static int try_file(struct files *files, const char *path, bool loaded,
		    struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *full = NULL;
	SP_AUTO(sp_closep) int fd = -1;
	struct stat st;
	int r;

	/* Asked first: it is one step, where opening below the root takes ten. */
	if (path[0] != '/' && fstatat(files->dirfd, path, &st, 0) < 0)
		return 0;
	full = path[0] == '/' ? strdup(path + strspn(path, "/"))
			      : sp_text_format("lib/modules/%s/%s",
					       files->kernel->release, path);
	if (!full)
		return sp_error_nomem(err);
	if (is_loaded(files->kernel, full) != loaded)
		return 0;
	r = sp_root_open(files->root, full, O_RDONLY, &fd, err);
	if (r != 0)
		return r < 0 ? r : 0;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	files->left--;
	return files->fn(files->user, fd, full, err);
}

/* @dep has had its lines cut at their colons and ends. */
static int try_all(struct files *files, const struct sp_strv *paths, bool loaded,
		   struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < paths->n && files->left > 0; i++)
		r = try_file(files, paths->items[i], loaded, err);
	return r;
}

static int read_paths(const struct sp_root *root, const char *dir, struct sp_strv *paths,
		      struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	SP_AUTO(sp_str_freep) char *path = sp_text_format("%s/modules.dep", dir);
	size_t len;
	int r;

	if (!path)
		return sp_error_nomem(err);
	r = sp_root_load(root, path, MAX_DEP_BYTES, &text, &len, err);
	if (r != 0)
		return r;
	for (const char *line = text; r == 0 && *line;) {
		size_t end = strcspn(line, "\n");

		if (strcspn(line, ":") < end)
			r = sp_strv_add_n(paths, line, strcspn(line, ":"), err);
		line += end + (line[end] == '\n');
	}
	return r;
}

int sp_kernel_files_each(const struct sp_root *root, const struct sp_kernel *kernel,
			 size_t max_files, sp_kernel_files_fn fn, void *user,
			 struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *dir = NULL;
	SP_AUTO(sp_strv_done) struct sp_strv paths = { 0 };
	SP_AUTO(sp_closep) int dirfd = -1;
	struct files files = { root, kernel, fn, user, -1, max_files };
	int r;

	dir = sp_text_format("lib/modules/%s", kernel->release);
	if (!dir)
		return sp_error_nomem(err);
	r = sp_root_open(root, dir, O_RDONLY | O_DIRECTORY, &dirfd, err);
	if (r == 0)
		r = read_paths(root, dir, &paths, err);
	files.dirfd = dirfd;
	if (r == 0)
		r = try_all(&files, &paths, true, err);
	if (r == 0)
		r = try_all(&files, &paths, false, err);
	return r < 0 ? r : 0;
}
