/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "repo/legacy_version.h"
#include "support/table.h"

static const struct row {
	const char *name, *a, *b;
	int want; /* sign */
} rows[] = {
	// clang-format off
	{ "equal",                  "6.5.0",   "6.5.0",        0 },
	{ "longer is newer",        "1.2",     "1.2.0",       -1 },
	{ "numbers, not text",      "1.10",    "1.9",          1 },
	{ "build is ignored",       "1.2-1",   "1.2-2",        0 },
	{ "build of one only",      "1.2",     "1.2-99c",      0 },
	{ "leading zeros",          "1.02",    "1.2",          0 },
	{ "no overflow",            "1.99999999999999999999999", "1.100000000000000000000000", -1 },
	{ "text after numbers",     "1.2",     "1.b",         -1 },
	{ "texts",                  "1.rc1",   "1.rc2",       -1 },
	{ "empty",                  "",        "",             0 },
	{ "empty is text",          "",        "1",            1 },
	{ "trailing dot",           "1.",      "1",            1 },
	// clang-format on
};

static int sign(int number)
{
	return (number > 0) - (number < 0);
}

static void compares_as_table_says(void **state)
{
	const struct row *row = *state;

	assert_int_equal(sign(sp_legacy_version_compare(row->a, row->b)), row->want);
	assert_int_equal(sign(sp_legacy_version_compare(row->b, row->a)), -row->want);
}

static const struct requirement_row {
	const char *name, *text, *version;
	bool want_error, want_met;
} requirement_rows[] = {
	// clang-format off
	{ "eq met",         "xs:main eq 6.0.0", "6.0.0", false, true },
	{ "eq missed",      "xs:main eq 6.0.0", "6.0.1", false, false },
	{ "ne met",         "xs:main ne 6.0.0", "6.0.1", false, true },
	{ "ne, not there",  "xs:main ne 6.0.0", NULL,    false, false },
	{ "lt met",         "a:b lt 2",         "1.9",   false, true },
	{ "lt equal",       "a:b lt 2",         "2",     false, false },
	{ "gt met",         "a:b gt 2",         "2.0",   false, true },
	{ "le equal",       "a:b le 2",         "2",     false, true },
	{ "ge equal",       "a:b ge 2-9",       "2",     false, true },
	{ "ge missed",      "a:b ge 2",         "1",     false, false },
	{ "unknown test",   "a:b is 2",         "2",     true,  false },
	{ "no version",     "a:b ge",           "2",     true,  false },
	{ "no test",        "a:b",              "2",     true,  false },
	{ "nothing",        "",                 "2",     true,  false },
	{ "too many words", "a:b ge 2 3",       "2",     true,  false },
	// clang-format on
};

static void tests_as_table_says(void **state)
{
	const struct requirement_row *row = *state;
	SP_AUTO(sp_legacy_requirement_done) struct sp_legacy_requirement got = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int r = sp_legacy_requirement_parse(row->text, &got, &err);

	assert_int_equal(r, row->want_error ? -SP_ERR_FORMAT : 0);
	if (r == 0)
		assert_int_equal(sp_legacy_requirement_is_met(&got, row->version),
				 row->want_met);
}

int main(void)
{
	return table_run("legacy version", rows, compares_as_table_says) +
	       table_run("legacy requirement", requirement_rows, tests_as_table_says);
}
