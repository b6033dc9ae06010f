/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The install-packs flow: what an interrupted run left is finished → where to look →
 * what is there, and what cannot go in and why → whom to trust → agreed? → copied,
 * licences accepted, installed, on record → more? → the initrd made once.  Written once;
 * who answers is the operator's business. */

#include "base/error.h"

struct sp_context;
struct sp_operator;
struct sp_report;
struct sp_strv;

/* Into the host that --root names.
 * @locations  where to look first; empty: at the packs kept when drivers were loaded, and
 *             if there are none the operator is asked
 * Fills @report: packs, installed, findings, exit code.  A pack that fails is no error:
 * the host is as before it, and the others go on.  Packs that an upgrade was to carry
 * over and that are not there in the end are named, asked about, and exit code 19. */
SP_MUST_CHECK
int sp_flow_install(struct sp_context *context, struct sp_operator *op,
		    const struct sp_strv *locations, struct sp_report *report,
		    struct sp_error *err);

/* What is due once, after the last of several flows with more_follow (context.h): depmod
 * and the initrd, and whether all is there that an upgrade was to carry over. */
SP_MUST_CHECK
int sp_flow_install_end(struct sp_context *context, struct sp_operator *op,
			struct sp_report *report, struct sp_error *err);
