/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One question for all sources together: what one of them does not renew another may.
 * What each accepts is turned into the names of its packs, so that it stays its own. */

#include "installer-plugin/answer_upgrade.h"

#include <string.h>

#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/answer_options.h"
#include "installer-plugin/answer_source.h"
#include "installer-plugin/context.h"
#include "installer-plugin/flow_upgrade.h"
#include "installer-plugin/log.h"
#include "installer-plugin/operator_policy.h"
#include "installer-plugin/report.h"
#include "installer-plugin/study.h"
#include "installer-plugin/unattended.h"

struct run {
	struct sp_context *context;
	const struct sp_unattended *unattended;
	struct json_object *sources;
	struct sp_report *report;
};

/* ---- packs at hand ----------------------------------------------------------------------- */

/* Packs of this source alone: those from @first on. */
static int take_accepted(struct sp_study *study, size_t first,
			 const struct sp_accept *accept, struct sp_error *err)
{
	const struct sp_pack_list *packs = &study->look.packs;
	int r = 0;

	for (size_t i = first; r == 0 && i < packs->n; i++)
		if (sp_trust_can_be_accepted(packs->items[i].trust.state) &&
		    !sp_accept_refuses(accept, &packs->items[i]))
			r = sp_strv_add(&study->accept.packs,
					sp_plan_pack_key(&packs->items[i]), err);
	return r;
}

/* That an installation source holds no pack is as it should be. */
static int drop_no_pack(struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_findings_done) struct sp_findings all = *findings;
	int r = 0;

	*findings = (struct sp_findings){ 0 };
	for (size_t i = 0; r == 0 && i < all.n; i++)
		if (sp_finding_exit_code(all.items[i].code) != SP_EXIT_NO_PACK)
			r = sp_findings_add(findings, all.items[i].code,
					    all.items[i].about, err, "%s",
					    all.items[i].text);
	return r;
}

/* Of a source that must hold packs it is worth a word, of another none. */
static int take_findings(struct sp_study *study,
			 const struct sp_unattended_source *source,
			 struct sp_findings *before, struct sp_error *err)
{
	struct sp_findings *findings = &study->look.findings;
	int r = source->required ? 0 : drop_no_pack(findings, err);

	return r == 0 ? sp_findings_move(findings, before, err) : r;
}

static int look_with(const struct run *run, const struct sp_unattended_source *source,
		     struct sp_options *options, struct sp_study *study,
		     struct sp_error *err)
{
	const struct sp_options *given = run->context->options;
	SP_AUTO(sp_strv_done) struct sp_strv locations = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings before = study->look.findings;
	size_t first = study->look.packs.n;
	int r = sp_strv_add(&locations, source->location, err);

	study->look.findings = (struct sp_findings){ 0 };
	run->context->options = options;
	run->context->accept = &options->accept;
	if (r == 0)
		r = sp_study_look_also(study, &locations, err);
	if (r == 0)
		r = take_findings(study, source, &before, err);
	run->context->options = given;
	run->context->accept = NULL;
	return r == 0 ? take_accepted(study, first, &options->accept, err) : r;
}

static int look_at(const struct run *run, const struct sp_unattended_source *source,
		   struct sp_study *study, struct sp_error *err)
{
	struct sp_options options;
	int r = sp_answer_options_of(run->context->options, source, &options, err);

	if (r == 0)
		r = look_with(run, source, &options, study, err);
	sp_answer_options_done(&options);
	return r;
}

/* The one line that is said is of the source that decides: its own findings come first. */
static int take_reason(const struct run *run, const struct sp_unattended_source *source,
		       const struct sp_study *study, int exit, struct sp_error *err)
{
	const struct sp_report part = { .exit = exit, .findings = study->look.findings };
	SP_AUTO(sp_str_freep) char *place = sp_answer_place(source);

	return place ? sp_report_take_outcome(run->report, &part, place, err)
		     : sp_error_nomem(err);
}

/* Only required sources have a say in how it ends; a pack that is missing has one
 * anyway. */
static int look(void *user, struct sp_study *study, struct sp_error *err)
{
	const struct run *run = user;
	int worst = study->look.exit;

	for (size_t i = 0; i < run->unattended->n_sources; i++) {
		const struct sp_unattended_source *source = &run->unattended->sources[i];
		int exit, r = look_at(run, source, study, err);

		if (r < 0)
			return r;
		exit = study->look.exit;
		sp_json_append(run->sources, sp_answer_options_row(source, exit, NULL));
		sp_log_line(run->context->log, "answerfile, line %u, '%s': %s",
			    source->line, source->shown, sp_outcome_name(exit));
		if (!source->required)
			continue;
		worst = sp_outcome_worse(worst, exit);
		r = take_reason(run, source, study, exit, err);
		if (r < 0)
			return r;
	}
	study->look.exit = worst;
	return 0;
}

/* ---- the new release ----------------------------------------------------------------------- */

/* Where it is, if the answerfile names a place. */
static const struct sp_unattended_source *find_release(
	const struct sp_unattended *unattended)
{
	for (size_t i = 0; i < unattended->n_sources; i++) {
		const struct sp_unattended_source *source = &unattended->sources[i];

		if (!source->is_driver && strcmp(source->location, "local") != 0)
			return source;
	}
	return NULL;
}

static int run_flow(struct run *run, struct sp_operator *op, struct sp_report *report,
		    struct sp_error *err)
{
	const struct sp_options *given = run->context->options;
	const struct sp_unattended_source *release =
		given->to ? NULL : find_release(run->unattended);
	const struct sp_upgrade_unattended how = {
		.goes_on = run->unattended->loss == SP_UNATTENDED_LOSS_GO_ON,
		.warns = run->unattended->loss == SP_UNATTENDED_LOSS_WARN,
		.look = look,
		.user = run,
	};
	struct sp_options options = *given;
	int r;

	/* How it is reached is what that source says; what it accepts is not. */
	if (release) {
		options.to = release->location;
		if (release->ca_file)
			options.ca_file = release->ca_file;
		if (release->proxy)
			options.proxy = release->proxy;
		if (release->timeout_s)
			options.timeout_s = release->timeout_s;
		if (release->retries >= 0)
			options.retries = (unsigned)release->retries;
	}
	run->context->options = &options;
	r = sp_flow_upgrade_unattended(run->context, op, &how, report, err);
	run->context->options = given;
	return r;
}

int sp_answer_upgrade(struct sp_context *context, const struct sp_unattended *unattended,
		      struct json_object *sources, struct sp_report *report,
		      struct sp_error *err)
{
	SP_AUTO(sp_operator_freep) struct sp_operator *op = NULL;
	struct run run = { context, unattended, sources, report };
	int r;

	if (unattended->mode != SP_UNATTENDED_UPGRADE) {
		sp_strbuf_add(&report->text, "the answerfile asks for no upgrade\n");
		return 0;
	}
	r = sp_operator_policy_new(context->log, !context->options->json, &op, err);
	if (r < 0)
		return r;
	r = run_flow(&run, op, report, err);
	sp_json_set(report->body, "decisions",
		    sp_json_ref(sp_operator_policy_decisions(op)));
	return r;
}
