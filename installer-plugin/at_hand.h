/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the install flow knows: the host as it is, the packs that were found for it, whom of
 * them to accept, and so what can go in.  Nothing here changes the host. */

#include <stdbool.h>

#include "base/finding.h"
#include "installer-plugin/base_files.h"
#include "installer-plugin/batch.h"
#include "installer-plugin/host.h"
#include "installer-plugin/installed.h"
#include "installer-plugin/look.h"
#include "plan/plan.h"

struct sp_context;
struct sp_operator;
struct sp_strv;

/* Zero-initialise, with @context and @op, and open the host (host.h). */
struct sp_at_hand {
	struct sp_context *context; /* borrowed; its @base is ours once we have looked */
	struct sp_operator *op;     /* borrowed */
	struct sp_host host;
	struct sp_installed installed; /* on that host */
	struct sp_base_files base;     /* of that host */
	struct sp_look look;
	struct sp_accept accept;
	struct sp_batch batch; /* what of @look can go in */
};

void sp_at_hand_done(struct sp_at_hand *hand);

/* Reads the host again, looks at @locations, and makes the batch.  A server's name and
 * password are asked for, and @locations have them then, and whom to trust
 * (look_consent.h).
 * < 0: SP_ERR_CANCELLED, or our own failure. */
SP_MUST_CHECK
int sp_at_hand_look(struct sp_at_hand *hand, struct sp_strv *locations,
		    struct sp_error *err);

/* With what is chosen now, can all of it go in?  *@ret_lost: not all. */
SP_MUST_CHECK
int sp_at_hand_check(struct sp_at_hand *hand, bool *ret_lost, struct sp_error *err);

/* All there is to say about what was found, copied to the end of @to. */
SP_MUST_CHECK
int sp_at_hand_findings(const struct sp_at_hand *hand, struct sp_findings *to,
			struct sp_error *err);

/* The exit code that tells what cannot go in, of what was asked for by name; 0. */
int sp_at_hand_exit(const struct sp_at_hand *hand);

/* Is every pack on the host already?  That is no problem, and nothing to do. */
bool sp_at_hand_is_all_there(const struct sp_at_hand *hand);
