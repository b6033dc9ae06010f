/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Every package of the packs that were found, verified once more because somebody wants
 * to know: each byte is read once, by one worker for each place. */

#include <stddef.h>
#include <stdint.h>

#include "base/finding.h"
#include "repo/pack.h"

struct sp_context;
struct sp_look;
struct sp_operator;

/* Zero-initialise.  Owned. */
struct sp_verified {
	struct sp_pack_list packs;   /* as they are now, without modules; of a place that
				      * could not be read, none */
	struct sp_findings findings; /* about places */
};

void sp_verified_done(struct sp_verified *verified);

/* How many packages are what, of some packs. */
struct sp_verify_count {
	size_t packages;
	size_t good;      /* size and digest right, and no bad signature of its own */
	size_t bad;       /* the others that were looked at: findings say why */
	size_t unfetched; /* still on their server, and so not looked at */
	size_t signed_;   /* of the good ones, by a trusted key */
	uint64_t good_bytes, unfetched_bytes;
};

struct sp_verify_count sp_verify_count_pack(const struct sp_pack *pack);
struct sp_verify_count sp_verify_count(const struct sp_pack_list *packs);

/* Verifies all packs of @look.  @fetch: what was left on servers is fetched and verified,
 * too; else it stays there.
 *
 * < 0: SP_ERR_CANCELLED if the operator did; what is wrong with a pack or a place is a
 * finding.  Zero-initialised @ret_verified. */
SP_MUST_CHECK
int sp_verify(struct sp_context *context, const struct sp_look *look, bool fetch,
	      struct sp_operator *op, struct sp_verified *ret_verified,
	      struct sp_error *err);

/* The same with its questions: whether to fetch, what came of it, once more?
 * 0: back to where it was asked for, also when it was cancelled. */
SP_MUST_CHECK
int sp_verify_ask(struct sp_context *context, const struct sp_look *look,
		  struct sp_operator *op, struct sp_error *err);
