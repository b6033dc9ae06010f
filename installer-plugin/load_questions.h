/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The load flow's questions as docs/protocol.md writes them, and what their replies
 * mean.  Each function makes one object, owned by the caller. */

#include "plan/plan.h"

struct json_object;
struct sp_look;
struct sp_machine_plan;
struct sp_report;

/* Devices first, each with those modules that claim it; a row's key names its match.
 * @findings  everything that says why not */
struct json_object *sp_load_question_packs(const struct sp_machine_plan *made,
					   const struct sp_look *look,
					   const struct sp_findings *findings);

/* The ticked rows of the reply as choices.  Zero-initialised @ret_choices. */
SP_MUST_CHECK
int sp_load_question_choices(const struct json_object *reply,
			     const struct sp_machine_plan *made,
			     struct sp_plan_choices *ret_choices, struct sp_error *err);

/* This is what will be done.  @live: on this very machine, now. */
struct json_object *sp_load_question_confirm(const struct sp_machine_plan *made,
					     bool live);

/* What went wrong (@exit: the exit code it would end with), and what now? */
struct json_object *sp_load_question_problem(int exit,
					     const struct sp_findings *findings);

/* It works, and this is how we know: the report's "proof" as rows. */
struct json_object *sp_load_question_proof(const struct sp_report *report);
