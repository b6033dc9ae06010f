/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The operator that nobody sees: answers from what was decided beforehand, on the
 * command line or in an answerfile.  The locations given are taken in one go, what is
 * ticked stays ticked, nothing untrusted is accepted here (what may be was said with
 * --accept), a problem ends the flow. */

#include "base/text.h"
#include "installer-plugin/operator.h"

struct json_object;
struct sp_log;

/* @show     print the flow to stdout as it goes: titles, rows, progress by steps
 * @log      borrowed
 * Signals SIGINT and SIGTERM count as cancel from now on, until it is freed. */
SP_MUST_CHECK
int sp_operator_policy_new(struct sp_log *log, bool show, struct sp_operator **ret_op,
			   struct sp_error *err);

/* What was asked so far and answered without asking: an array of "ask", "title" (as in
 * docs/protocol.md) and "answer"; borrowed. */
struct json_object *sp_operator_policy_decisions(struct sp_operator *op);
