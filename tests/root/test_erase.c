/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RPMs erased from a root: all that were asked for, or none. */
#include "repo/transaction.h"

#include "support/stage.h"

static const struct erase_row {
	const char *name;
	const char *before[MAX_PACKAGES];
	const char *erase; /* by commas */
	int want;
	const char *finding, *database;
} erase_rows[] = {
	// clang-format off
	{ "one", { "plain-1.0-1.noarch" }, "plain-1.0-1.noarch", 0, NULL, "" },
	{ "one of two", { "plain-1.0-1.noarch", "needed-1.0-1.noarch" }, "plain-1.0-1.noarch", 0,
	  NULL, "needed-1.0-1.noarch" },
	{ "what is not there", { "plain-1.0-1.noarch" }, "other-1.0-1.noarch", 0, NULL,
	  "plain-1.0-1.noarch" },
	{ "another version", { "plain-1.0-1.noarch" }, "plain-2.0-1.noarch", 0, NULL,
	  "plain-1.0-1.noarch" },
	{ "what is needed", { "needed-1.0-1.noarch", "needs-needed-1.0-1.noarch" },
	  "needed-1.0-1.noarch", -SP_ERR_REQUIREMENTS, "requirement-missing",
	  "needed-1.0-1.noarch needs-needed-1.0-1.noarch" },
	{ "both", { "needed-1.0-1.noarch", "needs-needed-1.0-1.noarch" },
	  "needed-1.0-1.noarch,needs-needed-1.0-1.noarch", 0, NULL, "" },
	{ "what does not want to go", { "fails-preun-1.0-1.noarch" }, "fails-preun-1.0-1.noarch",
	  -SP_ERR_TRANSACTION, "left-behind", "fails-preun-1.0-1.noarch" },
	// clang-format on
};

static void erases_as_table_says(void **state)
{
	const struct erase_row *row = *state;
	struct stage stage;
	SP_AUTO(sp_strv_done) struct sp_strv nevras = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_str_freep) char *database = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct sp_transaction transaction = { 0 };

	stage_open(&stage);
	stage_install(&stage, row->before);
	split(row->erase, &nevras);
	transaction.root = stage.path;
	assert_int_equal(sp_transaction_erase(&transaction, &nevras, &findings, &err),
			 row->want);
	assert_int_equal(row->finding ? find(&findings, row->finding) != NULL : 1, 1);
	database = ask_rpm(&stage);
	assert_string_equal(database, row->database);
	stage_close(&stage);
}

/* rpm has it erased all the same. */
static void names_the_file_that_stays(void **state)
{
	static const char *const before[MAX_PACKAGES] = { "plain-1.0-1.noarch" };
	struct stage stage;
	SP_AUTO(sp_strv_done) struct sp_strv nevras = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_str_freep) char *database = NULL;
	SP_AUTO(sp_str_freep) char *file = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct sp_transaction transaction = { 0 };

	(void)state;
	stage_open(&stage);
	stage_install(&stage, before);
	split(before[0], &nevras);
	transaction.root = stage.path;
	file = sp_text_format("%s/%splain.ko", stage.path, UPDATES);
	/* What is mounted on cannot be removed. */
	assert_int_equal(mount(file, file, NULL, MS_BIND, NULL), 0);
	assert_int_equal(sp_transaction_erase(&transaction, &nevras, &findings, &err),
			 -SP_ERR_TRANSACTION);
	assert_non_null(find(&findings, "left-behind"));
	assert_string_equal(find(&findings, "left-behind")->about,
			    "/" UPDATES "plain.ko");
	database = ask_rpm(&stage);
	assert_string_equal(database, "");
	assert_int_equal(umount2(file, MNT_DETACH), 0);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_the_file_that_stays),
	};

	if (stage_alone() < 0)
		return 1;
	return table_run("erasing", erase_rows, erases_as_table_says) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
