/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/file.h"

#include "support/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- a directory to try things in ------------------------------------------ */

static char top_path[] = "/tmp/test_file.XXXXXX";
static int top = -1;

static void put(const char *path, const char *text)
{
	int fd = openat(top, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

static void make_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", top_path,
		       path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	(void)close(fd);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(top_path))
		return -1;
	top = open(top_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (top < 0 || mkdirat(top, "dir", 0755) < 0 || mkdirat(top, "dir/sub", 0755) < 0)
		return -1;
	put("dir/sub/file", "content");
	put("dir/file", "x");
	put("empty", "");
	make_socket("socket");
	return mkfifoat(top, "fifo", 0644) || symlinkat("dir/file", top, "link") ||
	       symlinkat("dir", top, "dirlink") || symlinkat("/etc", top, "abs") ||
	       symlinkat("nowhere", top, "dangling") || symlinkat("loop", top, "loop");
}

static int tear_down(void **state)
{
	struct sp_error err = SP_ERROR_INIT;
	const char *name = strrchr(top_path, '/') + 1;
	int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	(void)state;
	r = sp_file_remove_tree(tmp, name, &err);
	if (r == 0 && faccessat(tmp, name, F_OK, 0) == 0)
		r = -1;
	(void)close(tmp);
	(void)close(top);
	return r;
}

/* ---- opening --------------------------------------------------------------- */

struct row {
	const char *name; /* the path */
	int file, dir;    /* result of opening it as such */
};

enum { FORMAT = -SP_ERR_FORMAT, ABSENT = SP_FILE_ABSENT };

// clang-format off
static const struct row rows[] = {
	{ "dir/sub/file", 0, FORMAT }, { "empty", 0, FORMAT },
	{ "dir", FORMAT, 0 }, { "dir/sub", FORMAT, 0 },
	{ "nope", ABSENT, ABSENT }, { "dir/nope", ABSENT, ABSENT },
	{ "nope/file", ABSENT, ABSENT },
	{ "link", FORMAT, FORMAT }, { "dangling", FORMAT, FORMAT },
	{ "loop", FORMAT, FORMAT }, { "dirlink", FORMAT, FORMAT },
	{ "dirlink/file", FORMAT, FORMAT }, { "abs/passwd", FORMAT, FORMAT },
	{ "empty/file", FORMAT, FORMAT }, { "fifo", FORMAT, FORMAT },
	{ "socket", FORMAT, FORMAT }, { "fifo/x", FORMAT, FORMAT },
	{ "../etc/passwd", FORMAT, FORMAT }, { "dir/../empty", FORMAT, FORMAT },
	{ "/etc/passwd", FORMAT, FORMAT }, { ".", FORMAT, FORMAT }, { "", FORMAT, FORMAT },
	{ "dir//file", FORMAT, FORMAT }, { "dir/file/", FORMAT, FORMAT },
};
// clang-format on

static void opens(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_closep) int file = -1, dir = -1;
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_file_open_beneath(top, row->name, &file, &err), row->file);
	assert_int_equal(file >= 0, row->file == 0);
	assert_int_equal(err.text[0] != '\0', row->file < 0);
	assert_int_equal(sp_file_open_dir_beneath(top, row->name, &dir, &err), row->dir);
	assert_int_equal(dir >= 0, row->dir == 0);
	if (file >= 0)
		assert_true(fcntl(file, F_GETFD) & FD_CLOEXEC);
	if (dir >= 0)
		assert_true(fcntl(dir, F_GETFD) & FD_CLOEXEC);
}

static void refuses_a_component_too_long(void **state)
{
	struct sp_error err = SP_ERROR_INIT;
	char path[300];
	int fd = -1;

	(void)state;
	memset(path, 'x', sizeof path);
	path[255] = '\0';
	assert_int_equal(sp_file_open_beneath(top, path, &fd, &err), SP_FILE_ABSENT);
	path[255] = 'x';
	path[256] = '\0';
	assert_int_equal(sp_file_open_beneath(top, path, &fd, &err), -SP_ERR_FORMAT);
}

/* ---- reading --------------------------------------------------------------- */

static void loads_up_to_a_limit(void **state)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	SP_AUTO(sp_str_freep) char *none = NULL;
	struct sp_error err = SP_ERROR_INIT;
	size_t len = 0;

	(void)state;
	assert_int_equal(sp_file_load(top, "dir/sub/file", 7, &bytes, &len, &err), 0);
	assert_int_equal(len, 7);
	assert_string_equal(bytes, "content");
	assert_int_equal(sp_file_load(top, "dir/sub/file", 6, &none, &len, &err),
			 -SP_ERR_LIMIT);
	assert_string_equal(err.text, "reading 'dir/sub/file': more than 6 bytes");
	assert_int_equal(sp_file_load(top, "nope", 6, &none, &len, &err), SP_FILE_ABSENT);
	assert_int_equal(sp_file_load(top, "fifo", 6, &none, &len, &err), -SP_ERR_FORMAT);
	assert_null(none);
	assert_int_equal(sp_file_load(top, "empty", 0, &none, &len, &err), 0);
	assert_int_equal(len, 0);
	assert_string_equal(none, "");
}

/* A stream has no size to go by, and neither have most files of /proc. */
static void reads_what_has_no_size(void **state)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	SP_AUTO(sp_str_freep) char *status = NULL;
	struct sp_error err = SP_ERROR_INIT;
	char sent[50000];
	size_t len = 0;
	int ends[2], fd;

	(void)state;
	for (size_t i = 0; i < sizeof sent; i++)
		sent[i] = (char)(i % 251);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], sent, sizeof sent), sizeof sent);
	(void)close(ends[1]);
	assert_int_equal(sp_file_read_all(ends[0], 1 << 20, &bytes, &len, &err), 0);
	(void)close(ends[0]);
	assert_int_equal(len, sizeof sent);
	assert_memory_equal(bytes, sent, sizeof sent);
	fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	assert_int_equal(sp_file_read_all(fd, 1 << 20, &status, &len, &err), 0);
	assert_int_equal(strncmp(status, "Name:", 5), 0);
	(void)close(fd);
	assert_int_equal(sp_file_read_all(top, 100, &status, &len, &err), -SP_ERR_IO);
	assert_int_equal(err.sys_errno, EISDIR);
}

/* ---- writing --------------------------------------------------------------- */

static void replaces_whole_files(void **state)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct stat st;
	size_t len;

	(void)state;
	put(".record.new", "left behind by a crash");
	assert_int_equal(sp_file_replace(top, "record", "one", 3, 0640, &err), 0);
	assert_int_equal(sp_file_replace(top, "record", "two\0x", 5, 0604, &err), 0);
	assert_int_equal(sp_file_load(top, "record", 100, &bytes, &len, &err), 0);
	assert_int_equal(len, 5);
	assert_memory_equal(bytes, "two\0x", 5);
	assert_int_equal(fstatat(top, "record", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0604);
	assert_int_equal(faccessat(top, ".record.new", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	/* A link at its place is replaced, not followed. */
	assert_int_equal(symlinkat("dir/file", top, "record2"), 0);
	assert_int_equal(symlinkat("dir/file", top, ".record2.new"), 0);
	assert_int_equal(sp_file_replace(top, "record2", "y", 1, 0644, &err), 0);
	assert_int_equal(fstatat(top, "record2", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(sp_file_replace(top, "dir", "y", 1, 0644, &err), -SP_ERR_IO);
	assert_int_equal(faccessat(top, ".dir.new", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(sp_file_replace(top, "a/b", "y", 1, 0644, &err), -SP_ERR_FORMAT);
	assert_int_equal(sp_file_replace(top, "..", "y", 1, 0644, &err), -SP_ERR_FORMAT);
}

static void says_that_there_is_no_room(void **state)
{
	SP_AUTO(sp_closep) int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_file_write_all(full, "x", 1, &err), -SP_ERR_IO);
	assert_int_equal(err.sys_errno, ENOSPC);
	assert_int_equal(sp_file_write_all(-1, "x", 0, &err), 0);
}

static void makes_directories(void **state)
{
	struct sp_error err = SP_ERROR_INIT;
	struct stat st;

	(void)state;
	assert_int_equal(sp_file_make_dirs(top, "m/a/b", 0700, &err), 0);
	assert_int_equal(sp_file_make_dirs(top, "m/a/b", 0700, &err), 0);
	assert_int_equal(sp_file_make_dirs(top, "m/a/c", 0700, &err), 0);
	assert_int_equal(fstatat(top, "m/a/c", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISDIR(st.st_mode) && (st.st_mode & 0777) == 0700);
	assert_int_equal(sp_file_make_dirs(top, "dirlink/x", 0700, &err), -SP_ERR_FORMAT);
	assert_int_equal(faccessat(top, "dir/x", F_OK, 0), -1);
	assert_int_equal(sp_file_make_dirs(top, "empty/x", 0700, &err), -SP_ERR_FORMAT);
	assert_int_equal(sp_file_make_dirs(top, "../x", 0700, &err), -SP_ERR_FORMAT);
}

/* ---- removing -------------------------------------------------------------- */

static void removes_trees_but_not_what_links_lead_to(void **state)
{
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_file_make_dirs(top, "t/a/b", 0755, &err), 0);
	put("t/a/b/file", "x");
	put("t/.hidden", "x");
	assert_int_equal(symlinkat("../../dir", top, "t/a/out"), 0);
	assert_int_equal(mkfifoat(top, "t/fifo", 0644), 0);
	assert_int_equal(sp_file_remove_tree(top, "t/a", &err), 0);
	assert_int_equal(faccessat(top, "t/a", F_OK, 0), -1);
	assert_int_equal(faccessat(top, "t/fifo", F_OK, 0), 0);
	assert_int_equal(sp_file_remove_tree(top, "t", &err), 0);
	assert_int_equal(faccessat(top, "t", F_OK, 0), -1);
	assert_int_equal(faccessat(top, "dir/file", F_OK, 0), 0);
	assert_int_equal(sp_file_remove_tree(top, "t", &err), 0);
	assert_int_equal(sp_file_remove_tree(top, "t/a/b", &err), 0);
	assert_int_equal(sp_file_remove_tree(top, "..", &err), -SP_ERR_FORMAT);
	assert_int_equal(sp_file_remove_tree(top, "dirlink/file", &err), -SP_ERR_FORMAT);
	put("lone", "x");
	assert_int_equal(sp_file_remove_tree(top, "lone", &err), 0);
	assert_int_equal(faccessat(top, "lone", F_OK, 0), -1);
}

static void gives_up_on_a_tree_too_deep(void **state)
{
	struct sp_error err = SP_ERROR_INIT;
	int fd = dup(top), next;

	(void)state;
	assert_int_equal(mkdirat(top, "deep", 0755), 0);
	for (int i = 0; i < 150; i++) {
		assert_int_equal(i && mkdirat(fd, "deep", 0755), 0);
		next = openat(fd, "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		(void)close(fd);
		fd = next;
	}
	(void)close(fd);
	assert_int_equal(sp_file_remove_tree(top, "deep", &err), -SP_ERR_LIMIT);
	/* From the middle down it is not. */
	assert_int_equal(renameat(top,
				  "deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/"
				  "deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/"
				  "deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/"
				  "deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/"
				  "deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/"
				  "deep/deep/deep/deep/deep/deep/deep/deep/deep/deep",
				  top, "deep2"),
			 0);
	assert_int_equal(sp_file_remove_tree(top, "deep2", &err), 0);
	assert_int_equal(sp_file_remove_tree(top, "deep", &err), 0);
}

static void does_not_cross_into_another_file_system(void **state)
{
	struct sp_error err = SP_ERROR_INIT;
	char path[100];
	int r;

	(void)state;
	assert_int_equal(sp_file_make_dirs(top, "mounts/here", 0755, &err), 0);
	(void)snprintf(path, sizeof path, "%s/mounts/here", top_path);
	if (mount("none", path, "tmpfs", 0, "size=64k") < 0)
		skip();
	put("mounts/here/precious", "x");
	r = sp_file_remove_tree(top, "mounts", &err);
	assert_int_equal(faccessat(top, "mounts/here/precious", F_OK, 0), 0);
	assert_int_equal(umount(path), 0);
	assert_int_equal(r, -SP_ERR_IO);
	assert_non_null(strstr(err.text, "is another file system"));
	assert_int_equal(sp_file_remove_tree(top, "mounts", &err), 0);
}

/* ---- memory ---------------------------------------------------------------- */

static void seals_memory(void **state)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error err = SP_ERROR_INIT;
	size_t len = 0;

	(void)state;
	assert_int_equal(sp_file_sealed("pack", "verified", 8, &fd, &err), 0);
	assert_int_equal(pwrite(fd, "X", 1, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, 1), -1);
	assert_int_equal(ftruncate(fd, 100), -1);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
	assert_ptr_equal(mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
			 MAP_FAILED);
	assert_int_equal(sp_file_read_all(fd, 100, &bytes, &len, &err), 0);
	assert_string_equal(bytes, "verified");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_a_component_too_long),
		cmocka_unit_test(loads_up_to_a_limit),
		cmocka_unit_test(reads_what_has_no_size),
		cmocka_unit_test(replaces_whole_files),
		cmocka_unit_test(says_that_there_is_no_room),
		cmocka_unit_test(makes_directories),
		cmocka_unit_test(removes_trees_but_not_what_links_lead_to),
		cmocka_unit_test(gives_up_on_a_tree_too_deep),
		cmocka_unit_test(does_not_cross_into_another_file_system),
		cmocka_unit_test(seals_memory),
	};
	int failed;

	if (set_up(NULL) != 0)
		return 1;
	failed = table_run("file: open", rows, opens);
	return failed + cmocka_run_group_tests_name("file", tests, NULL, tear_down);
}
