/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The upgrade flow: the old host, the new release and the packs at hand → what would be
 * lost → insert the pack that is missing, go on without, or back → what is to be
 * carried over is kept for the install flow. */

#include <stdbool.h>

#include "base/error.h"

struct sp_context;
struct sp_operator;
struct sp_report;
struct sp_strv;
struct sp_study;

/* Of the host that --root names.
 * @locations  where packs are at hand, beside those that are kept already
 * Fills @report as check-upgrade does, and "kept": where the packs are that are carried
 * over.  The install flow takes them from there, and complains in the end of what is
 * missing (installer-plugin/expected.h).  Its exit code: 0 the upgrade may go on; 19 it may not, because of what it would
 * lose; 18 the operator said no. */
SP_MUST_CHECK
int sp_flow_upgrade(struct sp_context *context, struct sp_operator *op,
		    const struct sp_strv *locations, struct sp_report *report,
		    struct sp_error *err);

/* How an answerfile has it. */
struct sp_upgrade_unattended {
	bool goes_on; /* whatever would be lost */
	bool warns;   /* goes on, unless the boot disk or the management interface would
		       * lose its driver */
	/* Adds the packs that will be at hand, and whom of them to accept. */
	int (*look)(void *user, struct sp_study *study, struct sp_error *err);
	void *user;
};

/* The same where nobody answers: nothing is kept, since the answerfile's sources are
 * installed from anyway; what they are to renew is expected of them. */
SP_MUST_CHECK
int sp_flow_upgrade_unattended(struct sp_context *context, struct sp_operator *op,
			       const struct sp_upgrade_unattended *how,
			       struct sp_report *report, struct sp_error *err);
