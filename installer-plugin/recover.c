/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Forwards where that is possible: the operator agreed to it, its copy is on the host's
 * own disk, and RPM cannot bring back what it has replaced. */

#include "installer-plugin/recover.h"

#include <string.h>

#include "base/file.h"
#include "base/finding.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/finalize.h"
#include "installer-plugin/host.h"
#include "installer-plugin/install.h"
#include "installer-plugin/log.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/remove.h"
#include "installer-plugin/retire.h"
#include "installer-plugin/unfinished.h"
#include "repo/spool.h"
#include "repo/transaction.h"

/* ---- packs that were going in --------------------------------------------------------- */

/* What is left of a transaction whose copy is gone: all that can be taken back. */
static int erase_rest(struct sp_context *context, const struct sp_host *host,
		      const struct sp_record *record, struct sp_findings *findings,
		      struct sp_error *err)
{
	const struct sp_transaction transaction = { .root = host->path };
	SP_AUTO(sp_strv_done) struct sp_strv nevras = { 0 };
	struct sp_error cause = SP_ERROR_INIT;
	int r = 0;

	for (size_t i = 0; r == 0 && i < record->pack.n_packages; i++) {
		const struct sp_package *package = &record->pack.packages[i];
		SP_AUTO(sp_str_freep) char *nevra = sp_package_nevra(package);

		if (!nevra)
			return sp_error_nomem(err);
		if (sp_strv_has(&record->brought, package->name))
			r = sp_strv_add(&nevras, nevra, err);
	}
	if (r < 0 || !nevras.n)
		return r;
	if (sp_transaction_erase(&transaction, &nevras, findings, &cause) < 0)
		sp_log_line(context->log, "taking back '%s': %s", record->pack.label,
			    cause.text);
	return 0;
}

static int finish_pack(struct sp_context *context, struct sp_host *host,
		       struct sp_operator *op, const struct sp_record *record,
		       struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *copies = sp_host_below(host, SP_UNFINISHED_COPIES);
	SP_AUTO(sp_str_freep) char *name = sp_spool_name(&record->pack);
	SP_AUTO(sp_str_freep)
	char *kept = copies && name ? sp_text_format("%s/%s", copies, name) : NULL;
	const struct sp_install install = {
		.context = context,
		.host = host,
		.op = op,
		.pack = &record->pack,
		.kept = kept,
		.title = "Finishing what was interrupted",
		.allow_downgrade = true,
	};
	int r = kept ? sp_install_finish(&install, record, findings, err)
		     : sp_error_nomem(err);

	if (r == SP_INSTALL_FAILED) {
		r = erase_rest(context, host, record, findings, err);
		return r < 0 ? r
			     : sp_findings_add(findings, "run-finished",
					       record->pack.label, err,
					       "an interrupted installation of '%s' "
					       "could not be finished, and was undone",
					       record->pack.label);
	}
	return r < 0 ? r
		     : sp_findings_add(findings, "run-finished", record->pack.label, err,
				       "an interrupted installation of '%s' was finished",
				       record->pack.label);
}

/* ---- packs that were going ------------------------------------------------------------- */

static const struct sp_record *record_at(const struct sp_record_list *records,
					 const char *directory)
{
	for (size_t i = 0; i < records->n; i++)
		if (!strcmp(records->items[i].directory, directory))
			return &records->items[i];
	return NULL;
}

static int finish_removal(struct sp_context *context, struct sp_host *host,
			  struct sp_operator *op, const char *directory,
			  struct sp_findings *findings, struct sp_error *err)
{
	const struct sp_record *record = record_at(&host->records, directory);
	SP_AUTO(sp_str_freep)
	char *mark = sp_text_format(SP_UNFINISHED_REMOVAL "%s", directory);
	int r;

	if (!mark)
		return sp_error_nomem(err);
	if (!record)
		return sp_unfinished_clear(host->root_fd, mark, err);
	r = sp_remove_finish(context, host, op, record, findings, err);
	if (r != 0)
		return r < 0 ? r : 0;
	return sp_findings_add(findings, "run-finished", record->pack.label, err,
			       "an interrupted removal of '%s' was finished",
			       record->pack.label);
}

/* ---- both --------------------------------------------------------------------------------- */

struct left {
	struct sp_record_list staged;
	struct sp_strv removals;
};

static void left_done(struct left *left)
{
	sp_record_list_done(&left->staged);
	sp_strv_done(&left->removals);
}

static int find(const struct sp_host *host, struct left *left,
		struct sp_findings *findings, struct sp_error *err)
{
	int r = sp_record_list_staged(host->root_fd, &left->staged, findings, err);

	return r < 0 ? r
		     : sp_unfinished_list(host->root_fd, SP_UNFINISHED_REMOVAL,
					  &left->removals, err);
}

int sp_recover(struct sp_context *context, struct sp_host *host, struct sp_operator *op,
	       struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(left_done) struct left left = { 0 };
	int r = find(host, &left, findings, err);

	if (r == 0 && (left.staged.n || left.removals.n))
		r = sp_finalize_hold(host, err);
	for (size_t i = 0; r == 0 && i < left.staged.n; i++)
		r = finish_pack(context, host, op, &left.staged.items[i], findings, err);
	for (size_t i = 0; r == 0 && i < left.removals.n; i++)
		r = finish_removal(context, host, op, left.removals.items[i], findings,
				   err);
	if (r == 0)
		r = sp_retire_packs(context, host, op, err);
	if (r == 0)
		r = sp_record_tidy(host->root_fd, err);
	return r < 0 ? r : sp_unfinished_tidy(host->root_fd, err);
}

int sp_recover_look(const struct sp_host *host, struct sp_findings *findings,
		    struct sp_error *err)
{
	SP_AUTO(left_done) struct left left = { 0 };
	int r = find(host, &left, findings, err);

	for (size_t i = 0; r == 0 && i < left.staged.n; i++) {
		const char *label = left.staged.items[i].pack.label;

		r = sp_findings_add(findings, "run-unfinished", label, err,
				    "the installation of '%s' was interrupted", label);
	}
	for (size_t i = 0; r == 0 && i < left.removals.n; i++)
		r = sp_findings_add(findings, "run-unfinished", left.removals.items[i],
				    err, "the removal of '%s' was interrupted",
				    left.removals.items[i]);
	return r;
}
