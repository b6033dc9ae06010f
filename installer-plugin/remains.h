/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What stays of an update that failed.  RPM cannot bring back what it has replaced: where
 * the new package took the place of the old one, the new one is all there is of it, and
 * goes on record as that. */

#include "base/error.h"

struct sp_install;
struct sp_record;

/* Outcome: nothing of it is there; @record is still staged. */
#define SP_REMAINS_NOTHING 1

/* After the failure of @record's transaction, and its undoing: if any package of it stands
 * in the place of an older one, @record comes into its place, says what of it is missing
 * and @why (`incomplete`), and those that had the older packages no longer say so. */
SP_MUST_CHECK
int sp_remains_record(const struct sp_install *install, const struct sp_record *record,
		      const char *why, struct sp_error *err);
