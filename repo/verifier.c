/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what GnuPG says to what a signature is worth.  Only positive proof makes
 * anything better than damaged: a signature that is there, good, strong, and by a key
 * of ours. */
#include "repo/verifier.h"

#include "base/array.h"
#include "base/text.h"
#include "repo/gpg_home.h"
#include "repo/keys.h"
#include "repo/pack.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { KEY_ID_DIGITS = 16 };

struct sp_verifier {
	const struct sp_keys *trusted, *offered;
	struct sp_verifier_options options;
	struct sp_gpg_home *trusted_home, *offered_home; /* made when needed */
};

int sp_verifier_new(const struct sp_keys *trusted,
		    const struct sp_verifier_options *options,
		    struct sp_verifier **ret_verifier, struct sp_error *err)
{
	struct sp_verifier *verifier = calloc(1, sizeof *verifier);

	if (!verifier)
		return sp_error_nomem(err);
	verifier->trusted = trusted;
	if (options)
		verifier->options = *options;
	*ret_verifier = verifier;
	return 0;
}

void sp_verifier_free(struct sp_verifier *verifier)
{
	if (!verifier)
		return;
	sp_gpg_home_free(verifier->trusted_home);
	sp_gpg_home_free(verifier->offered_home);
	free(verifier);
}

void sp_verifier_offer(struct sp_verifier *verifier, const struct sp_keys *offered)
{
	sp_gpg_home_free(sp_steal(verifier->offered_home));
	verifier->offered = offered;
}

static int need_home(struct sp_verifier *verifier, const struct sp_keys *keys,
		     struct sp_gpg_home **home, struct sp_error *err)
{
	return *home ? 0 : sp_gpg_home_new(keys, &verifier->options, home, err);
}

/* ---- one signature --------------------------------------------------------- */

/* One signature being judged: with the keys of which home it was checked. */
struct judgement {
	const struct sp_gpg_signature *signature;
	const struct sp_gpg_key *key; /* NULL: not at hand */
	const struct sp_gpg_subkey *subkey;
};

SP_PRINTF(4, 5)
static int set(struct sp_trust *trust, enum sp_trust_state state, struct sp_error *err,
	       const char *fmt, ...)
{
	char text[SP_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	trust->state = state;
	trust->detail = strdup(text);
	return trust->detail ? 0 : sp_error_nomem(err);
}

static int set_key(struct sp_trust *trust, const struct judgement *of,
		   struct sp_error *err)
{
	const char *key = of->signature->key;
	size_t len = strlen(key);

	if (of->key) {
		trust->key = strdup(of->key->subkeys[0].fingerprint);
		trust->user_id = strdup(of->key->user_id);
		return trust->key && trust->user_id ? 0 : sp_error_nomem(err);
	}
	/* A signature names any key it likes: no more of it than cannot be taken for a
	 * fingerprint. */
	if (len < KEY_ID_DIGITS)
		return 0;
	trust->key = strdup(key + len - KEY_ID_DIGITS);
	return trust->key ? 0 : sp_error_nomem(err);
}

static int set_expired(struct sp_trust *trust, const char *what, int64_t when,
		       struct sp_error *err)
{
	time_t seconds = (time_t)when;
	char day[32] = "";
	struct tm tm;

	if (when > 0 && gmtime_r(&seconds, &tm))
		(void)strftime(day, sizeof day, " on %Y-%m-%d", &tm);
	return set(trust, SP_TRUST_EXPIRED, err, "the %s expired%s", what, day);
}

static bool is_revoked(const struct judgement *of)
{
	return of->signature->verdict == SP_GPG_REVOKED || of->key->revoked ||
	       of->subkey->revoked;
}

static bool is_key_expired(const struct judgement *of)
{
	return of->signature->verdict == SP_GPG_KEY_EXPIRED || of->key->expired ||
	       of->subkey->expired;
}

/* Of those that are a moment at all; 0: none is. */
static int64_t earliest(const int64_t moments[], size_t n)
{
	int64_t found = 0;

	for (size_t i = 0; i < n; i++)
		if (moments[i] > 0 && (!found || moments[i] < found))
			found = moments[i];
	return found;
}

/* A signature that is mathematically right, by a key we have. */
static int judge_good(const struct judgement *of, struct sp_trust *trust,
		      struct sp_error *err)
{
	const struct sp_gpg_subkey *primary = &of->key->subkeys[0];
	const struct sp_gpg_subkey *weak = primary->weak ? primary : of->subkey;

	trust->expires =
		earliest((const int64_t[]){ primary->expires, of->subkey->expires,
					    of->signature->expires },
			 3);
	if (is_revoked(of))
		return set(trust, SP_TRUST_REVOKED, err,
			   "its key was revoked by its owner");
	if (of->signature->wrong_use)
		return set(trust, SP_TRUST_BAD, err,
			   "it is signed by a key that is not meant for signing");
	if (is_key_expired(of))
		return set_expired(
			trust, "key",
			primary->expires ? primary->expires : of->subkey->expires, err);
	if (of->signature->verdict == SP_GPG_EXPIRED)
		return set_expired(trust, "signature", of->signature->expires, err);
	if (!of->signature->strong_digest)
		return set(trust, SP_TRUST_WEAK, err,
			   "the signature is good, but uses %s, which can be forged",
			   *of->signature->digest ? of->signature->digest
						  : "an unknown digest");
	if (weak->weak)
		return set(trust, SP_TRUST_WEAK, err,
			   "the signature is good, but its key of %u bits is too short",
			   weak->bits);
	trust->state = SP_TRUST_TRUSTED;
	return 0;
}

static int judge(const struct judgement *of, struct sp_trust *trust, struct sp_error *err)
{
	const struct sp_gpg_signature *signature = of->signature;
	int r = set_key(trust, of, err);

	if (r < 0)
		return r;
	if (signature->verdict == SP_GPG_BAD)
		return set(trust, SP_TRUST_BAD, err,
			   "the signature does not match: the data was changed after it "
			   "was signed");
	if (signature->verdict == SP_GPG_DIGEST_REFUSED)
		return set(trust, SP_TRUST_DAMAGED, err,
			   "the signature uses %s, which proves nothing",
			   *signature->digest ? signature->digest : "an unknown digest");
	if (signature->verdict == SP_GPG_OTHER)
		return set(trust, SP_TRUST_DAMAGED, err,
			   "the signature is of a kind that cannot be checked here");
	if (signature->verdict == SP_GPG_NO_KEY || !of->key)
		return set(trust, SP_TRUST_UNKNOWN_KEY, err,
			   "it is signed by a key that is not among the trusted ones and "
			   "is not at hand");
	return judge_good(of, trust, err);
}

/* ---- all of them ----------------------------------------------------------- */

/* A bad one is proof that somebody changed something; without it, whoever can take
 * signatures away could leave the best one alone. */
static bool counts_before(const struct sp_trust *a, const struct sp_trust *b)
{
	if ((a->state == SP_TRUST_BAD) != (b->state == SP_TRUST_BAD))
		return a->state == SP_TRUST_BAD;
	return a->state < b->state;
}

static int judge_all(const struct sp_gpg_home *home,
		     const struct sp_gpg_signatures *signatures,
		     struct sp_trust *ret_trust, struct sp_error *err)
{
	SP_AUTO(sp_trust_done) struct sp_trust first = { 0 };

	for (size_t i = 0; i < signatures->n; i++) {
		SP_AUTO(sp_trust_done) struct sp_trust trust = { 0 };
		struct judgement of = { .signature = &signatures->items[i] };
		int r;

		of.key = sp_gpg_home_find(home, of.signature->key, &of.subkey);
		r = judge(&of, &trust, err);
		if (r < 0)
			return r;
		if (i == 0 || counts_before(&trust, &first)) {
			struct sp_trust other = first;

			first = trust;
			trust = other;
		}
	}
	*ret_trust = first;
	first = (struct sp_trust){ 0 };
	return 0;
}

static int ask(struct sp_gpg_home *home, const void *data, size_t len, const void *sig,
	       size_t sig_len, struct sp_trust *ret_trust, struct sp_error *err)
{
	SP_AUTO(sp_gpg_signatures_done) struct sp_gpg_signatures signatures = { 0 };
	int r = sp_gpg_home_verify(home, data, len, sig, sig_len, &signatures, err);

	if (r < 0)
		return r;
	if (signatures.n == 0)
		return set(ret_trust, SP_TRUST_DAMAGED, err,
			   "its signature file holds no detached signature that can be "
			   "read");
	if (signatures.n > SP_VERIFIER_MAX_SIGNATURES)
		return set(ret_trust, SP_TRUST_DAMAGED, err,
			   "its signature file holds more than %d signatures",
			   SP_VERIFIER_MAX_SIGNATURES);
	return judge_all(home, &signatures, ret_trust, err);
}

/* Whatever a key of the medium says is at best a claim. */
static int restate_offered(struct sp_trust *trust, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *detail = sp_steal(trust->detail);

	if (trust->state == SP_TRUST_TRUSTED)
		return set(trust, SP_TRUST_UNKNOWN_KEY, err,
			   "the signature is good, by a key that came with the medium");
	return set(trust, SP_TRUST_UNKNOWN_KEY, err,
		   "by a key that came with the medium: "
		   "%s",
		   detail);
}

/* @ret_trust says unknown-key; a key that came with the medium may know more. */
static int ask_offered(struct sp_verifier *verifier, const void *data, size_t len,
		       const void *sig, size_t sig_len, struct sp_trust *ret_trust,
		       struct sp_error *err)
{
	SP_AUTO(sp_trust_done) struct sp_trust trust = { 0 };
	int r = need_home(verifier, verifier->offered, &verifier->offered_home, err);

	if (r == 0)
		r = ask(verifier->offered_home, data, len, sig, sig_len, &trust, err);
	if (r == 0 && trust.state < SP_TRUST_UNKNOWN_KEY)
		r = restate_offered(&trust, err);
	if (r < 0)
		return r;
	sp_trust_done(ret_trust);
	*ret_trust = trust;
	trust = (struct sp_trust){ 0 };
	return 0;
}

int sp_verifier_check(struct sp_verifier *verifier, const void *data, size_t len,
		      const void *sig, size_t sig_len, struct sp_trust *ret_trust,
		      struct sp_error *err)
{
	SP_AUTO(sp_trust_done) struct sp_trust trust = { 0 };
	int r;

	if (!sig)
		return set(ret_trust, SP_TRUST_UNSIGNED, err, "it is not signed");
	if (sig_len > SP_VERIFIER_SIGNATURE_MAX_BYTES)
		return set(ret_trust, SP_TRUST_DAMAGED, err,
			   "its signature file has more than %d bytes",
			   SP_VERIFIER_SIGNATURE_MAX_BYTES);
	r = need_home(verifier, verifier->trusted, &verifier->trusted_home, err);
	if (r == 0)
		r = ask(verifier->trusted_home, data, len, sig, sig_len, &trust, err);
	if (r == 0 && trust.state == SP_TRUST_UNKNOWN_KEY && verifier->offered &&
	    verifier->offered->n)
		r = ask_offered(verifier, data, len, sig, sig_len, &trust, err);
	if (r < 0)
		return r;
	*ret_trust = trust;
	trust = (struct sp_trust){ 0 };
	return 0;
}
