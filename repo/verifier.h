/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Who signed something, and what that is worth: a detached OpenPGP signature over bytes
 * at hand becomes a state of trust (docs/trust.md).  Only keys of the installer image
 * make anything trusted; keys that came with a medium say at most who claims it.
 *
 * Runs GnuPG, so a verifier belongs into a worker (base/worker.h), whose end ends gpg
 * too.  The worker needs no privilege, 4 MiB of file size, and a deadline of
 * SP_VERIFIER_DEADLINE_MS for each check.  Nothing is executed before the first
 * signature is looked at.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct sp_keys;
struct sp_trust;
struct sp_verifier;

enum {
	SP_VERIFIER_SIGNATURE_MAX_BYTES = 16 << 10, /* of a signature file */
	SP_VERIFIER_MAX_SIGNATURES = 8,             /* in it */
	SP_VERIFIER_DEADLINE_MS = 20000,
};

/* All may be zero. */
struct sp_verifier_options {
	const char *scratch;  /* where the private directory for gpg is made: below it all
			      * that is left if the worker is killed.  NULL: /run/suppack
			      * if there is one, else /tmp */
	const char *gpg;      /* NULL: /usr/bin/gpg, or else /usr/bin/gpg2 */
	int64_t now;          /* seconds since 1970, for tests; 0: the clock */
	unsigned deadline_ms; /* of one check; 0: SP_VERIFIER_DEADLINE_MS */
};

/* @trusted (borrowed: must outlive the verifier): the installer image's keys. */
SP_MUST_CHECK
int sp_verifier_new(const struct sp_keys *trusted,
		    const struct sp_verifier_options *options,
		    struct sp_verifier **ret_verifier, struct sp_error *err);
/* Removes the private directory. */
void sp_verifier_free(struct sp_verifier *verifier);
SP_DEFINE_FREEP(struct sp_verifier *, sp_verifier_free)

/* Keys that came with a medium (borrowed, NULL: none; they replace those offered
 * before).  A good signature by one of them makes SP_TRUST_UNKNOWN_KEY, with the full
 * fingerprint and the user id; they are kept apart from the trusted ones. */
void sp_verifier_offer(struct sp_verifier *verifier, const struct sp_keys *offered);

/* What the detached signature @sig (armoured or not; NULL: there is none) says about
 * @data.  Any state is success: *@ret_trust (zero-initialised) says it, with one
 * sentence of reason.
 *   trusted      by a key of ours, SHA-256 or better, RSA of 2048 bits or more
 *   weak         good, by a key of ours, but SHA-1 or a shorter key
 *   expired      good, by a key of ours, but the key or the signature expired
 *   unknown-key  no key of ours made it
 *   unsigned     @sig is NULL
 *   revoked      its key was revoked
 *   bad          it does not belong to @data
 *   damaged      @sig is no detached signature, or too large, or holds too many, or is
 *                of a kind that cannot be checked, such as one over MD5
 * Of several signatures a bad one counts before all others, else the best one.
 * < 0: SP_ERR_TIMEOUT; SP_ERR_INTERNAL, when GnuPG cannot be used here. */
SP_MUST_CHECK
int sp_verifier_check(struct sp_verifier *verifier, const void *data, size_t len,
		      const void *sig, size_t sig_len, struct sp_trust *ret_trust,
		      struct sp_error *err);
