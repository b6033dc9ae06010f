/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Records on their way into a host and out of it, and their names. */

#include "support/record.h"

#include <dirent.h>

/* ---- the way of a record ------------------------------------------------------------------- */

static void staged_then_in_place(void **state)
{
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample s;
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	host_init(&host, NULL);
	assert_int_equal(
		sp_record_stage(host.fd, sample_init(&s, "acme", "1", "<a/>"), &err), 0);
	expect(host.fd, "|" UUID " 1");
	expect_file(host.fd, STAGED UUID "/update.xml", "<a/>");
	assert_int_equal(sp_record_commit(host.fd, UUID, &err), 0);
	expect(host.fd, UUID " acme 1|");
	expect_file(host.fd, REPOS UUID "/update.xml", "<a/>");
	expect_file(host.fd, REPOS UUID "/.staged", NULL);
	assert_false(exists(&host.machine, STAGED));
}

static void every_field_comes_back(void **state)
{
	SP_AUTO(host_done) struct host host = { 0 };
	SP_AUTO(sp_record_list_done) struct sp_record_list list = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sample s;
	struct sp_error err = SP_ERROR_INIT;
	const struct sp_record *got;

	(void)state;
	host_init(&host, NULL);
	stage_and_commit(host.fd, sample_init(&s, "acme", "1", ""));
	assert_int_equal(sp_record_list_read(host.fd, &list, &findings, &err), 0);
	assert_int_equal(list.n, 1);
	got = &list.items[0];
	assert_string_equal(got->pack.id, UUID);
	assert_string_equal(got->decision, "accepted-unsigned");
	assert_string_equal(got->plan_digest, "d1");
	assert_string_equal(got->product_brand, "XenServer");
	assert_string_equal(got->product_version, "8.4.0");
	assert_string_equal(got->platform_version, "3.4.0");
	assert_string_equal(got->kernel, "4.19.0+1");
	assert_string_equal(got->time, "2026-11-25T03:04:05Z");
	assert_int_equal(got->installed_modules.n, 1);
	assert_string_equal(got->installed_modules.items[0], s.modules[0]);
	assert_int_equal(got->n_devices, 1);
	assert_string_equal(got->devices[0].address, "0000:04:00.0");
	assert_string_equal(got->devices[0].modalias, "pci:v1");
	assert_string_equal(got->devices[0].name, "NIC");
	assert_string_equal(got->devices[0].driver, "e1000e");
	assert_int_equal(got->n_files, 0);
}

static void unstaged_leaves_no_trace(void **state)
{
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample s;
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	host_init(&host, NULL);
	assert_int_equal(sp_record_unstage(host.fd, UUID, &err), 0);
	assert_int_equal(sp_record_stage(host.fd, sample_init(&s, "acme", "1", ""), &err),
			 0);
	assert_int_equal(sp_record_unstage(host.fd, UUID, &err), 0);
	expect(host.fd, "|");
	assert_false(exists(&host.machine, STAGED));
	assert_false(exists(&host.machine, REPOS));
}

static void newer_replaces_older(void **state)
{
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample s;

	(void)state;
	host_init(&host, NULL);
	stage_and_commit(host.fd, sample_init(&s, "acme", "1", "old"));
	machine_write(&host.machine, REPOS UUID "/XS-REPOSITORY", "of old");
	stage_and_commit(host.fd, sample_init(&s, "acme", "2", "new"));
	expect(host.fd, UUID " acme 2|");
	expect_file(host.fd, REPOS UUID "/update.xml", "new");
	expect_file(host.fd, REPOS UUID "/XS-REPOSITORY", NULL);
	assert_false(exists(&host.machine, STAGED));
}

static void a_file_in_the_way_is_replaced(void **state)
{
	static const struct tree_file files[TREE_MAX_FILES] = { { REPOS UUID,
								  "a file" } };
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample s;

	(void)state;
	host_init(&host, files);
	expect(host.fd, "|");
	stage_and_commit(host.fd, sample_init(&s, "acme", "1", ""));
	expect(host.fd, UUID " acme 1|");
}

static void nothing_staged_is_not_committed(void **state)
{
	static const struct tree_file files[TREE_MAX_FILES] = {
		{ STAGED "half/record.json", "{}" },
	};
	SP_AUTO(host_done) struct host host = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	host_init(&host, files);
	assert_int_equal(sp_record_commit(host.fd, "none", &err), -SP_ERR_INTERNAL);
	assert_int_equal(sp_record_commit(host.fd, "half", &err), -SP_ERR_INTERNAL);
	expect(host.fd, "|");
}

static void removed_is_gone(void **state)
{
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample s;
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	host_init(&host, NULL);
	assert_int_equal(sp_record_remove(host.fd, UUID, &err), 0);
	stage_and_commit(host.fd, sample_init(&s, "acme", "1", ""));
	assert_int_equal(sp_record_remove(host.fd, "other", &err), 0);
	expect(host.fd, UUID " acme 1|");
	assert_int_equal(sp_record_remove(host.fd, UUID, &err), 0);
	expect(host.fd, "|");
	assert_false(exists(&host.machine, REPOS UUID));
	assert_false(exists(&host.machine, STAGED));
}

/* What an update that failed leaves: the staged record says so, and comes into place. */
static void amended_says_what_is_missing(void **state)
{
	static const char why[] = "a script failed";
	SP_AUTO(host_done) struct host host = { 0 };
	SP_AUTO(sp_record_list_done) struct sp_record_list there = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	struct sample sample;
	struct sp_record *record = sample_init(&sample, "acme", "1.0", "<update/>");

	(void)state;
	host_init(&host, NULL);
	assert_int_equal(sp_record_amend(host.fd, record, true, &err), -SP_ERR_IO);
	assert_int_equal(sp_record_stage(host.fd, record, &err), 0);
	record->incomplete = text(why);
	assert_int_equal(sp_record_amend(host.fd, record, true, &err), 0);
	expect(host.fd, "|" UUID " 1.0");
	assert_int_equal(sp_record_commit(host.fd, UUID, &err), 0);
	assert_int_equal(sp_record_list_read(host.fd, &there, &findings, &err), 0);
	assert_string_equal(there.items[0].incomplete, why);
	expect_file(host.fd, REPOS UUID "/update.xml", "<update/>");
	sp_record_list_done(&there);
	there = (struct sp_record_list){ 0 };
	record->incomplete = NULL;
	assert_int_equal(sp_record_amend(host.fd, record, false, &err), 0);
	assert_int_equal(sp_record_list_read(host.fd, &there, &findings, &err), 0);
	assert_null(there.items[0].incomplete);
}

/* ---- names ------------------------------------------------------------------------------------ */

static char *choose(int fd, const struct sp_record *record)
{
	struct sp_error err = SP_ERROR_INIT;
	char *name = NULL;

	assert_int_equal(sp_record_directory_choose(fd, &record->pack, &name, &err), 0);
	return name;
}

static void two_packs_of_one_uuid(void **state)
{
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample a, b;
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	host_init(&host, NULL);
	sample_init(&a, "acme", "1", "");
	sample_init(&b, "other", "2", "");
	SP_AUTO(sp_str_freep) char *first = choose(host.fd, &a.record);
	assert_string_equal(first, UUID);
	stage_and_commit(host.fd, &a.record);
	SP_AUTO(sp_str_freep) char *again = choose(host.fd, &a.record);
	assert_string_equal(again, UUID);
	SP_AUTO(sp_str_freep) char *second = choose(host.fd, &b.record);
	assert_string_equal(second, UUID "+other");
	b.record.directory = second;
	stage_and_commit(host.fd, &b.record);
	expect(host.fd, UUID " acme 1;" UUID "+other other 2|");
	/* The first goes, and the second does not stand there twice. */
	assert_int_equal(sp_record_remove(host.fd, UUID, &err), 0);
	SP_AUTO(sp_str_freep) char *still = choose(host.fd, &b.record);
	assert_string_equal(still, UUID "+other");
}

static char long_id[10001];

static const struct id_row {
	const char *name, *id, *want; /* NULL: any name */
} id_rows[] = {
	{ "legacy", "xs:main", "xs:main" },
	{ "climbs", "../../etc/passwd", NULL },
	{ "dots", "..", NULL },
	{ "slashes", "a/b", NULL },
	{ "hidden", ".suppack", NULL },
	{ "control characters", "a\n\033[2Jb", NULL },
	{ "nothing", "", NULL },
	{ "10,000 bytes", long_id, NULL },
};

static void hostile_ids_are_recorded(void **state)
{
	const struct id_row *row = *state;
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample s;

	memset(long_id, 'a', sizeof long_id - 1);
	host_init(&host, NULL);
	sample_init(&s, "acme", "1", "x");
	s.record.pack.id = text(row->id);
	SP_AUTO(sp_str_freep) char *name = choose(host.fd, &s.record);

	if (row->want)
		assert_string_equal(name, row->want);
	s.record.directory = name;
	stage_and_commit(host.fd, &s.record);
	SP_AUTO(sp_str_freep) char *path = sp_text_format(REPOS "%s/update.xml", name);
	expect_file(host.fd, path, "x");
	assert_false(exists(&host.machine, "../etc"));
}

/* Both parts as long as they can be: one name still. */
static void long_ids_and_labels(void **state)
{
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample a, b;

	(void)state;
	memset(long_id, 'a', sizeof long_id - 1);
	host_init(&host, NULL);
	sample_init(&a, "acme", "1", "");
	sample_init(&b, long_id + 9000, "2", "");
	a.record.pack.id = b.record.pack.id = long_id + 9800;
	SP_AUTO(sp_str_freep) char *first = choose(host.fd, &a.record);
	a.record.directory = first;
	stage_and_commit(host.fd, &a.record);
	SP_AUTO(sp_str_freep) char *second = choose(host.fd, &b.record);
	assert_string_not_equal(first, second);
	assert_true(strlen(second) <= 255);
	b.record.directory = second;
	stage_and_commit(host.fd, &b.record);
}

static const char *const bad_names[] = { "", ".", "..", "../x", "a/b", "/x", ".x" };

static void hostile_names_are_refused(void **state)
{
	static const struct tree_file files[TREE_MAX_FILES] = {
		{ "x/record.json", "{}" },
		{ REPOS ".x/record.json", "{}" },
		{ STAGED ".x/.staged", "" },
		{ STAGED "a/b/.staged", "" },
	};
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample s;

	(void)state;
	host_init(&host, files);
	sample_init(&s, "acme", "1", "");
	for (size_t i = 0; i < sizeof bad_names / sizeof bad_names[0]; i++) {
		struct sp_error err = SP_ERROR_INIT;

		s.record.directory = text(bad_names[i]);
		assert_int_equal(sp_record_stage(host.fd, &s.record, &err),
				 -SP_ERR_INTERNAL);
		assert_int_equal(sp_record_commit(host.fd, bad_names[i], &err),
				 -SP_ERR_INTERNAL);
		assert_int_equal(sp_record_unstage(host.fd, bad_names[i], &err),
				 -SP_ERR_INTERNAL);
		assert_int_equal(sp_record_remove(host.fd, bad_names[i], &err),
				 -SP_ERR_INTERNAL);
	}
	for (size_t i = 0; i < 4; i++)
		assert_true(exists(&host.machine, files[i].path));
}

static void hostile_file_names_are_refused(void **state)
{
	static const char *const names[] = { "../x", "a/b", "/etc/x", "", ".." };
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample s;

	(void)state;
	host_init(&host, NULL);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct sp_error err = SP_ERROR_INIT;

		sample_init(&s, "acme", "1", "x");
		s.file.name = text(names[i]);
		assert_true(sp_record_stage(host.fd, &s.record, &err) < 0);
		expect(host.fd, "|");
		assert_false(exists(&host.machine, STAGED));
		assert_false(exists(&host.machine, "etc/xensource/x"));
	}
}

/* ---- links ---------------------------------------------------------------------------------------- */

static void links_lead_nowhere(void **state)
{
	static const struct tree_file files[TREE_MAX_FILES] = {
		{ "outside/y/record.json", "{\"suppack_record\":1," PACK "}" },
		{ "root/" REPOS "x", "->../../../../outside/y" },
		{ "root/" REPOS "y/record.json",
		  "->../../../../../outside/y/record.json" },
		{ "root/etc/xensource/.suppack-staged", "->../../../outside" },
	};
	SP_AUTO(host_done) struct host host = { 0 };
	SP_AUTO(sp_record_list_done) struct sp_record_list list = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_closep) int root_fd = -1;
	struct sp_error err = SP_ERROR_INIT;
	struct sample s;

	(void)state;
	host_init(&host, files);
	root_fd = openat(host.fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(sp_record_list_read(root_fd, &list, &findings, &err), 0);
	assert_int_equal(list.n, 0);
	assert_int_equal(findings.n, 2);
	assert_true(sp_record_stage(root_fd, sample_init(&s, "acme", "1", ""), &err) < 0);
	assert_true(sp_record_unstage(root_fd, "y", &err) < 0);
	assert_true(sp_record_tidy(root_fd, &err) < 0);
	assert_true(exists(&host.machine, "outside/y/record.json"));
	assert_false(exists(&host.machine, "outside/" UUID));
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(staged_then_in_place),
		cmocka_unit_test(every_field_comes_back),
		cmocka_unit_test(unstaged_leaves_no_trace),
		cmocka_unit_test(newer_replaces_older),
		cmocka_unit_test(a_file_in_the_way_is_replaced),
		cmocka_unit_test(nothing_staged_is_not_committed),
		cmocka_unit_test(removed_is_gone),
		cmocka_unit_test(amended_says_what_is_missing),
		cmocka_unit_test(two_packs_of_one_uuid),
		cmocka_unit_test(long_ids_and_labels),
		cmocka_unit_test(hostile_names_are_refused),
		cmocka_unit_test(hostile_file_names_are_refused),
		cmocka_unit_test(links_lead_nowhere),
	};
	int failed = cmocka_run_group_tests(others, NULL, NULL);

	failed += table_run("ids", id_rows, hostile_ids_are_recorded);
	return failed;
}
