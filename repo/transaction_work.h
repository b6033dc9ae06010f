/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The workers' side of transaction.h; for transaction.c only.  What they send:
 *   {"log": line}
 *   {"progress": {"index", "done", "total"}}
 *   {"memo": {"nevra", "already", "replaced", "fresh"}}   one for each item
 *   {"running": true}                                     from here on, things change
 *   {"findings": [...]}
 *   {"outcome": n}                                        of sp_rpm_run()
 */

#include "base/worker.h"
#include "repo/transaction.h"

/* What was so before the transaction, of one item. */
struct sp_transaction_memo {
	char *nevra;
	bool already;            /* installed, and right */
	struct sp_strv replaced; /* NEVRAs it takes the place of */
	struct sp_strv fresh;    /* its paths, and directories, that did not exist */
};

struct sp_transaction_work {
	const struct sp_transaction *transaction;
	const struct sp_transaction_memo *memos; /* for proving and undoing */
	size_t n_memos;
	const struct sp_strv *erase; /* for erasing */
};

/* Each of them is a sp_worker_fn; @arg is a struct sp_transaction_work. */

/* Checks all items, and installs those that are not there. */
int sp_transaction_work_install(void *arg, struct sp_outlet *outlet,
				struct sp_error *err);
/* Findings for all that is not as it must be, in a process that has seen nothing of how
 * it came about. */
int sp_transaction_work_prove(void *arg, struct sp_outlet *outlet, struct sp_error *err);
/* Puts things back as the memos say they were; findings for all that stays. */
int sp_transaction_work_undo(void *arg, struct sp_outlet *outlet, struct sp_error *err);
/* Erases packages. */
int sp_transaction_work_erase(void *arg, struct sp_outlet *outlet, struct sp_error *err);
