/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One RPM transaction into a root, proved (trust.md rule 6): done only if librpm said
 * so, no error was logged, no scriptlet failed, and a freshly opened database and the
 * files themselves agree.  librpm and its database live here and nowhere else.
 *
 * Call it in a privileged worker of its own (SP_WORKER_PRIVILEGED): librpm handles
 * signals by ending the process, and scriptlets do what they like.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/finding.h"
#include "base/text.h"

struct json_object;

/* Everything is borrowed. */
struct sp_transaction_package {
	int fd;            /* the verified copy, readable from its beginning more than once */
	const char *nevra; /* what it is: sp_package_nevra() */
};

struct sp_transaction_job {
	const char *root; /* "/", or a target's root: an absolute path */
	const struct sp_transaction_package *install;
	size_t n_install;
	const struct sp_strv *erase; /* NEVRAs; NULL: none */
	/* May be NULL.  @what: the package in hand; bytes or steps. */
	void (*progress)(void *user, const char *what, uint64_t done, uint64_t total);
	void *user;
};

/* Zero-initialise. */
struct sp_transaction_result {
	struct sp_strv installed; /* NEVRAs of the job now in the database that were not
				   * there before */
	struct sp_strv erased;    /* those gone that were there before: of the job, or
				   * replaced by an upgrade */
	struct sp_findings findings;
	struct sp_strv output; /* what librpm and scriptlets said: cleaned, 20 lines */
};

void sp_transaction_result_done(struct sp_transaction_result *result);

/* Outcome: the dependencies, a conflict or the space do not allow it; nothing was
 * changed, findings say why (requirement-missing, conflict, no-space, ...). */
#define SP_TRANSACTION_REFUSED 1
/* Outcome: it went wrong on the way (transaction-failed, scriptlet-failed); what is in
 * the database all the same is in result->installed, to be erased by the caller. */
#define SP_TRANSACTION_FAILED 2

/* Erasing what is not installed is no failure.  < 0: our own failure, before anything
 * was changed.  Zero-initialised @result. */
SP_MUST_CHECK
int sp_transaction_run(const struct sp_transaction_job *job,
		       struct sp_transaction_result *result, struct sp_error *err);

/* For a worker's message. */
struct json_object *
sp_transaction_result_to_json(const struct sp_transaction_result *result);
SP_MUST_CHECK
int sp_transaction_result_from_json(const struct json_object *json,
				    struct sp_transaction_result *ret_result,
				    struct sp_error *err);

/* Calls @each for every package in the database of @root: its name, its
 * "epoch:version-release" (epoch only if there is one), and what it provides as rpm
 * writes it ("kernel-uname-r = 4.19.0+1").  < 0 from @each ends it.  A root without a
 * database has none. */
SP_MUST_CHECK
int sp_transaction_list_installed(const char *root,
				  int (*each)(void *user, const char *name,
					      const char *evr,
					      const struct sp_strv *provides,
					      struct sp_error *err),
				  void *user, struct sp_error *err);
