/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What every worker of a transaction has before it: the root, opened, and the way to
 * its parent.  For transaction_work.c and transaction_undo.c. */

#include "base/finding.h"
#include "repo/transaction_work.h"

struct json_object;
struct sp_rpm_root;

/* Zero-initialise. */
struct sp_transaction_desk {
	const struct sp_transaction *transaction;
	struct sp_rpm_root *root;
	struct sp_outlet *outlet;
	struct sp_error *err;
	struct sp_findings findings;
	const size_t *index_of_element; /* the item that librpm's package is; NULL */
	size_t lines, steps;            /* sent so far */
	uint64_t last_done, last_total;
	size_t last_index;
	int failure; /* < 0: the parent could not be told */
};

/* Opens @work's root, for a worker that speaks through @outlet.  @err is where all that the
 * desk does says why it failed.  Closing is allowed after a failure. */
SP_MUST_CHECK
int sp_transaction_desk_open(struct sp_transaction_desk *desk,
			     const struct sp_transaction_work *work,
			     struct sp_outlet *outlet, struct sp_error *err);
void sp_transaction_desk_close(struct sp_transaction_desk *desk);

/* Sends {@key: @value}; @value is consumed. */
SP_MUST_CHECK
int sp_transaction_desk_send(struct sp_transaction_desk *desk, const char *key,
			     struct json_object *value);
SP_MUST_CHECK
int sp_transaction_desk_send_running(struct sp_transaction_desk *desk);
/* Sends the findings and the outcome: the last words. */
SP_MUST_CHECK
int sp_transaction_desk_end(struct sp_transaction_desk *desk, int outcome);
