/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* GnuPG with a private directory and nothing but the keys it is given: what it says
 * about keys and signatures, as plain data.  For verifier.c, which judges. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct sp_keys;
struct sp_verifier_options;

/* A primary key or subkey. */
struct sp_gpg_subkey {
	char *fingerprint; /* upper case */
	unsigned bits;
	bool weak; /* RSA or DSA below 2048 bits */
	bool revoked, expired;
	int64_t expires; /* seconds since 1970; 0: never */
};

struct sp_gpg_key {
	char *user_id; /* cleaned; "" */
	bool revoked;  /* or disabled, or invalid for another reason */
	bool expired;
	struct sp_gpg_subkey *subkeys; /* the first is the primary key */
	size_t n_subkeys;
};

enum sp_gpg_verdict {
	SP_GPG_GOOD,
	SP_GPG_KEY_EXPIRED, /* good, by an expired key */
	SP_GPG_EXPIRED,     /* good, but of limited life that has passed */
	SP_GPG_REVOKED,     /* good, by a revoked key */
	SP_GPG_BAD,
	SP_GPG_NO_KEY,         /* could not be checked */
	SP_GPG_DIGEST_REFUSED, /* the same, because of its digest algorithm */
	SP_GPG_OTHER,          /* the same, for another reason */
};

struct sp_gpg_signature {
	enum sp_gpg_verdict verdict;
	char *key;          /* fingerprint of the key or subkey, or a key id; "" */
	const char *digest; /* "SHA256"; "" if gpg did not say */
	bool strong_digest; /* SHA-256, SHA-384, SHA-512 */
	bool wrong_use;     /* by a key that is not for signing */
	int64_t expires;    /* seconds since 1970; 0: never */
};

/* Zero-initialise. */
struct sp_gpg_signatures {
	struct sp_gpg_signature *items;
	size_t n;
};

void sp_gpg_signatures_done(struct sp_gpg_signatures *signatures);

struct sp_gpg_home;

/* Makes the directory and imports @keys (may be NULL); what is no key is passed over.
 * SP_ERR_INTERNAL when there is no GnuPG 2.2 or newer, or it does not behave like
 * one; SP_ERR_IO for the directory; SP_ERR_TIMEOUT. */
SP_MUST_CHECK
int sp_gpg_home_new(const struct sp_keys *keys, const struct sp_verifier_options *options,
		    struct sp_gpg_home **ret_home, struct sp_error *err);
/* Removes the directory too. */
void sp_gpg_home_free(struct sp_gpg_home *home);
SP_DEFINE_FREEP(struct sp_gpg_home *, sp_gpg_home_free)

/* All keys that were imported; borrowed. */
const struct sp_gpg_key *sp_gpg_home_keys(const struct sp_gpg_home *home, size_t *ret_n);

/* The imported key that has @fingerprint, its own or a subkey's, or of which it is the
 * key id; *@ret_subkey (may be NULL) is which.  NULL if there is none, or more than
 * one. */
const struct sp_gpg_key *sp_gpg_home_find(const struct sp_gpg_home *home,
					  const char *fingerprint,
					  const struct sp_gpg_subkey **ret_subkey);

/* What gpg says about the detached signatures in @sig.  None is an answer too: then
 * @sig holds no detached signature.  < 0: SP_ERR_TIMEOUT, SP_ERR_INTERNAL. */
SP_MUST_CHECK
int sp_gpg_home_verify(struct sp_gpg_home *home, const void *data, size_t len,
		       const void *sig, size_t sig_len,
		       struct sp_gpg_signatures *signatures, struct sp_error *err);
