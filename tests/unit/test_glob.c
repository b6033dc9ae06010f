/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/glob.h"
#include "support/table.h"

#include <fnmatch.h>
#include <string.h>
#include <time.h>

enum { GENERATED = 200000, PART_MAX = 24 };

static const struct match_row {
	const char *name, *pattern, *text;
	bool matches;
} match_rows[] = {
	{ "equal", "virtio:d1v2", "virtio:d1v2", true },
	{ "one more byte in the text", "virtio:d1", "virtio:d1v2", false },
	{ "one more byte in the pattern", "virtio:d1v2", "virtio:d1", false },
	{ "star for nothing", "a*b", "ab", true },
	{ "star for much", "a*b", "axbxb", true },
	{ "star at the end for nothing", "ab*", "ab", true },
	{ "stars alone", "***", "", true },
	{ "empty text", "?", "", false },
	{ "question mark", "mdio:00??", "mdio:0010", true },
	{ "question mark wants a byte", "mdio:00??", "mdio:001", false },
	{ "bracket", "d0[0-3]x", "d02x", true },
	{ "bracket without it", "d0[0-3]x", "d04x", false },
	{ "bracket, negated", "d[!0-3]", "d4", true },
	{ "bracket, negated with ^", "d[^0-3]", "d3", false },
	{ "bracket with a dash at its end", "d[0-]", "d-", false }, /* text is folded */
	{ "bracket after a star", "a*[MU]z", "aMMUz", true },
	{ "range turned round", "[9-0]", "5", false },
	{ "dash in the pattern", "spi:tpm-tis", "spi:tpm_tis", true },
	{ "dash in the text", "spi:tpm_tis", "spi:tpm-tis", true },
	{ "second star must give back", "a*bc*d", "abcbcd", true },
	{ "upper case is not lower", "PCI:v*", "pci:v1", false },
};

static bool matches(const char *pattern, const char *text)
{
	char folded[SP_GLOB_MAX_TEXT_BYTES];

	sp_glob_fold(text, strlen(text), folded);
	return sp_glob_match(pattern, strlen(pattern), folded, strlen(text));
}

static void matches_a_pattern(void **state)
{
	const struct match_row *row = *state;

	assert_true(sp_glob_is_sound(row->pattern, strlen(row->pattern)));
	assert_int_equal(matches(row->pattern, row->text), row->matches);
}

static const struct unsound_row {
	const char *name, *pattern;
} unsound_rows[] = {
	{ "empty", "" },
	{ "open bracket", "pci:v[0-9" },
	{ "closed bracket", "pci:v0]" },
	{ "bracket of nothing", "pci:[]" },
	{ "negated bracket of nothing", "pci:[!]" },
	{ "bracket in a bracket", "pci:[[:alpha:]]" },
	{ "backslash", "pci:\\*" },
	{ "backslash in a bracket", "pci:[\\a]" },
};

static void refuses_an_unsound_pattern(void **state)
{
	const struct unsound_row *row = *state;

	assert_false(sp_glob_is_sound(row->pattern, strlen(row->pattern)));
}

static void refuses_a_long_pattern(void **state)
{
	char pattern[SP_GLOB_MAX_BYTES + 1];

	(void)state;
	memset(pattern, 'a', sizeof pattern);
	assert_true(sp_glob_is_sound(pattern, SP_GLOB_MAX_BYTES));
	assert_false(sp_glob_is_sound(pattern, SP_GLOB_MAX_BYTES + 1));
	pattern[3] = '\0';
	assert_false(sp_glob_is_sound(pattern, SP_GLOB_MAX_BYTES));
}

/* ---- against libc ---------------------------------------------------------- */

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 16;
}

static void make_text(uint32_t *seed, const char *alphabet, char *text)
{
	size_t len = next_random(seed) % PART_MAX;

	for (size_t i = 0; i < len; i++)
		text[i] = alphabet[next_random(seed) % strlen(alphabet)];
	text[len] = '\0';
}

/* Few letters, so that half of what is tried matches for a good part of its length. */
static void agrees_with_fnmatch(void **state)
{
	uint32_t seed = 1;
	size_t n_matched = 0, n_sound = 0;

	(void)state;
	for (size_t i = 0; i < GENERATED; i++) {
		char pattern[PART_MAX], text[PART_MAX];
		bool expected;

		make_text(&seed, "ab*?[]!-c*", pattern);
		make_text(&seed, "aabbc", text);
		if (!sp_glob_is_sound(pattern, strlen(pattern)))
			continue;
		expected = fnmatch(pattern, text, 0) == 0;
		if (matches(pattern, text) != expected)
			fail_msg("'%s' and '%s': fnmatch says %d", pattern, text,
				 expected);
		n_sound++;
		n_matched += expected;
	}
	assert_true(n_sound > GENERATED / 5);
	assert_true(n_matched > n_sound / 20);
}

static void takes_bounded_time(void **state)
{
	char pattern[SP_GLOB_MAX_BYTES], text[SP_GLOB_MAX_TEXT_BYTES];
	clock_t start = clock();

	(void)state;
	for (size_t i = 0; i < sizeof pattern; i++)
		pattern[i] = i % 2 ? '*' : 'a';
	pattern[sizeof pattern - 1] = 'b';
	memset(text, 'a', sizeof text);
	assert_false(sp_glob_match(pattern, sizeof pattern, text, sizeof text));
	assert_true(clock() - start <
		    CLOCKS_PER_SEC); /* fnmatch: the age of the universe */
}

static void finds_literals(void **state)
{
	static const char pattern[] = "pci:v*d[0-9]?sv-*";
	size_t at = 0, start, len;

	(void)state;
	assert_int_equal(sp_glob_literal_length(pattern, strlen(pattern)), 5);
	assert_true(sp_glob_next_literal(pattern, strlen(pattern), &at, &start, &len));
	assert_int_equal(len, 5);
	assert_true(sp_glob_next_literal(pattern, strlen(pattern), &at, &start, &len));
	assert_int_equal(start, 6);
	assert_int_equal(len, 1);
	assert_true(sp_glob_next_literal(pattern, strlen(pattern), &at, &start, &len));
	assert_int_equal(start, 13);
	assert_int_equal(len, 3);
	assert_false(sp_glob_next_literal(pattern, strlen(pattern), &at, &start, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_a_long_pattern),
		cmocka_unit_test(agrees_with_fnmatch),
		cmocka_unit_test(takes_bounded_time),
		cmocka_unit_test(finds_literals),
	};
	int failed = table_run("match", match_rows, matches_a_pattern);

	failed += table_run("unsound", unsound_rows, refuses_an_unsound_pattern);
	return failed + cmocka_run_group_tests_name("glob", tests, NULL, NULL);
}
