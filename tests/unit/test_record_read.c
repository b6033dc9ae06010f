/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Records are read one by one, whatever they hold. */

#include "support/record.h"

static const struct json_row {
	const char *name, *json;
	bool sound;
} json_rows[] = {
	// clang-format off
	{ "the least", "{\"suppack_record\":1," PACK "}", true },
	{ "of a newer suppack", "{\"suppack_record\":7,\"new\":{\"a\":[1]}," PACK "}", true },
	{ "absolute module", "{\"suppack_record\":1," PACK ",\"installed_modules\":[\"/lib/a.ko\"]}", true },
	{ "nothing", "", false },
	{ "null", "null", false },
	{ "an array", "[]", false },
	{ "an empty object", "{}", false },
	{ "cut off", "{\"suppack_record\":1," PACK, false },
	{ "something behind it", "{\"suppack_record\":1," PACK "}x", false },
	{ "no schema", "{" PACK "}", false },
	{ "schema of text", "{\"suppack_record\":\"1\"," PACK "}", false },
	{ "no pack", "{\"suppack_record\":1}", false },
	{ "pack of text", "{\"suppack_record\":1,\"pack\":\"i\"}", false },
	{ "pack of no format", "{\"suppack_record\":1,\"pack\":{\"id\":\"i\"}}", false },
	{ "module that climbs", "{\"suppack_record\":1," PACK ",\"installed_modules\":[\"../a.ko\"]}", false },
	{ "placed file that climbs", "{\"suppack_record\":1," PACK ",\"placed\":[\"../etc/passwd\"]}", false },
	{ "module above the root", "{\"suppack_record\":1," PACK ",\"installed_modules\":[\"//a.ko\"]}", false },
	{ "package that climbs", "{\"suppack_record\":1,\"pack\":{\"format\":\"update\",\"id\":\"i\","
	  "\"trust\":{\"state\":\"trusted\"},\"packages\":[{\"name\":\"a\",\"file\":\"../../a.rpm\"}]}}", false },
	{ "no UTF-8", "{\"suppack_record\":1,\"kernel\":\"\xff\"," PACK "}", false },
	// clang-format on
};

static void json_is_read_or_said(void **state)
{
	const struct json_row *row = *state;
	const struct tree_file files[TREE_MAX_FILES] = {
		{ REPOS "x/record.json", row->json },
		{ REPOS "y/record.json", "{\"suppack_record\":1," PACK "}" },
		{ REPOS "xs:main/XS-REPOSITORY", "<repository/>" },
		{ REPOS "file", "" },
	};
	SP_AUTO(host_done) struct host host = { 0 };

	host_init(&host, files);
	expect(host.fd, row->sound ? "x l 1;y l 1|" : "y l 1|!x");
}

static void texts_are_cleaned(void **state)
{
	static const struct tree_file files[TREE_MAX_FILES] = {
		{ REPOS "x/record.json",
		  "{\"suppack_record\":1,\"pack\":{\"format\":\"update\",\"id\":\"i\","
		  "\"label\":\"a\\u001b[2Jb\",\"version\":\"1\",\"trust\":{\"state\":"
		  "\"trusted\"}}}" },
	};
	SP_AUTO(host_done) struct host host = { 0 };

	(void)state;
	host_init(&host, files);
	expect(host.fd, "x a?[2Jb 1|");
}

static void a_record_too_large_is_said(void **state)
{
	SP_AUTO(host_done) struct host host = { 0 };
	size_t len = 5 << 20;
	char *bytes = malloc(len);

	(void)state;
	assert_non_null(bytes);
	memset(bytes, ' ', len);
	host_init(&host, NULL);
	machine_write_bytes(&host.machine, REPOS "x/record.json", bytes, len);
	free(bytes);
	expect(host.fd, "|!x");
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(texts_are_cleaned),
		cmocka_unit_test(a_record_too_large_is_said),
	};
	int failed = cmocka_run_group_tests(others, NULL, NULL);

	return failed + table_run("record.json", json_rows, json_is_read_or_said);
}
