/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `suppack check`: all that is wrong or unwise in packs, for whoever makes them.  They
 * are read as an installer reads them, and more thoroughly; nothing is asked of this
 * machine, which is not the one that they are for. */

#include "installer-plugin/verb.h"

#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/base_files.h"
#include "installer-plugin/context.h"
#include "installer-plugin/log.h"
#include "installer-plugin/look.h"
#include "installer-plugin/operator_policy.h"
#include "installer-plugin/report.h"
#include "plan/check.h"
#include "plan/plan.h"

/* ---- what is looked at ---------------------------------------------------------------- */

/* A recorded machine, or a host, can be told more of. */
static int read_surroundings(struct sp_context *context, struct sp_operator *op,
			     struct sp_base_files *base, struct sp_error *err)
{
	int r = sp_context_is_live(context) ? 0 : sp_context_read_machine(context, err);

	return r < 0 ? r : sp_base_files_of_root(context, op, base, err);
}

static int check(const struct sp_context *context, struct sp_look *look,
		 struct sp_error *err)
{
	const struct sp_check check = {
		.kernel = context->options->kernel,
		.enforces_signatures = !sp_context_is_live(context) &&
				       context->kernel.enforces_signatures,
		.now = (int64_t)time(NULL),
	};

	return sp_check_packs(&check, &look->packs, err);
}

/* ---- what is said of it ------------------------------------------------------------------ */

/* What was accepted on the command line is no fault of the pack any more. */
static int add_findings(const struct sp_look *look, const struct sp_pack *pack,
			const struct sp_accept *accept, struct sp_findings *to,
			struct sp_error *err)
{
	bool accepted = !sp_accept_refuses(accept, pack);
	int r = 0;

	for (size_t i = 0; r == 0 && i < pack->findings.n; i++) {
		const struct sp_finding *at = &pack->findings.items[i];

		if (accepted && sp_finding_weight(at->code) == SP_WEIGHT_REFUSAL &&
		    sp_finding_exit_code(at->code) == SP_EXIT_UNTRUSTED)
			continue;
		r = sp_look_copy_finding(look, pack, at, to, err);
	}
	return r;
}

static size_t count_verified(const struct sp_pack *pack)
{
	size_t n = 0;

	for (size_t i = 0; i < pack->n_packages; i++)
		n += pack->packages[i].verified;
	return n;
}

static void add_pack(struct sp_strbuf *text, const struct sp_pack *pack)
{
	SP_AUTO(sp_str_freep) char *title = sp_pack_title(pack);
	SP_AUTO(sp_str_freep) char *place = sp_pack_place(pack);
	size_t n_good = count_verified(pack);

	sp_strbuf_add(text, "%s, in '%s'\n", title ? title : "", place ? place : "");
	sp_strbuf_add(text, "  %s, %s%s%s\n",
		      pack->driver_disk ? "driver disk" : "supplemental pack",
		      sp_trust_state_name(pack->trust.state),
		      pack->trust.key ? ", key " : "",
		      pack->trust.key ? pack->trust.key : "");
	sp_strbuf_add(text, "  %zu package%s, %zu of them verified; %zu module%s\n",
		      pack->n_packages, pack->n_packages == 1 ? "" : "s", n_good,
		      pack->modules.n, pack->modules.n == 1 ? "" : "s");
}

static bool is_clean(const struct sp_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		if (sp_finding_weight(findings->items[i].code) != SP_WEIGHT_NOTE)
			return false;
	return true;
}

static int fill(struct sp_context *context, struct sp_report *report,
		const struct sp_look *look, struct sp_error *err)
{
	SP_AUTO(sp_accept_done) struct sp_accept accept = { 0 };
	int r = sp_context_accept(context, &accept, err);

	if (r == 0)
		r = sp_findings_copy(&report->findings, &look->findings, err);
	for (size_t i = 0; r == 0 && i < look->packs.n; i++) {
		add_pack(&report->text, &look->packs.items[i]);
		r = add_findings(look, &look->packs.items[i], &accept, &report->findings,
				 err);
	}
	sp_json_set(report->body, "packs", sp_pack_list_to_json(&look->packs));
	report->exit =
		sp_outcome_worse(look->exit, sp_findings_exit_code(&report->findings));
	if (r == 0 && !report->exit && is_clean(&report->findings))
		sp_strbuf_add(&report->text, "nothing is wrong\n");
	sp_log_findings(context->log, &report->findings);
	return r;
}

int sp_verb_check(struct sp_context *context, struct sp_report *report,
		  struct sp_error *err)
{
	SP_AUTO(sp_look_done) struct sp_look look = { 0 };
	SP_AUTO(sp_operator_freep) struct sp_operator *op = NULL;
	SP_AUTO(sp_base_files_done) struct sp_base_files base = { 0 };
	int r = sp_operator_policy_new(context->log, false, &op, err);

	if (r == 0)
		r = read_surroundings(context, op, &base, err);
	context->thorough = true;
	if (r == 0)
		r = sp_look_at(context, &context->options->arguments, op, &look, err);
	context->thorough = false;
	context->base = NULL;
	if (r == 0)
		r = check(context, &look, err);
	return r < 0 ? r : fill(context, report, &look, err);
}
