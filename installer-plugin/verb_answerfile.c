/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `suppack answerfile`: the flows as an answerfile wants them, one source after another,
 * each with what its attributes say.  Nobody watches: what cannot be done ends with its
 * exit code, and what was decided without asking is in the report. */

#include "installer-plugin/verb.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/answer.h"
#include "installer-plugin/answer_extras.h"
#include "installer-plugin/answer_source.h"
#include "installer-plugin/answer_upgrade.h"
#include "installer-plugin/context.h"
#include "installer-plugin/extra_modules.h"
#include "installer-plugin/flow_install.h"
#include "installer-plugin/flow_load.h"
#include "installer-plugin/log.h"
#include "installer-plugin/operator_policy.h"
#include "installer-plugin/report.h"
#include "installer-plugin/unattended.h"
#include "installer-plugin/variants.h"

static int end_drivers(const struct sp_answer_run *run)
{
	SP_AUTO(sp_operator_freep) struct sp_operator *op = NULL;
	int r = sp_operator_policy_new(run->context->log, !run->context->options->json,
				       &op, run->err);

	return r < 0 ? r : sp_extra_modules_load(run->context, op, run->report, run->err);
}

/* depmod and the initrd, once for the packs of all sources and what variants bring. */
static int end_packs(const struct sp_answer_run *run)
{
	SP_AUTO(sp_operator_freep) struct sp_operator *op = NULL;
	int r = sp_operator_policy_new(run->context->log, !run->context->options->json,
				       &op, run->err);

	if (r == 0)
		r = sp_variants_choose(run->context, run->unattended, run->report,
				       run->err);
	return r < 0 ? r : sp_flow_install_end(run->context, op, run->report, run->err);
}

static const struct sp_answer_stage stages[] = {
	{ "upgrade", false, NULL, NULL }, /* all sources at once: answer_upgrade.h */
	{ "drivers", true, sp_flow_load, end_drivers },
	{ "packs", false, sp_flow_install, end_packs },
};

static const struct sp_answer_stage *stage_find(const char *name)
{
	for (size_t i = 0; name && i < sizeof stages / sizeof stages[0]; i++)
		if (!strcmp(stages[i].name, name))
			return &stages[i];
	return NULL;
}

/* ---- all sources ------------------------------------------------------------------------ */

/* One source, and how many had done something when it was last run. */
struct turn {
	const struct sp_unattended_source *source;
	struct sp_answer_part part;
	size_t acted;
};

struct turns {
	struct turn *items;
	size_t n;
	size_t acted; /* how often a source has done something */
};

static void turns_done(struct turns *turns)
{
	for (size_t i = 0; i < turns->n; i++)
		sp_answer_part_done(&turns->items[i].part);
	free(turns->items);
}

static int turns_make(const struct sp_answer_run *run, struct turns *turns)
{
	const struct sp_unattended *unattended = run->unattended;

	turns->items = calloc(unattended->n_sources + 1, sizeof *turns->items);
	if (!turns->items)
		return sp_error_nomem(run->err);
	for (size_t i = 0; i < unattended->n_sources; i++)
		if (unattended->sources[i].is_driver || !run->stage->only_drivers)
			turns->items[turns->n++].source = &unattended->sources[i];
	return 0;
}

/* Not yet, or for want of something that another may have brought since.  As many turns
 * as there are sources are enough for any order. */
static bool is_due(const struct turns *turns, const struct turn *turn)
{
	return !turn->part.attempts ||
	       (sp_answer_part_waits(&turn->part) && turn->acted < turns->acted &&
		turn->part.attempts < turns->n);
}

/* *@ret_any: one was due. */
static int run_round(const struct sp_answer_run *run, struct turns *turns, bool *ret_any)
{
	int r = 0;

	*ret_any = false;
	for (size_t i = 0; r == 0 && i < turns->n; i++) {
		struct turn *turn = &turns->items[i];

		if (!is_due(turns, turn))
			continue;
		*ret_any = true;
		r = sp_answer_source(run, turn->source, &turn->part);
		turns->acted += sp_answer_part_acted(&turn->part);
		turn->acted = turns->acted;
	}
	return r;
}

/* In the order of the file, but that what needs another source waits for it.  Whatever
 * went wrong, what was done is told. */
static int run_sources(const struct sp_answer_run *run)
{
	SP_AUTO(turns_done) struct turns turns = { 0 };
	struct sp_error first = SP_ERROR_INIT;
	bool any = true;
	int r = turns_make(run, &turns), told = 0;

	while (r == 0 && any)
		r = run_round(run, &turns, &any);
	first = *run->err;
	for (size_t i = 0; told == 0 && i < turns.n; i++)
		if (turns.items[i].part.attempts)
			told = sp_answer_tell(run, turns.items[i].source,
					      &turns.items[i].part);
	if (r == 0)
		return told;
	*run->err = first;
	return r;
}

/* ---- the stage -------------------------------------------------------------------------- */

/* What was begun is finished, whatever went wrong; the first error is the one to tell. */
static int run_stage(const struct sp_answer_run *run)
{
	struct sp_error first = SP_ERROR_INIT;
	int r;

	run->context->more_follow = true;
	r = run_sources(run);
	run->context->more_follow = false;
	if (!run->stage->end)
		return r;
	first = *run->err;
	if (run->stage->end(run) < 0 && r == 0)
		return -(int)run->err->code;
	if (r < 0)
		*run->err = first;
	return r;
}

int sp_verb_answerfile(struct sp_context *context, struct sp_report *report,
		       struct sp_error *err)
{
	SP_AUTO(sp_unattended_done) struct sp_unattended unattended = { 0 };
	const struct sp_options *options = context->options;
	struct sp_answer_run run = { .context = context,
				     .report = report,
				     .stage = stage_find(options->stage),
				     .unattended = &unattended,
				     .err = err };
	int r;

	report->one_line = true;
	if (!run.stage)
		return sp_error_set(err, SP_ERR_USAGE,
				    "'answerfile' needs --stage with 'upgrade', "
				    "'drivers' or 'packs'");
	if (run.stage->end == end_packs && !options->root)
		return sp_error_set(err, SP_ERR_USAGE,
				    "--stage %s needs --root: the host to install into",
				    run.stage->name);
	r = sp_answer_read(options->arguments.items[0], &unattended, err);
	if (r == 0)
		r = sp_answer_extras_add(context, &unattended, err);
	if (r < 0)
		return r;
	run.sources = sp_json_array();
	sp_json_set(report->body, "sources", run.sources);
	return run.stage->run ? run_stage(&run)
			      : sp_answer_upgrade(context, &unattended, run.sources,
						  report, err);
}
