/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a state of trust is called, what may be done in it, and what two of them are
 * together.  Pure: who signed what is found out in verifier.c. */
#include "base/json.h"
#include "base/text.h"
#include "repo/pack.h"

#include <string.h>

enum { KEY_ID_DIGITS = 16, FINGERPRINT_MAX_DIGITS = 64 };

static const char *const state_names[] = {
	[SP_TRUST_TRUSTED] = "trusted",   [SP_TRUST_WEAK] = "weak",
	[SP_TRUST_EXPIRED] = "expired",   [SP_TRUST_UNKNOWN_KEY] = "unknown-key",
	[SP_TRUST_UNSIGNED] = "unsigned", [SP_TRUST_REVOKED] = "revoked",
	[SP_TRUST_BAD] = "bad",           [SP_TRUST_DAMAGED] = "damaged",
};

const char *sp_trust_state_name(enum sp_trust_state state)
{
	return state_names[state];
}

bool sp_trust_state_parse(const char *name, enum sp_trust_state *ret_state)
{
	for (size_t i = 0; i < sizeof state_names / sizeof state_names[0]; i++)
		if (strcmp(state_names[i], name) == 0) {
			*ret_state = (enum sp_trust_state)i;
			return true;
		}
	return false;
}

bool sp_trust_can_be_accepted(enum sp_trust_state state)
{
	return state < SP_TRUST_REVOKED;
}

char *sp_trust_refusal(const struct sp_trust *trust, const char *name)
{
	const char *why =
		trust->detail ? trust->detail : sp_trust_state_name(trust->state);

	return trust->key ? sp_text_format("'%.200s' is not trusted: %s (key %s)", name,
					   why, trust->key)
			  : sp_text_format("'%.200s' is not trusted: %s", name, why);
}

void sp_trust_done(struct sp_trust *trust)
{
	free(trust->key);
	free(trust->user_id);
	free(trust->detail);
	*trust = (struct sp_trust){ 0 };
}

/* ---- JSON ------------------------------------------------------------------ */

struct json_object *sp_trust_to_json(const struct sp_trust *trust)
{
	struct json_object *json = sp_json_object();

	sp_json_set_string(json, "state", sp_trust_state_name(trust->state));
	sp_json_set_string(json, "key", trust->key);
	sp_json_set_string(json, "user_id", trust->user_id);
	sp_json_set_string(json, "detail", trust->detail);
	if (trust->expires)
		sp_json_set_int(json, "expires", trust->expires);
	return json;
}

static bool is_key(const char *text)
{
	size_t n = strspn(text, "0123456789ABCDEF");

	return n >= KEY_ID_DIGITS && n <= FINGERPRINT_MAX_DIGITS && text[n] == '\0';
}

static int set_text(const struct json_object *json, const char *key, char **text,
		    struct sp_error *err)
{
	const char *from = sp_json_get_string(json, key);

	*text = from ? sp_text_clean_dup(from) : NULL;
	return from && !*text ? sp_error_nomem(err) : 0;
}

int sp_trust_from_json(const struct json_object *json, struct sp_trust *ret_trust,
		       struct sp_error *err)
{
	SP_AUTO(sp_trust_done) struct sp_trust trust = { 0 };
	const char *state = sp_json_get_string(json, "state");
	const char *key = sp_json_get_string(json, "key");
	int r;

	if (!state || !sp_trust_state_parse(state, &trust.state) || (key && !is_key(key)))
		return sp_error_set(err, SP_ERR_FORMAT, "a state of trust is malformed");
	r = set_text(json, "key", &trust.key, err);
	if (r == 0)
		r = set_text(json, "user_id", &trust.user_id, err);
	if (r == 0)
		r = set_text(json, "detail", &trust.detail, err);
	trust.expires = sp_json_get_int(json, "expires", 0);
	if (r < 0)
		return r;
	if (trust.state == SP_TRUST_TRUSTED ? !trust.key : !trust.detail)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "a state of trust says too little");
	*ret_trust = trust;
	trust = (struct sp_trust){ 0 };
	return 0;
}

/* ---- two signatures -------------------------------------------------------- */

/* States in which the key is known to have made the signature, or says it has. */
static bool is_signed(const struct sp_trust *trust)
{
	return trust->state <= SP_TRUST_UNKNOWN_KEY && trust->key;
}

/* A key id stands for every key that ends in it. */
static bool may_be_same_key(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);

	return a_len > b_len ? strcmp(a + a_len - b_len, b) == 0
			     : strcmp(b + b_len - a_len, a) == 0;
}

static size_t known_digits(const struct sp_trust *trust)
{
	return trust->key ? strlen(trust->key) : 0;
}

static int fill(const struct sp_trust *from, const char *file, struct sp_trust *ret_trust,
		struct sp_error *err)
{
	SP_AUTO(sp_trust_done) struct sp_trust trust = { .state = from->state };

	trust.key = from->key ? strdup(from->key) : NULL;
	trust.user_id = from->user_id ? strdup(from->user_id) : NULL;
	if (from->detail)
		trust.detail = file ? sp_text_format("'%s': %s", file, from->detail)
				    : strdup(from->detail);
	if (!trust.key != !from->key || !trust.user_id != !from->user_id ||
	    !trust.detail != !from->detail)
		return sp_error_nomem(err);
	*ret_trust = trust;
	trust = (struct sp_trust){ 0 };
	return 0;
}

static int fill_differing(const struct sp_trust *update, const struct sp_trust *repomd,
			  struct sp_trust *ret_trust, struct sp_error *err)
{
	char *detail = sp_text_format("'update.xml' is signed by key %s and 'repomd.xml' "
				      "by key %s, of another owner",
				      update->key, repomd->key);

	if (!detail)
		return sp_error_nomem(err);
	*ret_trust = (struct sp_trust){ .state = SP_TRUST_BAD, .detail = detail };
	return SP_TRUST_KEYS_DIFFER;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

static int combine(const struct sp_trust *update, const struct sp_trust *repomd,
		   struct sp_trust *ret_trust, struct sp_error *err)
{
	bool repomd_counts = repomd->state > update->state;

	if (is_signed(update) && is_signed(repomd) &&
	    !may_be_same_key(update->key, repomd->key))
		return fill_differing(update, repomd, ret_trust, err);
	if (update->state != repomd->state)
		return fill(repomd_counts ? repomd : update,
			    repomd_counts ? "repomd.xml" : "update.xml", ret_trust, err);
	/* Of the same state: what is known of both is what is known of the lesser. */
	repomd_counts = known_digits(repomd) < known_digits(update);
	return fill(repomd_counts ? repomd : update, NULL, ret_trust, err);
}

int sp_trust_combine(const struct sp_trust *update, const struct sp_trust *repomd,
		     struct sp_trust *ret_trust, struct sp_error *err)
{
	int r = combine(update, repomd, ret_trust, err);

	if (r == 0)
		ret_trust->expires = earlier(update->expires, repomd->expires);
	return r;
}
