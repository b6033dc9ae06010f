/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/legible.h"

#include "support/table.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

struct text_row {
	const char *name;
	const char *text;
	const char *utf8;
	const char *ascii;
	size_t width; /* of the UTF-8 form */
};

// clang-format off
static const struct text_row text_rows[] = {
	{ "nothing", "", "", "", 0 },
	{ "plain", "Intel 82574L", "Intel 82574L", "Intel 82574L", 12 },
	{ "an arrow", "no driver → e1000e", "no driver → e1000e", "no driver -> e1000e", 18 },
	{ "quotes and dashes", "“a” – b…", "“a” – b…", "\"a\" - b...", 8 },
	{ "a name", "Jürgen Größe", "Jürgen Größe", "Juergen Groesse", 12 },
	{ "no substitute", "漢字", "漢字", "??", 4 },
	{ "line ends stay", "a\nb", "a\nb", "a\nb", 2 },
	{ "a tab", "a\tb", "a b", "a b", 3 },
	{ "an escape sequence", "a\033[2Jb", "a?[2Jb", "a?[2Jb", 6 },
	{ "C1 controls", "a\302\233b", "a?b", "a?b", 3 },
	{ "a broken sequence", "a\303", "a?", "a?", 2 },
	{ "a broken sequence goes on", "a\342\206b", "a?b", "a?b", 3 },
	{ "a lone continuation", "a\200b", "a?b", "a?b", 3 },
};
// clang-format on

static void becomes_legible(void **state)
{
	const struct text_row *row = *state;
	char *utf8 = sp_legible_text(row->text, true);
	char *ascii = sp_legible_text(row->text, false);

	assert_string_equal(utf8, row->utf8);
	assert_string_equal(ascii, row->ascii);
	assert_int_equal(sp_legible_width(utf8), row->width);
	free(utf8);
	free(ascii);
}

struct wrap_row {
	const char *name;
	const char *text;
	size_t columns;
	const char *lines; /* '|' between */
};

// clang-format off
static const struct wrap_row wrap_rows[] = {
	{ "fits", "one two", 8, "one two" },
	{ "one too long", "one two three", 8, "one two|three" },
	{ "breaks at the very end", "one two three", 7 + 1, "one two|three" },
	{ "a long word", "0123456789 a", 8, "01234567|89 a" },
	{ "lines", "a\nb", 8, "a|b" },
	{ "an empty line", "a\n\nb", 8, "a||b" },
	{ "ends with a line end", "a\n", 8, "a" },
	{ "nothing", "", 8, "" },
	{ "indented", "  one two three", 10, "  one two|  three" },
	{ "a long word, indented", "  0123456789", 10, "  01234567|  89" },
	{ "an item", "- one two three", 10, "- one two|  three" },
	{ "an indented item", "  - one two three", 12, "  - one two|    three" },
	{ "too deep", "        one", 10, "one" },
	{ "many blanks", "one     two", 8, "one|two" },
	{ "arrows count once", "a → b → c", 8, "a → b →|c" },
	{ "wide characters", "漢字漢字漢字", 8, "漢字漢字|漢字" },
};
// clang-format on

static void wraps(void **state)
{
	const struct wrap_row *row = *state;
	struct sp_error err = SP_ERROR_INIT;
	struct sp_strv lines = { 0 };
	char *joined;

	assert_int_equal(sp_legible_wrap(row->text, row->columns, &lines, &err), 0);
	joined = sp_strv_join(&lines, "|");
	assert_string_equal(joined, row->lines);
	for (size_t i = 0; i < lines.n; i++)
		assert_true(sp_legible_width(lines.items[i]) <= row->columns);
	free(joined);
	sp_strv_done(&lines);
}

struct cut_row {
	const char *name;
	const char *text;
	size_t columns;
	const char *cut;
};

// clang-format off
static const struct cut_row cut_rows[] = {
	{ "fits", "abcdef", 6, "abcdef" },
	{ "one too long", "abcdefg", 6, "abc..." },
	{ "wide characters", "漢字漢字", 6, "漢..." },
	{ "nothing", "", 3, "" },
};
// clang-format on

static void cuts(void **state)
{
	const struct cut_row *row = *state;
	char *cut = sp_legible_cut(row->text, row->columns);

	assert_string_equal(cut, row->cut);
	free(cut);
}

static void knows_the_locale(void **state)
{
	(void)state;
	assert_true(sp_legible_is_utf8());
	assert_non_null(setlocale(LC_ALL, "C"));
	assert_false(sp_legible_is_utf8());
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(knows_the_locale) };
	int failed = setlocale(LC_ALL, "C.UTF-8") == NULL;

	failed += table_run("legible: text", text_rows, becomes_legible);
	failed += table_run("legible: wrap", wrap_rows, wraps);
	failed += table_run("legible: cut", cut_rows, cuts);
	return failed + cmocka_run_group_tests_name("legible: locale", tests, NULL, NULL);
}
