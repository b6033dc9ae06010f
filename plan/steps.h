/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The steps that sp_plan_make() takes, one file each.  Used inside plan/ only. */

#include "plan/alias.h"
#include "plan/plan.h"
#include "plan/usable.h"

/* ---- claims.c: who claims which device ------------------------------------- */

/* One module that claims one device; of a pack, or (pack == SP_CLAIM_SYSTEM) of the
 * running system. */
struct sp_claim {
	size_t device, pack, module;
	enum sp_rank rank;
};

#define SP_CLAIM_SYSTEM ((size_t)-1)

struct sp_claims {
	struct sp_claim *items; /* by device; best rank first */
	size_t n;
	struct sp_usable *usable; /* one for each module of each pack: [first[p] + m] */
	size_t *first;
	size_t n_modules;
};

void sp_claims_done(struct sp_claims *claims);

/* Every claim of a pack's or the system's module on a device.  Caller frees. */
SP_MUST_CHECK
int sp_claims_find(const struct sp_plan_input *input, struct sp_claims *ret_claims,
		   struct sp_error *err);

static inline const struct sp_usable *sp_claims_usable(const struct sp_claims *claims,
						       size_t pack, size_t module)
{
	return &claims->usable[claims->first[pack] + module];
}

/* ---- choice.c: one module for a device -------------------------------------- */

/* Fills plan->matches, and adds the findings of choosing (ambiguous, in place). */
SP_MUST_CHECK
int sp_choice_make(const struct sp_plan_input *input, const struct sp_claims *claims,
		   struct sp_plan *plan, struct sp_error *err);

/* ---- order.c: what is installed and loaded, in which order ------------------ */

/* Fills plan->packages and plan->modules; adds firmware findings. */
SP_MUST_CHECK
int sp_order_make(const struct sp_plan_input *input, struct sp_plan *plan,
		  struct sp_error *err);

/* ---- reasons.c: why not ------------------------------------------------------ */

/* A finding for each pack and module that will not be used.  @pack_exits: for each
 * pack the exit code its reasons ask for. */
SP_MUST_CHECK
int sp_reasons_add(const struct sp_plan_input *input, const struct sp_claims *claims,
		   struct sp_plan *plan, int pack_exits[], struct sp_error *err);

/* ---- plan_digest.c ----------------------------------------------------------- */

/* Sets plan->digest: of all that would be done, so that two plans with the same digest do
 * the same. */
SP_MUST_CHECK
int sp_plan_digest_set(const struct sp_plan_input *input, struct sp_plan *plan,
		       struct sp_error *err);

/* What to call a pack in a sentence. */
const char *sp_step_pack_name(const struct sp_pack *pack);

static inline void sp_int_freep(int **numbers)
{
	free(*numbers);
}

static inline void sp_bool_freep(bool **flags)
{
	free(*flags);
}
