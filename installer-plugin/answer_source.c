/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The flow with this source's own options around it, and its part of the report. */

#include "installer-plugin/answer_source.h"

#include <string.h>

#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/answer_options.h"
#include "installer-plugin/context.h"
#include "installer-plugin/kept_sources.h"
#include "installer-plugin/log.h"
#include "installer-plugin/operator_policy.h"
#include "installer-plugin/report.h"
#include "installer-plugin/unattended.h"

/* ---- its flow -------------------------------------------------------------------------- */

/* What was kept of it when it was read for drivers is not fetched again. */
static int choose_locations(const struct sp_answer_run *run,
			    const struct sp_unattended_source *source,
			    struct sp_strv *locations)
{
	bool has_all = false;
	int r = !run->stage->only_drivers && source->is_driver
			? sp_kept_sources_find(run->context->options->spool,
					       source->shown, locations, &has_all,
					       run->err)
			: 0;

	if (r == 0 && has_all)
		sp_log_line(run->context->log, "'%s' was kept and is not asked again",
			    source->shown);
	return r == 0 && !has_all ? sp_strv_add(locations, source->location, run->err)
				  : r;
}

static int note_kept(const struct sp_answer_run *run,
		     const struct sp_unattended_source *source,
		     const struct sp_report *report)
{
	const struct json_object *kept = sp_json_get(report->body, "kept");
	size_t n = sp_json_length(kept);

	if (!run->stage->only_drivers || !n)
		return 0;
	return sp_kept_sources_note(run->context->options->spool, source->shown, kept,
				    n == report->n_packs, run->err);
}

static int run_flow(const struct sp_answer_run *run,
		    const struct sp_unattended_source *source, struct sp_report *report,
		    struct json_object **ret_decisions)
{
	SP_AUTO(sp_operator_freep) struct sp_operator *op = NULL;
	SP_AUTO(sp_strv_done) struct sp_strv locations = { 0 };
	int r = sp_operator_policy_new(run->context->log, !run->context->options->json,
				       &op, run->err);

	if (r == 0)
		r = choose_locations(run, source, &locations);
	if (r == 0)
		r = run->stage->run(run->context, op, &locations, report, run->err);
	if (op)
		*ret_decisions = sp_json_ref(sp_operator_policy_decisions(op));
	return r == 0 ? note_kept(run, source, report) : r;
}

/* What failed for this source alone is its outcome; the others are still tried, since
 * the report is to name all that is wrong. */
static int run_with_options(const struct sp_answer_run *run,
			    const struct sp_unattended_source *source,
			    struct sp_report *report, struct json_object **ret_decisions)
{
	const struct sp_options *given = run->context->options;
	struct sp_options options;
	int r = sp_answer_options_of(given, source, &options, run->err);

	run->context->options = &options;
	if (r == 0)
		r = run_flow(run, source, report, ret_decisions);
	run->context->options = given;
	sp_answer_options_done(&options);
	if (r >= 0 || r == -SP_ERR_CANCELLED || r == -SP_ERR_NOMEM)
		return r;
	sp_report_fail(report, source->shown, run->err);
	*run->err = (struct sp_error)SP_ERROR_INIT;
	return 0;
}

/* ---- what must be bound in the end ---------------------------------------------------- */

static bool is_planned(const struct sp_report *report, const char *address)
{
	const struct json_object *matches = sp_json_get(report->body, "matches");

	for (size_t i = 0; i < sp_json_length(matches); i++) {
		const struct json_object *match = sp_json_at(matches, i);
		const char *verdict = sp_json_get_string(match, "verdict");
		const char *at = sp_json_get_string(match, "address");

		if (at && verdict && !strcmp(at, address) &&
		    (!strcmp(verdict, "load") || !strcmp(verdict, "replace")))
			return true;
	}
	return false;
}

static int expect_device(const struct sp_answer_run *run, const char *address,
			 struct sp_report *report)
{
	const struct sp_device_list *devices = &run->context->devices;
	const struct sp_device *device = NULL;
	int r;

	for (size_t i = 0; i < devices->n; i++)
		if (!strcmp(devices->items[i].address, address))
			device = &devices->items[i];
	if (device && device->driver)
		return 0;
	/* On a recorded machine nothing was loaded: what would be counts. */
	if (device && !sp_context_is_live(run->context) && is_planned(report, address))
		return 0;
	r = sp_findings_add(&report->findings, "not-bound", address, run->err,
			    device ? "the device '%s' that the answerfile expects has no "
				     "driver"
				   : "the device '%s' that the answerfile expects is not "
				     "in this machine",
			    address);
	report->exit = sp_outcome_worse(report->exit, SP_EXIT_NOT_BOUND);
	return r;
}

static int expect_devices(const struct sp_answer_run *run,
			  const struct sp_unattended_source *source,
			  struct sp_report *report)
{
	int r = source->expect.n && run->stage->only_drivers
			? sp_context_read_machine(run->context, run->err)
			: 0;

	for (size_t i = 0; r == 0 && run->stage->only_drivers && i < source->expect.n;
	     i++)
		r = expect_device(run, source->expect.items[i], report);
	return r;
}

/* ---- the report ------------------------------------------------------------------------ */

/* The arrays of a flow's report join those of the sources before. */
static void join_arrays(struct json_object *to, const struct json_object *from)
{
	const char *key;

	for (size_t i = 0; (key = sp_json_key_at(from, i)); i++) {
		struct json_object *value = sp_json_get(from, key);
		struct json_object *all = sp_json_get(to, key);

		if (!sp_json_is_array(value) || !all) {
			sp_json_set(to, key, sp_json_ref(value));
			continue;
		}
		for (size_t j = 0; j < sp_json_length(value); j++)
			sp_json_append(all, sp_json_ref(sp_json_at(value, j)));
	}
}

char *sp_answer_place(const struct sp_unattended_source *source)
{
	return source->line ? sp_text_format("line %u, '%s'", source->line, source->shown)
			    : sp_text_format("'%s'", source->shown);
}

int sp_answer_tell(const struct sp_answer_run *run,
		   const struct sp_unattended_source *source, struct sp_answer_part *part)
{
	struct sp_report *report = run->report, *of = &part->report;
	SP_AUTO(sp_str_freep) char *place = sp_answer_place(source);
	int r = 0;

	if (!place)
		return sp_error_nomem(run->err);
	sp_json_append(run->sources, sp_answer_options_row(source, of->exit,
							   sp_steal(part->decisions)));
	join_arrays(report->body, of->body);
	if (of->text.text)
		sp_strbuf_add(&report->text, "%s", of->text.text);
	if (source->required)
		r = sp_report_take_outcome(report, of, place, run->err);
	return r < 0 ? r : sp_findings_move(&report->findings, &of->findings, run->err);
}

/* ---- one attempt ------------------------------------------------------------------------ */

void sp_answer_part_done(struct sp_answer_part *part)
{
	sp_report_done(&part->report);
	sp_json_freep(&part->decisions);
}

static bool has_rows(const struct sp_answer_part *part, const char *key)
{
	return sp_json_length(sp_json_get(part->report.body, key)) > 0;
}

bool sp_answer_part_acted(const struct sp_answer_part *part)
{
	return part->attempts && (!part->report.exit || has_rows(part, "installed") ||
				  has_rows(part, "proof"));
}

/* Drivers that were loaded are kept by what this attempt found. */
bool sp_answer_part_waits(const struct sp_answer_part *part)
{
	return part->attempts && part->report.exit == SP_EXIT_REQUIREMENTS &&
	       !has_rows(part, "proof") && !has_rows(part, "kept");
}

/* What went in at the attempt before is there already for this one. */
static void keep_installed(struct sp_answer_part *part,
			   const struct sp_answer_part *before)
{
	const struct json_object *rows = sp_json_get(before->report.body, "installed");
	struct json_object *all = sp_json_get(part->report.body, "installed");

	for (size_t i = 0; all && i < sp_json_length(rows); i++)
		sp_json_append(all, sp_json_ref(sp_json_at(rows, i)));
}

int sp_answer_source(const struct sp_answer_run *run,
		     const struct sp_unattended_source *source,
		     struct sp_answer_part *part)
{
	SP_AUTO(sp_answer_part_done) struct sp_answer_part before = *part;
	struct sp_report *report = &part->report;
	int r;

	*part = (struct sp_answer_part){ .attempts = before.attempts + 1 };
	sp_report_init(report, run->report->command);
	report->is_read = run->report->is_read;
	run->context->downloads.keep = before.attempts > 0;
	r = run_with_options(run, source, report, &part->decisions);
	run->context->downloads.keep = false;
	if (r == 0)
		r = expect_devices(run, source, report);
	/* What was cut off has no outcome. */
	if (r < 0)
		part->attempts = 0;
	keep_installed(part, &before);
	sp_log_line(run->context->log, "answerfile, line %u, '%s': %s%s", source->line,
		    source->shown, sp_outcome_name(report->exit),
		    report->exit && !source->required ? ", which is not required" : "");
	return r;
}
