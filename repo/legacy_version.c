/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The version rules of legacy packs: not rpm's, and hosts rely on the difference. */

#include "repo/legacy_version.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"

struct arc {
	const char *at;
	size_t len;
};

/* Takes the next arc off *@rest; false when there is none left. */
static bool arc_next(const char **rest, struct arc *ret_arc)
{
	if (!*rest)
		return false;
	ret_arc->at = *rest;
	ret_arc->len = strcspn(*rest, ".-");
	*rest += ret_arc->len;
	*rest = **rest == '.' ? *rest + 1 : NULL;
	return true;
}

static bool arc_is_number(struct arc arc)
{
	for (size_t i = 0; i < arc.len; i++)
		if (!isdigit((unsigned char)arc.at[i]))
			return false;
	return arc.len > 0;
}

/* Numbers of any length, without converting them. */
static int compare_numbers(struct arc a, struct arc b)
{
	while (a.len > 1 && *a.at == '0')
		a.at++, a.len--;
	while (b.len > 1 && *b.at == '0')
		b.at++, b.len--;
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return memcmp(a.at, b.at, a.len);
}

static int compare_texts(struct arc a, struct arc b)
{
	int r = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);

	if (r)
		return r;
	return a.len < b.len ? -1 : a.len > b.len;
}

static int compare_arcs(struct arc a, struct arc b)
{
	bool a_number = arc_is_number(a), b_number = arc_is_number(b);

	if (a_number && b_number)
		return compare_numbers(a, b);
	if (a_number != b_number)
		return a_number ? -1 : 1;
	return compare_texts(a, b);
}

int sp_legacy_version_compare(const char *a, const char *b)
{
	struct arc left = { 0 }, right = { 0 };

	for (;;) {
		bool has_left = arc_next(&a, &left), has_right = arc_next(&b, &right);
		int r;

		if (!has_left || !has_right)
			return (int)has_left - (int)has_right;
		r = compare_arcs(left, right);
		if (r)
			return r;
	}
}

// clang-format off
static const struct test {
	const char *word, *sign;
	bool less, equal, greater; /* passes when the version is … than the wanted one */
} tests[] = {
	{ "eq", "=",  false, true,  false },
	{ "ne", "!=", true,  false, true  },
	{ "lt", "<",  true,  false, false },
	{ "gt", ">",  false, false, true  },
	{ "le", "<=", true,  true,  false },
	{ "ge", ">=", false, true,  true  },
};
// clang-format on

static const struct test *test_find(const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
		if (len == 2 && !memcmp(tests[i].word, word, 2))
			return &tests[i];
	return NULL;
}

const char *sp_legacy_test_sign(const char *test)
{
	const struct test *found = test_find(test, strlen(test));

	return found ? found->sign : NULL;
}

void sp_legacy_requirement_done(struct sp_legacy_requirement *requirement)
{
	free(requirement->id);
	free(requirement->version);
	*requirement = (struct sp_legacy_requirement){ 0 };
}

int sp_legacy_requirement_parse(const char *text,
				struct sp_legacy_requirement *ret_requirement,
				struct sp_error *err)
{
	size_t id_len = strcspn(text, " ");
	const char *word = text + id_len + (text[id_len] == ' ');
	size_t word_len = strcspn(word, " ");
	const struct test *test = test_find(word, word_len);
	const char *version = word + word_len + (word[word_len] == ' ');

	if (!id_len || !test || !*version || strchr(version, ' '))
		return sp_error_set(err, SP_ERR_FORMAT, "'%.100s' is no requirement",
				    text);
	ret_requirement->id = strndup(text, id_len);
	ret_requirement->version = strdup(version);
	ret_requirement->test = test->word;
	if (ret_requirement->id && ret_requirement->version)
		return 0;
	sp_legacy_requirement_done(ret_requirement);
	return sp_error_nomem(err);
}

bool sp_legacy_requirement_is_met(const struct sp_legacy_requirement *requirement,
				  const char *version)
{
	const struct test *test = test_find(requirement->test, 2);
	int order;

	if (!version || !test)
		return false;
	order = sp_legacy_version_compare(version, requirement->version);
	return order < 0 ? test->less : order > 0 ? test->greater : test->equal;
}
