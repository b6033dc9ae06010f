/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* extramodules= of the kernel's command line: modules that are loaded by name, once all
 * packs have brought theirs. */

#include "base/error.h"

struct sp_context;
struct sp_operator;
struct sp_report;

/* Fills @report: "loaded", findings, exit code: one that cannot be loaded is 16.  On a
 * recorded machine the modules are only looked for. */
SP_MUST_CHECK
int sp_extra_modules_load(struct sp_context *context, struct sp_operator *op,
			  struct sp_report *report, struct sp_error *err);
