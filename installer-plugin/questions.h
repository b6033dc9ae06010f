/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The load flow's questions as docs/protocol.md writes them, and what their replies
 * mean.  Each function makes one object, owned by the caller. */

#include "plan/plan.h"

struct json_object;
struct sp_look;
struct sp_machine_plan;
struct sp_media;
struct sp_pack;
struct sp_report;

/* What the operator typed or chose last, kept so that Back loses nothing. */
struct sp_source_memory {
	const char *typed, *chosen; /* NULL: nothing yet */
};

struct json_object *sp_question_source(const struct sp_media *media,
				       const struct sp_device_list *devices,
				       const struct sp_source_memory *memory);

/* Devices first, each with those modules that claim it; a row's key names its match.
 * @findings  everything that says why not */
struct json_object *sp_question_packs(const struct sp_machine_plan *made,
				      const struct sp_look *look,
				      const struct sp_findings *findings);

/* The ticked rows of the reply as choices.  Zero-initialised @ret_choices. */
SP_MUST_CHECK
int sp_question_packs_choices(const struct json_object *reply,
			      const struct sp_machine_plan *made,
			      struct sp_plan_choices *ret_choices, struct sp_error *err);

/* Use @pack although it is not trusted? */
struct json_object *sp_question_trust(const struct sp_pack *pack, const char *code);

/* This is what will be done.  @live: on this very machine, now. */
struct json_object *sp_question_confirm(const struct sp_machine_plan *made, bool live);

/* What went wrong (@exit: the exit code it would end with), and what now?
 * @can_retry: "again" makes sense. */
struct json_object *sp_question_problem(int exit, const struct sp_findings *findings,
					bool can_retry);

/* It works, and this is how we know. */
struct json_object *sp_question_proof(const struct sp_report *report,
				      const struct json_object *rows);
