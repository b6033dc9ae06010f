/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Drivers and firmware of old packs, from their verified copies into the running
 * system. */

#include <stdbool.h>

#include "base/error.h"

struct sp_context;
struct sp_deed;
struct sp_findings;
struct sp_machine_plan;
struct sp_operator;
struct sp_package;

/* Is the file of @package where it would be placed, with the digest that it has? */
bool sp_load_files_has(const struct sp_context *context,
		       const struct sp_package *package);

/* Outcome: nothing was placed; @findings say why (conflict, no-space). */
#define SP_LOAD_FILES_FAILED 1

/* Places what @made's `install.files` says; what is there already, byte for byte, is left
 * alone.  @deed->placed: what was made, or may have been, whatever the outcome. */
SP_MUST_CHECK
int sp_load_files_place(const struct sp_machine_plan *made, struct sp_operator *op,
			struct sp_deed *deed, struct sp_findings *findings,
			struct sp_error *err);

/* Takes all of it away again.  What cannot be removed is a finding (left-behind). */
SP_MUST_CHECK
int sp_load_files_remove(const char *root, struct sp_operator *op,
			 const struct sp_deed *deed, struct sp_findings *findings,
			 struct sp_error *err);
