/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The install flow's questions as docs/protocol.md writes them, and what their replies
 * mean.  Each function makes one object, owned by the caller. */

#include <stdbool.h>

#include "base/error.h"

struct json_object;
struct sp_batch;
struct sp_findings;
struct sp_look;
struct sp_pack;

/* Packs by the medium they are on; a row's key names its candidate.
 * @findings  everything that says why not */
struct json_object *sp_install_question_packs(const struct sp_batch *batch,
					      const struct sp_look *look,
					      const struct sp_findings *findings);

/* Takes the ticked rows of the reply as what is chosen. */
void sp_install_question_choose(const struct json_object *reply, struct sp_batch *batch);

/* This is what will be done to the host in @root. */
struct json_object *sp_install_question_confirm(const struct sp_batch *batch,
						const struct sp_look *look,
						const char *root);

/* @pack's licence, whose words are @text: accepted? */
struct json_object *sp_install_question_licence(const struct sp_pack *pack,
						const char *text);

/* What went wrong, and what now? */
struct json_object *sp_install_question_problem(const char *text,
						const struct sp_findings *findings,
						bool can_retry);

/* These packs were to be carried over by an upgrade, and are not there. */
struct json_object *sp_install_question_missing(const struct sp_findings *missing);

/* What is there now.  @rows: [{"address", "text", "ok"}], borrowed. */
struct json_object *sp_install_question_result(int exit, const struct json_object *rows,
					       const struct sp_findings *findings);
