/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Of old packs: drivers and firmware that lie on the medium as they are.  RPM knows
 * nothing of them; load_files.h places them. */

#include "base/error.h"

struct sp_machine_plan;

/* Fills `install.files` of @made: where each goes in the running system, firmware first.
 * SP_CLOSURE_MISFIT as sp_closure_make(): one goes where no driver belongs, or where the
 * kernel does not find it.  A tbz2 is left for the host. */
SP_MUST_CHECK
int sp_closure_files_make(struct sp_machine_plan *made, struct sp_error *err);
