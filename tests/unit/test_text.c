/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

#include "support/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- cleaning -------------------------------------------------------------- */

struct clean_row {
	const char *name;
	const char *text, *cleaned;
	size_t len;  /* 0: to its NUL */
	size_t size; /* 0: 64 */
};

// clang-format off
static const struct clean_row clean_rows[] = {
	{ "plain", "Driver Disk 1.0", "Driver Disk 1.0", 0, 0 },
	{ "empty", "", "", 0, 0 },
	{ "UTF-8 stays", "Ünïcode 日本 😀", "Ünïcode 日本 😀", 0, 0 },
	{ "an escape sequence", "\x1b[2Jx", "?[2Jx", 0, 0 },
	{ "control characters", "a\x01" "b\x7f" "c", "a?b?c", 0, 0 },
	{ "a NUL inside", "a\0b", "a?b", 3, 0 },
	{ "C1 controls", "a\xc2\x9b" "31m\xc2\x85z", "a?31m?z", 0, 0 },
	{ "bidirectional overrides", "a\xe2\x80\xae" "b\xe2\x81\xa6" "c\xe2\x80\x8f", "a?b?c?", 0, 0 },
	{ "zero width", "a\xe2\x80\x8b" "b\xef\xbb\xbf" "c", "a?b?c", 0, 0 },
	{ "tag characters", "a\xf3\xa0\x81\x81", "a?", 0, 0 },
	{ "white space", "  a \t\r\n b\n", "a b", 0, 0 },
	{ "blanks of Unicode", "a\xc2\xa0\xe3\x80\x80" "b\xe2\x80\xa8" "c", "a b c", 0, 0 },
	{ "only white space", " \n\t ", "", 0, 0 },
	{ "a lone continuation", "a\x80z", "a?z", 0, 0 },
	{ "a cut sequence", "a\xe2\x82", "a??", 0, 0 },
	{ "an overlong slash", "a\xc0\xaf", "a??", 0, 0 },
	{ "an overlong NUL of three", "\xe0\x80\x80", "???", 0, 0 },
	{ "a surrogate", "\xed\xa0\x80", "???", 0, 0 },
	{ "beyond Unicode", "\xf4\x90\x80\x80", "????", 0, 0 },
	{ "bytes that never are", "\xfe\xff", "??", 0, 0 },
	{ "fits exactly", "abcdefg", "abcdefg", 0, 8 },
	{ "too long by one", "abcdefgh", "abcd...", 0, 8 },
	{ "is not cut inside a character", "abcé€", "abc...", 0, 8 },
	{ "a last wide character fits", "abcd€", "abcd€", 0, 8 },
	{ "too long after a blank", "abcd efgh", "abcd...", 0, 8 },
	{ "the smallest", "abcdefgh", "...", 0, 4 },
	{ "the smallest that fits", "abc", "abc", 0, 4 },
};
// clang-format on

static void cleans(void **state)
{
	const struct clean_row *row = *state;
	size_t size = row->size ? row->size : 64;
	char *text = malloc(size);

	assert_non_null(text);
	sp_text_clean(row->text, row->len ? row->len : strlen(row->text), text, size);
	assert_string_equal(text, row->cleaned);
	assert_true(sp_text_is_utf8(text, strlen(text)));
	free(text);
}

/* Whatever comes in, what goes out is short, UTF-8 and free of controls. */
static void cleans_any_bytes(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char in[40], out[24];

		for (size_t i = 0; i < sizeof in; i++) {
			seed = seed * 1103515245 + 12345;
			in[i] = (char)(seed >> 16);
		}
		sp_text_clean(in, sizeof in, out, sizeof out);
		assert_true(strlen(out) < sizeof out);
		assert_true(sp_text_is_utf8(out, strlen(out)));
		for (const char *at = out; *at; at++)
			assert_false((unsigned char)*at < 0x20 || *at == 0x7f);
	}
}

static void cleans_into_a_fresh_string(void **state)
{
	char longer[1000];
	char *text;

	(void)state;
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	text = sp_text_clean_dup(longer);
	assert_int_equal(strlen(text), SP_TEXT_MAX - 1);
	free(text);
	assert_null(sp_text_clean_dup(NULL));
}

/* ---- paths ----------------------------------------------------------------- */

struct path_row {
	const char *name; /* the path */
	bool safe;
};

// clang-format off
static const struct path_row path_rows[] = {
	{ "a", true }, { "a/b/c", true }, { "a..b/...", true }, { ".hidden", true },
	{ "packages/driver 1.rpm", true }, { "%2e%2e/x", true },
	{ "", false }, { "/", false }, { "/etc/passwd", false }, { "..", false },
	{ ".", false }, { "a/..", false }, { "../a", false }, { "a/../b", false },
	{ "a//b", false }, { "a/", false }, { "./a", false }, { "a/./b", false },
	{ "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", true },
	{ "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", false },
};
// clang-format on

static void judges_a_path(void **state)
{
	const struct path_row *row = *state;

	assert_int_equal(sp_text_path_is_safe(row->name), row->safe);
}

static void judges_long_paths(void **state)
{
	char path[1026];

	(void)state;
	memset(path, 'x', sizeof path);
	path[1024] = '\0';
	assert_true(sp_text_path_is_safe(path));
	path[1024] = 'x';
	path[1025] = '\0';
	assert_false(sp_text_path_is_safe(path));
}

// clang-format off
static const struct below_row {
	const char *path, *dir;
	bool is_below;
} below_rows[] = {
	{ "/run/packs/a", "/run/packs", true }, { "/run/packs/a/b", "/run/packs", true },
	{ "/run/packs", "/run/packs", false },  { "/run/packs2/a", "/run/packs", false },
	{ "/run", "/run/packs", false },        { "http://host/run/packs/a", "/run/packs", false },
};
// clang-format on

static void tells_what_lies_below(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof below_rows / sizeof below_rows[0]; i++)
		assert_int_equal(
			sp_text_path_is_below(below_rows[i].path, below_rows[i].dir),
			below_rows[i].is_below);
}

/* ---- file names ------------------------------------------------------------ */

struct file_name_row {
	const char *name; /* the id */
	const char *file_name;
};

// clang-format off
static const struct file_name_row file_name_rows[] = {
	{ "xs:driver-1.0_x", "xs:driver-1.0_x" }, { "", "%" }, { ".", "%2E" },
	{ "..", "%2E." }, { "../../etc", "%2E.%2F..%2Fetc" }, { "a/b", "a%2Fb" },
	{ "100%", "100%25" }, { "%2F", "%252F" }, { "a b\n", "a%20b%0A" },
	{ "é", "%C3%A9" },
};
// clang-format on

static void names_a_file(void **state)
{
	const struct file_name_row *row = *state;
	char *name = sp_text_file_name(row->name);

	assert_string_equal(name, row->file_name);
	free(name);
}

static void keeps_long_ids_apart(void **state)
{
	char one[400], other[400];
	char *a, *b;

	(void)state;
	memset(one, 'x', sizeof one);
	memset(other, 'x', sizeof other);
	one[200] = other[200] = '\0';
	a = sp_text_file_name(one);
	assert_string_equal(a, one);
	free(a);
	one[200] = other[200] = 'x';
	one[399] = other[399] = '\0';
	other[398] = 'y';
	a = sp_text_file_name(one);
	b = sp_text_file_name(other);
	assert_true(strlen(a) <= 200 && strlen(b) <= 200);
	assert_string_not_equal(a, b);
	assert_int_equal(strncmp(a, one, 180), 0);
	free(a);
	free(b);
	memset(one, '/', sizeof one - 1);
	a = sp_text_file_name(one);
	assert_true(strlen(a) <= 200 && sp_text_path_is_safe(a));
	free(a);
}

/* ---- building -------------------------------------------------------------- */

static void builds_strings(void **state)
{
	struct sp_strbuf buf = { 0 };
	char longer[500];
	char *text;

	(void)state;
	text = sp_strbuf_take(&buf);
	assert_string_equal(text, "");
	free(text);
	memset(longer, 'y', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	sp_strbuf_add(&buf, "%d-%s", 7, "x");
	assert_string_equal(buf.text, "7-x");
	sp_strbuf_add_bytes(&buf, "ab\0c", 4);
	sp_strbuf_add(&buf, "%s", longer);
	assert_int_equal(buf.len, 3 + 4 + 499);
	assert_memory_equal(buf.text, "7-xab\0cyyy", 10);
	text = sp_strbuf_take(&buf);
	assert_int_equal(text[buf.len], '7');
	free(text);
	assert_null(buf.text);
	text = sp_text_format("%s=%d", "n", 3);
	assert_string_equal(text, "n=3");
	free(text);
}

static void a_failed_string_gives_nothing(void **state)
{
	struct sp_strbuf buf = { .failed = true };

	(void)state;
	sp_strbuf_add(&buf, "x");
	assert_null(sp_strbuf_take(&buf));
	assert_false(buf.failed);
}

static void holds_a_list(void **state)
{
	struct sp_strv list = { 0 }, more = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	char *text;

	(void)state;
	text = sp_strv_join(&list, ", ");
	assert_string_equal(text, "");
	free(text);
	assert_int_equal(sp_strv_add(&list, "b", &err), 0);
	assert_int_equal(sp_strv_add(&list, "c", &err), 0);
	assert_int_equal(sp_strv_add_n(&list, "axx", 1, &err), 0);
	assert_true(sp_strv_has(&list, "a") && !sp_strv_has(&list, "ax"));
	sp_strv_sort(&list);
	text = sp_strv_join(&list, ", ");
	assert_string_equal(text, "a, b, c");
	free(text);
	assert_int_equal(sp_strv_add_all(&more, &list, &err), 0);
	assert_int_equal(sp_strv_add_all(&more, &list, &err), 0);
	text = sp_strv_join(&more, "");
	assert_string_equal(text, "abcabc");
	free(text);
	sp_strv_done(&more);
	sp_strv_done(&list);
	assert_null(list.items);
	assert_int_equal(list.n, 0);
}

static void compares_ends(void **state)
{
	(void)state;
	assert_true(sp_text_ends_with("a.ko", ".ko") && sp_text_ends_with("a", ""));
	assert_false(sp_text_ends_with("ko", ".ko") || sp_text_ends_with("a.kox", ".ko"));
	assert_true(sp_text_starts_with("http://x", "http://"));
	assert_false(sp_text_starts_with("htt", "http") || sp_text_starts_with("", "h"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cleans_any_bytes),
		cmocka_unit_test(cleans_into_a_fresh_string),
		cmocka_unit_test(judges_long_paths),
		cmocka_unit_test(tells_what_lies_below),
		cmocka_unit_test(keeps_long_ids_apart),
		cmocka_unit_test(builds_strings),
		cmocka_unit_test(a_failed_string_gives_nothing),
		cmocka_unit_test(holds_a_list),
		cmocka_unit_test(compares_ends),
	};
	int failed = table_run("text: clean", clean_rows, cleans);

	failed += table_run("text: paths", path_rows, judges_a_path);
	failed += table_run("text: file names", file_name_rows, names_a_file);
	return failed + cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
