/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The plan is made again with each choice and each consent, so that what is agreed to is
 * what is shown. */

#include "installer-plugin/flow_load.h"

#include <string.h>

#include "base/json.h"
#include "base/outcome.h"
#include "base/worker.h"
#include "installer-plugin/consent.h"
#include "installer-plugin/context.h"
#include "installer-plugin/log.h"
#include "installer-plugin/look.h"
#include "installer-plugin/look_consent.h"
#include "installer-plugin/machine.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/perform.h"
#include "installer-plugin/question.h"
#include "installer-plugin/load_questions.h"
#include "installer-plugin/report.h"
#include "installer-plugin/source.h"
#include "installer-plugin/verify.h"
#include "installer-plugin/walk.h"
#include "probe/root.h"

enum step {
	STEP_SOURCE,
	STEP_LOOK,
	STEP_PACKS,
	STEP_VERIFY,
	STEP_TRUST,
	STEP_CONFIRM,
	STEP_DO,
	STEP_PROOF,
	STEP_END
};

struct flow {
	struct sp_context *context;
	struct sp_operator *op;
	struct sp_report *report;
	struct sp_error *err;
	struct sp_source source;
	struct sp_look look;
	struct sp_accept accept;
	struct sp_plan_choices choices;
	bool has_choices;         /* a person was shown the packs: Back leads there */
	struct json_object *kept; /* how the packs were ticked; NULL: ask as planned */
	int done; /* exit code of what was loaded before; < 0: nothing was */
	struct sp_machine_plan made;
};

static void flow_done(struct flow *flow)
{
	sp_source_done(&flow->source);
	sp_machine_plan_done(&flow->made);
	sp_look_done(&flow->look);
	sp_accept_done(&flow->accept);
	sp_plan_choices_done(&flow->choices);
	sp_json_freep(&flow->kept);
}

/* ---- where to look ---------------------------------------------------------------- */

/* To load nothing more is a good answer once something was loaded. */
static void decline(struct flow *flow)
{
	flow->report->exit = flow->done < 0 ? SP_EXIT_DECLINED : flow->done;
}

static int step_source(void *user, int *ret_next)
{
	struct flow *flow = user;
	int r = sp_source_ask(&flow->source, SP_SOURCE_OF_DRIVERS, flow->context,
			      flow->op, flow->err);

	*ret_next = r == SP_SOURCE_CHOSEN  ? STEP_LOOK
		    : r == SP_SOURCE_AGAIN ? STEP_SOURCE
					   : STEP_END;
	if (r == SP_SOURCE_DECLINED)
		decline(flow);
	return r < 0 ? r : 0;
}

/* ---- what is there ------------------------------------------------------------------ */

static int make_plan(struct flow *flow)
{
	struct sp_patience patience = sp_operator_patience(flow->op);
	int r;

	flow->made.context = flow->context;
	flow->made.packs = &flow->look.packs;
	flow->made.accept = &flow->accept;
	flow->made.replace = &flow->context->options->replace;
	flow->made.choices = flow->has_choices ? &flow->choices : NULL;
	flow->made.patience = &patience;
	r = sp_machine_plan_make(&flow->made, flow->err);
	flow->made.patience = NULL;
	return r;
}

static int step_look(void *user, int *ret_next)
{
	struct flow *flow = user;
	int r;

	sp_machine_plan_done(&flow->made);
	sp_look_done(&flow->look);
	sp_plan_choices_done(&flow->choices);
	flow->has_choices = false;
	sp_operator_busy(flow->op, "Looking for driver disks");
	r = sp_context_read_installed(flow->context, flow->op, flow->err);
	flow->context->for_loading = true;
	if (r == 0)
		r = sp_look_with_consent(flow->context, &flow->source.locations,
					 &flow->accept, flow->op, &flow->look, flow->err);
	flow->context->for_loading = false;
	sp_operator_busy(flow->op, NULL);
	*ret_next = STEP_PACKS;
	if (r == SP_CONSENT_CANCELLED) {
		*ret_next = STEP_END;
		decline(flow);
	}
	return r < 0 ? r : make_plan(flow);
}

static int all_findings(const struct flow *flow, struct sp_findings *findings)
{
	int r = sp_look_findings(&flow->look, findings, flow->err);

	return r < 0 ? r
		     : sp_findings_copy(findings, &flow->made.plan.findings, flow->err);
}

/* The outcome so far: of what was found, and of the plan made from it. */
static int outcome(const struct flow *flow)
{
	int exit = flow->look.exit;

	if (flow->look.packs.n || !exit)
		exit = sp_outcome_worse(exit, flow->made.plan.exit_code);
	return exit;
}

/* Who was never shown the packs, since options answered, would be asked for ever. */
static int back_to_packs(struct flow *flow)
{
	if (flow->has_choices)
		return STEP_PACKS;
	flow->report->exit = SP_EXIT_DECLINED;
	return STEP_END;
}

/* @has_packs: there are packs to go back to. */
static int nothing_to_load(struct flow *flow, const struct sp_findings *findings,
			   bool has_packs, int *ret_next)
{
	enum sp_answer answer;
	int r;

	flow->report->exit = outcome(flow);
	r = sp_operator_ask(flow->op,
			    sp_load_question_problem(flow->report->exit, findings),
			    &answer, NULL, flow->err);
	*ret_next = answer == SP_ANSWER_AGAIN  ? STEP_LOOK
		    : answer != SP_ANSWER_BACK ? STEP_END
		    : has_packs                ? STEP_PACKS
		    : flow->source.was_asked   ? STEP_SOURCE
					       : STEP_END;
	return r;
}

static int take_choices(struct flow *flow, const struct json_object *reply)
{
	struct sp_plan_choices choices = { 0 };
	int r = sp_load_question_choices(reply, &flow->made, &choices, flow->err);

	/* The plan that the rows stand for looks at the choices before. */
	sp_machine_plan_done(&flow->made);
	sp_plan_choices_done(&flow->choices);
	flow->choices = choices;
	flow->has_choices = true;
	return r < 0 ? r : make_plan(flow);
}

/* Where nothing could have been loaded, the outcome is why; not so where it was the operator
 * who chose nothing. */
static bool is_no(const struct flow *flow, enum sp_answer answer)
{
	return answer == SP_ANSWER_CANCEL || !flow->report->exit || flow->done >= 0 ||
	       (flow->has_choices && !flow->choices.n);
}

static int ask_packs(struct flow *flow, const struct sp_findings *findings,
		     enum sp_answer *ret_answer, struct json_object **ret_reply)
{
	struct json_object *question =
		sp_load_question_packs(&flow->made, &flow->look, findings);

	sp_question_keep_ticks(question, &flow->kept);
	return sp_operator_ask(flow->op, question, ret_answer, ret_reply, flow->err);
}

static int step_packs(void *user, int *ret_next)
{
	struct flow *flow = user;
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_json_freep) struct json_object *reply = NULL;
	enum sp_answer answer;
	int r = all_findings(flow, &findings);

	if (r < 0)
		return r;
	sp_log_findings(flow->context->log, &findings);
	flow->report->exit = outcome(flow);
	if (!flow->made.plan.n_matches)
		return nothing_to_load(flow, &findings, false, ret_next);
	r = ask_packs(flow, &findings, &answer, &reply);
	if (r < 0)
		return r;
	if (answer == SP_ANSWER_VERIFY)
		flow->kept = sp_steal(reply);
	*ret_next = answer == SP_ANSWER_NEXT     ? STEP_TRUST
		    : answer == SP_ANSWER_VERIFY ? STEP_VERIFY
		    : answer == SP_ANSWER_AGAIN  ? STEP_LOOK
		    : answer == SP_ANSWER_CANCEL ? STEP_END
		    : flow->source.was_asked     ? STEP_SOURCE
						 : STEP_END;
	if (*ret_next == STEP_END && is_no(flow, answer))
		decline(flow);
	if (answer != SP_ANSWER_NEXT || !sp_json_get(reply, "chosen"))
		return 0;
	r = take_choices(flow, reply);
	/* Both of two equals were ticked. */
	if (r == 0 && sp_plan_is_tied(&flow->made.plan))
		*ret_next = STEP_PACKS;
	return r;
}

/* Changes nothing, and leads back to where it was asked for. */
static int step_verify(void *user, int *ret_next)
{
	struct flow *flow = user;

	*ret_next = STEP_PACKS;
	return sp_verify_ask(flow->context, &flow->look, flow->op, flow->err);
}

/* ---- whom to trust -------------------------------------------------------------------- */

static bool is_chosen(const struct flow *flow, const struct sp_pack *pack)
{
	if (!flow->has_choices)
		return true;
	for (size_t i = 0; i < flow->choices.n; i++)
		if (!strcmp(flow->choices.items[i].pack, sp_plan_pack_key(pack)))
			return true;
	return false;
}

static int step_trust(void *user, int *ret_next)
{
	struct flow *flow = user;
	int r = 0;

	for (size_t i = 0; r == 0 && i < flow->look.packs.n; i++) {
		const struct sp_pack *pack = &flow->look.packs.items[i];

		/* What is withheld was asked about when it was found. */
		if (is_chosen(flow, pack) && !pack->withheld &&
		    sp_trust_can_be_accepted(pack->trust.state))
			r = sp_consent_ask(pack, &flow->accept, flow->op,
					   flow->context->log, flow->err);
	}
	if (r < 0)
		return r;
	*ret_next = STEP_CONFIRM;
	/* Where options answer, the plan goes on without that pack. */
	if (r == SP_CONSENT_REFUSED && flow->has_choices)
		*ret_next = STEP_PACKS;
	if (r == SP_CONSENT_CANCELLED) {
		*ret_next = STEP_END;
		decline(flow);
	}
	return make_plan(flow);
}

/* ---- agreed? ----------------------------------------------------------------------------- */

static int say_recorded(struct flow *flow)
{
	return sp_findings_add(
		&flow->report->findings, "recorded-machine",
		sp_root_path(flow->context->root), flow->err,
		"nothing was installed or loaded, because '%s' is a recorded "
		"machine",
		sp_root_path(flow->context->root));
}

static int step_confirm(void *user, int *ret_next)
{
	struct flow *flow = user;
	bool live = sp_context_is_live(flow->context);
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	enum sp_answer answer;
	int r;

	if (!flow->made.plan.n_modules) {
		r = all_findings(flow, &findings);
		return r < 0 ? r
			     : nothing_to_load(flow, &findings, flow->has_choices,
					       ret_next);
	}
	r = sp_operator_ask(flow->op, sp_load_question_confirm(&flow->made, live),
			    &answer, NULL, flow->err);
	if (r < 0)
		return r;
	sp_log_line(flow->context->log, "plan %s: %s", flow->made.plan.digest,
		    answer == SP_ANSWER_NEXT ? "agreed" : "not agreed");
	flow->report->exit = outcome(flow);
	*ret_next = answer == SP_ANSWER_NEXT && live ? STEP_DO : STEP_END;
	if (answer == SP_ANSWER_BACK || answer == SP_ANSWER_AGAIN)
		*ret_next = back_to_packs(flow);
	if (answer == SP_ANSWER_CANCEL)
		decline(flow);
	return answer == SP_ANSWER_NEXT && !live ? say_recorded(flow) : 0;
}

/* ---- done, and proved ------------------------------------------------------------------------ */

static int step_do(void *user, int *ret_next)
{
	struct flow *flow = user;
	int r;

	flow->report->exit = SP_EXIT_DONE;
	r = sp_perform_load(&flow->made, flow->op, flow->report, flow->err);
	if (r == 0)
		flow->report->exit =
			sp_outcome_worse(flow->report->exit, flow->look.exit);
	if (r == 0)
		flow->done = flow->done < 0
				     ? flow->report->exit
				     : sp_outcome_worse(flow->done, flow->report->exit);
	*ret_next = STEP_PROOF;
	return r;
}

static int step_proof(void *user, int *ret_next)
{
	struct flow *flow = user;
	enum sp_answer answer;
	bool proved = sp_json_length(sp_json_get(flow->report->body, "proof")) > 0;
	int r = sp_operator_ask(
		flow->op,
		proved ? sp_load_question_proof(flow->report)
		       : sp_load_question_problem(flow->report->exit,
						  &flow->report->findings),
		&answer, NULL, flow->err);

	*ret_next = STEP_END;
	if (r == 0 && answer == SP_ANSWER_AGAIN)
		*ret_next = proved ? STEP_SOURCE : STEP_LOOK;
	else if (r == 0 && answer == SP_ANSWER_BACK && flow->source.was_asked)
		*ret_next = STEP_SOURCE;
	if (*ret_next != STEP_END)
		r = sp_context_read_machine(flow->context, flow->err);
	return r;
}

/* ---- the walk ------------------------------------------------------------------------------- */

static const sp_walk_step steps[] = {
	[STEP_SOURCE] = step_source, [STEP_LOOK] = step_look,
	[STEP_PACKS] = step_packs,   [STEP_VERIFY] = step_verify,
	[STEP_TRUST] = step_trust,   [STEP_CONFIRM] = step_confirm,
	[STEP_DO] = step_do,         [STEP_PROOF] = step_proof,
};

/* Cancelled in the middle of a step is Back from it; nothing of it is left. */
static int cancelled(void *user, int step, int *ret_next)
{
	struct flow *flow = user;

	flow->op->ops->resume(flow->op);
	*ret_next = STEP_SOURCE;
	if (step != STEP_SOURCE && flow->source.was_asked)
		return 0;
	decline(flow);
	*ret_next = STEP_END;
	return 0;
}

static const struct sp_walk walk = { steps, STEP_END, STEP_END, cancelled };

static int add_arrays(struct flow *flow)
{
	sp_report_add_packs(flow->report, &flow->look.packs);
	if (flow->made.context)
		sp_json_set(flow->report->body, "matches",
			    sp_plan_matches_to_json(&flow->made.plan, &flow->made.input));
	return all_findings(flow, &flow->report->findings);
}

int sp_flow_load(struct sp_context *context, struct sp_operator *op,
		 const struct sp_strv *locations, struct sp_report *report,
		 struct sp_error *err)
{
	SP_AUTO(flow_done)
	struct flow flow = {
		.context = context, .op = op, .report = report, .err = err, .done = -1
	};
	int r = sp_strv_add_all(&flow.source.locations, locations, err);

	if (r == 0)
		r = sp_context_read_machine(context, err);
	if (r == 0)
		r = sp_context_accept(context, &flow.accept, err);
	if (r == 0)
		r = sp_walk(&walk, &flow, locations->n ? STEP_LOOK : STEP_SOURCE);
	return r < 0 ? r : add_arrays(&flow);
}
