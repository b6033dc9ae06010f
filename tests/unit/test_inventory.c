/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "repo/inventory.h"
#include "support/table.h"

#include <string.h>

static const struct row {
	const char *name, *text;
	const char *want_version, *want_brand;
} rows[] = {
	// clang-format off
	{ "single quotes", "PRODUCT_BRAND='XenServer'\nPRODUCT_VERSION='8.2.0'\n",
	  "8.2.0", "XenServer" },
	{ "double quotes", "PRODUCT_VERSION=\"8.2.0\"\n", "8.2.0", NULL },
	{ "no quotes, no newline", "PRODUCT_VERSION=8.2.0", "8.2.0", NULL },
	{ "carriage return", "PRODUCT_VERSION='8.2.0'\r\n", "8.2.0", NULL },
	{ "the last one counts", "PRODUCT_VERSION='1'\nPRODUCT_VERSION='2'\n", "2", NULL },
	{ "other keys", "XPRODUCT_VERSION='1'\nPRODUCT_VERSION_TEXT='2'\n", NULL, NULL },
	{ "no sign", "PRODUCT_VERSION\n", NULL, NULL },
	{ "empty value", "PRODUCT_BRAND=''\n", NULL, "" },
	{ "escape characters", "PRODUCT_BRAND='a\033[2Jb'\n", NULL, "a?[2Jb" },
	{ "a lone quote", "PRODUCT_BRAND='\n", NULL, "'" },
	{ "nothing", "", NULL, NULL },
	// clang-format on
};

static void expect(const char *got, const char *want)
{
	if (!want)
		assert_null(got);
	else
		assert_string_equal(got, want);
}

static void reads_as_table_says(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_inventory_done) struct sp_inventory got = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_inventory_parse(row->text, strlen(row->text), &got, &err), 0);
	expect(got.product_version, row->want_version);
	expect(got.product_brand, row->want_brand);
}

int main(void)
{
	return table_run("inventory", rows, reads_as_table_says);
}
