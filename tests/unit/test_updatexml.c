/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "repo/updatexml.h"
#include "repo/pack.h"
#include "support/table.h"

#include <string.h>

#define UUID "5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0001"
#define HEAD "<update name-label='a' version='1' "
#define NAME "<name-description>About a</name-description>"
#define GOOD HEAD "uuid='" UUID "'"

enum { STAMP_OK = 1, SUPERSEDED = 2 };

static const struct row {
	const char *name, *text;
	const char *want_error; /* NULL: it is read */
	int stamp;              /* how it is read as a stamp */
} rows[] = {
	// clang-format off
	{ "the least there may be", GOOD ">" NAME "</update>", NULL, STAMP_OK },
	{ "attributes nobody knows", GOOD " x='y'><z/>" NAME "</update>", NULL, STAMP_OK },
	{ "no description", GOOD "/>", "name-description", STAMP_OK },
	{ "rolled up by another", GOOD "><rolled-up-by/>" NAME "</update>", NULL, SUPERSEDED },
	{ "no uuid", HEAD ">" NAME "</update>", "has no 'uuid'", 0 },
	{ "an empty uuid", HEAD "uuid=''>" NAME "</update>", "has no 'uuid'", 0 },
	{ "a uuid in capitals", HEAD "uuid='5AB1F3C0-2D1E-4C55-9E0B-6D1F0A5E0001'>" NAME
	  "</update>", "is no uuid", 0 },
	{ "a uuid that climbs", HEAD "uuid='../../../../../etc/cron.d/a'>" NAME "</update>",
	  "'../../../../../etc/cron.d/a' is no uuid", 0 },
	{ "a uuid and more", HEAD "uuid='" UUID "0'>" NAME "</update>", "is no uuid", 0 },
	{ "a version that climbs", "<update name-label='a' version='../1' uuid='" UUID "'>" NAME
	  "</update>", "'../1' is no version", 0 },
	{ "no version", "<update name-label='a' uuid='" UUID "'>" NAME "</update>",
	  "has no 'version'", 0 },
	{ "no label", "<update version='1' uuid='" UUID "'>" NAME "</update>",
	  "has no 'name-label'", 0 },
	{ "a label with a slash", "<update version='1' name-label='a/b' uuid='" UUID "'>" NAME
	  "</update>", "is no name-label", 0 },
	{ "a label like an option", "<update version='1' name-label='-a' uuid='" UUID "'>" NAME
	  "</update>", "is no name-label", 0 },
	{ "a negative size", GOOD " installation-size='-1'>" NAME "</update>",
	  "is no installation-size", 0 },
	{ "a size with a unit", GOOD " installation-size='5 MB'>" NAME "</update>",
	  "is no installation-size", 0 },
	{ "a size beyond 64 bits", GOOD " installation-size='99999999999999999999'>" NAME
	  "</update>", "is no installation-size", 0 },
	{ "another root", "<packages/>", "begins with <packages>", 0 },
	{ "an HTML page", "<!DOCTYPE html><html></html>", "update.xml", 0 },
	{ "an entity of its own", "<!DOCTYPE update [<!ENTITY a 'b'>]>" GOOD ">" NAME "</update>",
	  "update.xml", 0 },
	{ "cut off", GOOD "><name-desc", "update.xml", 0 },
	{ "nothing", "", "update.xml", 0 },
	// clang-format on
};

static void reads_as_table_says(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 }, stamp = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int r = sp_updatexml_read(row->text, strlen(row->text), &pack, &err);

	assert_int_equal(r, row->want_error ? -SP_ERR_FORMAT : 0);
	if (row->want_error)
		assert_non_null(strstr(err.text, row->want_error));
	else
		assert_string_equal(pack.description, "About a");
	r = sp_updatexml_read_stamp(row->text, strlen(row->text), &stamp, &err);
	assert_int_equal(r, row->stamp == SUPERSEDED ? SP_UPDATEXML_SUPERSEDED
			    : row->stamp             ? 0
						     : -SP_ERR_FORMAT);
}

static void fills_the_pack(void **state)
{
	static const char text[] =
		"<update name-label='bnxt-en' version='1.10.3' uuid='" UUID
		"' control='control-bnxt' "
		"key='RPM-GPG-KEY-x' after-apply-guidance='restartHost' "
		"installation-size='12345' enforce-homogeneity='true'>\n"
		"<name-description>\n  NetXtreme-C \033[2J &amp; E \n</name-description>\n"
		"<rollsup uuid='" UUID "'/><rollsup uuid='no uuid'/><rollsup/></update>";
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	char clean[sizeof text];
	char *escape;

	(void)state;
	/* XML itself forbids the escape character. */
	memcpy(clean, text, sizeof text);
	assert_int_equal(sp_updatexml_read(clean, strlen(clean), &pack, &err),
			 -SP_ERR_FORMAT);
	sp_pack_done(&pack);
	memset(&pack, 0, sizeof pack);
	escape = strchr(clean, '\033');
	assert_non_null(escape);
	*escape = '!';
	assert_int_equal(sp_updatexml_read(clean, strlen(clean), &pack, &err), 0);
	assert_string_equal(pack.id, UUID);
	assert_string_equal(pack.label, "bnxt-en");
	assert_string_equal(pack.version, "1.10.3");
	assert_string_equal(pack.control, "control-bnxt");
	assert_string_equal(pack.key_file, "RPM-GPG-KEY-x");
	assert_string_equal(pack.guidance, "restartHost");
	assert_string_equal(pack.description, "NetXtreme-C ![2J & E");
	assert_int_equal(pack.installation_bytes, 12345);
	assert_true(pack.homogeneous);
	assert_int_equal(pack.rolls_up.n, 1);
}

int main(void)
{
	const struct CMUnitTest more[] = { cmocka_unit_test(fills_the_pack) };
	int r = table_run("updatexml", rows, reads_as_table_says);

	return r + cmocka_run_group_tests_name("updatexml, whole", more, NULL, NULL);
}
