/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Loaded in a privileged child, as drivers are: a module's start may hang. */

#include "installer-plugin/extra_modules.h"

#include <string.h>

#include "base/json.h"
#include "base/outcome.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/log.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/report.h"
#include "plan/usable.h"
#include "probe/load.h"

enum { MODULE_MS = 60 * 1000 };

struct loading {
	const struct sp_strv *modules;
	const char *release;
	struct sp_load_result result;
};

static void loading_done(struct loading *loading)
{
	sp_load_result_done(&loading->result);
}

static int load_in_worker(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct loading *loading = arg;
	SP_AUTO(sp_load_result_done) struct sp_load_result result = { 0 };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < loading->modules->n; i++)
		r = sp_load_module(loading->modules->items[i], loading->release, &result,
				   err);
	return r < 0 ? r : sp_outlet_send(outlet, sp_load_result_to_json(&result), err);
}

static int take(void *user, struct json_object *message, struct sp_error *err)
{
	struct loading *loading = user;

	sp_load_result_done(&loading->result);
	loading->result = (struct sp_load_result){ 0 };
	return sp_load_result_from_json(message, &loading->result, err);
}

static int load(struct sp_context *context, struct sp_operator *op,
		struct sp_report *report, struct sp_error *err)
{
	SP_AUTO(loading_done)
	struct loading loading = { &context->boot.extramodules,
				   context->kernel.release,
				   { 0 } };
	struct sp_patience patience = sp_operator_patience(op);
	struct sp_worker_job job = {
		.what = "loading the modules of the command line",
		.run = load_in_worker,
		.arg = &loading,
		.on_message = take,
		.user = &loading,
		.flags = SP_WORKER_PRIVILEGED,
		.limits = { .deadline_ms = (unsigned)loading.modules->n * MODULE_MS },
	};
	struct json_object *loaded = sp_json_array();
	int r = sp_worker_run(&job, &patience, err);

	for (size_t i = 0; r == 0 && i < loading.result.n; i++) {
		const struct sp_load_step *step = &loading.result.steps[i];

		sp_log_line(context->log, "extramodules: '%s' is %s", step->module,
			    sp_load_state_name(step->state));
		if (step->state == SP_LOAD_LOADED)
			sp_json_append(loaded, sp_json_string(step->module));
	}
	sp_json_set(report->body, "loaded", loaded);
	return r < 0 ? r
		     : sp_findings_move(&report->findings, &loading.result.findings, err);
}

static bool list_has(const struct sp_strv *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (sp_usable_is_module(list->items[i], name))
			return true;
	return false;
}

static int look_for(const struct sp_context *context, const char *name,
		    struct sp_report *report, struct sp_error *err)
{
	const struct sp_kernel *kernel = &context->kernel;

	if (list_has(&kernel->loaded, name) || list_has(&kernel->builtin, name) ||
	    list_has(&kernel->available, name))
		return 0;
	return sp_findings_add(&report->findings, "load-missing-module", name, err,
			       "this system has no module '%s', which the command line "
			       "wants loaded",
			       name);
}

int sp_extra_modules_load(struct sp_context *context, struct sp_operator *op,
			  struct sp_report *report, struct sp_error *err)
{
	const struct sp_strv *modules = &context->boot.extramodules;
	size_t before = report->findings.n;
	bool live = sp_context_is_live(context);
	int r = 0;

	if (modules->n && live)
		r = load(context, op, report, err);
	for (size_t i = 0; r == 0 && !live && i < modules->n; i++)
		r = look_for(context, modules->items[i], report, err);
	for (size_t i = before; i < report->findings.n; i++)
		if (sp_finding_weight(report->findings.items[i].code) ==
		    SP_WEIGHT_REFUSAL)
			report->exit =
				sp_outcome_worse(report->exit, SP_EXIT_LOAD_FAILED);
	return r;
}
