/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Doing what was agreed, on this machine: keep → verify again → install → load → wait
 * for the devices → prove.  Or all of it undone. */

#include "base/error.h"

struct json_object;
struct sp_machine_plan;
struct sp_operator;
struct sp_report;

/* Does what @made says.  The report gets findings, "proof", "installed", "loaded" and
 * its exit code: 0 only if every device of the plan is bound and what it is for has
 * appeared.  Nothing half done is left when it is another.
 *
 * < 0: our own failure, or SP_ERR_CANCELLED; all is undone then, too. */
SP_MUST_CHECK
int sp_perform_load(const struct sp_machine_plan *made, struct sp_operator *op,
		    struct sp_report *report, struct sp_error *err);
