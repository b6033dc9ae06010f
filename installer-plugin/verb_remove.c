/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `suppack remove`: packs off a host, each whole or not at all. */

#include "installer-plugin/verb.h"

#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/context.h"
#include "installer-plugin/finalize.h"
#include "installer-plugin/host.h"
#include "installer-plugin/operator_policy.h"
#include "installer-plugin/recover.h"
#include "installer-plugin/remove.h"
#include "installer-plugin/report.h"
#include "installer-plugin/restart.h"
#include "installer-plugin/unfinished.h"

static int not_found(const char *name, size_t n, struct sp_report *report,
		     struct sp_error *err)
{
	report->exit = sp_outcome_worse(report->exit, SP_EXIT_NO_PACK);
	return sp_findings_add(&report->findings, "not-on-record", name, err,
			       n ? "'%.200s' is the name of several packs on record"
				 : "'%.200s' is no pack on record",
			       name);
}

static int remove_one(struct sp_context *context, struct sp_host *host,
		      struct sp_operator *op, const char *name, struct sp_report *report,
		      struct sp_error *err)
{
	struct json_object *removed = sp_json_get(report->body, "removed");
	size_t n;
	const struct sp_record *record = sp_remove_find(host, name, &n);
	int r;

	if (!record)
		return not_found(name, n, report, err);
	r = sp_remove_pack(context, host, op, record, &report->findings, err);
	if (r == SP_REMOVE_REFUSED) {
		report->exit = sp_outcome_worse(report->exit,
						sp_findings_exit_code(&report->findings));
		return 0;
	}
	if (r < 0)
		return r;
	sp_json_append(removed, sp_json_string(record->pack.id));
	sp_strbuf_add(&report->text, "'%s' %s is removed.\n", record->pack.label,
		      record->pack.version);
	return sp_host_is_running(host)
		       ? sp_restart_check(context, &record->pack, &report->findings, err)
		       : 0;
}

static int remove_all(struct sp_context *context, struct sp_host *host,
		      struct sp_operator *op, struct sp_report *report,
		      struct sp_error *err)
{
	const struct sp_strv *names = &context->options->arguments;
	int r = sp_recover(context, host, op, &report->findings, err);

	for (size_t i = 0; r == 0 && i < names->n; i++) {
		r = remove_one(context, host, op, names->items[i], report, err);
		if (r == 0)
			r = sp_host_read(host, err);
	}
	return r;
}

int sp_verb_remove(struct sp_context *context, struct sp_report *report,
		   struct sp_error *err)
{
	SP_AUTO(sp_operator_freep) struct sp_operator *op = NULL;
	SP_AUTO(sp_host_done) struct sp_host host = { 0 };
	struct sp_error cause = SP_ERROR_INIT;
	int r = sp_host_open(context, &host, err), failed;

	sp_json_set(report->body, "removed", sp_json_array());
	if (r == 0)
		r = sp_context_read_machine(context, err);
	if (r == 0)
		r = sp_operator_policy_new(context->log, !context->options->json, &op,
					   err);
	if (r < 0)
		return r;
	failed = remove_all(context, &host, op, report, &cause);
	r = sp_host_read(&host, err);
	if (r == 0)
		r = sp_finalize_end(context, &host, op, &report->findings, err);
	if (r == 0)
		r = sp_unfinished_tidy(host.root_fd, err);
	if (r == 0)
		r = sp_recover_look(&host, &report->findings, err);
	report->exit =
		sp_outcome_worse(report->exit, sp_findings_exit_code(&report->findings));
	if (failed < 0)
		*err = cause;
	return failed < 0 ? failed : r;
}
