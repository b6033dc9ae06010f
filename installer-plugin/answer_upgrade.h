/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The upgrade flow as an answerfile wants it: the stage "upgrade", before the old host
 * is overwritten. */

#include "base/error.h"

struct json_object;
struct sp_context;
struct sp_report;
struct sp_unattended;

/* Of the host that --root names; the new release is --to, else the first <source> that
 * is no "local" one; the packs at hand are those of all sources.  With another mode than
 * "upgrade" there is nothing to do.
 * @sources  gets a row for each source
 * Fills @report as check-upgrade does, and "decisions".  Its exit code: 0 the upgrade may
 * go on; 19 it may not (pack-loss); or that of a required source. */
SP_MUST_CHECK
int sp_answer_upgrade(struct sp_context *context, const struct sp_unattended *unattended,
		      struct json_object *sources, struct sp_report *report,
		      struct sp_error *err);
