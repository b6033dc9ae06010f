/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a root's rpm database is, and what it says is installed. */
#include "repo/rpmdb.h"

#include "base/worker.h"
#include "support/stage.h"

static int send_list(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	SP_AUTO(sp_rpmdb_list_done) struct sp_rpmdb_list list = { 0 };
	int r = sp_rpmdb_list_read(arg, SP_RPMDB_DEPENDENCIES, &list, err);

	(void)outlet;
	if (r < 0)
		return r;
	if (list.n != 1)
		return sp_error_set(err, SP_ERR_INTERNAL, "%zu packages", list.n);
	return sp_error_set(err, SP_ERR_INTERNAL, "%s %s %s %s", list.items[0].name,
			    list.items[0].evr, list.items[0].nevra,
			    list.items[0].provides.items[0]);
}

static const struct place_row {
	const char *name;
	const char *macros;   /* in usr/lib/rpm/macros; NULL: none */
	const char *other;    /* in etc/rpm/macros.local */
	const char *database; /* made there by rpm first; NULL: none */
	const char *want;
	bool exists;
} place_rows[] = {
	// clang-format off
	{ "an empty root", NULL, NULL, NULL, "var/lib/rpm", false },
	{ "dom0's", "%_dbpath\t\t%{_var}/lib/rpm\n", NULL, NULL, "var/lib/rpm", false },
	{ "a newer one", "%_dbpath %{_prefix}/lib/sysimage/rpm\n", NULL, NULL,
	  "usr/lib/sysimage/rpm", false },
	{ "an absolute one", "#x\n%_dbpath /srv/rpm  \n%_other x\n", NULL, NULL, "srv/rpm", false },
	{ "overridden", "%_dbpath /srv/rpm\n", "%_dbpath /srv/other\n", NULL, "srv/other", false },
	{ "one with a program in it", "%_dbpath %(bash -c 'echo ~/.rpmdb')\n", NULL, NULL,
	  "var/lib/rpm", false },
	{ "one that climbs", "%_dbpath /../../rpm\n", NULL, NULL, "var/lib/rpm", false },
	{ "one whose name goes on", "%_dbpath_rebuild /srv/rpm\n", NULL, NULL, "var/lib/rpm", false },
	{ "a database elsewhere than said", "%_dbpath /srv/rpm\n", NULL, "var/lib/rpm",
	  "var/lib/rpm", true },
	{ "a database of the newer place", NULL, NULL, "usr/lib/sysimage/rpm",
	  "usr/lib/sysimage/rpm", true },
	{ "a database where it is said", "%_dbpath /srv/rpm\n", NULL, "srv/rpm", "srv/rpm", true },
	// clang-format on
};

static void is_where_table_says(void **state)
{
	const struct place_row *row = *state;
	struct stage stage;
	SP_AUTO(sp_str_freep) char *got = NULL;
	struct sp_error err = SP_ERROR_INIT;
	bool exists = !row->exists;

	stage_open(&stage);
	make_dirs(&stage, "usr/lib/rpm");
	make_dirs(&stage, "etc/rpm");
	if (row->macros)
		put(&stage, "usr/lib/rpm/macros", row->macros);
	if (row->other)
		put(&stage, "etc/rpm/macros.local", row->other);
	if (row->database) {
		SP_AUTO(sp_str_freep) char *path = NULL;
		const char *argv[] = { "/usr/bin/rpm", "--root",   stage.path, "--dbpath",
				       NULL,           "--initdb", NULL };
		struct sp_child_result result = { 0 };

		path = sp_text_format("/%s", row->database);
		argv[4] = path;
		make_dirs(&stage, row->database);
		assert_int_equal(sp_child_run(argv, NULL, 20000, &result, &err), 0);
		assert_int_equal(result.status, 0);
		free(result.output);
	}
	assert_int_equal(sp_rpmdb_find(stage.fd, &got, &exists, &err), 0);
	assert_string_equal(got, row->want);
	assert_int_equal(exists, row->exists);
	stage_close(&stage);
}

static void lists_what_is_installed(void **state)
{
	static const char *const before[MAX_PACKAGES] = { "plain-1.0-1.noarch" };
	struct stage stage;
	struct sp_worker_job job = { .what = "listing", .run = send_list };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	stage_open(&stage);
	job.arg = stage.path;
	job.limits.memory_bytes = (size_t)512 << 20;
	job.limits.file_bytes = 512 << 20;
	assert_int_equal(sp_worker_run(&job, NULL, &err), -SP_ERR_INTERNAL);
	assert_string_equal(err.text, "0 packages");
	stage_install(&stage, before);
	assert_int_equal(sp_worker_run(&job, NULL, &err), -SP_ERR_INTERNAL);
	assert_string_equal(err.text, "plain 1.0-1 plain-1.0-1.noarch plain = 1.0-1");
	/* As an old root is mounted; its database was left by an orderly end. */
	(void)unlinkat(stage.fd, "var/lib/rpm/rpmdb.sqlite-shm", 0);
	(void)unlinkat(stage.fd, "var/lib/rpm/rpmdb.sqlite-wal", 0);
	assert_int_equal(mount(stage.path, stage.path, NULL, MS_BIND, NULL), 0);
	assert_int_equal(
		mount(NULL, stage.path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_int_equal(sp_worker_run(&job, NULL, &err), -SP_ERR_INTERNAL);
	assert_string_equal(err.text, "plain 1.0-1 plain-1.0-1.noarch plain = 1.0-1");
	assert_int_equal(umount(stage.path), 0);
	put(&stage, "var/lib/rpm/rpmdb.sqlite", "no database, but a text of some length");
	assert_int_equal(sp_worker_run(&job, NULL, &err), -SP_ERR_DAMAGED);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lists_what_is_installed) };

	if (stage_alone() < 0)
		return 1;
	return table_run("places", place_rows, is_where_table_says) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
