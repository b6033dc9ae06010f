/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/json.h"

#include "support/table.h"

#include <stdlib.h>
#include <string.h>

struct parse_row {
	const char *name;    /* the text */
	const char *printed; /* NULL: refused */
};

// clang-format off
static const struct parse_row parse_rows[] = {
	{ "{}", "{}" }, { " [1, 2]\n", "[1,2]" }, { "12", "12" }, { "\"a/b\"", "\"a/b\"" },
	{ "true", "true" }, { "[null]", "[null]" }, { "[1.5]", "[1.5]" },
	{ "{\"a\":{\"b\":[\"\\u00e9\"]}}", "{\"a\":{\"b\":[\"é\"]}}" },
	{ "\"\\\\u0000\"", "\"\\\\u0000\"" }, { "\"NaN 'I' \"", "\"NaN 'I' \"" },
	{ "", NULL }, { "{", NULL }, { "{} x", NULL }, { "{}{}", NULL }, { "[1,]", NULL },
	{ "{\"a\":1,}", NULL }, { "{a:1}", NULL }, { "{'a':1}", NULL }, { "'a'", NULL },
	{ "NaN", NULL }, { "[NaN]", NULL }, { "-Infinity", NULL }, { "True", NULL },
	{ "nul", NULL }, { "/*c*/{}", NULL }, { "{}//c", NULL }, { "[01]", NULL },
	{ "[+1]", NULL }, { "-", NULL }, { "[1 2]", NULL }, { "\"\\x\"", NULL },
	{ "\"\\u0000\"", NULL }, { "{\"a\\u0000b\":1}", NULL }, { "\"a\tb\"", NULL },
	{ "\"\xff\"", NULL }, { "\"\xed\xa0\x80\"", NULL }, { "\x01{}", NULL },
	{ "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
	  "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]" },
	{ "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", NULL },
};
// clang-format on

static void parses_strictly(void **state)
{
	const struct parse_row *row = *state;
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	SP_AUTO(sp_str_freep) char *printed = NULL;
	struct sp_error err = SP_ERROR_INIT;
	size_t len = strlen(row->name);
	char *text = malloc(len + 1); /* without a NUL behind it, for ASan */

	assert_non_null(text);
	memcpy(text, row->name, len);
	assert_int_equal(sp_json_parse(text, len, &json, &err),
			 row->printed ? 0 : -SP_ERR_FORMAT);
	free(text);
	if (!row->printed) {
		assert_null(json);
		assert_true(err.text[0]);
		return;
	}
	printed = sp_json_print(json, false);
	assert_string_equal(printed, row->printed);
}

static void refuses_a_nul_behind_and_too_many_keys(void **state)
{
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	struct sp_strbuf buf = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_json_parse("{}\0", 3, &json, &err), -SP_ERR_FORMAT);
	for (int i = 0; i < 4097; i++)
		sp_strbuf_add(&buf, "%s\"k%d\":0", i ? "," : "[[{", i);
	sp_strbuf_add(&buf, "}]]");
	assert_int_equal(sp_json_parse(buf.text, buf.len, &json, &err), -SP_ERR_LIMIT);
	sp_strbuf_done(&buf);
}

static struct json_object *parsed(const char *text)
{
	struct sp_error err = SP_ERROR_INIT;
	struct json_object *json = NULL;

	assert_int_equal(sp_json_parse(text, strlen(text), &json, &err), 0);
	return json;
}

static void reads_what_is_there_and_nothing_else(void **state)
{
	SP_AUTO(sp_json_freep)
	struct json_object *json = parsed(
		"{\"s\":\"x\",\"i\":-7,\"b\":true,\"n\":null,\"d\":1.5,\"h\":\"80aF\","
		"\"v\":[\"a\",1,\"b\"],\"o\":{\"k\":1}}");

	(void)state;
	assert_string_equal(sp_json_get_string(json, "s"), "x");
	assert_null(sp_json_get_string(json, "i"));
	assert_null(sp_json_get_string(json, "n"));
	assert_null(sp_json_get_string(json, "absent"));
	assert_int_equal(sp_json_get_int(json, "i", 0), -7);
	assert_int_equal(sp_json_get_int(json, "d", 42), 42);
	assert_int_equal(sp_json_get_int(json, "s", 42), 42);
	assert_true(sp_json_get_bool(json, "b", false));
	assert_true(sp_json_get_bool(json, "i", true));
	assert_int_equal(sp_json_length(sp_json_get(json, "v")), 3);
	assert_int_equal(sp_json_length(sp_json_get(json, "o")), 0);
	assert_string_equal(sp_json_text(sp_json_at(sp_json_get(json, "v"), 2)), "b");
	assert_null(sp_json_at(sp_json_get(json, "v"), 3));
	assert_true(sp_json_is_object(sp_json_get(json, "o")));
	assert_false(sp_json_is_object(NULL));
	assert_string_equal(sp_json_key_at(json, 0), "s");
	assert_string_equal(sp_json_key_at(json, 7), "o");
	assert_null(sp_json_key_at(json, 8));
	assert_null(sp_json_get(NULL, "s"));
	assert_null(sp_json_get(sp_json_get(json, "v"), "s"));
	assert_null(sp_json_text(NULL));
}

static void reads_the_strings_of_a_list(void **state)
{
	SP_AUTO(sp_json_freep)
	struct json_object *json = parsed("{\"v\":[\"a\",1,null,\"b\"],\"s\":\"x\"}");
	struct sp_strv list = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_json_get_strv(json, "v", &list, &err), 0);
	assert_int_equal(sp_json_get_strv(json, "s", &list, &err), 0);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.items[1], "b");
	sp_strv_done(&list);
}

static void prints_what_was_built(void **state)
{
	SP_AUTO(sp_json_freep) struct json_object *json = sp_json_object();
	SP_AUTO(sp_str_freep) char *line = NULL;
	SP_AUTO(sp_str_freep) char *page = NULL;
	char *items[] = { (char[]){ "b" }, (char[]){ "a" } };
	const struct sp_strv list = { items, 2 };

	(void)state;
	sp_json_set_string(json, "s", "a/\"b");
	sp_json_set_string(json, "n", NULL);
	sp_json_set_string(json, "bad", "x\xff\xc3\xa9\xc3");
	sp_json_set_int(json, "i", INT64_MIN);
	sp_json_set_bool(json, "b", false);
	sp_json_set_hex(json, "h", 0x8086, 4);
	sp_json_set_hex(json, "h8", 0x1f, 8);
	sp_json_set_strv(json, "v", &list);
	line = sp_json_print(json, false);
	assert_string_equal(line, "{\"s\":\"a/\\\"b\",\"n\":null,\"bad\":\"x?é?\","
				  "\"i\":-9223372036854775808,\"b\":false,\"h\":\"8086\","
				  "\"h8\":\"0000001f\",\"v\":[\"b\",\"a\"]}");
	page = sp_json_print(json, true);
	assert_non_null(strstr(page, "\n  \"s\""));
}

static void prints_null_alone(void **state)
{
	SP_AUTO(sp_json_freep) struct json_object *json = sp_json_string(NULL);
	SP_AUTO(sp_str_freep) char *text = sp_json_print(json, false);

	(void)state;
	assert_string_equal(text, "null");
}

/* A value that could not be allocated arrives as NULL. */
static void a_missing_part_fails_the_whole(void **state)
{
	struct json_object *outer = sp_json_object(), *inner = sp_json_array();

	(void)state;
	sp_json_append(inner, NULL);
	sp_json_append(inner, sp_json_string("x"));
	sp_json_set(outer, "inner", inner);
	assert_null(sp_json_print(outer, false));
	sp_json_free(outer);
	assert_null(sp_json_print(NULL, false));
	sp_json_set(NULL, "key", sp_json_string("freed"));
	sp_json_append(NULL, sp_json_string("freed"));
	outer = sp_json_object();
	sp_json_set(outer, "key", NULL);
	assert_null(sp_json_print(outer, false));
	sp_json_free(outer);
}

static void a_reference_keeps_a_part(void **state)
{
	struct json_object *json = parsed("{\"a\":[1]}");
	struct json_object *part = sp_json_ref(sp_json_get(json, "a"));

	(void)state;
	sp_json_free(json);
	assert_int_equal(sp_json_length(part), 1);
	sp_json_free(part);
	assert_null(sp_json_ref(NULL));
	sp_json_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_a_nul_behind_and_too_many_keys),
		cmocka_unit_test(reads_what_is_there_and_nothing_else),
		cmocka_unit_test(reads_the_strings_of_a_list),
		cmocka_unit_test(prints_what_was_built),
		cmocka_unit_test(prints_null_alone),
		cmocka_unit_test(a_missing_part_fails_the_whole),
		cmocka_unit_test(a_reference_keeps_a_part),
	};
	int failed = table_run("json: parse", parse_rows, parses_strictly);

	return failed + cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
