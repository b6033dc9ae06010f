/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A flow with its operator at the other end of a socket. */

#include "base/error.h"

struct sp_context;
struct sp_report;
struct sp_strv;

/* Runs the flow named @flow (checked with sp_serve_check_flow()) over the stream socket @fd (borrowed) to its
 * end, and says there how it ended; whatever goes wrong is in @report, too.
 * @locations: where to look first; empty: the operator is asked. */
void sp_serve_flow(struct sp_context *context, const char *flow, int fd,
		   const struct sp_strv *locations, struct sp_report *report);

/* SP_ERR_USAGE, naming those there are, if there is no flow of that name. */
SP_MUST_CHECK
int sp_serve_check_flow(const char *flow, struct sp_error *err);
