/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths of media are walked one component at a time: openat2() is newer than the
 * kernels we run on, and a plain open() follows links and waits for FIFOs.  Files
 * of ours appear whole or not at all, whatever happens to the power. */
#include "base/file.h"

#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { FIRST_READ_BYTES = 4096, MAX_TREE_DEPTH = 100 };

/* ---- the way there --------------------------------------------------------- */

/* Splits the next component off *@path into @name; false after the last. */
static bool next_component(const char **path, char name[NAME_MAX + 1])
{
	size_t len = strcspn(*path, "/");

	if (len == 0 || len > NAME_MAX)
		return false;
	memcpy(name, *path, len);
	name[len] = '\0';
	*path += len;
	if (**path == '/')
		(*path)++;
	return true;
}

static int check_path(const char *path, struct sp_error *err)
{
	char name[NAME_MAX + 1];
	const char *rest = path;

	if (!sp_text_path_is_safe(path))
		return sp_error_set(err, SP_ERR_FORMAT, "the path '%s' is not safe",
				    path);
	while (next_component(&rest, name))
		continue;
	if (*rest)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "the path '%s' has too long a component", path);
	return 0;
}

static int fail_open(const char *path, int sys_errno, struct sp_error *err)
{
	if (sys_errno == ELOOP || sys_errno == ENOTDIR)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "'%s' is, or leads through, a link or no directory",
				    path);
	return sp_error_set_errno(err, sys_errno, "opening '%s'", path);
}

static int open_step(int *fd, int at, const char *name, const char *path,
		     struct sp_error *err)
{
	int next = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (next < 0)
		return errno == ENOENT ? SP_FILE_ABSENT : fail_open(path, errno, err);
	sp_closep(fd);
	*fd = next;
	return 0;
}

/* Opens the directory that holds the last component of @path, which goes to @name.
 * *@ret_fd is -1 if that is @dirfd itself. */
static int open_parent(int dirfd, const char *path, int *ret_fd, char name[NAME_MAX + 1],
		       struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	const char *rest = path;
	int r = check_path(path, err);

	if (r < 0)
		return r;
	(void)next_component(&rest, name);
	while (*rest) {
		r = open_step(&fd, fd < 0 ? dirfd : fd, name, path, err);
		if (r != 0)
			return r;
		(void)next_component(&rest, name);
	}
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int fail_type(const char *path, struct sp_error *err)
{
	return sp_error_set(err, SP_ERR_FORMAT, "'%s' is no regular file", path);
}

int sp_file_open_beneath(int dirfd, const char *path, int *ret_fd, struct sp_error *err)
{
	SP_AUTO(sp_closep) int parent = -1, fd = -1;
	char name[NAME_MAX + 1];
	struct stat st;
	int at, r = open_parent(dirfd, path, &parent, name, err);

	if (r != 0)
		return r;
	at = parent < 0 ? dirfd : parent;
	/* Looked at first, because to open a device can be an act in itself. */
	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? SP_FILE_ABSENT : fail_open(path, errno, err);
	if (!S_ISREG(st.st_mode))
		return fail_type(path, err);
	fd = openat(at, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? SP_FILE_ABSENT : fail_open(path, errno, err);
	if (fstat(fd, &st) < 0)
		return fail_open(path, errno, err);
	if (!S_ISREG(st.st_mode))
		return fail_type(path, err);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int sp_file_open_dir_beneath(int dirfd, const char *path, int *ret_fd,
			     struct sp_error *err)
{
	SP_AUTO(sp_closep) int parent = -1;
	char name[NAME_MAX + 1];
	int fd, r = open_parent(dirfd, path, &parent, name, err);

	if (r != 0)
		return r;
	fd = openat(parent < 0 ? dirfd : parent, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? SP_FILE_ABSENT : fail_open(path, errno, err);
	*ret_fd = fd;
	return 0;
}

/* ---- reading --------------------------------------------------------------- */

static ssize_t read_some(int fd, char *bytes, size_t len)
{
	ssize_t n;

	do
		n = read(fd, bytes, len);
	while (n < 0 && errno == EINTR);
	return n;
}

/* How much to make room for at first: all of a regular file, and a byte more, so
 * that its end is seen without growing. */
static size_t first_size(int fd, size_t max_bytes)
{
	size_t most = max_bytes < SIZE_MAX - 1 ? max_bytes + 1 : max_bytes;
	size_t size = FIRST_READ_BYTES;
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		size = (uint64_t)st.st_size < most ? (size_t)st.st_size + 1 : most;
	return size < most ? size : most;
}

int sp_file_read_all(int fd, size_t max_bytes, char **ret_bytes, size_t *ret_len,
		     struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	size_t len = 0, size = first_size(fd, max_bytes);
	ssize_t n = 1;

	bytes = malloc(size + 1);
	while (bytes && n > 0) {
		if (len == size) {
			char *more = size > SIZE_MAX / 2 - 1
					     ? NULL
					     : realloc(bytes, 2 * size + 1);
			if (!more)
				return sp_error_nomem(err);
			bytes = more;
			size *= 2;
		}
		n = read_some(fd, bytes + len, size - len);
		if (n < 0)
			return sp_error_set_errno(err, errno, "reading");
		len += (size_t)n;
		if (len > max_bytes)
			return sp_error_set(err, SP_ERR_LIMIT, "more than %zu bytes",
					    max_bytes);
	}
	if (!bytes)
		return sp_error_nomem(err);
	bytes[len] = '\0';
	*ret_bytes = sp_steal(bytes);
	*ret_len = len;
	return 0;
}

int sp_file_load(int dirfd, const char *path, size_t max_bytes, char **ret_bytes,
		 size_t *ret_len, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	int r = sp_file_open_beneath(dirfd, path, &fd, err);

	if (r != 0)
		return r;
	r = sp_file_read_all(fd, max_bytes, ret_bytes, ret_len, err);
	return r < 0 ? sp_error_context(err, "reading '%s'", path) : r;
}

/* ---- writing --------------------------------------------------------------- */

int sp_file_write_all(int fd, const void *bytes, size_t len, struct sp_error *err)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sp_error_set_errno(err, errno, "writing");
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_new(int dirfd, const char *name, const void *bytes, size_t len,
		     mode_t mode, struct sp_error *err)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0600);
	int r;

	if (fd < 0)
		return sp_error_set_errno(err, errno, "creating '%s'", name);
	r = sp_file_write_all(fd, bytes, len, err);
	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		r = sp_error_set_errno(err, errno, "writing");
	/* A network file system may tell only now that it has no room. */
	if (close(fd) < 0 && r == 0)
		r = sp_error_set_errno(err, errno, "writing");
	return r < 0 ? sp_error_context(err, "'%s'", name) : r;
}

static int sync_dir(int dirfd, struct sp_error *err)
{
	SP_AUTO(sp_closep)
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return sp_error_set_errno(err, errno, "writing the directory");
	return 0;
}

int sp_file_replace(int dirfd, const char *name, const void *bytes, size_t len,
		    mode_t mode, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *fresh = NULL;
	int r;

	if (!sp_text_path_is_safe(name) || strchr(name, '/'))
		return sp_error_set(err, SP_ERR_FORMAT, "'%s' is no safe file name",
				    name);
	fresh = sp_text_format(".%s.new", name);
	if (!fresh)
		return sp_error_nomem(err);
	/* What an interrupted attempt left behind. */
	if (unlinkat(dirfd, fresh, 0) < 0 && errno != ENOENT)
		return sp_error_set_errno(err, errno, "removing '%s'", fresh);
	r = write_new(dirfd, fresh, bytes, len, mode, err);
	if (r == 0 && renameat(dirfd, fresh, dirfd, name) < 0)
		r = sp_error_set_errno(err, errno, "renaming '%s'", fresh);
	if (r < 0) {
		(void)unlinkat(dirfd, fresh, 0);
		return r;
	}
	return sync_dir(dirfd, err);
}

int sp_file_make_dirs(int dirfd, const char *path, mode_t mode, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	char name[NAME_MAX + 1];
	const char *rest = path;
	int r = check_path(path, err);

	while (r == 0 && next_component(&rest, name)) {
		int at = fd < 0 ? dirfd : fd;

		if (mkdirat(at, name, mode) < 0 && errno != EEXIST)
			return sp_error_set_errno(err, errno, "creating directory '%s'",
						  path);
		r = open_step(&fd, at, name, path, err);
	}
	if (r == SP_FILE_ABSENT)
		return sp_error_set(err, SP_ERR_IO, "'%s' vanished while it was created",
				    path);
	return r;
}

/* ---- removing -------------------------------------------------------------- */

/* One tree being removed. */
struct removal {
	const char *name; /* of the tree, for messages */
	dev_t dev;
	int depth;
};

static int remove_entry(struct removal *tree, int at, const char *name,
			struct sp_error *err);

static void closedirp(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static int remove_entries(struct removal *tree, int fd, struct sp_error *err)
{
	SP_AUTO(closedirp) DIR *dir = fdopendir(fd);
	const struct dirent *entry;
	int r = 0;

	if (!dir) {
		sp_closep(&fd);
		return sp_error_set_errno(err, errno, "reading '%s'", tree->name);
	}
	while (r == 0 && (errno = 0, entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		r = remove_entry(tree, dirfd(dir), entry->d_name, err);
	}
	if (r == 0 && errno)
		return sp_error_set_errno(err, errno, "reading '%s'", tree->name);
	return r;
}

static int remove_dir(struct removal *tree, int at, const char *name,
		      struct sp_error *err)
{
	int r, fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return sp_error_set_errno(err, errno, "removing '%s'", tree->name);
	if (fstat(fd, &st) < 0 || st.st_dev != tree->dev) {
		sp_closep(&fd);
		return sp_error_set(err, SP_ERR_IO,
				    "removing '%s': '%s' is another file system",
				    tree->name, name);
	}
	if (++tree->depth > MAX_TREE_DEPTH) {
		sp_closep(&fd);
		return sp_error_set(err, SP_ERR_LIMIT, "removing '%s': it is too deep",
				    tree->name);
	}
	r = remove_entries(tree, fd, err);
	tree->depth--;
	return r;
}

static int remove_entry(struct removal *tree, int at, const char *name,
			struct sp_error *err)
{
	int flags = 0, r = 0;
	struct stat st;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0
				       : sp_error_set_errno(err, errno, "removing '%s'",
							    tree->name);
	if (S_ISDIR(st.st_mode)) {
		flags = AT_REMOVEDIR;
		r = remove_dir(tree, at, name, err);
	}
	if (r == 0 && unlinkat(at, name, flags) < 0 && errno != ENOENT)
		r = sp_error_set_errno(err, errno, "removing '%s' of '%s'", name,
				       tree->name);
	return r;
}

int sp_file_remove_tree(int dirfd, const char *name, struct sp_error *err)
{
	SP_AUTO(sp_closep) int parent = -1;
	struct removal tree = { .name = name };
	char leaf[NAME_MAX + 1];
	struct stat st;
	int at, r = open_parent(dirfd, name, &parent, leaf, err);

	if (r == SP_FILE_ABSENT)
		return 0;
	if (r < 0)
		return r;
	at = parent < 0 ? dirfd : parent;
	/* The file system is the parent's: a tree that is a mount point stays. */
	if (fstatat(at, "", &st, AT_EMPTY_PATH) < 0)
		return sp_error_set_errno(err, errno, "removing '%s'", name);
	tree.dev = st.st_dev;
	return remove_entry(&tree, at, leaf, err);
}

/* ---- memory ---------------------------------------------------------------- */

int sp_file_sealed(const char *name, const void *bytes, size_t len, int *ret_fd,
		   struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r;

	if (fd < 0)
		return sp_error_set_errno(err, errno, "creating memory file '%s'", name);
	r = sp_file_write_all(fd, bytes, len, err);
	if (r < 0)
		return sp_error_context(err, "memory file '%s'", name);
	if (lseek(fd, 0, SEEK_SET) < 0 ||
	    fcntl(fd, F_ADD_SEALS,
		  F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return sp_error_set_errno(err, errno, "sealing memory file '%s'", name);
	*ret_fd = fd;
	fd = -1;
	return 0;
}
