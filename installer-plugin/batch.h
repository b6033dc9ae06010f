/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The packs at hand as candidates for one host: which can go into it, which cannot and
 * why, in which order they go.  Asks nobody; what it reads of the host is settle.h's matter. */

#include <stdbool.h>
#include <stddef.h>

#include "base/finding.h"
#include "plan/plan.h"

struct sp_host;
struct sp_installed;
struct sp_pack_list;
struct sp_patience;

/* One pack at hand. */
struct sp_candidate {
	size_t pack;  /* index in the list */
	bool chosen;  /* will be installed; the operator may change it unless refused */
	bool refused; /* cannot be: @findings say why */
	bool there;   /* this very pack is on the host already */
	bool incomplete;  /* not all of it: an update to it has failed */
	bool older;       /* than what the host has: a downgrade */
	bool needs_trust; /* only an act of trust is missing */
	struct sp_findings findings;
	int exit; /* what its refusals ask for; 0 */
};

/* What the decision rests on; everything is borrowed. */
struct sp_batch_input {
	const struct sp_host *host;
	const struct sp_installed *installed;
	const struct sp_pack_list *packs;
	const struct sp_accept *accept;
	const struct sp_patience *patience; /* may be NULL */
};

/* Zero-initialise. */
struct sp_batch {
	struct sp_candidate *items; /* in the order in which they are to be installed */
	size_t n;
};

void sp_batch_done(struct sp_batch *batch);

/* A candidate for each pack.  Chosen is all that can go in, with every other that is
 * chosen going in, too; what is there already and what is older is not chosen of our own
 * accord (older: unless accepted). */
SP_MUST_CHECK
int sp_batch_make(const struct sp_batch_input *input, struct sp_batch *ret_batch,
		  struct sp_error *err);

/* Checks the choice again, after the operator has changed it: a candidate whose
 * requirements the others chosen do not meet becomes refused, with why. */
SP_MUST_CHECK
int sp_batch_check(const struct sp_batch_input *input, struct sp_batch *batch,
		   struct sp_error *err);

/* Is anything chosen? */
bool sp_batch_has_chosen(const struct sp_batch *batch);

/* Adds a finding (replaces-base-file) for each package of the base system that @pack
 * brings in another version. */
SP_MUST_CHECK
int sp_batch_say_base(const struct sp_batch_input *input, const struct sp_pack *pack,
		      struct sp_findings *findings, struct sp_error *err);

/* Has the host a newer version of @pack, or of what stands for it?  Then *@ret_had is that
 * and *@ret_ours (caller frees) the pack's own; else both stay NULL. */
SP_MUST_CHECK
int sp_batch_newer_there(const struct sp_batch_input *input, const struct sp_pack *pack,
			 const char **ret_had, char **ret_ours, struct sp_error *err);

/* What is wrong with @pack itself, whatever the host; trust aside, which is the
 * candidate's.  NULL: nothing. */
const struct sp_finding *sp_batch_fault(const struct sp_pack *pack);

/* The decision that lets @pack in: "trusted", or "accepted-unsigned" and the like. */
const char *sp_batch_decision(const struct sp_pack *pack);
