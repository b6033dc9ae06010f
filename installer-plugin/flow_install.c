/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whatever way the walk ends, what was begun in the host is finished: the initrd made,
 * dracut let go, copies removed. */

#include "installer-plugin/flow_install.h"

#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/at_hand.h"
#include "installer-plugin/consent.h"
#include "installer-plugin/context.h"
#include "installer-plugin/expected.h"
#include "installer-plugin/finalize.h"
#include "installer-plugin/install_batch.h"
#include "installer-plugin/install_questions.h"
#include "installer-plugin/keep.h"
#include "installer-plugin/log.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/question.h"
#include "installer-plugin/recover.h"
#include "installer-plugin/report.h"
#include "installer-plugin/retire.h"
#include "installer-plugin/source.h"
#include "installer-plugin/unfinished.h"
#include "installer-plugin/verify.h"
#include "installer-plugin/walk.h"

enum step {
	STEP_SOURCE,
	STEP_LOOK,
	STEP_PACKS,
	STEP_VERIFY,
	STEP_TRUST,
	STEP_CONFIRM,
	STEP_DO,
	STEP_RESULT,
	STEP_EXPECTED,
	STEP_END
};

struct flow {
	struct sp_context *context;
	struct sp_operator *op;
	struct sp_report *report;
	struct sp_error *err;
	struct sp_source source;
	struct sp_at_hand hand;
	struct json_object *kept; /* how the packs were ticked; NULL: as the batch has
				   * them */
	struct json_object *rows; /* of the result */
	bool kept_only;           /* nobody said yet where to look */
};

static void flow_done(struct flow *flow)
{
	sp_source_done(&flow->source);
	sp_at_hand_done(&flow->hand);
	sp_json_freep(&flow->kept);
	sp_json_freep(&flow->rows);
}

static void worse(struct flow *flow, int exit)
{
	flow->report->exit = sp_outcome_worse(flow->report->exit, exit);
}

/* Back from the first step that was not asked for is "no". */
static int back_to_source(struct flow *flow)
{
	if (flow->source.was_asked)
		return STEP_SOURCE;
	if (!flow->report->exit)
		flow->report->exit = SP_EXIT_DECLINED;
	return STEP_END;
}

/* ---- where to look ------------------------------------------------------------------------ */

static int step_source(void *user, int *ret_next)
{
	struct flow *flow = user;
	int r = sp_source_ask(&flow->source, SP_SOURCE_OF_PACKS, flow->context, flow->op,
			      flow->err);

	flow->kept_only = false;
	*ret_next = r == SP_SOURCE_CHOSEN  ? STEP_LOOK
		    : r == SP_SOURCE_AGAIN ? STEP_SOURCE
					   : STEP_END;
	/* No pack, or no more of them, is a good answer here. */
	if (r == SP_SOURCE_DECLINED && !sp_json_length(flow->rows))
		worse(flow, SP_EXIT_DECLINED);
	return r < 0 ? r : 0;
}

/* ---- what is there -------------------------------------------------------------------------- */

static int step_look(void *user, int *ret_next)
{
	struct flow *flow = user;

	*ret_next = STEP_PACKS;
	return sp_at_hand_look(&flow->hand, &flow->source.locations, flow->err);
}

static int ask_problem(struct flow *flow, const struct sp_findings *findings,
		       int *ret_next)
{
	enum sp_answer answer;
	int exit = sp_at_hand_exit(&flow->hand);
	int r = sp_operator_ask(
		flow->op,
		sp_install_question_problem(sp_outcome_text(exit), findings, true),
		&answer, NULL, flow->err);

	if (r < 0)
		return r;
	if (answer != SP_ANSWER_AGAIN)
		worse(flow, exit);
	*ret_next = answer == SP_ANSWER_AGAIN  ? STEP_LOOK
		    : answer == SP_ANSWER_BACK ? back_to_source(flow)
					       : STEP_END;
	return 0;
}

static int ask_packs(struct flow *flow, const struct sp_findings *findings,
		     enum sp_answer *ret_answer, struct json_object **ret_reply)
{
	struct json_object *question =
		sp_install_question_packs(&flow->hand.batch, &flow->hand.look, findings);

	sp_question_keep_ticks(question, &flow->kept);
	return sp_operator_ask(flow->op, question, ret_answer, ret_reply, flow->err);
}

static int step_packs(void *user, int *ret_next)
{
	struct flow *flow = user;
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_json_freep) struct json_object *reply = NULL;
	enum sp_answer answer;
	int r = sp_at_hand_findings(&flow->hand, &findings, flow->err);

	if (r < 0)
		return r;
	sp_log_findings(flow->context->log, &findings);
	/* The base installation may have put them in: others can follow. */
	if (flow->kept_only && sp_at_hand_is_all_there(&flow->hand)) {
		*ret_next = STEP_SOURCE;
		return 0;
	}
	if (!flow->hand.batch.n)
		return ask_problem(flow, &findings, ret_next);
	r = ask_packs(flow, &findings, &answer, &reply);
	if (r < 0)
		return r;
	*ret_next = answer == SP_ANSWER_NEXT     ? STEP_TRUST
		    : answer == SP_ANSWER_VERIFY ? STEP_VERIFY
		    : answer == SP_ANSWER_AGAIN  ? STEP_LOOK
		    : answer == SP_ANSWER_BACK   ? back_to_source(flow)
						 : STEP_END;
	if (answer == SP_ANSWER_VERIFY)
		flow->kept = sp_steal(reply);
	if (answer == SP_ANSWER_CANCEL)
		worse(flow, SP_EXIT_DECLINED);
	if (answer == SP_ANSWER_NEXT)
		sp_install_question_choose(reply, &flow->hand.batch);
	return 0;
}

/* Changes nothing, and leads back to where it was asked for. */
static int step_verify(void *user, int *ret_next)
{
	struct flow *flow = user;

	*ret_next = STEP_PACKS;
	return sp_verify_ask(flow->context, &flow->hand.look, flow->op, flow->err);
}

/* ---- whom to trust ----------------------------------------------------------------------------- */

static int step_trust(void *user, int *ret_next)
{
	struct flow *flow = user;
	bool refused = false;

	for (size_t i = 0; i < flow->hand.batch.n; i++) {
		struct sp_candidate *candidate = &flow->hand.batch.items[i];
		int r = candidate->chosen
				? sp_consent_ask(
					  &flow->hand.look.packs.items[candidate->pack],
					  &flow->hand.accept, flow->op,
					  flow->context->log, flow->err)
				: 0;

		if (r < 0)
			return r;
		/* Without it the others may still go in. */
		candidate->chosen &= r == 0;
		refused |= r > 0;
	}
	*ret_next = refused && flow->source.was_asked ? STEP_PACKS : STEP_CONFIRM;
	return 0;
}

/* ---- agreed? -------------------------------------------------------------------------------------- */

static int step_confirm(void *user, int *ret_next)
{
	struct flow *flow = user;
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	enum sp_answer answer;
	bool lost;
	int r = sp_at_hand_check(&flow->hand, &lost, flow->err);

	if (r < 0)
		return r;
	if (lost || !sp_batch_has_chosen(&flow->hand.batch)) {
		if (sp_at_hand_is_all_there(&flow->hand) && !flow->source.was_asked) {
			*ret_next = STEP_END;
			return 0;
		}
		r = sp_at_hand_findings(&flow->hand, &findings, flow->err);
		if (r == 0 && !lost)
			return ask_problem(flow, &findings, ret_next);
		if (r < 0)
			return r;
	}
	if (!flow->source.was_asked)
		worse(flow, sp_at_hand_exit(&flow->hand));
	r = sp_operator_ask(flow->op,
			    sp_install_question_confirm(&flow->hand.batch,
							&flow->hand.look,
							flow->hand.host.path),
			    &answer, NULL, flow->err);
	if (r < 0)
		return r;
	*ret_next = answer == SP_ANSWER_NEXT     ? STEP_DO
		    : answer == SP_ANSWER_CANCEL ? STEP_END
		    : flow->source.was_asked     ? STEP_PACKS
						 : STEP_END;
	if (*ret_next == STEP_END)
		worse(flow, SP_EXIT_DECLINED);
	return 0;
}

/* ---- done --------------------------------------------------------------------------------------------- */

static int step_do(void *user, int *ret_next)
{
	struct flow *flow = user;
	struct sp_installing installing = {
		.context = flow->context,
		.host = &flow->hand.host,
		.installed = &flow->hand.installed,
		.op = flow->op,
		.report = flow->report,
		.look = &flow->hand.look,
		.batch = &flow->hand.batch,
		.rows = flow->rows,
		.can_go_back = flow->source.was_asked,
	};
	int r = sp_install_batch(&installing, flow->err);

	*ret_next = STEP_RESULT;
	if (r == SP_INSTALL_BATCH_BACK)
		*ret_next = flow->source.was_asked ? STEP_LOOK : STEP_RESULT;
	return r < 0 ? r : 0;
}

static int step_result(void *user, int *ret_next)
{
	struct flow *flow = user;
	enum sp_answer answer;
	int r = sp_operator_ask(flow->op,
				sp_install_question_result(flow->report->exit, flow->rows,
							   &flow->report->findings),
				&answer, NULL, flow->err);

	*ret_next = STEP_END;
	if (r == 0 && (answer == SP_ANSWER_AGAIN || answer == SP_ANSWER_BACK))
		*ret_next = STEP_SOURCE;
	return r;
}

/* ---- is it all there? ------------------------------------------------------------------------------------ */

/* At what is kept, or wherever the operator finds it. */
static int try_again(struct flow *flow, int *ret_next)
{
	SP_AUTO(sp_strv_done) struct sp_strv kept = { 0 };
	int r = sp_keep_list(flow->context, &kept, flow->err);

	*ret_next = STEP_SOURCE;
	if (r < 0)
		return r;
	if (flow->report->exit == SP_EXIT_DECLINED)
		flow->report->exit = SP_EXIT_DONE;
	flow->source.was_asked = true;
	if (!kept.n)
		return 0;
	sp_strv_done(&flow->source.locations);
	flow->source.locations = kept;
	kept = (struct sp_strv){ 0 };
	*ret_next = STEP_LOOK;
	return 0;
}

/* What was agreed to in the upgrade and is not there is named, however the operator came
 * to the end. */
static int step_expected(void *user, int *ret_next)
{
	struct flow *flow = user;
	SP_AUTO(sp_findings_done) struct sp_findings missing = { 0 };
	enum sp_answer answer;
	int r = sp_host_read(&flow->hand.host, flow->err);

	*ret_next = STEP_END;
	if (r == 0)
		r = sp_expected_settle(flow->context, &flow->hand.host, &missing,
				       flow->err);
	if (r < 0 || !missing.n)
		return r;
	sp_log_findings(flow->context->log, &missing);
	r = sp_operator_ask(flow->op, sp_install_question_missing(&missing), &answer,
			    NULL, flow->err);
	if (r == 0 && answer == SP_ANSWER_AGAIN)
		return try_again(flow, ret_next);
	return r < 0 ? r : sp_findings_move(&flow->report->findings, &missing, flow->err);
}

/* ---- the walk -------------------------------------------------------------------------------------------- */

static const sp_walk_step steps[] = {
	[STEP_SOURCE] = step_source,
	[STEP_LOOK] = step_look,
	[STEP_PACKS] = step_packs,
	[STEP_VERIFY] = step_verify,
	[STEP_TRUST] = step_trust,
	[STEP_CONFIRM] = step_confirm,
	[STEP_DO] = step_do,
	[STEP_RESULT] = step_result,
	[STEP_EXPECTED] = step_expected,
};

/* Cancelled in the middle of a step is Back from it; nothing of it is left. */
static int cancelled(void *user, int step, int *ret_next)
{
	struct flow *flow = user;

	flow->op->ops->resume(flow->op);
	*ret_next = STEP_SOURCE;
	if (step != STEP_SOURCE && flow->source.was_asked)
		return 0;
	worse(flow, SP_EXIT_DECLINED);
	*ret_next = STEP_END;
	return 0;
}

static int walk(struct flow *flow, int first)
{
	const struct sp_walk walk = {
		.steps = steps,
		.end = STEP_END,
		.last = flow->context->more_follow ? STEP_END : STEP_EXPECTED,
		.cancelled = cancelled,
	};

	return sp_walk(&walk, flow, first);
}

static int begin(struct flow *flow, const struct sp_strv *locations, int *ret_step)
{
	int r = sp_strv_add_all(&flow->source.locations, locations, flow->err);

	flow->rows = sp_json_array();
	if (r == 0)
		r = sp_host_open(flow->context, &flow->hand.host, flow->err);
	if (r == 0)
		r = sp_context_read_machine(flow->context, flow->err);
	if (r == 0)
		r = sp_context_accept(flow->context, &flow->hand.accept, flow->err);
	if (r == 0 && !locations->n)
		r = sp_keep_list(flow->context, &flow->source.locations, flow->err);
	flow->kept_only = !locations->n;
	if (r == 0)
		r = sp_recover(flow->context, &flow->hand.host, flow->op,
			       &flow->report->findings, flow->err);
	*ret_step = flow->source.locations.n    ? STEP_LOOK
		    : flow->context->boot.onecd ? STEP_END
						: STEP_SOURCE;
	return r;
}

/* However the walk ended. */
static int finish(struct flow *flow)
{
	int r = sp_host_read(&flow->hand.host, flow->err);

	if (r == 0)
		r = sp_findings_copy(&flow->report->findings, &flow->hand.host.findings,
				     flow->err);
	if (r == 0 && !flow->context->more_follow)
		r = sp_finalize_end(flow->context, &flow->hand.host, flow->op,
				    &flow->report->findings, flow->err);
	if (r == 0)
		r = sp_unfinished_tidy(flow->hand.host.root_fd, flow->err);
	if (r == 0)
		r = sp_recover_look(&flow->hand.host, &flow->report->findings, flow->err);
	worse(flow, sp_findings_exit_code(&flow->report->findings));
	sp_report_add_packs(flow->report, &flow->hand.look.packs);
	sp_json_set(flow->report->body, "installed", sp_json_ref(flow->rows));
	if (r == 0)
		r = sp_at_hand_findings(&flow->hand, &flow->report->findings, flow->err);
	return r;
}

/* A pack can be in while the record of what it took the place of is still there. */
static int say_not_retired(struct flow *flow)
{
	struct sp_error cause = *flow->err;

	return sp_findings_add(
		&flow->report->findings, "run-unfinished", NULL, flow->err,
		"what an installed pack has taken the place of may be on record still: %s",
		cause.text);
}

int sp_flow_install(struct sp_context *context, struct sp_operator *op,
		    const struct sp_strv *locations, struct sp_report *report,
		    struct sp_error *err)
{
	SP_AUTO(flow_done)
	struct flow flow = { .context = context,
			     .op = op,
			     .report = report,
			     .err = err,
			     .hand = { .context = context, .op = op } };
	struct sp_error walked = SP_ERROR_INIT;
	int step;
	int r = begin(&flow, locations, &step);

	if (r < 0)
		return r;
	r = walk(&flow, step);
	if (r == 0)
		return finish(&flow);
	/* What was begun is finished all the same; the first error is the one to tell. */
	walked = *err;
	if (sp_retire_packs(context, &flow.hand.host, op, err) < 0 &&
	    say_not_retired(&flow) < 0)
		sp_log_line(context->log, "what was replaced: %s", err->text);
	if (!context->more_follow && sp_host_read(&flow.hand.host, err) == 0 &&
	    sp_expected_settle(context, &flow.hand.host, &flow.report->findings, err) < 0)
		sp_log_line(context->log, "what was expected: %s", err->text);
	if (finish(&flow) < 0)
		sp_log_line(context->log, "finishing: %s", err->text);
	*err = walked;
	return r;
}

int sp_flow_install_end(struct sp_context *context, struct sp_operator *op,
			struct sp_report *report, struct sp_error *err)
{
	SP_AUTO(sp_host_done) struct sp_host host = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	int r = sp_host_open(context, &host, err);

	if (r == 0)
		r = sp_finalize_end(context, &host, op, &findings, err);
	if (r == 0)
		r = sp_unfinished_tidy(host.root_fd, err);
	if (r == 0)
		r = sp_expected_settle(context, &host, &findings, err);
	report->exit = sp_outcome_worse(report->exit, sp_findings_exit_code(&findings));
	return r < 0 ? r : sp_findings_move(&report->findings, &findings, err);
}
