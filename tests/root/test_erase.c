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

int main(void)
{
	return stage_alone() < 0 ? 1
				 : table_run("erasing", erase_rows, erases_as_table_says);
}
