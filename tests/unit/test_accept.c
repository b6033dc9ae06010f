/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every act of trust against every state: what it opens, and that it opens nothing else. */
#include "plan/plan.h"
#include "repo/pack.h"
#include "support/table.h"

#include <string.h>

#define KEY "AAAABBBBCCCCDDDDEEEEFFFF0000111122223333"
#define OTHER_KEY "9999BBBBCCCCDDDDEEEEFFFF0000111122223333"
#define KEY_ID "EEEEFFFF00001111"
#define KEY_LOWER "aaaabbbbccccddddeeeeffff0000111122223333"

enum { N_STATES = SP_TRUST_DAMAGED + 1 };

static const char *const codes[N_STATES] = {
	[SP_TRUST_TRUSTED] = NULL,          [SP_TRUST_WEAK] = "weak-signature",
	[SP_TRUST_EXPIRED] = "expired-key", [SP_TRUST_UNKNOWN_KEY] = "unknown-key",
	[SP_TRUST_UNSIGNED] = "unsigned",   [SP_TRUST_REVOKED] = "revoked-key",
	[SP_TRUST_BAD] = "bad-signature",   [SP_TRUST_DAMAGED] = "bad-signature",
};

enum {
	TRUSTED = 1U << SP_TRUST_TRUSTED,
	WEAK = 1U << SP_TRUST_WEAK,
	EXPIRED = 1U << SP_TRUST_EXPIRED,
	UNKNOWN = 1U << SP_TRUST_UNKNOWN_KEY,
	UNSIGNED = 1U << SP_TRUST_UNSIGNED,
};

/* Given as a row has it, and put together from two. */
static const struct row {
	const char *name;
	const char *acts[2]; /* up to the first NULL */
	const char *key;     /* of the pack */
	bool pack;           /* the pack itself was accepted */
	unsigned opens;      /* these states and no other */
} rows[] = {
	// clang-format off
	{ "nothing", .key = KEY, .opens = TRUSTED },
	{ "weak", { "weak" }, .key = KEY, .opens = TRUSTED | WEAK },
	{ "expired", { "expired" }, .key = KEY, .opens = TRUSTED | EXPIRED },
	{ "unsigned", { "unsigned" }, .key = KEY, .opens = TRUSTED | UNSIGNED },
	{ "weak and unsigned", { "weak", "unsigned" }, .key = KEY, .opens = TRUSTED | WEAK | UNSIGNED },
	{ "licence", { "licence" }, .key = KEY, .opens = TRUSTED },
	{ "older", { "older" }, .key = KEY, .opens = TRUSTED },
	{ "loss", { "loss" }, .key = KEY, .opens = TRUSTED },
	{ "its key", { "key=" KEY }, .key = KEY, .opens = TRUSTED | UNKNOWN },
	{ "its key in small letters", { "key=" KEY_LOWER }, .key = KEY, .opens = TRUSTED | UNKNOWN },
	{ "another key", { "key=" OTHER_KEY }, .key = KEY, .opens = TRUSTED },
	{ "another key and its own", { "key=" OTHER_KEY, "key=" KEY }, .key = KEY, .opens = TRUSTED | UNKNOWN },
	{ "a key nobody has", { "key=" KEY }, .key = KEY_ID, .opens = TRUSTED },
	{ "no key at all", { "key=" KEY }, .opens = TRUSTED },
	{ "the pack", .key = KEY, .pack = true, .opens = TRUSTED | WEAK | EXPIRED | UNKNOWN | UNSIGNED },
	// clang-format on
};

static struct sp_pack make(enum sp_trust_state state, const char *key)
{
	return (struct sp_pack){
		.metadata_digest = (char *)(uintptr_t) "0123abcd",
		.trust = { .state = state, .key = (char *)(uintptr_t)key },
	};
}

static void check_states(const struct row *row, const struct sp_accept *accept)
{
	for (int state = 0; state < N_STATES; state++) {
		const struct sp_pack pack = make((enum sp_trust_state)state, row->key);
		const char *code = sp_accept_refuses(accept, &pack);

		if (row->opens & 1U << state)
			assert_null(code);
		else
			assert_string_equal(code ? code : "nothing", codes[state]);
	}
}

static void opens_what_table_says(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_accept_done) struct sp_accept accept = { 0 }, copy = { 0 };
	struct sp_pack pack = make(SP_TRUST_TRUSTED, NULL);
	struct sp_error err = SP_ERROR_INIT;

	for (size_t i = 0; i < 2 && row->acts[i]; i++)
		assert_int_equal(sp_accept_parse(&accept, row->acts[i], &err), 0);
	if (row->pack)
		assert_int_equal(
			sp_strv_add(&accept.packs, sp_plan_pack_key(&pack), &err), 0);
	check_states(row, &accept);
	assert_int_equal(sp_accept_add(&copy, &accept, &err), 0);
	check_states(row, &copy);
}

/* Each of two keeps what it has. */
static void are_put_together(void **state)
{
	static const char *const words[] = { "unsigned", "weak",  "expired",
					     "licence",  "older", "loss" };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		for (int first = 0; first < 2; first++) {
			SP_AUTO(sp_accept_done) struct sp_accept a = { 0 }, b = { 0 };

			assert_int_equal(sp_accept_parse(first ? &a : &b, words[i], &err),
					 0);
			assert_int_equal(sp_accept_add(&a, &b, &err), 0);
			assert_int_equal(a.unsigned_, i == 0);
			assert_int_equal(a.weak, i == 1);
			assert_int_equal(a.expired, i == 2);
			assert_int_equal(a.licence, i == 3);
			assert_int_equal(a.older, i == 4);
			assert_int_equal(a.loss, i == 5);
		}
}

static const struct word_row {
	const char *name, *word;
	bool ok;
} words[] = {
	// clang-format off
	{ "a fingerprint", "key=" KEY, true },
	{ "a longer one", "key=" KEY KEY_ID, true },
	{ "39 digits", "key=AAABBBBCCCCDDDDEEEEFFFF0000111122223333", false },
	{ "a key id", "key=" KEY_ID, false },
	{ "something behind it", "key=" KEY "x", false },
	{ "a fingerprint alone", KEY, false },
	{ "four letters and a fingerprint", "0000" KEY, false },
	{ "no key", "key=", false },
	{ "nothing", "", false },
	{ "in capitals", "UNSIGNED", false },
	{ "bad", "bad", false },
	{ "revoked", "revoked", false },
	{ "two words", "weak,expired", false },
	// clang-format on
};

static void is_read_as_table_says(void **state)
{
	const struct word_row *row = *state;
	SP_AUTO(sp_accept_done) struct sp_accept accept = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_accept_parse(&accept, row->word, &err),
			 row->ok ? 0 : -SP_ERR_USAGE);
	assert_int_equal(accept.keys.n, row->ok);
}

int main(void)
{
	const struct CMUnitTest others[] = { cmocka_unit_test(are_put_together) };
	int failed = table_run("acts", rows, opens_what_table_says);

	failed += table_run("words", words, is_read_as_table_says);
	return failed + cmocka_run_group_tests(others, NULL, NULL);
}
