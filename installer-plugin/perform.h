/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Doing what was agreed, on this machine: keep → verify again → install → load → wait
 * for the devices → prove.  Or all of it undone. */

#include "base/error.h"

struct sp_machine_plan;
struct sp_operator;
struct sp_report;

/* Does what @made says.  The report gets findings, "proof", "installed", "loaded",
 * "kept", what the kernel said ("kernel_log"), and its exit code: 0 if every device of
 * the plan is bound and what it is for has appeared.  If no device of the plan works,
 * nothing is left of it; a driver that works for some of its devices stays.
 *
 * < 0: our own failure, or SP_ERR_CANCELLED; all is undone then, too. */
SP_MUST_CHECK
int sp_perform_load(const struct sp_machine_plan *made, struct sp_operator *op,
		    struct sp_report *report, struct sp_error *err);
