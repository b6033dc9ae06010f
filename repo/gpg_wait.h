/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Waiting for one operation of gpgme, up to a deadline.  For gpg_home.c. */

#include "base/error.h"

struct gpgme_context;

struct sp_gpg_wait;

/* For operations of @context (borrowed; outlives the wait). */
SP_MUST_CHECK
int sp_gpg_wait_new(struct gpgme_context *context, struct sp_gpg_wait **ret_wait,
		    struct sp_error *err);
void sp_gpg_wait_free(struct sp_gpg_wait *wait);

/* Before an operation is started; none else of the context may be, until its end. */
void sp_gpg_wait_begin(struct sp_gpg_wait *wait);

/* Waits for the operation whose start has returned @started; its own outcome (a gpgme
 * error) goes to *@ret_outcome.  < 0: SP_ERR_TIMEOUT after @deadline_ms: it is given up,
 * and gpg, which may be left running, ends with the worker; SP_ERR_INTERNAL when it
 * could not be started. */
SP_MUST_CHECK
int sp_gpg_wait_end(struct sp_gpg_wait *wait, unsigned started, unsigned deadline_ms,
		    unsigned *ret_outcome, struct sp_error *err);
