/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The load-drivers flow: where to look → what is there → whom to trust → agreed? →
 * done → proved.  Written once; who answers is the operator's business. */

#include "base/error.h"

struct sp_context;
struct sp_operator;
struct sp_report;
struct sp_strv;

/* @locations  where to look first; empty: the operator is asked
 * Fills @report: packs, matches, findings, proof, exit code. */
SP_MUST_CHECK
int sp_flow_load(struct sp_context *context, struct sp_operator *op,
		 const struct sp_strv *locations, struct sp_report *report,
		 struct sp_error *err);
