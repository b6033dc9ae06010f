/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packs are kept, and read again from where they are kept. */
#include "base/child.h"
#include "base/file.h"
#include "repo/spool.h"
#include "support/media.h"

#include <dirent.h>
#include <errno.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* ---- a place to keep them -------------------------------------------------- */

static char *make_dir(void)
{
	char *path = strdup("/tmp/test-spool.XXXXXX");

	assert_non_null(path);
	assert_non_null(mkdtemp(path));
	return path;
}

static void remove_dir(char **path)
{
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_closep) int fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(sp_file_remove_tree(fd, *path + strlen("/tmp/"), &err), 0);
	free(*path);
}

static size_t count_names(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	(void)closedir(dir);
	return n - 2;
}

static void run(const char *format, const char *a, const char *b)
{
	char text[1024];
	const char *argv[] = { "/bin/sh", "-c", text, NULL };
	struct sp_child_result result = { 0 };
	struct sp_error err = SP_ERROR_INIT;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)snprintf(text, sizeof text, format, a, b);
#pragma GCC diagnostic pop
	assert_int_equal(sp_child_run(argv, NULL, 20000, &result, &err), 0);
	if (result.status != 0)
		fail_msg("%s: %s", text, result.output);
	free(result.output);
}

static struct sp_tree *open_dir(const char *path)
{
	struct sp_tree *tree = NULL;
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_closep) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(sp_tree_open_dir(fd, &tree, &err), 0);
	return tree;
}

static int keep(struct sp_tree *tree, const struct sp_pack *pack, const char *path,
		const struct sp_spool_progress *progress, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return sp_spool_keep(tree, pack, fd, progress, err);
}

/* ---- kept whole ------------------------------------------------------------ */

static const struct row {
	const char *name, *dir, *medium;
	bool as_image;
	size_t files; /* directly in the kept directory */
} rows[] = {
	// clang-format off
	{ "a directory",        PACKS, "good",            false, 4 },
	{ "an image",           PACKS, "good",            true,  4 },
	{ "unsigned",           PACKS, "unsigned",        false, 3 },
	{ "zstd",               PACKS, "zstd",            false, 4 },
	{ "an image on a disk", MEDIA, "image",           false, 4 },
	{ "an image on an image", MEDIA, "image",         true,  4 },
	{ "below a directory",  MEDIA, "two-directories", false, 4 },
	{ "one RPM",            MEDIA, "rpm-signed",      false, 1 },
	{ "RPMs",               MEDIA, "rpms-signed",     false, 3 },
	{ "legacy",             MEDIA, "legacy-driver",   false, 4 },
	{ "legacy text",        MEDIA, "legacy-text",     false, 3 },
	{ "legacy, listed",     MEDIA, "legacy-listed",   false, 3 },
	// clang-format on
};

static void is_kept(void **state)
{
	const struct row *row = *state;
	SP_AUTO(remove_dir) char *path = make_dir();
	SP_AUTO(sp_tree_freep)
	struct sp_tree *tree = open_medium(row->dir, row->medium, row->as_image);
	SP_AUTO(sp_tree_freep) struct sp_tree *kept_tree = NULL;
	SP_AUTO(seen_done) struct seen seen = { 0 };
	SP_AUTO(seen_done) struct seen kept = { 0 };
	SP_AUTO(sp_str_freep) char *name = NULL;
	SP_AUTO(sp_str_freep) char *inside = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct stat st;

	read_all(tree, &seen);
	assert_true(seen.packs.n > 0);
	for (int i = 0; i < 2; i++) /* again, in place of the first */
		if (keep(tree, &seen.packs.items[0], path, NULL, &err) < 0)
			fail_msg("%s", err.text);
	assert_int_equal(count_names(path), 1);
	name = sp_spool_name(&seen.packs.items[0]);
	inside = sp_text_format("%s/%s", path, name);
	assert_int_equal(stat(inside, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(count_names(inside), row->files);
	kept_tree = open_dir(inside);
	read_all(kept_tree, &kept);
	assert_int_equal(kept.packs.n, 1);
	assert_true(kept.packs.items[0].n_packages > 0);
	assert_int_equal(kept.packs.items[0].n_packages, seen.packs.items[0].n_packages);
	assert_int_equal(kept.packs.items[0].modules.n, seen.packs.items[0].modules.n);
	assert_int_equal(kept.packs.items[0].trust.state,
			 seen.packs.items[0].trust.state);
	assert_string_equal(kept.packs.items[0].metadata_digest,
			    seen.packs.items[0].metadata_digest);
	for (size_t i = 0; i < kept.packs.items[0].n_packages; i++)
		assert_true(kept.packs.items[0].packages[i].verified);
}

/* ---- changed in between ---------------------------------------------------- */

static const struct change {
	const char *name, *command; /* in a copy of the medium */
	const char *says;
} changes[] = {
	// clang-format off
	{ "RPM changed",        "printf x | dd of=Packages/test-test-1.0-1.x86_64.rpm bs=1 seek=5000 conv=notrunc 2>/dev/null",
	  "not the file that it was" },
	{ "RPM longer",         "echo >>Packages/test-test-1.0-1.x86_64.rpm", "larger than when it was read" },
	{ "RPM shorter",        "truncate -s -1 Packages/test-test-1.0-1.x86_64.rpm", "not the file that it was" },
	{ "RPM gone",           "rm Packages/test-test-1.0-1.x86_64.rpm", "no longer there" },
	{ "RPM now a link",     "mv Packages /tmp/moved.$$; ln -s /tmp/moved.$$ Packages; rm -r /tmp/moved.$$", "a link" },
	{ "RPM now a FIFO",     "rm Packages/test-test-1.0-1.x86_64.rpm; mkfifo Packages/test-test-1.0-1.x86_64.rpm",
	  "Packages/test-test-1.0-1.x86_64.rpm" },
	{ "update.xml changed", "sed -i s/Test/Best/ update.xml", "changed since it was read" },
	{ "repomd changed",     "echo >>repodata/repomd.xml", "changed since it was read" },
	{ "update.xml gone",    "rm update.xml", "no longer there" },
	{ "primary changed",    "for f in repodata/*-primary.xml.gz; do printf x | dd of=$f bs=1 seek=50 conv=notrunc 2>/dev/null; done",
	  "not the file that it was" },
	{ "primary gone",       "rm repodata/*-primary.xml.gz", "no longer there" },
	// clang-format on
};

static void is_noticed(void **state)
{
	const struct change *change = *state;
	SP_AUTO(remove_dir) char *medium = make_dir();
	SP_AUTO(remove_dir) char *path = make_dir();
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = NULL;
	SP_AUTO(seen_done) struct seen seen = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	run("cp -r %s/good/. %s/", PACKS, medium);
	tree = open_dir(medium);
	read_all(tree, &seen);
	assert_int_equal(seen.packs.n, 1);
	run("cd %s && { %s; }", medium, change->command);
	assert_true(keep(tree, &seen.packs.items[0], path, NULL, &err) < 0);
	if (!strstr(err.text, change->says))
		fail_msg("%s", err.text);
	assert_int_equal(count_names(path), 0);
}

static void unverified_is_not_kept(void **state)
{
	SP_AUTO(remove_dir) char *path = make_dir();
	SP_AUTO(sp_tree_freep)
	struct sp_tree *tree = open_medium(PACKS, "flipped-rpm", false);
	SP_AUTO(seen_done) struct seen seen = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	read_all(tree, &seen);
	assert_int_equal(keep(tree, &seen.packs.items[0], path, NULL, &err),
			 -SP_ERR_DAMAGED);
	assert_int_equal(count_names(path), 0);
}

static int stop_at_once(void *user, uint64_t done, uint64_t total)
{
	*(uint64_t *)user = total;
	return done > 0;
}

static void can_be_cancelled(void **state)
{
	uint64_t total = 0;
	const struct sp_spool_progress progress = { stop_at_once, &total };
	SP_AUTO(remove_dir) char *path = make_dir();
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = open_medium(PACKS, "good", true);
	SP_AUTO(seen_done) struct seen seen = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	read_all(tree, &seen);
	assert_int_equal(keep(tree, &seen.packs.items[0], path, &progress, &err),
			 -SP_ERR_CANCELLED);
	assert_true(total > 10000);
	assert_int_equal(count_names(path), 0);
}

static void want_of_room_is_said(void **state)
{
	SP_AUTO(remove_dir) char *path = make_dir();
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = open_medium(PACKS, "good", false);
	SP_AUTO(seen_done) struct seen seen = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int r;

	(void)state;
	if (mount("none", path, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k") < 0)
		skip();
	read_all(tree, &seen);
	r = keep(tree, &seen.packs.items[0], path, NULL, &err);
	assert_int_equal(r < 0 ? count_names(path) : 1, 0);
	assert_int_equal(umount(path), 0);
	assert_int_equal(r, -SP_ERR_REQUIREMENTS);
	assert_int_equal(err.sys_errno, ENOSPC);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(unverified_is_not_kept),
		cmocka_unit_test(can_be_cancelled),
		cmocka_unit_test(want_of_room_is_said),
	};
	int failed;

	open_verifier();
	failed = table_run("spool", rows, is_kept);
	failed += table_run("changed", changes, is_noticed);
	failed += cmocka_run_group_tests(others, NULL, NULL);
	close_verifier();
	return failed;
}
