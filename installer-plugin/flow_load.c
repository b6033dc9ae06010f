/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The flow is a walk through steps; each says where to go next, and Back leads to the
 * step before with everything that was said there kept. */

#include "installer-plugin/flow_load.h"

#include <string.h>

#include "base/json.h"
#include "base/outcome.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/log.h"
#include "installer-plugin/look.h"
#include "installer-plugin/machine.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/perform.h"
#include "installer-plugin/questions.h"
#include "installer-plugin/report.h"
#include "probe/media.h"
#include "probe/root.h"

enum { SETTLE_MS = 1000, LATE_MEDIA_MS = 5000 };

enum step {
	STEP_SOURCE,
	STEP_LOOK,
	STEP_PACKS,
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
	bool was_asked; /* the operator chose the source: Back leads there */
	struct sp_strv locations;
	char *typed, *chosen;
	struct sp_look look;
	struct sp_accept accept;
	struct sp_plan_choices choices;
	bool has_choices;
	struct sp_machine_plan made;
	struct json_object *proof; /* rows of the proof question */
};

static void flow_done(struct flow *flow)
{
	sp_strv_done(&flow->locations);
	free(flow->typed);
	free(flow->chosen);
	sp_machine_plan_done(&flow->made);
	sp_look_done(&flow->look);
	sp_accept_done(&flow->accept);
	sp_plan_choices_done(&flow->choices);
	sp_json_freep(&flow->proof);
}

/* ---- where to look ---------------------------------------------------------------- */

static int read_source(struct flow *flow, const struct json_object *reply)
{
	const char *location = sp_json_get_string(reply, "location");
	const char *typed = sp_json_get_string(reply, "typed");
	const char *where = location && *location ? location : typed;

	free(flow->typed);
	free(flow->chosen);
	flow->typed = typed ? strdup(typed) : NULL;
	flow->chosen = location ? strdup(location) : NULL;
	sp_strv_done(&flow->locations);
	return sp_strv_add(&flow->locations, where && *where ? where : "local",
			   flow->err);
}

static int list_media(struct flow *flow, struct sp_media *media)
{
	struct sp_patience patience = sp_operator_patience(flow->op);
	int r;

	sp_operator_busy(flow->op, "Looking for media");
	/* The first screen comes at once; who looks again waits for what comes late. */
	r = sp_media_wait(flow->context->root, flow->was_asked ? SETTLE_MS : 0,
			  LATE_MEDIA_MS, &patience, media, flow->err);
	if (r == 0)
		r = sp_media_survey(flow->context->root, media, &patience, flow->err);
	sp_operator_busy(flow->op, NULL);
	return r;
}

static int step_source(struct flow *flow, enum step *ret_next)
{
	SP_AUTO(sp_media_done) struct sp_media media = { 0 };
	SP_AUTO(sp_json_freep) struct json_object *reply = NULL;
	struct sp_source_memory memory = { flow->typed, flow->chosen };
	enum sp_answer answer;
	int r = list_media(flow, &media);

	if (r < 0)
		return r;
	flow->was_asked = true;
	r = sp_operator_ask(flow->op,
			    sp_question_source(&media, &flow->context->devices, &memory),
			    &answer, &reply, flow->err);
	if (r < 0)
		return r;
	*ret_next = STEP_END;
	if (answer == SP_ANSWER_AGAIN)
		*ret_next = STEP_SOURCE;
	if (answer == SP_ANSWER_NEXT) {
		*ret_next = STEP_LOOK;
		return read_source(flow, reply);
	}
	if (answer == SP_ANSWER_BACK || answer == SP_ANSWER_CANCEL)
		flow->report->exit = SP_EXIT_DECLINED;
	return 0;
}

/* ---- what is there ------------------------------------------------------------------ */

static int make_plan(struct flow *flow)
{
	flow->made.context = flow->context;
	flow->made.packs = &flow->look.packs;
	flow->made.accept = &flow->accept;
	flow->made.replace = &flow->context->options->replace;
	flow->made.choices = flow->has_choices ? &flow->choices : NULL;
	return sp_machine_plan_make(&flow->made, flow->err);
}

static int step_look(struct flow *flow, enum step *ret_next)
{
	int r;

	sp_machine_plan_done(&flow->made);
	sp_look_done(&flow->look);
	sp_plan_choices_done(&flow->choices);
	flow->has_choices = false;
	sp_operator_busy(flow->op, "Looking for driver disks");
	r = sp_context_read_installed(flow->context, flow->op, flow->err);
	if (r == 0)
		r = sp_look_at(flow->context, &flow->locations, flow->op, &flow->look,
			       flow->err);
	sp_operator_busy(flow->op, NULL);
	if (r == 0)
		r = make_plan(flow);
	*ret_next = STEP_PACKS;
	return r;
}

static int all_findings(const struct flow *flow, struct sp_findings *findings)
{
	SP_AUTO(sp_json_freep)
	struct json_object *json = sp_findings_to_json(&flow->made.plan.findings);
	int r = sp_look_findings(&flow->look, findings, flow->err);

	return r < 0 ? r : sp_findings_from_json(json, findings, flow->err);
}

/* The outcome so far: of what was found, and of the plan made from it. */
static int outcome(const struct flow *flow)
{
	int exit = flow->look.exit;

	if (flow->look.packs.n || !exit)
		exit = sp_outcome_worse(exit, flow->made.plan.exit_code);
	return exit;
}

static bool has_row(const struct flow *flow)
{
	return flow->made.plan.n_matches > 0;
}

/* Back from the first step that was not asked for is "no". */
static enum step back_to_source(struct flow *flow)
{
	if (flow->was_asked)
		return STEP_SOURCE;
	if (!flow->report->exit)
		flow->report->exit = SP_EXIT_DECLINED;
	return STEP_END;
}

static int nothing_to_load(struct flow *flow, const struct sp_findings *findings,
			   enum step *ret_next)
{
	enum sp_answer answer;
	int r;

	flow->report->exit = outcome(flow);
	r = sp_operator_ask(flow->op,
			    sp_question_problem(flow->report->exit, findings, true),
			    &answer, NULL, flow->err);
	*ret_next = answer == SP_ANSWER_AGAIN    ? STEP_LOOK
		    : answer == SP_ANSWER_NEXT   ? STEP_END
		    : answer == SP_ANSWER_CANCEL ? STEP_END
						 : back_to_source(flow);
	return r;
}

static int step_packs(struct flow *flow, enum step *ret_next)
{
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_json_freep) struct json_object *reply = NULL;
	enum sp_answer answer;
	int r = all_findings(flow, &findings);

	if (r < 0)
		return r;
	sp_log_findings(flow->context->log, &findings);
	flow->report->exit = outcome(flow);
	if (!has_row(flow))
		return nothing_to_load(flow, &findings, ret_next);
	r = sp_operator_ask(flow->op,
			    sp_question_packs(&flow->made, &flow->look, &findings),
			    &answer, &reply, flow->err);
	if (r < 0)
		return r;
	*ret_next = answer == SP_ANSWER_NEXT     ? STEP_TRUST
		    : answer == SP_ANSWER_AGAIN  ? STEP_LOOK
		    : answer == SP_ANSWER_CANCEL ? STEP_END
						 : back_to_source(flow);
	if (answer == SP_ANSWER_CANCEL)
		flow->report->exit = SP_EXIT_DECLINED;
	if (answer != SP_ANSWER_NEXT || !sp_json_get(reply, "chosen"))
		return 0;
	sp_plan_choices_done(&flow->choices);
	flow->has_choices = true;
	return sp_question_packs_choices(reply, &flow->made, &flow->choices, flow->err);
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

/* Asks about one pack.  *@ret_accepted: it may be used. */
static int ask_trust(struct flow *flow, const struct sp_pack *pack, const char *code,
		     enum sp_answer *ret_answer)
{
	int r = sp_operator_ask(flow->op, sp_question_trust(pack, code), ret_answer, NULL,
				flow->err);

	sp_log_line(flow->context->log, "'%s' is %s (key %s): %s", pack->label,
		    sp_trust_state_name(pack->trust.state),
		    pack->trust.key ? pack->trust.key : "none",
		    *ret_answer == SP_ANSWER_NEXT ? "accepted by the operator"
						  : "not accepted");
	if (r == 0 && *ret_answer == SP_ANSWER_NEXT)
		r = sp_strv_add(&flow->accept.packs, sp_plan_pack_key(pack), flow->err);
	return r;
}

static int step_trust(struct flow *flow, enum step *ret_next)
{
	enum sp_answer answer = SP_ANSWER_NEXT;
	int r = 0;

	for (size_t i = 0; i < flow->look.packs.n && answer == SP_ANSWER_NEXT; i++) {
		const struct sp_pack *pack = &flow->look.packs.items[i];
		const char *code = sp_accept_refuses(&flow->accept, pack);

		if (!code || !is_chosen(flow, pack) ||
		    !sp_trust_can_be_accepted(pack->trust.state))
			continue;
		r = ask_trust(flow, pack, code, &answer);
		if (r < 0)
			return r;
	}
	*ret_next = STEP_CONFIRM;
	if (answer != SP_ANSWER_NEXT && flow->was_asked)
		*ret_next = STEP_PACKS;
	if (answer == SP_ANSWER_CANCEL) {
		*ret_next = STEP_END;
		flow->report->exit = SP_EXIT_DECLINED;
	}
	return make_plan(flow);
}

/* ---- agreed? ----------------------------------------------------------------------------- */

static bool has_work(const struct flow *flow)
{
	return flow->made.plan.n_modules > 0;
}

static int say_recorded(struct flow *flow)
{
	return sp_findings_add(
		&flow->report->findings, "recorded-machine",
		sp_root_path(flow->context->root), flow->err,
		"nothing was installed or loaded, because '%s' is a recorded "
		"machine",
		sp_root_path(flow->context->root));
}

static int step_confirm(struct flow *flow, enum step *ret_next)
{
	bool live = sp_context_is_live(flow->context);
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	enum sp_answer answer;
	int r;

	if (!has_work(flow)) {
		r = all_findings(flow, &findings);
		return r < 0 ? r : nothing_to_load(flow, &findings, ret_next);
	}
	r = sp_operator_ask(flow->op, sp_question_confirm(&flow->made, live), &answer,
			    NULL, flow->err);
	if (r < 0)
		return r;
	sp_log_line(flow->context->log, "plan %s: %s", flow->made.plan.digest,
		    answer == SP_ANSWER_NEXT ? "agreed" : "not agreed");
	*ret_next = answer == SP_ANSWER_NEXT     ? (live ? STEP_DO : STEP_END)
		    : answer == SP_ANSWER_CANCEL ? STEP_END
		    : flow->was_asked            ? STEP_PACKS
						 : STEP_END;
	flow->report->exit = outcome(flow);
	if (answer != SP_ANSWER_NEXT && *ret_next == STEP_END)
		flow->report->exit = SP_EXIT_DECLINED;
	return answer == SP_ANSWER_NEXT && !live ? say_recorded(flow) : 0;
}

/* ---- done, and proved ------------------------------------------------------------------------ */

static int step_do(struct flow *flow, enum step *ret_next)
{
	int r;

	flow->report->exit = SP_EXIT_DONE;
	r = sp_perform_load(&flow->made, flow->op, flow->report, flow->err);
	if (r == 0)
		flow->report->exit =
			sp_outcome_worse(flow->report->exit, flow->look.exit);
	*ret_next = STEP_PROOF;
	return r;
}

/* "0000:04:00.0: driven by e1000e, eth0, link up" */
static char *proof_text(const struct json_object *proof)
{
	const struct json_object *appeared = sp_json_get(proof, "appeared");
	const char *driver = sp_json_get_string(proof, "driver");
	const char *link = sp_json_get_string(proof, "link");
	struct sp_strbuf text = { 0 };

	sp_strbuf_add(&text, "%s: %s%s", sp_json_get_string(proof, "address"),
		      driver ? "driven by " : "still without a driver",
		      driver ? driver : "");
	for (size_t i = 0; i < sp_json_length(appeared); i++)
		sp_strbuf_add(&text, ", %s", sp_json_text(sp_json_at(appeared, i)));
	if (link && strcmp(link, "unknown") != 0)
		sp_strbuf_add(&text, ", link %s", link);
	return sp_strbuf_take(&text);
}

static struct json_object *proof_rows(const struct flow *flow)
{
	const struct json_object *proof = sp_json_get(flow->report->body, "proof");
	struct json_object *rows = sp_json_array();

	for (size_t i = 0; i < sp_json_length(proof); i++) {
		const struct json_object *at = sp_json_at(proof, i);
		SP_AUTO(sp_str_freep) char *text = proof_text(at);
		struct json_object *row = sp_json_object();

		sp_json_set_string(row, "address", sp_json_get_string(at, "address"));
		sp_json_set(row, "text", text ? sp_json_string(text) : NULL);
		sp_json_set_bool(row, "ok", sp_json_get_bool(at, "complete", false));
		sp_json_append(rows, row);
	}
	return rows;
}

static int step_proof(struct flow *flow, enum step *ret_next)
{
	enum sp_answer answer;
	SP_AUTO(sp_json_freep) struct json_object *rows = proof_rows(flow);
	bool proved = sp_json_length(rows) > 0;
	int r = sp_operator_ask(flow->op,
				proved ? sp_question_proof(flow->report, rows)
				       : sp_question_problem(flow->report->exit,
							     &flow->report->findings,
							     true),
				&answer, NULL, flow->err);

	*ret_next = STEP_END;
	if (r == 0 && answer == SP_ANSWER_AGAIN)
		*ret_next = proved ? STEP_SOURCE : STEP_LOOK;
	else if (r == 0 && answer == SP_ANSWER_BACK && flow->was_asked)
		*ret_next = STEP_SOURCE;
	if (*ret_next != STEP_END)
		r = sp_context_read_machine(flow->context, flow->err);
	return r;
}

/* ---- the walk ------------------------------------------------------------------------------- */

typedef int (*step_fn)(struct flow *flow, enum step *ret_next);

static const step_fn steps[] = {
	[STEP_SOURCE] = step_source,   [STEP_LOOK] = step_look,
	[STEP_PACKS] = step_packs,     [STEP_TRUST] = step_trust,
	[STEP_CONFIRM] = step_confirm, [STEP_DO] = step_do,
	[STEP_PROOF] = step_proof,
};

/* Cancelled in the middle of a step is Back from it; nothing of it is left. */
static int cancelled(struct flow *flow, enum step *next)
{
	flow->op->ops->resume(flow->op);
	if (*next == STEP_SOURCE || !flow->was_asked) {
		flow->report->exit = SP_EXIT_DECLINED;
		*next = STEP_END;
	} else {
		*next = STEP_SOURCE;
	}
	return 0;
}

static int add_arrays(struct flow *flow)
{
	struct json_object *packs = sp_json_array();

	for (size_t i = 0; i < flow->look.packs.n; i++)
		sp_json_append(packs, sp_pack_to_json(&flow->look.packs.items[i], false));
	sp_json_set(flow->report->body, "packs", packs);
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
	struct flow flow = { .context = context, .op = op, .report = report, .err = err };
	enum step step = locations->n ? STEP_LOOK : STEP_SOURCE;
	int r = sp_accept_add(&flow.accept, &context->options->accept, err);

	for (size_t i = 0; r == 0 && i < locations->n; i++)
		r = sp_strv_add(&flow.locations, locations->items[i], err);
	if (r == 0)
		r = sp_context_read_machine(context, err);
	while (r == 0 && step != STEP_END) {
		enum step next = step;

		r = steps[step](&flow, &next);
		if (r == -SP_ERR_CANCELLED)
			r = cancelled(&flow, &next);
		step = next;
	}
	return r < 0 ? r : add_arrays(&flow);
}
