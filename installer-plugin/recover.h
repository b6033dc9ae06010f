/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What an interrupted run left on a host, finished before anything else is done to it: a
 * pack whose record is staged goes in, from the copy that was made of it; a pack that was
 * being removed goes; dracut is let go, and the initrd made if one is due.  What cannot be
 * finished is undone. */

#include "base/error.h"

struct sp_context;
struct sp_findings;
struct sp_host;
struct sp_operator;

/* A finding (run-finished) for each pack that was finished, and the reasons where one
 * could not be.  Reads @host again if it has changed.  Initrds are made by
 * sp_finalize_end(), which must be called in any case. */
SP_MUST_CHECK
int sp_recover(struct sp_context *context, struct sp_host *host, struct sp_operator *op,
	       struct sp_findings *findings, struct sp_error *err);

/* The first half of it: what a try that failed could not undo is finished or undone, and
 * copies of packs stay for the next try. */
SP_MUST_CHECK
int sp_recover_packs(struct sp_context *context, struct sp_host *host,
		     struct sp_operator *op, struct sp_findings *findings,
		     struct sp_error *err);

/* Changes nothing: a finding (run-unfinished) for each pack that sp_recover() would
 * finish. */
SP_MUST_CHECK
int sp_recover_look(const struct sp_host *host, struct sp_findings *findings,
		    struct sp_error *err);
