/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Plans for this machine: joins what the rooms know of it to what plan/ asks. */

#include "installer-plugin/closure.h"
#include "plan/plan.h"

struct sp_context;
struct sp_kernel;
struct sp_pack_list;
struct sp_patience;

/* What one plan was made from; everything is borrowed from the flow that owns it. */
struct sp_machine_plan {
	struct sp_context *context;
	const struct sp_pack_list *packs;
	const struct sp_accept *accept;
	const struct sp_strv *replace;
	const struct sp_plan_choices *choices; /* may be NULL */
	const struct sp_patience *patience;    /* may be NULL */
	const struct sp_kernel *kernel; /* another than the running one, of which nothing
					 * but this is known; NULL: the running one */
	struct sp_plan_input input;     /* filled by sp_machine_plan_make() */
	struct sp_closure install;      /* packages, by pack; owned */
	struct sp_plan plan;            /* owned */
};

/* Makes plan (anew).  The machine must have been read.  What cannot be installed is
 * refused in the plan, and what comes next takes its place.  @made must stay where it
 * is: the plan's input points to it. */
SP_MUST_CHECK
int sp_machine_plan_make(struct sp_machine_plan *made, struct sp_error *err);
void sp_machine_plan_done(struct sp_machine_plan *made);
