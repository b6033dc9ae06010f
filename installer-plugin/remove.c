/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Asked of RPM first without doing anything: a removal that would be refused half-way is
 * refused before it begins. */

#include "installer-plugin/remove.h"

#include <string.h>

#include "base/finding.h"
#include "base/text.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/finalize.h"
#include "installer-plugin/host.h"
#include "installer-plugin/install_files.h"
#include "installer-plugin/log.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/stamp.h"
#include "installer-plugin/unfinished.h"
#include "repo/transaction.h"

/* ---- which -------------------------------------------------------------------------------- */

const struct sp_record *sp_remove_find(const struct sp_host *host, const char *name,
				       size_t *ret_n)
{
	const struct sp_record *found = NULL;

	*ret_n = 0;
	for (size_t i = 0; i < host->records.n; i++) {
		const struct sp_record *record = &host->records.items[i];

		if (!strcmp(record->directory, name)) {
			*ret_n = 1;
			return record;
		}
		if (!strcmp(record->pack.id, name) ||
		    (record->pack.label && !strcmp(record->pack.label, name))) {
			found = record;
			++*ret_n;
		}
	}
	return *ret_n == 1 ? found : NULL;
}

/* ---- who needs it --------------------------------------------------------------------------- */

/* What an update that failed left out is another version's. */
static bool has_package(const struct sp_record *record, const char *name)
{
	if (record->incomplete && sp_strv_has(&record->left_out, name))
		return false;
	for (size_t i = 0; i < record->pack.n_packages; i++)
		if (!strcmp(record->pack.packages[i].name, name))
			return true;
	return false;
}

static bool is_alone(const void *user, const struct sp_record *record, const char *name)
{
	const struct sp_host *host = user;

	for (size_t i = 0; i < host->records.n; i++)
		if (&host->records.items[i] != record &&
		    has_package(&host->records.items[i], name))
			return false;
	return true;
}

/* Legacy packs name the packs they need. */
static bool requires_it(const struct sp_pack *other, const char *id)
{
	size_t len = strlen(id);

	for (size_t i = 0; i < other->requires_.n; i++)
		if (!strncmp(other->requires_.items[i], id, len) &&
		    other->requires_.items[i][len] == ' ')
			return true;
	return false;
}

static int add_needing(const struct sp_record *record, const struct sp_record *other,
		       struct sp_findings *findings, struct sp_error *err)
{
	return sp_findings_add(findings, "needed-by-pack", record->pack.label, err,
			       "'%s' stays, because '%s' %s needs it", record->pack.label,
			       other->pack.label, other->pack.version);
}

/* RPM names packages; the operator wants to know whose they are. */
static int name_packs(const struct sp_host *host, const struct sp_record *record,
		      const struct sp_findings *refusals, struct sp_findings *findings,
		      struct sp_error *err)
{
	for (size_t i = 0; i < host->records.n; i++) {
		const struct sp_record *other = &host->records.items[i];
		bool needs = requires_it(&other->pack, record->pack.id);

		for (size_t j = 0; j < other->pack.n_packages && !needs; j++) {
			SP_AUTO(sp_str_freep)
			char *nevra = sp_package_nevra(&other->pack.packages[j]);

			for (size_t k = 0; nevra && k < refusals->n; k++)
				needs |= strstr(refusals->items[k].text, nevra) != NULL;
		}
		if (other != record && needs) {
			int r = add_needing(record, other, findings, err);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

static void on_log(void *user, const char *line)
{
	struct sp_context *context = user;

	sp_log_line(context->log, "rpm: %s", line);
}

static int ask_rpm(struct sp_context *context, const struct sp_host *host,
		   const struct sp_strv *nevras, struct sp_findings *refusals,
		   struct sp_error *err)
{
	const struct sp_transaction test = {
		.root = host->path, .test_only = true, .on_log = on_log, .user = context
	};
	struct sp_error cause = SP_ERROR_INIT;
	int r = nevras->n ? sp_transaction_erase(&test, nevras, refusals, &cause) : 0;

	if (r == -SP_ERR_REQUIREMENTS)
		return refusals->n ? 0
				   : sp_findings_add_error(refusals, NULL, &cause, err);
	if (r < 0)
		*err = cause;
	return r;
}

/* ---- doing it ------------------------------------------------------------------------------- */

static int erase(struct sp_context *context, const struct sp_host *host,
		 struct sp_operator *op, const struct sp_strv *nevras,
		 struct sp_findings *findings, struct sp_error *err)
{
	const struct sp_transaction transaction = { .root = host->path,
						    .on_log = on_log,
						    .user = context };
	int r;

	sp_operator_busy(op, "Removing packages");
	r = nevras->n ? sp_transaction_erase(&transaction, nevras, findings, err) : 0;
	sp_operator_busy(op, NULL);
	return r;
}

int sp_remove_finish(struct sp_context *context, struct sp_host *host,
		     struct sp_operator *op, const struct sp_record *record,
		     struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv nevras = { 0 };
	SP_AUTO(sp_str_freep)
	char *mark = sp_text_format(SP_UNFINISHED_REMOVAL "%s", record->directory);
	int r = mark ? sp_record_list_brought(record, is_alone, host, &nevras, err)
		     : sp_error_nomem(err);

	if (r == 0)
		r = sp_finalize_mark(host, &record->pack, err);
	if (r == 0)
		r = sp_stamp_announce_removal(host->root_fd, record->pack.id, err);
	if (r == 0)
		r = erase(context, host, op, &nevras, findings, err);
	if (r == 0)
		r = sp_install_files_remove(host, op, record, findings, err);
	if (r == 0)
		r = sp_stamp_remove(host->root_fd, record, &host->records, err);
	if (r == 0)
		r = sp_record_remove(host->root_fd, record->directory, err);
	if (r == 0)
		r = sp_unfinished_clear(host->root_fd, mark, err);
	if (r == 0)
		sp_log_line(context->log, "'%s' %s is removed", record->pack.label,
			    record->pack.version);
	return r;
}

int sp_remove_pack(struct sp_context *context, struct sp_host *host,
		   struct sp_operator *op, const struct sp_record *record,
		   struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_findings_done) struct sp_findings refusals = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv nevras = { 0 };
	SP_AUTO(sp_str_freep)
	char *mark = sp_text_format(SP_UNFINISHED_REMOVAL "%s", record->directory);
	size_t before = findings->n;
	int r = mark ? sp_record_list_brought(record, is_alone, host, &nevras, err)
		     : sp_error_nomem(err);

	if (r == 0)
		r = ask_rpm(context, host, &nevras, &refusals, err);
	if (r == 0)
		r = name_packs(host, record, &refusals, findings, err);
	/* Somebody else than a pack: RPM's words will do. */
	if (r == 0 && findings->n == before)
		r = sp_findings_move(findings, &refusals, err);
	if (r < 0)
		return r;
	if (findings->n > before)
		return SP_REMOVE_REFUSED;
	r = sp_finalize_hold(host, err);
	if (r == 0)
		r = sp_unfinished_mark(host->root_fd, mark, err);
	return r < 0 ? r : sp_remove_finish(context, host, op, record, findings, err);
}
