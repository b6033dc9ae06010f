/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/json.h"
#include "repo/pack.h"
#include "support/table.h"

#include <string.h>

#define A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define A_ID "AAAAAAAAAAAAAAAA"

enum {
	TRUSTED = SP_TRUST_TRUSTED,
	WEAK = SP_TRUST_WEAK,
	EXPIRED = SP_TRUST_EXPIRED,
	UNKNOWN = SP_TRUST_UNKNOWN_KEY,
	UNSIGNED = SP_TRUST_UNSIGNED,
	REVOKED = SP_TRUST_REVOKED,
	BAD = SP_TRUST_BAD,
	DAMAGED = SP_TRUST_DAMAGED
};

static const struct row {
	const char *name;
	int update;
	const char *update_key;
	int repomd;
	const char *repomd_key;
	int want;
	const char *key, *detail;
	bool differ;
} rows[] = {
	// clang-format off
	{ "both ours", TRUSTED, A, TRUSTED, A, TRUSTED, A, NULL, false },
	{ "both ours, of two owners", TRUSTED, A, TRUSTED, B, BAD, NULL, A, true },
	{ "one not signed", TRUSTED, A, UNSIGNED, NULL, UNSIGNED, NULL,
	  "'repomd.xml': why", false },
	{ "the other not signed", UNSIGNED, NULL, TRUSTED, A, UNSIGNED, NULL,
	  "'update.xml': why", false },
	{ "neither signed", UNSIGNED, NULL, UNSIGNED, NULL, UNSIGNED, NULL, "why", false },
	{ "one weak", TRUSTED, A, WEAK, A, WEAK, A, "'repomd.xml': why", false },
	{ "both weak", WEAK, A, WEAK, A, WEAK, A, "why", false },
	{ "weak, and of another", WEAK, A, TRUSTED, B, BAD, NULL, B, true },
	{ "weak and expired", EXPIRED, A, WEAK, A, EXPIRED, A, "'update.xml': why", false },
	{ "expired, and of another", EXPIRED, A, EXPIRED, B, BAD, NULL, "owner", true },
	{ "ours and a stranger's", TRUSTED, A, UNKNOWN, B, BAD, NULL, "owner", true },
	{ "a stranger's both", UNKNOWN, B, UNKNOWN, B, UNKNOWN, B, "why", false },
	{ "two strangers'", UNKNOWN, A, UNKNOWN, B, BAD, NULL, "owner", true },
	{ "a stranger's, one not checked", UNKNOWN, A, UNKNOWN, A_ID, UNKNOWN, A_ID, "why",
	  false },
	{ "a stranger's, the other not checked", UNKNOWN, A_ID, UNKNOWN, A, UNKNOWN, A_ID,
	  "why", false },
	{ "a stranger's, and one that names no key", UNKNOWN, A, UNKNOWN, NULL, UNKNOWN, NULL,
	  "why", false },
	{ "one that names no key, and a stranger's", UNKNOWN, NULL, UNKNOWN, A, UNKNOWN, NULL,
	  "why", false },
	{ "both bad, one of no key", BAD, A, BAD, NULL, BAD, NULL, "why", false },
	{ "a stranger's and unsigned", UNKNOWN, A, UNSIGNED, NULL, UNSIGNED, NULL,
	  "'repomd.xml'", false },
	{ "one revoked", TRUSTED, A, REVOKED, A, REVOKED, A, "'repomd.xml': why", false },
	{ "one bad", BAD, A, TRUSTED, A, BAD, A, "'update.xml': why", false },
	{ "one bad, of another", BAD, B, TRUSTED, A, BAD, B, "'update.xml': why", false },
	{ "bad and damaged", BAD, A, DAMAGED, NULL, DAMAGED, NULL, "'repomd.xml': why",
	  false },
	{ "damaged and unsigned", DAMAGED, NULL, UNSIGNED, NULL, DAMAGED, NULL,
	  "'update.xml': why", false },
	// clang-format on
};

/* Borrowed strings: never to be freed. */
static struct sp_trust make(int state, const char *key)
{
	return (struct sp_trust){
		.state = (enum sp_trust_state)state,
		.key = (char *)(uintptr_t)key,
		.user_id = (char *)(uintptr_t)(key ? "Somebody" : NULL),
		.detail = (char *)(uintptr_t)(state == TRUSTED ? NULL : "why"),
	};
}

static void expect_text(const char *got, const char *want)
{
	if (!want)
		assert_null(got);
	else
		assert_non_null(strstr(got ? got : "", want));
}

static void is_together_what_table_says(void **state)
{
	const struct row *row = *state;
	struct sp_trust update = make(row->update, row->update_key);
	struct sp_trust repomd = make(row->repomd, row->repomd_key);
	SP_AUTO(sp_trust_done) struct sp_trust got = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int r = sp_trust_combine(&update, &repomd, &got, &err);

	assert_int_equal(r, row->differ ? SP_TRUST_KEYS_DIFFER : 0);
	assert_int_equal(got.state, row->want);
	if (row->key)
		assert_string_equal(got.key, row->key);
	else
		assert_null(got.key);
	expect_text(got.detail, row->detail);
}

/* ---- JSON ------------------------------------------------------------------ */

static const struct json_row {
	const char *name, *json;
	bool ok;
} json_rows[] = {
	// clang-format off
	{ "trusted", "{\"state\":\"trusted\",\"key\":\"" A "\",\"user_id\":\"me\"}", true },
	{ "trusted by nobody", "{\"state\":\"trusted\"}", false },
	{ "unsigned", "{\"state\":\"unsigned\",\"detail\":\"no\"}", true },
	{ "no reason", "{\"state\":\"unsigned\"}", false },
	{ "no state", "{\"key\":\"" A "\"}", false },
	{ "no such state", "{\"state\":\"fine\",\"detail\":\"no\"}", false },
	{ "a number as state", "{\"state\":0}", false },
	{ "a key in lower case",
	  "{\"state\":\"bad\",\"detail\":\"x\",\"key\":\"aaaaaaaaaaaaaaaa\"}", false },
	{ "a short key", "{\"state\":\"bad\",\"detail\":\"x\",\"key\":\"AAAA\"}", false },
	{ "a key id", "{\"state\":\"bad\",\"detail\":\"x\",\"key\":\"" A_ID "\"}", true },
	{ "a key and more", "{\"state\":\"bad\",\"detail\":\"x\",\"key\":\"" A "x\"}", false },
	{ "64 digits", "{\"state\":\"bad\",\"detail\":\"x\",\"key\":\"" A "AAAAAAAABBBBBBBBCCCCCCCC\"}", true },
	{ "65 digits", "{\"state\":\"bad\",\"detail\":\"x\",\"key\":\"" A "AAAAAAAABBBBBBBBCCCCCCCCD\"}", false },
	{ "an endless key", "{\"state\":\"bad\",\"detail\":\"x\",\"key\":\"" A A "\"}", false },
	// clang-format on
};

static void reads_as_table_says(void **state)
{
	const struct json_row *row = *state;
	SP_AUTO(sp_json_freep) struct json_object *json = NULL, *again = NULL;
	SP_AUTO(sp_trust_done) struct sp_trust got = { 0 }, second = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int r;

	assert_int_equal(sp_json_parse(row->json, strlen(row->json), &json, &err), 0);
	r = sp_trust_from_json(json, &got, &err);
	assert_int_equal(r, row->ok ? 0 : -SP_ERR_FORMAT);
	if (!row->ok)
		return;
	again = sp_trust_to_json(&got);
	assert_int_equal(sp_trust_from_json(again, &second, &err), 0);
	assert_int_equal(got.state, second.state);
	assert_int_equal(got.key == NULL, second.key == NULL);
	if (got.key)
		assert_string_equal(got.key, second.key);
	assert_string_equal(got.user_id ? got.user_id : "-",
			    second.user_id ? second.user_id : "-");
	assert_int_equal(got.user_id != NULL, strstr(row->json, "user_id") != NULL);
	assert_int_equal(got.detail != NULL, strstr(row->json, "detail") != NULL);
}

static void what_comes_from_a_worker_is_cleaned(void **state)
{
	const char text[] = "{\"state\":\"bad\",\"detail\":\"a\\u001b[2Jb\"}";
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	SP_AUTO(sp_trust_done) struct sp_trust got = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_json_parse(text, strlen(text), &json, &err), 0);
	assert_int_equal(sp_trust_from_json(json, &got, &err), 0);
	assert_string_equal(got.detail, "a?[2Jb");
}

static void a_refusal_names_the_key(void **state)
{
	struct sp_trust trust = make(REVOKED, A);
	char *text;

	(void)state;
	text = sp_trust_refusal(&trust, "disk");
	assert_string_equal(text, "'disk' is not trusted: why (key " A ")");
	free(text);
	trust.key = NULL;
	text = sp_trust_refusal(&trust, "disk");
	assert_string_equal(text, "'disk' is not trusted: why");
	free(text);
	trust.detail = NULL;
	text = sp_trust_refusal(&trust, "disk");
	assert_string_equal(text, "'disk' is not trusted: revoked");
	free(text);
}

static void names_and_acts(void **state)
{
	enum sp_trust_state got = SP_TRUST_BAD;

	(void)state;
	for (int i = TRUSTED; i <= DAMAGED; i++) {
		enum sp_trust_state is = (enum sp_trust_state)i;

		assert_true(sp_trust_state_parse(sp_trust_state_name(is), &got));
		assert_int_equal(got, i);
		assert_int_equal(sp_trust_can_be_accepted(is), i < REVOKED);
	}
	assert_false(sp_trust_state_parse("Trusted", &got));
	assert_string_equal(sp_trust_state_name(SP_TRUST_UNKNOWN_KEY), "unknown-key");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_from_a_worker_is_cleaned),
		cmocka_unit_test(a_refusal_names_the_key),
		cmocka_unit_test(names_and_acts),
	};

	return table_run("trust", rows, is_together_what_table_says) +
	       table_run("trust JSON", json_rows, reads_as_table_says) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
