/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory as a tree; and one file as a tree of its own, for a bare RPM.  Whoever
 * made the medium chose the names: nothing is opened but by a walk without links. */
#include "repo/tree_kind.h"

#include "base/array.h"
#include "base/file.h"
#include "base/stall.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tree_dir {
	struct sp_tree tree;
	int fd;     /* the directory, or the file: */
	char *name; /* of the one file; NULL: a directory */
};

/* A directory that is still to be listed. */
struct pending {
	char *path; /* "" is the root */
	unsigned depth;
};

struct listing {
	struct tree_dir *dir;
	dev_t device;
	struct pending *queue;
	size_t n_queue;
};

static void listing_done(struct listing *listing)
{
	for (size_t i = 0; i < listing->n_queue; i++)
		free(listing->queue[i].path);
	free(listing->queue);
}

static void free_dir(struct sp_tree *tree)
{
	struct tree_dir *dir = (struct tree_dir *)tree;

	sp_tree_done(tree);
	if (dir->fd >= 0)
		(void)close(dir->fd);
	free(dir->name);
	free(dir);
}

/* ---- listing, nearest first ------------------------------------------------ */

static void close_dir(DIR *handle)
{
	(void)closedir(handle);
}

SP_DEFINE_FREEP(DIR *, close_dir)

static int add_pending(struct listing *listing, const char *path, unsigned depth,
		       struct sp_error *err)
{
	struct pending *pending;

	if (depth > SP_TREE_MAX_DEPTH || listing->n_queue == SP_TREE_MAX_ENTRIES) {
		listing->dir->tree.is_cut = true;
		return 0;
	}
	pending = sp_array_add(&listing->queue, &listing->n_queue);
	if (!pending)
		return sp_error_nomem(err);
	pending->depth = depth;
	pending->path = strdup(path);
	return pending->path ? 0 : sp_error_nomem(err);
}

static int add_name(struct listing *listing, size_t at, int fd, const char *name,
		    struct sp_error *err)
{
	const struct pending *parent = &listing->queue[at];
	SP_AUTO(sp_str_freep) char *path = NULL;
	struct stat st;

	sp_stall_begin();
	path = sp_text_format("%s%s%s", parent->path, *parent->path ? "/" : "", name);
	if (!path)
		return sp_error_nomem(err);
	/* Gone again, or a medium that cannot say: the others may be well. */
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_dev != listing->device)
		return 0;
	if (S_ISDIR(st.st_mode))
		return add_pending(listing, path, parent->depth + 1, err);
	if (S_ISREG(st.st_mode))
		return sp_tree_add(&listing->dir->tree, path, (uint64_t)st.st_size, err);
	return 0;
}

static int open_pending(const struct listing *listing, size_t at, int *ret_fd,
			struct sp_error *err)
{
	const char *path = listing->queue[at].path;

	if (*path)
		return sp_file_open_dir_beneath(listing->dir->fd, path, ret_fd, err);
	*ret_fd = openat(listing->dir->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret_fd < 0 ? sp_error_set_errno(err, errno, "opening the directory") : 0;
}

static int list_one(struct listing *listing, size_t at, struct sp_error *err)
{
	SP_AUTO(close_dirp) DIR *handle = NULL;
	struct sp_error ignored = SP_ERROR_INIT;
	const struct dirent *item;
	int fd = -1, r;

	sp_stall_begin();
	r = open_pending(listing, at, &fd, at ? &ignored : err);
	/* Only the root must be readable. */
	if (r != 0)
		return at || r > 0 ? 0 : r;
	handle = fdopendir(fd);
	if (!handle) {
		(void)close(fd);
		return sp_error_set_errno(err, errno, "listing a directory");
	}
	while (r == 0 && !listing->dir->tree.is_cut && (item = readdir(handle)))
		if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0)
			r = add_name(listing, at, fd, item->d_name, err);
	return r;
}

static int list_all(struct tree_dir *dir, struct sp_error *err)
{
	SP_AUTO(listing_done) struct listing listing = { .dir = dir };
	struct stat st;
	int r;

	if (fstat(dir->fd, &st) < 0)
		return sp_error_set_errno(err, errno, "opening the directory");
	listing.device = st.st_dev;
	r = add_pending(&listing, "", 0, err);
	for (size_t i = 0; r == 0 && i < listing.n_queue; i++)
		r = list_one(&listing, i, err);
	sp_stall_end();
	sp_tree_sort(&dir->tree);
	return r;
}

/* ---- reading --------------------------------------------------------------- */

struct file_stream {
	struct sp_tree_stream stream;
	int fd;
	off_t at;
};

static ssize_t read_file(struct sp_tree_stream *stream, void *buf, size_t size,
			 struct sp_error *err)
{
	struct file_stream *file = (struct file_stream *)stream;
	ssize_t n = sp_stall_pread(file->fd, buf, size, file->at);

	if (n < 0)
		return sp_error_set_errno(err, errno, "reading");
	file->at += n;
	return n;
}

/* A duplicate of the one file, or the file below the directory. */
static int open_one(const struct tree_dir *dir, const char *path, int *ret_fd,
		    struct sp_error *err)
{
	int r;

	if (dir->name) {
		if (strcmp(dir->name, path) != 0)
			return SP_TREE_ABSENT;
		*ret_fd = fcntl(dir->fd, F_DUPFD_CLOEXEC, 3);
		return *ret_fd < 0 ? sp_error_set_errno(err, errno, "opening '%s'", path)
				   : 0;
	}
	sp_stall_begin();
	r = sp_file_open_beneath(dir->fd, path, ret_fd, err);
	sp_stall_end();
	return r == SP_FILE_ABSENT ? SP_TREE_ABSENT : r;
}

struct failed_stream {
	struct sp_tree_stream stream;
	struct sp_error why;
};

static ssize_t read_failed(struct sp_tree_stream *stream, void *buf, size_t size,
			   struct sp_error *err)
{
	(void)buf;
	(void)size;
	*err = ((struct failed_stream *)stream)->why;
	return -(int)err->code;
}

int sp_tree_visit_fd(const struct sp_tree_order *order, size_t index, int fd,
		     const struct sp_error *why, struct sp_error *err)
{
	struct failed_stream failed = { .stream = { .read = read_failed } };
	struct file_stream file = { .stream = { .read = read_file }, .fd = fd };

	if (why)
		failed.why = *why;
	return order->visit(order->user, index, why ? &failed.stream : &file.stream, err);
}

/* One that cannot be opened is visited like one that cannot be read. */
static int visit_one(const struct tree_dir *dir, const struct sp_tree_order *order,
		     size_t index, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error why = SP_ERROR_INIT;
	int r = open_one(dir, order->paths[index], &fd, &why);

	if (r == SP_TREE_ABSENT)
		return 0;
	return sp_tree_visit_fd(order, index, fd, r < 0 ? &why : NULL, err);
}

static int visit_dir(struct sp_tree *tree, const struct sp_tree_order *order,
		     struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < order->n; i++)
		r = visit_one((const struct tree_dir *)tree, order, i, err);
	return r;
}

static int open_image(struct sp_tree *tree, const char *path, struct sp_tree **ret_tree,
		      struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	int r = open_one((const struct tree_dir *)tree, path, &fd, err);

	return r == 0 ? sp_tree_open_iso(fd, ret_tree, err) : r;
}

static const struct sp_tree_kind kind = {
	.visit = visit_dir,
	.open_image = open_image,
	.free = free_dir,
};

/* ---- opening --------------------------------------------------------------- */

static struct tree_dir *new_tree(int fd)
{
	struct tree_dir *dir = calloc(1, sizeof *dir);

	if (!dir)
		return NULL;
	dir->tree.kind = &kind;
	dir->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (dir->fd < 0) {
		free(dir);
		return NULL;
	}
	return dir;
}

int sp_tree_open_dir(int dirfd, struct sp_tree **ret_tree, struct sp_error *err)
{
	struct tree_dir *dir = new_tree(dirfd);
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = (struct sp_tree *)dir;
	int r;

	if (!dir)
		return sp_error_nomem(err);
	r = list_all(dir, err);
	if (r == 0)
		*ret_tree = sp_steal(tree);
	return r;
}

int sp_tree_open_file(int fd, const char *name, struct sp_tree **ret_tree,
		      struct sp_error *err)
{
	struct tree_dir *dir = new_tree(fd);
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = (struct sp_tree *)dir;
	struct stat st;
	int r;

	if (!dir)
		return sp_error_nomem(err);
	if (fstat(fd, &st) < 0)
		return sp_error_set_errno(err, errno, "opening '%s'", name);
	if (!S_ISREG(st.st_mode))
		return sp_error_set(err, SP_ERR_FORMAT, "'%s' is no regular file", name);
	dir->name = strdup(name);
	if (!dir->name)
		return sp_error_nomem(err);
	r = sp_tree_add(tree, name, (uint64_t)st.st_size, err);
	if (r == 0)
		*ret_tree = sp_steal(tree);
	return r;
}
