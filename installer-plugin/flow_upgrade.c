/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is agreed to is copied before another disk is asked for, since that may go into the
 * same drive. */

#include "installer-plugin/flow_upgrade.h"

#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/consent.h"
#include "installer-plugin/context.h"
#include "installer-plugin/expected.h"
#include "installer-plugin/keep.h"
#include "installer-plugin/log.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/report.h"
#include "installer-plugin/source.h"
#include "installer-plugin/study.h"
#include "installer-plugin/upgrade_questions.h"
#include "installer-plugin/walk.h"

enum step { STEP_LOOK, STEP_PACKS, STEP_STOP, STEP_SOURCE, STEP_END };

struct flow {
	struct sp_context *context;
	struct sp_operator *op;
	struct sp_report *report;
	struct sp_error *err;
	const struct sp_upgrade_unattended *unattended; /* NULL: somebody answers */
	struct sp_study study;
	struct sp_source source;
	struct sp_keep *keeps;
	size_t n_keeps;
	struct sp_expected expected; /* on the new host */
	bool agreed;                 /* the upgrade goes on */
};

static void flow_done(struct flow *flow)
{
	sp_study_done(&flow->study);
	sp_source_done(&flow->source);
	for (size_t i = 0; i < flow->n_keeps; i++)
		sp_keep_done(&flow->keeps[i]);
	free(flow->keeps);
	sp_expected_done(&flow->expected);
}

/* ---- what is at hand --------------------------------------------------------------------- */

/* What comes from a disk that was just inserted is asked for here: an untrusted pack
 * renews nothing. */
static int ask_consent(struct flow *flow)
{
	struct sp_pack_list *packs = &flow->study.look.packs;
	int r = 0;

	for (size_t i = 0; r >= 0 && r != SP_CONSENT_CANCELLED && i < packs->n; i++)
		if (sp_trust_can_be_accepted(packs->items[i].trust.state))
			r = sp_consent_ask(&packs->items[i], &flow->study.accept,
					   flow->op, flow->context->log, flow->err);
	return r < 0 ? r : 0;
}

static int step_look(void *user, int *ret_next)
{
	struct flow *flow = user;
	SP_AUTO(sp_strv_done) struct sp_strv places = { 0 };
	int r = sp_keep_list(flow->context, &places, flow->err);

	if (r == 0)
		r = sp_strv_add_all(&places, &flow->source.locations, flow->err);
	if (r == 0)
		r = sp_study_look(&flow->study, &places, flow->err);
	if (r == 0)
		r = sp_keep_accept(flow->context, &flow->study.look.packs,
				   &flow->study.accept, flow->err);
	if (r == 0 && flow->unattended)
		r = flow->unattended->look(flow->unattended->user, &flow->study,
					   flow->err);
	else if (r == 0)
		r = ask_consent(flow);
	if (r == 0)
		r = sp_study_judge(&flow->study, flow->err);
	*ret_next = STEP_PACKS;
	return r;
}

/* ---- what would be lost ------------------------------------------------------------------- */

static int keep(struct flow *flow, const struct sp_pack *pack)
{
	struct sp_keep *added;
	int r = sp_expected_add(&flow->expected, pack, flow->err);

	if (r < 0 || flow->unattended || sp_keep_has(flow->context, pack))
		return r;
	added = sp_array_add(&flow->keeps, &flow->n_keeps);
	if (!added)
		return sp_error_nomem(flow->err);
	sp_operator_busy(flow->op, "Keeping the packs for the new host");
	r = sp_keep_make(flow->context, pack, flow->op, &flow->report->findings, added,
			 flow->err);
	sp_operator_busy(flow->op, NULL);
	sp_log_line(flow->context->log, "'%s' %s is to be installed with the upgrade%s",
		    pack->label, pack->version, r == 0 ? "" : ", and could not be kept");
	if (r == SP_KEEP_NO_ROOM)
		flow->report->exit = SP_EXIT_REQUIREMENTS;
	return r < 0 ? r : 0;
}

/* It was ticked, another disk was looked for, and now it is not any more. */
static int unkeep(struct flow *flow, const struct sp_pack *pack)
{
	sp_expected_drop(&flow->expected, pack);
	for (size_t i = 0; i < flow->n_keeps; i++) {
		struct sp_keep *at = &flow->keeps[i];
		int r;

		if (!at->path || strcmp(at->path, pack->location) != 0)
			continue;
		r = sp_keep_remove(flow->context, at, flow->err);
		sp_keep_done(at);
		return r;
	}
	return 0;
}

static void free_flags(bool **flags)
{
	free(*flags);
}

static int keep_chosen(struct flow *flow, const struct json_object *reply)
{
	const struct sp_pack_list *packs = &flow->study.look.packs;
	SP_AUTO(free_flags) bool *chosen = calloc(packs->n + 1, sizeof *chosen);
	int r = chosen ? sp_upgrade_question_chosen(reply, &flow->study, chosen,
						    flow->err)
		       : sp_error_nomem(flow->err);

	for (size_t i = 0; r == 0 && i < packs->n; i++)
		r = chosen[i] ? keep(flow, &packs->items[i])
			      : unkeep(flow, &packs->items[i]);
	return r;
}

/* What is lost decides, and after it what the operator said. */
static void end_without(struct flow *flow)
{
	int lost = flow->study.accept.loss ? 0 : flow->study.verdict.exit_code;

	flow->report->exit = lost ? lost : SP_EXIT_DECLINED;
}

static int step_packs(void *user, int *ret_next)
{
	struct flow *flow = user;
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_json_freep) struct json_object *reply = NULL;
	bool must_ask = flow->study.verdict.stop && !flow->study.accept.loss;
	enum sp_answer answer;
	int r = sp_study_findings(&flow->study, &findings, flow->err);

	*ret_next = STEP_END;
	if (r < 0)
		return r;
	sp_log_findings(flow->context->log, &findings);
	flow->agreed = !sp_study_has_news(&flow->study);
	if (flow->agreed)
		return 0;
	r = sp_operator_ask(flow->op, sp_upgrade_question_packs(&flow->study, &findings),
			    &answer, &reply, flow->err);
	if (r < 0)
		return r;
	if (answer == SP_ANSWER_BACK || answer == SP_ANSWER_CANCEL) {
		end_without(flow);
		return 0;
	}
	r = keep_chosen(flow, reply);
	flow->agreed = answer == SP_ANSWER_NEXT && !must_ask;
	*ret_next = answer == SP_ANSWER_AGAIN ? STEP_SOURCE
		    : must_ask                ? STEP_STOP
					      : STEP_END;
	return r;
}

static int step_stop(void *user, int *ret_next)
{
	struct flow *flow = user;
	enum sp_answer answer;
	int r = sp_operator_ask(flow->op, sp_upgrade_question_stop(&flow->study), &answer,
				NULL, flow->err);

	if (r < 0)
		return r;
	flow->agreed = answer == SP_ANSWER_NEXT;
	*ret_next = answer == SP_ANSWER_BACK ? STEP_PACKS : STEP_END;
	sp_log_line(flow->context->log,
		    "losing the driver of the boot disk or of the "
		    "management interface: %s",
		    flow->agreed ? "agreed" : "not agreed");
	if (answer == SP_ANSWER_CANCEL)
		end_without(flow);
	return 0;
}

static int step_source(void *user, int *ret_next)
{
	struct flow *flow = user;
	int r = sp_source_ask(&flow->source, SP_SOURCE_OF_PACKS, flow->context, flow->op,
			      flow->err);

	*ret_next = r == SP_SOURCE_CHOSEN  ? STEP_LOOK
		    : r == SP_SOURCE_AGAIN ? STEP_SOURCE
					   : STEP_PACKS;
	return r < 0 ? r : 0;
}

/* ---- the walk ------------------------------------------------------------------------------ */

static const sp_walk_step steps[] = {
	[STEP_LOOK] = step_look,
	[STEP_PACKS] = step_packs,
	[STEP_STOP] = step_stop,
	[STEP_SOURCE] = step_source,
};

/* Cancelled in the middle of a look: what was known before it is known still. */
static int cancelled(void *user, int step, int *ret_next)
{
	struct flow *flow = user;
	static const struct sp_strv nowhere = { 0 };
	int r;

	if (!flow->source.was_asked || step == STEP_PACKS) {
		end_without(flow);
		*ret_next = STEP_END;
		return 0;
	}
	flow->op->ops->resume(flow->op);
	*ret_next = STEP_PACKS;
	r = sp_study_look(&flow->study, &nowhere, flow->err);
	return r < 0 ? r : sp_study_judge(&flow->study, flow->err);
}

static const struct sp_walk walk = { steps, STEP_END, STEP_END, cancelled };

/* Whoever goes on has these packs installed by the install flow; who does not has
 * nothing kept. */
static int settle_kept(struct flow *flow)
{
	struct json_object *kept = sp_json_array();
	int r = 0;

	if (!flow->agreed)
		sp_expected_done(&flow->expected);
	r = sp_expected_save(flow->context, &flow->expected, flow->err);
	for (size_t i = 0; r == 0 && i < flow->n_keeps; i++) {
		if (!flow->agreed)
			r = sp_keep_remove(flow->context, &flow->keeps[i], flow->err);
		else if (flow->keeps[i].path)
			sp_json_append(kept, sp_json_string(flow->keeps[i].path));
	}
	sp_json_set(flow->report->body, "kept", kept);
	return r;
}

static int report(struct flow *flow)
{
	int exit = flow->report->exit, r;

	/* To be told, it must have been agreed to: by an option, or on the screen. */
	flow->study.accept.loss |= flow->agreed;
	r = sp_study_report(&flow->study, flow->report, flow->err);
	flow->report->exit = exit;
	if (!flow->source.was_asked)
		flow->report->exit = sp_outcome_worse(exit, flow->study.look.exit);
	return r;
}

static int run(struct flow *flow)
{
	int r = sp_study_begin(&flow->study, flow->context, flow->op, flow->err);

	if (flow->unattended) {
		flow->study.accept.loss |= flow->unattended->goes_on;
		flow->study.warns = flow->unattended->warns;
	}
	if (r == 0)
		r = sp_walk(&walk, flow, STEP_LOOK);
	if (r == 0)
		r = settle_kept(flow);
	return r < 0 ? r : report(flow);
}

int sp_flow_upgrade(struct sp_context *context, struct sp_operator *op,
		    const struct sp_strv *locations, struct sp_report *ret_report,
		    struct sp_error *err)
{
	SP_AUTO(flow_done)
	struct flow flow = {
		.context = context, .op = op, .report = ret_report, .err = err
	};
	int r = sp_strv_add_all(&flow.source.locations, locations, err);

	return r < 0 ? r : run(&flow);
}

int sp_flow_upgrade_unattended(struct sp_context *context, struct sp_operator *op,
			       const struct sp_upgrade_unattended *how,
			       struct sp_report *ret_report, struct sp_error *err)
{
	SP_AUTO(flow_done)
	struct flow flow = {
		.context = context,
		.op = op,
		.report = ret_report,
		.err = err,
		.unattended = how,
	};

	return run(&flow);
}
