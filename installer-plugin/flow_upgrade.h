/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The upgrade flow: the old host, the new release and the packs at hand → what would be
 * lost → insert the pack that is missing, go on without, or back → what is to be
 * carried over is kept for the install flow. */

#include "base/error.h"

struct sp_context;
struct sp_operator;
struct sp_report;
struct sp_strv;

/* Of the host that --root names.
 * @locations  where packs are at hand, beside those that are kept already
 * Fills @report as check-upgrade does, and "kept": where the packs are that are carried
 * over.  Its exit code: 0 the upgrade may go on; 19 it may not, because of what it would
 * lose; 18 the operator said no. */
SP_MUST_CHECK
int sp_flow_upgrade(struct sp_context *context, struct sp_operator *op,
		    const struct sp_strv *locations, struct sp_report *report,
		    struct sp_error *err);
