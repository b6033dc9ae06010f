/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "repo/rpm_files.h"
#include "base/file.h"
#include "repo/digest.h"
#include "repo/rpm_root.h"
#include "support/table.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- where files may be ------------------------------------------------------------- */

static const struct place_row {
	const char *name; /* the path */
	mode_t mode;
	bool host, installer; /* may it be there? */
} places[] = {
	// clang-format off
	{ "/lib/modules/4.19.0+1/updates/a.ko", S_IFREG | 0644, true, true },
	{ "/lib/firmware/a.bin", S_IFREG | 0644, true, true },
	{ "/lib/firmware", S_IFDIR | 0755, true, true },
	{ "/lib", S_IFDIR | 0755, true, true },
	{ "/etc", S_IFDIR | 0755, true, true },
	{ "/etc/modprobe.d/a.conf", S_IFREG | 0644, true, true },
	{ "/etc/udev/rules.d/a.rules", S_IFREG | 0644, true, true },
	{ "/var/update/applied/x", S_IFREG | 0644, true, true },
	{ "/lib/firmware/link", S_IFLNK | 0777, true, true },
	{ "/etc/passwd", S_IFREG | 0644, true, false },
	{ "/etc/modprobe.d", S_IFREG | 0644, true, false },
	{ "/etc/modprobe.dir/a", S_IFREG | 0644, true, false },
	{ "/lib", S_IFLNK | 0777, true, false },
	{ "/libx", S_IFDIR | 0755, true, false },
	{ "/usr/bin/a", S_IFREG | 0755, true, false },
	{ "/usr/lib/a", S_IFREG | 04755, true, false },
	{ "/usr/lib/a", S_IFREG | 02755, true, false },
	{ "/lib/modules/a", S_IFCHR | 0600, true, false },
	{ "/lib/modules/a", S_IFIFO | 0600, true, false },
	{ "/lib/modules/..a/b..", S_IFREG | 0644, true, true },
	{ "/lib/modules/../../etc/a", S_IFREG | 0644, false, false },
	{ "/../a", S_IFREG | 0644, false, false },
	{ "/lib/modules/..", S_IFDIR | 0755, false, false },
	{ "lib/modules/a", S_IFREG | 0644, false, false },
	{ "", S_IFREG | 0644, false, false },
	// clang-format on
};

static bool may_be_there(const struct place_row *row, bool installer)
{
	SP_AUTO(sp_str_freep) char *path = strdup(row->name), *nevra = strdup("a-1-1.x");
	struct sp_rpm_file file = { .path = path, .mode = row->mode };
	struct sp_rpm_package package = { .nevra = nevra, .files = &file, .n_files = 1 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_rpm_files_check_places(&package, installer, &findings, &err),
			 0);
	return findings.n == 0;
}

static void is_a_place_as_table_says(void **state)
{
	const struct place_row *row = *state;

	assert_int_equal(may_be_there(row, false), row->host);
	assert_int_equal(may_be_there(row, true), row->installer);
}

/* ---- what is on disk ------------------------------------------------------------------ */

struct place {
	char path[40];
	int fd;
};

static void place_open(struct place *place)
{
	(void)snprintf(place->path, sizeof place->path, "/tmp/test-rpm-files.XXXXXX");
	assert_non_null(mkdtemp(place->path));
	place->fd = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(place->fd >= 0);
}

static void place_donep(struct place *place)
{
	SP_AUTO(sp_closep) int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct sp_error err = SP_ERROR_INIT;

	sp_closep(&place->fd);
	assert_int_equal(sp_file_remove_tree(tmp, place->path + strlen("/tmp/"), &err),
			 0);
}

static void put(const struct place *place, const char *path, const char *text)
{
	SP_AUTO(sp_str_freep) char *dir = strdup(path);
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error err = SP_ERROR_INIT;

	if (strrchr(dir, '/')) {
		*strrchr(dir, '/') = '\0';
		assert_int_equal(sp_file_make_dirs(place->fd, dir, 0755, &err), 0);
	}
	fd = openat(place->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(sp_file_write_all(fd, text, strlen(text), &err), 0);
}

static const struct verify_row {
	const char *name;
	mode_t mode;
	const char *planted; /* content, or where a link leads; NULL: nothing there */
	mode_t planted_kind;
	const char *wanted;  /* content, or where a link leads */
	bool config, absent; /* absent: it is not meant to be on disk */
	int digest_kind;
	const char *wrong; /* what is said; NULL: right */
} verify_rows[] = {
	// clang-format off
	{ "right", S_IFREG, "abc", S_IFREG, "abc", false, false, SP_DIGEST_SHA256, NULL },
	{ "right, by md5", S_IFREG, "abc", S_IFREG, "abc", false, false, SP_DIGEST_MD5, NULL },
	{ "missing", S_IFREG, NULL, 0, "abc", false, false, SP_DIGEST_SHA256, "'/d/f' is missing" },
	{ "missing, as it must be", S_IFREG, NULL, 0, "abc", false, true, SP_DIGEST_SHA256, NULL },
	{ "other content", S_IFREG, "abd", S_IFREG, "abc", false, false, SP_DIGEST_SHA256,
	  "'/d/f' has another content" },
	{ "other size", S_IFREG, "ab", S_IFREG, "abc", false, false, SP_DIGEST_SHA256,
	  "'/d/f' has another size" },
	{ "other size, of no known digest", S_IFREG, "ab", S_IFREG, "abc", false, false, -1,
	  "'/d/f' has another size" },
	{ "a changed setting", S_IFREG, "mine", S_IFREG, "abc", true, false, SP_DIGEST_SHA256, NULL },
	{ "a missing setting", S_IFREG, NULL, 0, "abc", true, false, SP_DIGEST_SHA256,
	  "'/d/f' is missing" },
	{ "a link in its place", S_IFREG, "/etc/passwd", S_IFLNK, "abc", false, false,
	  SP_DIGEST_SHA256, "'/d/f' is of another kind" },
	{ "a directory in its place", S_IFREG, "", S_IFDIR, "abc", false, false, SP_DIGEST_SHA256,
	  "'/d/f' is of another kind" },
	{ "a link", S_IFLNK, "there", S_IFLNK, "there", false, false, -1, NULL },
	{ "a link elsewhere", S_IFLNK, "here", S_IFLNK, "there", false, false, -1,
	  "'/d/f' leads elsewhere" },
	{ "a link a little further", S_IFLNK, "there/", S_IFLNK, "there", false, false, -1,
	  "'/d/f' leads elsewhere" },
	{ "a directory", S_IFDIR, "", S_IFDIR, NULL, false, false, -1, NULL },
	{ "a link to a directory", S_IFDIR, "/d", S_IFLNK, NULL, false, false, -1, NULL },
	{ "a link to nothing", S_IFDIR, "/nowhere", S_IFLNK, NULL, false, false, -1,
	  "'/d/f' is missing" },
	{ "a file as directory", S_IFDIR, "abc", S_IFREG, NULL, false, false, -1,
	  "'/d/f' is missing" },
	// clang-format on
};

static void plant(const struct place *place, const struct verify_row *row)
{
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_file_make_dirs(place->fd, "d", 0755, &err), 0);
	if (!row->planted)
		return;
	if (row->planted_kind == S_IFLNK)
		assert_int_equal(symlinkat(row->planted, place->fd, "d/f"), 0);
	else if (row->planted_kind == S_IFDIR)
		assert_int_equal(mkdirat(place->fd, "d/f", 0755), 0);
	else
		put(place, "d/f", row->planted);
}

static char *digest_of(const char *text, int kind)
{
	SP_AUTO(sp_digest_freep) struct sp_digest *digest = NULL;
	char hex[SP_DIGEST_HEX_SIZE];
	struct sp_error err = SP_ERROR_INIT;

	if (kind < 0)
		return strdup("");
	assert_int_equal(sp_digest_new((enum sp_digest_kind)kind, &digest, &err), 0);
	sp_digest_add(digest, text, strlen(text));
	assert_int_equal(sp_digest_take(digest, hex, &err), 0);
	return strdup(hex);
}

static void is_right_as_table_says(void **state)
{
	const struct verify_row *row = *state;
	SP_AUTO(place_donep) struct place place;
	SP_AUTO(sp_strv_done) struct sp_strv wrong = { 0 };
	SP_AUTO(sp_str_freep) char *path = strdup("/d/f"), *link = NULL, *digest = NULL;
	struct sp_rpm_file file = { .path = path,
				    .mode = row->mode | 0644,
				    .digest_kind = row->digest_kind,
				    .config = row->config,
				    .present = !row->absent };
	struct sp_rpm_package package = { .files = &file, .n_files = 1 };
	struct sp_error err = SP_ERROR_INIT;

	place_open(&place);
	plant(&place, row);
	if (row->mode == S_IFREG) {
		file.size_bytes = strlen(row->wanted);
		file.digest = digest = digest_of(row->wanted, row->digest_kind);
	} else if (row->wanted) {
		file.link = link = strdup(row->wanted);
	}
	assert_int_equal(sp_rpm_files_verify(place.fd, &package, &wrong, &err), 0);
	assert_int_equal(wrong.n, row->wrong != NULL);
	if (row->wrong)
		assert_string_equal(wrong.items[0], row->wrong);
}

/* ---- what was not there, and what is left ---------------------------------------------- */

static struct sp_rpm_file files_of(const char *path)
{
	return (struct sp_rpm_file){ .path = (char *)(uintptr_t)path, .mode = S_IFREG };
}

static void fresh_paths_go_again(void **state)
{
	SP_AUTO(place_donep) struct place place;
	SP_AUTO(sp_strv_done) struct sp_strv fresh = { 0 }, left = { 0 };
	struct sp_rpm_file files[] = {
		files_of("/usr/new/deep/a"), files_of("/usr/new/deep/b"),
		files_of("/usr/new/c"),      files_of("/usr/old/d"),
		files_of("/usr/old/e"),      files_of("/top")
	};
	struct sp_rpm_package package = { .files = files, .n_files = 6 };
	SP_AUTO(sp_str_freep) char *got = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct stat st;

	(void)state;
	place_open(&place);
	put(&place, "usr/old/d", "was there");
	assert_int_equal(sp_rpm_files_list_fresh(place.fd, &package, &fresh, &err), 0);
	sp_strv_sort(&fresh);
	got = sp_strv_join(&fresh, " ");
	assert_string_equal(got, "/top /usr/new /usr/new/c /usr/new/deep /usr/new/deep/a "
				 "/usr/new/deep/b /usr/old/e");

	put(&place, "usr/new/deep/a", "new");
	put(&place, "usr/new/somebody's", "not ours");
	put(&place, "usr/old/e", "new");
	assert_int_equal(symlinkat("usr/old/d", place.fd, "top"), 0);
	assert_int_equal(sp_rpm_files_remove(place.fd, &fresh, &left, &err), 0);
	assert_int_equal(left.n, 0);
	assert_int_equal(fstatat(place.fd, "usr/new/deep", &st, 0), -1);
	assert_int_equal(fstatat(place.fd, "usr/old/e", &st, 0), -1);
	assert_int_equal(fstatat(place.fd, "top", &st, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(fstatat(place.fd, "usr/old/d", &st, 0), 0);
	assert_int_equal(fstatat(place.fd, "usr/new/somebody's", &st, 0), 0);
}

static void unfinished_files_go(void **state)
{
	static const char *const planted[] = { "d/a;0123abcd", "d/a;ffffffff",
					       "d/a;FFFFFFFF", "d/a;0123abcd0",
					       "d/a;",         "d/x;0123abcd",
					       "d/a",          "e/a;0123abcd" };
	SP_AUTO(place_donep) struct place place;
	SP_AUTO(sp_strv_done) struct sp_strv paths = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	struct stat st;

	(void)state;
	place_open(&place);
	for (size_t i = 0; i < sizeof planted / sizeof planted[0]; i++)
		put(&place, planted[i], "x");
	assert_int_equal(sp_strv_add(&paths, "/d/a", &err), 0);
	assert_int_equal(sp_strv_add(&paths, "/d/b", &err), 0);
	assert_int_equal(sp_strv_add(&paths, "/none/b", &err), 0);
	assert_int_equal(sp_rpm_files_sweep(place.fd, &paths, &err), 0);
	for (size_t i = 0; i < sizeof planted / sizeof planted[0]; i++)
		assert_int_equal(fstatat(place.fd, planted[i], &st, 0), i < 2 ? -1 : 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fresh_paths_go_again),
		cmocka_unit_test(unfinished_files_go),
	};

	return table_run("places", places, is_a_place_as_table_says) +
	       table_run("verify", verify_rows, is_right_as_table_says) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
