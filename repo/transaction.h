/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* RPM transactions in a root: all of it, and proved, or nothing.
 *
 * librpm runs in workers of this file's own (base/worker.h): one that installs, with all
 * privileges; a fresh one that proves what is there; and if anything failed, one that
 * undoes it.  So the caller is any process that may fork, and librpm's death, or a
 * scriptlet that hangs, is one more failure.
 *
 * "Installed" means: librpm returned success, and logged no error, and no scriptlet
 * failed, and a database opened afresh has that very package, and the digests of its
 * files on disk are right.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/finding.h"
#include "base/text.h"

struct sp_package;
struct sp_patience;

enum { SP_TRANSACTION_MAX_ITEMS = 128 };

/* One RPM.  @fd is an open descriptor of bytes that nobody else can change (sealed
 * memory, or a file in a directory of root's own); what is verified, read and installed
 * all comes from it.  The package says what it must be: name, epoch, version, release,
 * architecture; size and sha256 where it has one. */
struct sp_transaction_item {
	int fd;
	const struct sp_package *package;
};

/* Everything is borrowed. */
struct sp_transaction {
	const char *root; /* "/", or an absolute path; not necessarily with a database */
	const struct sp_transaction_item *items;
	size_t n_items;

	bool installer;       /* @root is the running installer's: only files where
			       * drivers belong, and memory instead of disk space */
	bool test_only;       /* everything but the changes */
	bool no_scripts;      /* neither scriptlets nor triggers */
	bool allow_downgrade; /* an older version may replace a newer one */
	bool again;           /* packages that are there already are installed again, with
			       * their scriptlets: an interrupted run may not have come
			       * to them */
	/* What the root has without its database knowing, as rpm writes it
	 * ("kernel-uname-r = 4.19.0+1"); with @installer every file that is there counts
	 * too.  NULL: nothing. */
	const struct sp_strv *provided;
	unsigned deadline_ms; /* of the installing; 0: 30 minutes (initrds are slow) */

	/* All may be NULL; called in the calling process.  @line: what librpm and the
	 * scriptlets say, cleaned.  Progress is bytes of packages, from 0 to all. */
	void (*on_log)(void *user, const char *line);
	void (*on_progress)(void *user, uint64_t done, uint64_t total, const char *nevra);
	void *user;
	/* Cancels until the first change; later, cancelling waits for the end of the
	 * transaction, and then undoes it. */
	const struct sp_patience *patience;
};

enum sp_transaction_state {
	SP_TRANSACTION_INSTALLED,
	SP_TRANSACTION_ALREADY, /* that very package, all of its files right */
};

/* Of one item. */
struct sp_transaction_package {
	char *nevra;
	enum sp_transaction_state state;
	struct sp_strv replaced; /* NEVRAs of what it took the place of */
};

/* Zero-initialise.  Everything is owned. */
struct sp_transaction_result {
	struct sp_transaction_package
		*packages; /* in the items' order; empty on failure */
	size_t n_packages;
	struct sp_findings findings; /* why not, on failure; with what is left behind */
};

void sp_transaction_result_done(struct sp_transaction_result *result);

/* Installs, or updates to, all items.  @result's findings are set on failure too.
 * < 0: SP_ERR_REQUIREMENTS (dependencies, conflicts, space), SP_ERR_DAMAGED (an item is
 * not what its package says, or holds unsafe paths): nothing was touched.
 * SP_ERR_TRANSACTION: it failed and was undone; what could not be, each file, is a
 * finding `left-behind`.  SP_ERR_CANCELLED; then it was undone too. */
SP_MUST_CHECK
int sp_transaction_run(const struct sp_transaction *transaction,
		       struct sp_transaction_result *result, struct sp_error *err);

/* Erases packages by NEVRA ("name-1.0-1.x86_64") from @root; those that are not there
 * count as erased.  Refused with SP_ERR_REQUIREMENTS (and findings) when another package
 * needs one; SP_ERR_TRANSACTION when something failed: what is still there is a finding.
 * @transaction gives root, no_scripts, test_only, callbacks and patience; no items. */
SP_MUST_CHECK
int sp_transaction_erase(const struct sp_transaction *transaction,
			 const struct sp_strv *nevras, struct sp_findings *findings,
			 struct sp_error *err);
