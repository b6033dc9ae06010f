/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Doing what was agreed: all chosen packs copied and verified, their licences accepted,
 * then one after another into the host.  One that fails costs nobody else his pack. */

#include <stdbool.h>

#include "base/error.h"

struct json_object;
struct sp_batch;
struct sp_context;
struct sp_host;
struct sp_installed;
struct sp_look;
struct sp_operator;
struct sp_report;

/* Everything is borrowed. */
struct sp_installing {
	struct sp_context *context;
	struct sp_host *host;           /* read again as packs change it */
	struct sp_installed *installed; /* likewise */
	struct sp_operator *op;
	struct sp_report *report; /* gets findings, and its exit code the worst of all */
	const struct sp_look *look;
	struct sp_batch *batch; /* what is installed or given up is not chosen any more */
	bool can_go_back;       /* else Back from a problem is to go without that pack */
	struct json_object *rows; /* array of {"pack", "text", "ok"}: one for each pack */
};

/* Outcome: the operator wants to choose again. */
#define SP_INSTALL_BATCH_BACK 1

/* < 0: our own failure, or SP_ERR_CANCELLED; packs installed before it stay. */
SP_MUST_CHECK
int sp_install_batch(struct sp_installing *installing, struct sp_error *err);
