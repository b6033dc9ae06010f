/* SPDX-License-Identifier: GPL-2.0-or-later */

/* First everything that may need the operator (discs, licences), then everything that
 * takes long: nobody has to sit and wait for the next question. */

#include "installer-plugin/install_batch.h"

#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/outcome.h"
#include "base/worker.h"
#include "installer-plugin/batch.h"
#include "installer-plugin/context.h"
#include "installer-plugin/finalize.h"
#include "installer-plugin/host.h"
#include "installer-plugin/install.h"
#include "installer-plugin/install_questions.h"
#include "installer-plugin/installed.h"
#include "installer-plugin/keep.h"
#include "installer-plugin/licence.h"
#include "installer-plugin/log.h"
#include "installer-plugin/look.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/recover.h"
#include "installer-plugin/report.h"
#include "installer-plugin/restart.h"
#include "installer-plugin/settle.h"
#include "installer-plugin/unfinished.h"
#include "plan/requirements.h"
#include "repo/pack.h"

/* What one pack needs while it is worked on. */
struct work {
	struct sp_installing *installing;
	struct sp_candidate *candidate;
	const struct sp_pack *pack;
	char *title;
	struct sp_keep *keep;
};

/* Goes on with the next pack, or not. */
enum verdict { GO_ON, GIVE_UP, STOP };

/* ---- what is said --------------------------------------------------------------------- */

static void add_row(const struct work *work, const char *text, bool ok)
{
	struct json_object *row = sp_json_object();
	SP_AUTO(sp_str_freep)
	char *line = sp_text_format("'%s': %s", work->title, text);

	sp_json_set_string(row, "address", "");
	sp_json_set_string(row, "pack", work->pack->id);
	sp_json_set(row, "text", line ? sp_json_string(line) : NULL);
	sp_json_set_bool(row, "ok", ok);
	sp_json_append(work->installing->rows, row);
}

static void give_up(const struct work *work, int exit, const char *why)
{
	struct sp_report *report = work->installing->report;

	report->exit = sp_outcome_worse(report->exit, exit);
	work->candidate->chosen = false;
	add_row(work, why, false);
}

/* Something went wrong with one pack: again, without it, or back to the choice? */
static int ask_problem(const struct work *work, struct sp_findings *findings,
		       enum sp_answer *ret_answer, struct sp_error *err)
{
	struct sp_installing *installing = work->installing;
	int exit = sp_findings_exit_code(findings);
	const struct sp_finding *why = sp_findings_first_refusal(findings);
	SP_AUTO(sp_str_freep)
	char *text = sp_text_format("'%s' was not installed; %s.", work->title,
				    sp_findings_has(findings, "left-behind")
					    ? "what of it stays is named below"
					    : "the host is as before");
	int r;

	sp_log_findings(installing->context->log, findings);
	r = sp_operator_ask(installing->op,
			    sp_install_question_problem(text ? text : "", findings, true),
			    ret_answer, NULL, err);
	if (r < 0 || *ret_answer == SP_ANSWER_AGAIN)
		return r;
	give_up(work, exit ? exit : SP_EXIT_TRANSACTION_FAILED,
		why ? why->text : "not installed");
	return sp_findings_move(&installing->report->findings, findings, err);
}

static enum verdict verdict_of(const struct work *work, enum sp_answer answer)
{
	if (answer == SP_ANSWER_BACK && !work->installing->can_go_back)
		return GIVE_UP;
	return answer == SP_ANSWER_NEXT ? GIVE_UP : STOP;
}

/* ---- copies ------------------------------------------------------------------------------ */

/* The host's own disk holds them: what was begun can then be finished whatever happens,
 * and they need no memory. */
static int copy_once(const struct work *work, struct sp_findings *findings,
		     struct sp_error *err)
{
	const struct sp_installing *installing = work->installing;
	SP_AUTO(sp_str_freep)
	char *spool = sp_host_below(installing->host, SP_UNFINISHED_COPIES);
	struct sp_options options = *installing->context->options;
	struct sp_context context = *installing->context;
	struct sp_error cause = SP_ERROR_INIT;
	int r;

	if (!spool)
		return sp_error_nomem(err);
	options.spool = spool;
	context.options = &options;
	sp_keep_done(work->keep);
	*work->keep = (struct sp_keep){ 0 };
	r = sp_keep_make(&context, work->pack, installing->op, findings, work->keep,
			 &cause);
	if (r >= 0)
		return r;
	if (cause.code == SP_ERR_CANCELLED || cause.code == SP_ERR_NOMEM ||
	    cause.code == SP_ERR_INTERNAL) {
		*err = cause;
		return r;
	}
	r = sp_findings_add_error(findings, work->title, &cause, err);
	return r < 0 ? r : SP_KEEP_NO_ROOM;
}

static int copy(const struct work *work, enum verdict *ret_verdict, struct sp_error *err)
{
	enum sp_answer answer = SP_ANSWER_AGAIN;

	while (answer == SP_ANSWER_AGAIN) {
		SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
		int r = copy_once(work, &findings, err);

		*ret_verdict = GO_ON;
		if (r <= 0)
			return r;
		r = ask_problem(work, &findings, &answer, err);
		if (r < 0)
			return r;
	}
	*ret_verdict = verdict_of(work, answer);
	return 0;
}

/* ---- licences ------------------------------------------------------------------------------ */

static int accept_licence(const struct work *work, enum verdict *ret_verdict,
			  struct sp_error *err)
{
	struct sp_installing *installing = work->installing;
	bool beforehand = installing->context->options->accept.licence;
	SP_AUTO(sp_str_freep) char *text = NULL;
	enum sp_answer answer = SP_ANSWER_NEXT;
	int r = sp_licence_read(work->pack, work->keep->path, installing->op, &text, err);

	*ret_verdict = GO_ON;
	if (r < 0 || !text)
		return r;
	if (!beforehand)
		r = sp_operator_ask(installing->op,
				    sp_install_question_licence(work->pack, text),
				    &answer, NULL, err);
	if (r < 0)
		return r;
	sp_log_line(installing->context->log, "licence of '%s': %s%s", work->title,
		    answer == SP_ANSWER_NEXT ? "accepted" : "not accepted",
		    beforehand ? " beforehand" : "");
	if (answer == SP_ANSWER_NEXT)
		return 0;
	*ret_verdict = GIVE_UP;
	give_up(work, SP_EXIT_DECLINED, "its licence was not accepted");
	return sp_findings_add(&installing->report->findings, "licence-declined",
			       work->title, err, "the licence of '%s' was not accepted",
			       work->title);
}

/* ---- installing -------------------------------------------------------------------------------- */

static int reread(struct sp_installing *installing, struct sp_error *err)
{
	struct sp_patience patience = sp_operator_patience(installing->op);
	int r;

	sp_installed_done(installing->installed);
	*installing->installed = (struct sp_installed){ 0 };
	r = sp_host_read(installing->host, err);
	return r < 0 ? r
		     : sp_installed_read(installing->host->path, &patience,
					 installing->installed, err);
}

/* What another pack was to provide may be missing by now. */
static int check_again(const struct work *work, struct sp_settle *settle,
		       struct sp_findings *findings, struct sp_error *err)
{
	struct sp_patience patience = sp_operator_patience(work->installing->op);
	struct sp_pack pack = *work->pack;
	const struct sp_pack_list alone = { &pack, 1 };
	const struct sp_settle_place place = sp_host_place(work->installing->host);
	int r = sp_requirements_check(&work->installing->host->target, &alone, 0,
				      findings, err);

	if (r == 0)
		r = sp_settle_add(settle, work->pack, work->candidate->older, err);
	if (r == 0)
		r = sp_settle_run(settle, &place, &patience, err);
	for (size_t i = 0; r == 0 && i < settle->packs[0].problems.n; i++)
		r = sp_findings_add(findings, "requirement-missing", work->title, err,
				    "%s", settle->packs[0].problems.items[i]);
	return r < 0 ? r : sp_findings_first_refusal(findings) ? SP_INSTALL_FAILED : 0;
}

static int install_once(const struct work *work, const char *progress,
			struct sp_findings *findings, struct sp_error *err)
{
	const struct sp_installing *installing = work->installing;
	SP_AUTO(sp_settle_done) struct sp_settle settle = { 0 };
	struct sp_install install = {
		.context = installing->context,
		.host = installing->host,
		.op = installing->op,
		.installed = installing->installed,
		.pack = work->pack,
		.kept = work->keep->path,
		.decision = sp_batch_decision(work->pack),
		.title = progress,
		.allow_downgrade = work->candidate->older,
		.rerun = work->candidate->incomplete,
	};
	int r = check_again(work, &settle, findings, err);

	if (r != 0)
		return r;
	install.left_out = &settle.packs[0].left_out;
	return sp_install_pack(&install, findings, err);
}

static int install(const struct work *work, const char *progress,
		   enum verdict *ret_verdict, struct sp_error *err)
{
	enum sp_answer answer = SP_ANSWER_AGAIN;

	while (answer == SP_ANSWER_AGAIN) {
		SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
		int r = sp_recover_packs(work->installing->context,
					 work->installing->host, work->installing->op,
					 &findings, err);

		if (r == 0)
			r = reread(work->installing, err);
		if (r == 0)
			r = install_once(work, progress, &findings, err);
		*ret_verdict = GO_ON;
		if (r == 0)
			return sp_findings_move(&work->installing->report->findings,
						&findings, err);
		if (r > 0)
			r = ask_problem(work, &findings, &answer, err);
		if (r < 0)
			return r;
	}
	*ret_verdict = verdict_of(work, answer);
	return 0;
}

/* ---- all of them -------------------------------------------------------------------------------- */

static int prepare_one(struct work *work, enum verdict *ret_verdict, struct sp_error *err)
{
	int r = copy(work, ret_verdict, err);

	if (r == 0 && *ret_verdict == GO_ON)
		r = accept_licence(work, ret_verdict, err);
	return r;
}

static int install_one(struct work *work, size_t number, size_t total,
		       enum verdict *ret_verdict, struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *progress = sp_text_format("Installing '%s' (%zu of %zu)", work->title,
					number, total);
	int r = progress ? install(work, progress, ret_verdict, err)
			 : sp_error_nomem(err);

	if (r < 0 || *ret_verdict != GO_ON)
		return r;
	work->candidate->chosen = false;
	work->candidate->there = true;
	add_row(work, "installed", true);
	return sp_host_is_running(work->installing->host)
		       ? sp_restart_check(work->installing->context, work->pack,
					  &work->installing->report->findings, err)
		       : 0;
}

typedef int (*phase_fn)(struct work *work, size_t number, size_t total,
			enum verdict *ret_verdict, struct sp_error *err);

static int prepare_phase(struct work *work, size_t number, size_t total,
			 enum verdict *ret_verdict, struct sp_error *err)
{
	(void)number;
	(void)total;
	return prepare_one(work, ret_verdict, err);
}

static size_t count_chosen(const struct sp_batch *batch)
{
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++)
		n += batch->items[i].chosen;
	return n;
}

static int each(struct sp_installing *installing, struct sp_keep keeps[], phase_fn phase,
		struct sp_error *err)
{
	size_t total = count_chosen(installing->batch), number = 0;

	for (size_t i = 0; i < installing->batch->n; i++) {
		struct sp_candidate *candidate = &installing->batch->items[i];
		const struct sp_pack *pack =
			&installing->look->packs.items[candidate->pack];
		SP_AUTO(sp_str_freep) char *title = sp_pack_title(pack);
		struct work work = { installing, candidate, pack, title, &keeps[i] };
		enum verdict verdict = GO_ON;
		int r;

		if (!candidate->chosen)
			continue;
		if (!title)
			return sp_error_nomem(err);
		r = phase(&work, ++number, total, &verdict, err);
		if (r < 0)
			return r;
		if (verdict == STOP)
			return SP_INSTALL_BATCH_BACK;
	}
	return 0;
}

static void keeps_done(struct sp_keep keeps[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		sp_keep_done(&keeps[i]);
	free(keeps);
}

int sp_install_batch(struct sp_installing *installing, struct sp_error *err)
{
	size_t n = installing->batch->n;
	struct sp_keep *keeps = calloc(n + 1, sizeof *keeps);
	int r = keeps ? sp_finalize_hold(installing->host, err) : sp_error_nomem(err);

	if (r == 0)
		r = each(installing, keeps, prepare_phase, err);
	if (r == 0)
		r = each(installing, keeps, install_one, err);
	if (keeps)
		keeps_done(keeps, n);
	return r;
}
