/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Forwards where that is possible: the operator agreed to it, its copy is on the host's
 * own disk, and RPM cannot bring back what it has replaced. */

#include "installer-plugin/recover.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/finding.h"
#include "base/inside.h"
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

#define SCRIPTS_PLACE "var/tmp"
#define SCRIPTS_NAME "rpm-tmp."

enum { SCRIPTS_MAX = 65536 };

/* ---- packs that were going in --------------------------------------------------------- */

/* What took the place of something older stays: it is all there is of it. */
static bool has_replaced_nothing(const void *user, const struct sp_record *record,
				 const char *name)
{
	size_t len = strlen(name);

	(void)user;
	for (size_t i = 0; i < record->before.n; i++)
		if (!strncmp(record->before.items[i], name, len) &&
		    record->before.items[i][len] == ' ')
			return false;
	return true;
}

static int erase_rest(const struct sp_host *host, const struct sp_record *record,
		      struct sp_findings *findings, struct sp_error *cause)
{
	struct sp_transaction transaction = { .root = host->path };
	SP_AUTO(sp_findings_done) struct sp_findings first = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv nevras = { 0 };
	int r = sp_record_list_brought(record, has_replaced_nothing, NULL, &nevras,
				       cause);

	if (r < 0 || !nevras.n)
		return r;
	r = sp_transaction_erase(&transaction, &nevras, &first, cause);
	if (r != -SP_ERR_TRANSACTION)
		return r;
	/* A script that fails is no reason to stay. */
	transaction.no_scripts = true;
	return sp_transaction_erase(&transaction, &nevras, findings, cause);
}

/* Takes back all that can be taken back of what could not be finished for @why. */
static int undo_pack(const struct sp_install *install, const struct sp_record *record,
		     const struct sp_finding *refusal, struct sp_findings *findings,
		     struct sp_error *err)
{
	const char *label = record->pack.label;
	const char *why = refusal ? refusal->text : "no reason is known";
	struct sp_error cause = SP_ERROR_INIT;
	int r = erase_rest(install->host, record, findings, &cause);

	if (r < 0) {
		sp_log_line(install->context->log, "taking back '%s': %s", label,
			    cause.text);
		return sp_findings_add(
			findings, "left-behind", label, err,
			"an interrupted installation of '%s' could not be finished, nor "
			"undone: %s",
			label, cause.text);
	}
	r = sp_install_take_back(install, record, why, findings, err);
	if (r < 0)
		return r;
	return sp_findings_add(findings, "run-finished", label, err,
			       "an interrupted installation of '%s' %s, because it could "
			       "not be finished: %s",
			       label,
			       r == SP_INSTALL_STAYS ? "is on record as far as it went"
						     : "was undone",
			       why);
}

static int finish_pack(struct sp_context *context, struct sp_host *host,
		       struct sp_operator *op, const struct sp_record *record,
		       struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_findings_done) struct sp_findings why = { 0 };
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
		.again = true,
	};
	int r = kept ? sp_install_finish(&install, record, &why, err)
		     : sp_error_nomem(err);

	sp_log_findings(context->log, &why);
	if (r == SP_INSTALL_FAILED)
		return undo_pack(&install, record, sp_findings_first_refusal(&why),
				 findings, err);
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

/* librpm writes each script into a file of its own, and nobody else takes it away. */
static int sweep_scripts(int root_fd, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	SP_AUTO(sp_closep) int place_fd = -1;
	int r = sp_file_open_dir_beneath(root_fd, SCRIPTS_PLACE, &place_fd, err);

	if (r == 0)
		r = sp_inside_list(root_fd, SCRIPTS_PLACE, SCRIPTS_MAX, &names, err);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (sp_text_starts_with(names.items[i], SCRIPTS_NAME) &&
		    unlinkat(place_fd, names.items[i], 0) < 0 && errno != ENOENT)
			r = sp_error_set_errno(err, errno,
					       "removing '/" SCRIPTS_PLACE "/%s'",
					       names.items[i]);
	return r < 0 ? r : 0;
}

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

static int finish_all(struct sp_context *context, struct sp_host *host,
		      struct sp_operator *op, const struct left *left,
		      struct sp_findings *findings, struct sp_error *err)
{
	int r = sp_finalize_hold(host, err);

	if (r == 0)
		r = sweep_scripts(host->root_fd, err);
	for (size_t i = 0; r == 0 && i < left->staged.n; i++)
		r = finish_pack(context, host, op, &left->staged.items[i], findings, err);
	for (size_t i = 0; r == 0 && i < left->removals.n; i++)
		r = finish_removal(context, host, op, left->removals.items[i], findings,
				   err);
	return r;
}

int sp_recover_packs(struct sp_context *context, struct sp_host *host,
		     struct sp_operator *op, struct sp_findings *findings,
		     struct sp_error *err)
{
	SP_AUTO(left_done) struct left left = { 0 };
	int r = find(host, &left, findings, err);

	if (r == 0 && (left.staged.n || left.removals.n))
		r = finish_all(context, host, op, &left, findings, err);
	return r;
}

int sp_recover(struct sp_context *context, struct sp_host *host, struct sp_operator *op,
	       struct sp_findings *findings, struct sp_error *err)
{
	int r = sp_recover_packs(context, host, op, findings, err);

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
