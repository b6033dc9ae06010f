/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The explicit acts of trust (trust.md rule 4): what each of them opens, and that
 * none opens what is bad, revoked or damaged. */

#include "plan/plan.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "repo/pack.h"

enum { FINGERPRINT_MIN_DIGITS = 40 };

void sp_accept_done(struct sp_accept *accept)
{
	sp_strv_done(&accept->keys);
	sp_strv_done(&accept->packs);
}

int sp_accept_add(struct sp_accept *accept, const struct sp_accept *from,
		  struct sp_error *err)
{
	int r = sp_strv_add_all(&accept->keys, &from->keys, err);

	accept->unsigned_ |= from->unsigned_;
	accept->weak |= from->weak;
	accept->expired |= from->expired;
	accept->licence |= from->licence;
	accept->older |= from->older;
	accept->loss |= from->loss;
	return r < 0 ? r : sp_strv_add_all(&accept->packs, &from->packs, err);
}

static bool has_key(const struct sp_accept *accept, const char *key)
{
	for (size_t i = 0; key && i < accept->keys.n; i++)
		if (!strcasecmp(accept->keys.items[i], key))
			return true;
	return false;
}

// clang-format off
static const struct rule {
	const char *code;  /* the finding when it is not accepted; NULL: usable */
	bool accept_flag;  /* one of the flags may open it */
	size_t flag;       /* offset of that flag in struct sp_accept */
} rules[] = {
	[SP_TRUST_TRUSTED]     = { NULL,             false, 0 },
	[SP_TRUST_WEAK]        = { "weak-signature", true, offsetof(struct sp_accept, weak) },
	[SP_TRUST_EXPIRED]     = { "expired-key",    true, offsetof(struct sp_accept, expired) },
	[SP_TRUST_UNKNOWN_KEY] = { "unknown-key",    false, 0 }, /* by its key only */
	[SP_TRUST_UNSIGNED]    = { "unsigned",       true, offsetof(struct sp_accept, unsigned_) },
	[SP_TRUST_REVOKED]     = { "revoked-key",    false, 0 },
	[SP_TRUST_BAD]         = { "bad-signature",  false, 0 },
	[SP_TRUST_DAMAGED]     = { "bad-signature",  false, 0 },
};
// clang-format on

const char *sp_accept_refuses(const struct sp_accept *accept, const struct sp_pack *pack)
{
	const struct rule *rule = &rules[pack->trust.state];

	if (!rule->code)
		return NULL;
	if (rule->accept_flag && *((const bool *)((const char *)accept + rule->flag)))
		return NULL;
	if (sp_trust_can_be_accepted(pack->trust.state) &&
	    sp_strv_has(&accept->packs, sp_plan_pack_key(pack)))
		return NULL;
	if (pack->trust.state == SP_TRUST_UNKNOWN_KEY && has_key(accept, pack->trust.key))
		return NULL;
	return rule->code;
}

static bool is_fingerprint(const char *text)
{
	size_t n = strspn(text, "0123456789abcdefABCDEF");

	return n >= FINGERPRINT_MIN_DIGITS && text[n] == '\0';
}

int sp_accept_parse(struct sp_accept *accept, const char *text, struct sp_error *err)
{
	const struct {
		const char *word;
		bool *flag;
	} words[] = {
		{ "unsigned", &accept->unsigned_ }, { "weak", &accept->weak },
		{ "expired", &accept->expired },    { "licence", &accept->licence },
		{ "older", &accept->older },        { "loss", &accept->loss },
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (!strcmp(text, words[i].word)) {
			*words[i].flag = true;
			return 0;
		}
	if (sp_text_starts_with(text, "key=") && is_fingerprint(text + 4))
		return sp_strv_add(&accept->keys, text + 4, err);
	return sp_error_set(
		err, SP_ERR_USAGE,
		"'%.80s' cannot be accepted: only unsigned, weak, expired, "
		"licence, older, loss, or key= with a full fingerprint of 40 digits",
		text);
}
