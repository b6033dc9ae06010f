/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A walk through steps, as flow_load.c; whatever way it ends, what was begun in the host
 * is finished: the initrd made, dracut let go, copies removed. */

#include "installer-plugin/flow_install.h"

#include <string.h>

#include "base/file.h"
#include "base/inside.h"
#include "base/json.h"
#include "base/outcome.h"
#include "base/worker.h"
#include "installer-plugin/base_files.h"
#include "installer-plugin/batch.h"
#include "installer-plugin/consent.h"
#include "installer-plugin/context.h"
#include "installer-plugin/expected.h"
#include "installer-plugin/finalize.h"
#include "installer-plugin/host.h"
#include "installer-plugin/install_batch.h"
#include "installer-plugin/install_questions.h"
#include "installer-plugin/installed.h"
#include "installer-plugin/keep.h"
#include "installer-plugin/log.h"
#include "installer-plugin/login.h"
#include "installer-plugin/look.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/recover.h"
#include "installer-plugin/report.h"
#include "installer-plugin/source.h"
#include "installer-plugin/unfinished.h"

enum step {
	STEP_SOURCE,
	STEP_LOOK,
	STEP_PACKS,
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
	struct sp_host host;
	struct sp_installed installed;
	struct sp_base_files base;
	struct sp_source source;
	struct sp_look look;
	struct sp_accept accept;
	struct sp_batch batch;
	struct json_object *rows; /* of the result */
};

static void flow_done(struct flow *flow)
{
	sp_host_done(&flow->host);
	sp_installed_done(&flow->installed);
	sp_base_files_done(&flow->base);
	flow->context->base = NULL;
	sp_source_done(&flow->source);
	sp_look_done(&flow->look);
	sp_accept_done(&flow->accept);
	sp_batch_done(&flow->batch);
	sp_json_freep(&flow->rows);
}

static void worse(struct flow *flow, int exit)
{
	flow->report->exit = sp_outcome_worse(flow->report->exit, exit);
}

/* Back from the first step that was not asked for is "no". */
static enum step back_to_source(struct flow *flow)
{
	if (flow->source.was_asked)
		return STEP_SOURCE;
	if (!flow->report->exit)
		flow->report->exit = SP_EXIT_DECLINED;
	return STEP_END;
}

/* ---- where to look ------------------------------------------------------------------------ */

static int step_source(struct flow *flow, enum step *ret_next)
{
	int r = sp_source_ask(&flow->source, SP_SOURCE_OF_PACKS, flow->context, flow->op,
			      flow->err);

	*ret_next = r == SP_SOURCE_CHOSEN  ? STEP_LOOK
		    : r == SP_SOURCE_AGAIN ? STEP_SOURCE
					   : STEP_END;
	/* No pack, or no more of them, is a good answer here. */
	if (r == SP_SOURCE_DECLINED && !sp_json_length(flow->rows))
		worse(flow, SP_EXIT_DECLINED);
	return r < 0 ? r : 0;
}

/* ---- what is there -------------------------------------------------------------------------- */

static int make_batch(struct flow *flow)
{
	struct sp_patience patience = sp_operator_patience(flow->op);
	const struct sp_batch_input input = { &flow->host, &flow->installed,
					      &flow->look.packs, &flow->accept,
					      &patience };

	sp_batch_done(&flow->batch);
	return sp_batch_make(&input, &flow->batch, flow->err);
}

static int read_host(struct flow *flow)
{
	struct sp_patience patience = sp_operator_patience(flow->op);
	int r = sp_host_read(&flow->host, flow->err);

	sp_installed_done(&flow->installed);
	flow->installed = (struct sp_installed){ 0 };
	return r < 0 ? r
		     : sp_installed_read(flow->host.path, &patience, &flow->installed,
					 flow->err);
}

/* What packs are measured by while they are read. */
static int read_base(struct flow *flow)
{
	struct sp_patience patience = sp_operator_patience(flow->op);

	sp_base_files_done(&flow->base);
	flow->context->base = &flow->base;
	return sp_base_files_read(&flow->host, &patience, &flow->base, flow->err);
}

static int step_look(struct flow *flow, enum step *ret_next)
{
	int r;

	sp_batch_done(&flow->batch);
	sp_look_done(&flow->look);
	r = read_host(flow);
	if (r == 0)
		r = read_base(flow);
	if (r < 0)
		return r;
	r = sp_login_look(flow->context, &flow->source.locations, flow->op, &flow->look,
			  flow->err);
	if (r == 0)
		r = sp_keep_accept(flow->context, &flow->look.packs, &flow->accept,
				   flow->err);
	if (r == 0)
		r = make_batch(flow);
	*ret_next = STEP_PACKS;
	return r;
}

static int all_findings(const struct flow *flow, struct sp_findings *findings)
{
	int r = sp_look_findings(&flow->look, findings, flow->err);

	for (size_t i = 0; r == 0 && i < flow->batch.n; i++)
		r = sp_findings_copy(findings, &flow->batch.items[i].findings, flow->err);
	return r;
}

/* What cannot go in, of what was asked for by name, is told by the exit code. */
static int outcome(const struct flow *flow)
{
	int exit = flow->look.exit;

	for (size_t i = 0; i < flow->batch.n; i++)
		if (!flow->batch.items[i].chosen && !flow->batch.items[i].there)
			exit = sp_outcome_worse(exit, flow->batch.items[i].exit);
	return exit;
}

static int ask_problem(struct flow *flow, const struct sp_findings *findings,
		       enum step *ret_next)
{
	enum sp_answer answer;
	int exit = outcome(flow);
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

static int step_packs(struct flow *flow, enum step *ret_next)
{
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_json_freep) struct json_object *reply = NULL;
	enum sp_answer answer;
	int r = all_findings(flow, &findings);

	if (r < 0)
		return r;
	sp_log_findings(flow->context->log, &findings);
	if (!flow->batch.n)
		return ask_problem(flow, &findings, ret_next);
	r = sp_operator_ask(
		flow->op, sp_install_question_packs(&flow->batch, &flow->look, &findings),
		&answer, &reply, flow->err);
	if (r < 0)
		return r;
	*ret_next = answer == SP_ANSWER_NEXT    ? STEP_TRUST
		    : answer == SP_ANSWER_AGAIN ? STEP_LOOK
		    : answer == SP_ANSWER_BACK  ? back_to_source(flow)
						: STEP_END;
	if (answer == SP_ANSWER_CANCEL)
		worse(flow, SP_EXIT_DECLINED);
	if (answer == SP_ANSWER_NEXT)
		sp_install_question_choose(reply, &flow->batch);
	return 0;
}

/* ---- whom to trust ----------------------------------------------------------------------------- */

static int step_trust(struct flow *flow, enum step *ret_next)
{
	bool refused = false;

	for (size_t i = 0; i < flow->batch.n; i++) {
		struct sp_candidate *candidate = &flow->batch.items[i];
		int r = candidate->chosen
				? sp_consent_ask(&flow->look.packs.items[candidate->pack],
						 &flow->accept, flow->op,
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

/* With what was chosen, can all of it go in? */
static int check_choice(struct flow *flow, bool *ret_lost)
{
	struct sp_patience patience = sp_operator_patience(flow->op);
	const struct sp_batch_input input = { &flow->host, &flow->installed,
					      &flow->look.packs, &flow->accept,
					      &patience };
	size_t before = 0, after = 0;
	int r;

	for (size_t i = 0; i < flow->batch.n; i++)
		before += flow->batch.items[i].chosen;
	r = sp_batch_check(&input, &flow->batch, flow->err);
	for (size_t i = 0; i < flow->batch.n; i++)
		after += flow->batch.items[i].chosen;
	*ret_lost = after < before;
	return r;
}

/* Everything there already is no problem, and nothing to do. */
static bool is_all_there(const struct flow *flow)
{
	for (size_t i = 0; i < flow->batch.n; i++)
		if (!flow->batch.items[i].there)
			return false;
	return flow->batch.n > 0 && !flow->look.exit;
}

static int step_confirm(struct flow *flow, enum step *ret_next)
{
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	enum sp_answer answer;
	bool lost;
	int r = check_choice(flow, &lost);

	if (r < 0)
		return r;
	if (lost || !sp_batch_has_chosen(&flow->batch)) {
		if (is_all_there(flow) && !flow->source.was_asked) {
			*ret_next = STEP_END;
			return 0;
		}
		r = all_findings(flow, &findings);
		if (r == 0 && !lost)
			return ask_problem(flow, &findings, ret_next);
		if (r < 0)
			return r;
	}
	if (!flow->source.was_asked)
		worse(flow, outcome(flow));
	r = sp_operator_ask(
		flow->op,
		sp_install_question_confirm(&flow->batch, &flow->look, flow->host.path),
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

static int step_do(struct flow *flow, enum step *ret_next)
{
	struct sp_installing installing = {
		.context = flow->context,
		.host = &flow->host,
		.installed = &flow->installed,
		.op = flow->op,
		.report = flow->report,
		.look = &flow->look,
		.batch = &flow->batch,
		.rows = flow->rows,
		.can_go_back = flow->source.was_asked,
	};
	int r = sp_install_batch(&installing, flow->err);

	*ret_next = STEP_RESULT;
	if (r == SP_INSTALL_BATCH_BACK)
		*ret_next = flow->source.was_asked ? STEP_LOOK : STEP_RESULT;
	return r < 0 ? r : 0;
}

static int step_result(struct flow *flow, enum step *ret_next)
{
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
static int try_again(struct flow *flow, enum step *ret_next)
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
static int step_expected(struct flow *flow, enum step *ret_next)
{
	SP_AUTO(sp_findings_done) struct sp_findings missing = { 0 };
	enum sp_answer answer;
	int r = sp_host_read(&flow->host, flow->err);

	*ret_next = STEP_END;
	if (r == 0)
		r = sp_expected_settle(flow->context, &flow->host, &missing, flow->err);
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

typedef int (*step_fn)(struct flow *flow, enum step *ret_next);

static const step_fn steps[] = {
	[STEP_SOURCE] = step_source,   [STEP_LOOK] = step_look,
	[STEP_PACKS] = step_packs,     [STEP_TRUST] = step_trust,
	[STEP_CONFIRM] = step_confirm, [STEP_DO] = step_do,
	[STEP_RESULT] = step_result,   [STEP_EXPECTED] = step_expected,
};

/* Cancelled in the middle of a step is Back from it; nothing of it is left. */
static enum step cancelled(struct flow *flow, enum step step)
{
	flow->op->ops->resume(flow->op);
	if (step != STEP_SOURCE && flow->source.was_asked)
		return STEP_SOURCE;
	worse(flow, SP_EXIT_DECLINED);
	return STEP_END;
}

static int walk(struct flow *flow, enum step step)
{
	int r = 0;

	while (r == 0 && step != STEP_END) {
		enum step next = step;

		r = steps[step](flow, &next);
		if (r == -SP_ERR_CANCELLED) {
			next = cancelled(flow, step);
			r = 0;
		}
		if (next == STEP_END && step != STEP_EXPECTED &&
		    !flow->context->more_follow)
			next = STEP_EXPECTED;
		step = next;
	}
	return r;
}

static int begin(struct flow *flow, const struct sp_strv *locations, enum step *ret_step)
{
	int r = sp_strv_add_all(&flow->source.locations, locations, flow->err);

	flow->rows = sp_json_array();
	if (r == 0)
		r = sp_host_open(flow->context, &flow->host, flow->err);
	if (r == 0)
		r = sp_context_read_machine(flow->context, flow->err);
	if (r == 0)
		r = sp_context_accept(flow->context, &flow->accept, flow->err);
	if (r == 0 && !locations->n)
		r = sp_keep_list(flow->context, &flow->source.locations, flow->err);
	if (r == 0)
		r = sp_recover(flow->context, &flow->host, flow->op,
			       &flow->report->findings, flow->err);
	*ret_step = flow->source.locations.n    ? STEP_LOOK
		    : flow->context->boot.onecd ? STEP_END
						: STEP_SOURCE;
	return r;
}

/* However the walk ended. */
static int finish(struct flow *flow)
{
	int r = sp_host_read(&flow->host, flow->err);

	if (r == 0)
		r = sp_findings_copy(&flow->report->findings, &flow->host.findings,
				     flow->err);
	if (r == 0 && !flow->context->more_follow)
		r = sp_finalize_end(flow->context, &flow->host, flow->op,
				    &flow->report->findings, flow->err);
	if (r == 0)
		r = sp_unfinished_tidy(flow->host.root_fd, flow->err);
	if (r == 0)
		r = sp_recover_look(&flow->host, &flow->report->findings, flow->err);
	worse(flow, sp_findings_exit_code(&flow->report->findings));
	sp_json_set(flow->report->body, "packs", sp_pack_list_to_json(&flow->look.packs));
	sp_json_set(flow->report->body, "installed", sp_json_ref(flow->rows));
	if (r == 0)
		r = all_findings(flow, &flow->report->findings);
	return r;
}

int sp_flow_install(struct sp_context *context, struct sp_operator *op,
		    const struct sp_strv *locations, struct sp_report *report,
		    struct sp_error *err)
{
	SP_AUTO(flow_done)
	struct flow flow = { .context = context, .op = op, .report = report, .err = err };
	struct sp_error walked = SP_ERROR_INIT;
	enum step step;
	int r = begin(&flow, locations, &step);

	if (r < 0)
		return r;
	r = walk(&flow, step);
	if (r == 0)
		return finish(&flow);
	/* What was begun is finished all the same; the first error is the one to tell. */
	walked = *err;
	if (!context->more_follow && sp_host_read(&flow.host, err) == 0 &&
	    sp_expected_settle(context, &flow.host, &flow.report->findings, err) < 0)
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
