/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `suppack answerfile`: the flows as an answerfile wants them, one source after another,
 * each with what its attributes say.  Nobody watches: what cannot be done ends with its
 * exit code, and what was decided without asking is in the report. */

#include "installer-plugin/verb.h"

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

static int run_sources(const struct sp_answer_run *run)
{
	const struct sp_unattended *unattended = run->unattended;
	int r = 0;

	for (size_t i = 0; r == 0 && i < unattended->n_sources; i++)
		if (unattended->sources[i].is_driver || !run->stage->only_drivers)
			r = sp_answer_source(run, &unattended->sources[i]);
	return r;
}

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
