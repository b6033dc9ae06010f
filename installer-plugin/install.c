/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The staged record is the promise that the pack will be there: from the moment it is
 * written until it is in its place, a run that dies is finished by the next one. */

#include "installer-plugin/install.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/finalize.h"
#include "installer-plugin/host.h"
#include "installer-plugin/install_files.h"
#include "installer-plugin/install_record.h"
#include "installer-plugin/log.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/remains.h"
#include "installer-plugin/retire.h"
#include "installer-plugin/stamp.h"
#include "repo/transaction.h"

/* The RPMs of one transaction, opened. */
struct items {
	struct sp_transaction_item *items;
	size_t n;
	struct sp_error *err; /* of opening them */
};

static void items_done(struct items *items)
{
	for (size_t i = 0; i < items->n; i++)
		(void)close(items->items[i].fd);
	free(items->items);
}

/* ---- which RPMs ------------------------------------------------------------------------ */

bool sp_install_is_rpm(const struct sp_package *package)
{
	return !package->type || !strcmp(package->type, "rpm") ||
	       !strcmp(package->type, "driver-rpm");
}

static int add_item(const struct sp_install *install, const struct sp_record *record,
		    int kept_fd, size_t index, struct items *items)
{
	const struct sp_package *package = &install->pack->packages[index];
	struct sp_transaction_item *item = &items->items[items->n];
	int r;

	if (!sp_install_is_rpm(package) || sp_strv_has(&record->left_out, package->name))
		return 0;
	r = sp_file_open_beneath(kept_fd, package->file, &item->fd, items->err);
	if (r == SP_FILE_ABSENT)
		return sp_error_set(items->err, SP_ERR_DAMAGED, "'%s/%s' is not there",
				    install->kept, package->file);
	if (r < 0)
		return r;
	item->package = package;
	items->n++;
	return 0;
}

static int open_items(const struct sp_install *install, const struct sp_record *record,
		      struct items *items, struct sp_error *err)
{
	SP_AUTO(sp_closep)
	int kept_fd = open(install->kept, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = 0;

	items->err = err;
	items->items = calloc(install->pack->n_packages + 1, sizeof *items->items);
	if (!items->items)
		return sp_error_nomem(err);
	if (kept_fd < 0)
		return sp_error_set_errno(err, errno, "opening '%s'", install->kept);
	for (size_t i = 0; r == 0 && i < install->pack->n_packages; i++)
		r = add_item(install, record, kept_fd, i, items);
	return r;
}

/* ---- the transaction -------------------------------------------------------------------- */

static void on_log(void *user, const char *line)
{
	const struct sp_install *install = user;

	sp_log_line(install->context->log, "rpm: %s", line);
}

static void on_progress(void *user, uint64_t done, uint64_t total, const char *nevra)
{
	const struct sp_install *install = user;

	(void)nevra;
	sp_operator_progress(install->op, install->title, done, total);
}

static int run(const struct sp_install *install, const struct items *items,
	       struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_transaction_result_done) struct sp_transaction_result result = { 0 };
	struct sp_patience patience = sp_operator_patience(install->op);
	const struct sp_transaction transaction = {
		.root = install->host->path,
		.items = items->items,
		.n_items = items->n,
		.allow_downgrade = install->allow_downgrade,
		.again = install->again || install->rerun,
		.on_log = on_log,
		.on_progress = on_progress,
		.user = (void *)(uintptr_t)install,
		.patience = &patience,
	};
	struct sp_error ignored = SP_ERROR_INIT;
	int r = sp_transaction_run(&transaction, &result, err);

	if (sp_findings_move(findings, &result.findings, r < 0 ? &ignored : err) < 0 &&
	    r == 0)
		r = -SP_ERR_NOMEM;
	return r;
}

/* ---- the record around it ----------------------------------------------------------------- */

/* Is it the pack that failed, and not we?  Then the next one may do better. */
static bool is_packs_fault(int r)
{
	return r == -SP_ERR_TRANSACTION || r == -SP_ERR_REQUIREMENTS ||
	       r == -SP_ERR_DAMAGED || r == -SP_ERR_LIMIT || r == -SP_ERR_FORMAT ||
	       r == -SP_ERR_WORKER || r == -SP_ERR_TIMEOUT || r == -SP_ERR_IO;
}

static int stay(const struct sp_install *install, struct sp_error *err)
{
	int r = sp_retire_packs(install->context, install->host, install->op, err);

	return r < 0 ? r : SP_INSTALL_STAYS;
}

/* What could not be undone stays promised, for the next run to finish.  Where something
 * older was replaced, the new one is all there is of it, and on record as that. */
int sp_install_take_back(const struct sp_install *install, const struct sp_record *record,
			 const char *why, struct sp_findings *findings,
			 struct sp_error *err)
{
	int r = sp_remains_record(install, record, why, err);

	if (r != SP_REMAINS_NOTHING)
		return r < 0 ? r : stay(install, err);
	r = sp_install_files_undo(install->host, install->op, record, findings, err);
	if (r < 0 || (!install->again && sp_findings_has(findings, "left-behind") &&
		      !record->before.n))
		return r;
	return sp_record_unstage(install->host->root_fd, record->directory, err);
}

/* No script takes it back. */
static void restore_stamp(const struct sp_install *install, const struct sp_stamp *stamp)
{
	struct sp_error ignored = SP_ERROR_INIT;

	if (sp_stamp_restore(install->host->root_fd, stamp, &ignored) < 0)
		sp_log_line(install->context->log, "the stamp of '%s': %s",
			    install->pack->label, ignored.text);
}

static int give_up(const struct sp_install *install, const struct sp_record *record,
		   const struct sp_stamp *stamp, const struct sp_error *cause,
		   struct sp_findings *findings, struct sp_error *err)
{
	const struct sp_finding *why = sp_findings_first_refusal(findings);
	int r = 0;

	sp_log_line(install->context->log, "'%s' was not installed: %s",
		    install->pack->label, cause->text);
	if (!install->again)
		r = sp_install_take_back(install, record, why ? why->text : cause->text,
					 findings, err);
	if (r == SP_INSTALL_STAYS && !sp_findings_has(findings, "left-behind"))
		r = sp_findings_add(findings, "left-behind", install->pack->label, err,
				    "'%.80s' stays, not all of it: %s",
				    install->pack->label, why ? why->text : cause->text);
	else if (r != SP_INSTALL_STAYS)
		restore_stamp(install, stamp);
	if (r < 0)
		return r;
	if (!is_packs_fault(-(int)cause->code)) {
		*err = *cause;
		return -(int)cause->code;
	}
	if (!sp_findings_first_refusal(findings))
		r = sp_findings_add_error(findings, install->pack->label, cause, err);
	return r < 0 ? r : SP_INSTALL_FAILED;
}

static int run_all(const struct sp_install *install, const struct sp_record *record,
		   const struct items *items, struct sp_stamp *stamp,
		   struct sp_findings *findings, struct sp_error *cause)
{
	int r = sp_stamp_load(install->host->root_fd, install->pack->id, stamp, cause);

	if (r == 0)
		r = sp_finalize_mark(install->host, &record->pack, cause);
	if (r == 0)
		r = sp_install_files_put(install, record, cause);
	if (r == 0 && items->n)
		r = run(install, items, findings, cause);
	return r;
}

int sp_install_finish(const struct sp_install *install, const struct sp_record *record,
		      struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(items_done) struct items items = { 0 };
	SP_AUTO(sp_stamp_done) struct sp_stamp stamp = { 0 };
	struct sp_error cause = SP_ERROR_INIT;
	int r = open_items(install, record, &items, &cause);

	if (r == 0)
		r = run_all(install, record, &items, &stamp, findings, &cause);
	if (r < 0)
		return give_up(install, record, &stamp, &cause, findings, err);
	r = sp_install_files_settle(install, record, err);
	if (r == 0)
		r = sp_record_commit(install->host->root_fd, record->directory, err);
	if (r == 0)
		sp_log_line(install->context->log, "'%s' %s is installed and on record",
			    install->pack->label, install->pack->version);
	return r;
}

/* Nothing has been touched yet. */
static int list_files(const struct sp_install *install, struct sp_record *record,
		      struct sp_findings *findings, struct sp_error *err)
{
	struct sp_error cause = SP_ERROR_INIT;
	int r = sp_install_files_list(install, record, findings, &cause);

	if (r >= 0)
		return r;
	if (is_packs_fault(r)) {
		r = sp_findings_add_error(findings, install->pack->label, &cause, err);
		return r < 0 ? r : SP_INSTALL_FAILED;
	}
	*err = cause;
	return r;
}

int sp_install_pack(const struct sp_install *install, struct sp_findings *findings,
		    struct sp_error *err)
{
	SP_AUTO(sp_record_done) struct sp_record record = { 0 };
	int root_fd = install->host->root_fd;
	int r = sp_install_record_make(install, &record, err);

	if (r == 0)
		r = list_files(install, &record, findings, err);
	/* The copy must outlive us before anything says that it is to be installed. */
	if (r == 0 && syncfs(root_fd) < 0)
		r = sp_error_set_errno(err, errno, "syncing '%s'", install->host->path);
	if (r == 0)
		r = sp_record_stage(root_fd, &record, err);
	if (r == 0)
		r = sp_install_finish(install, &record, findings, err);
	return r != 0 ? r
		      : sp_retire_packs(install->context, install->host, install->op,
					err);
}
