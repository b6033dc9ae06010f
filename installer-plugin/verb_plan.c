/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `suppack plan`: what loading these packs here would do, and why or why not.  Changes
 * nothing, asks nobody. */

#include "installer-plugin/verb.h"

#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/context.h"
#include "installer-plugin/log.h"
#include "installer-plugin/look.h"
#include "installer-plugin/machine.h"
#include "installer-plugin/operator_policy.h"
#include "installer-plugin/report.h"

static int add_matches(struct sp_report *report, const struct sp_machine_plan *made,
		       struct sp_error *err)
{
	for (size_t i = 0; i < made->plan.n_matches; i++) {
		SP_AUTO(sp_str_freep)
		char *text = sp_plan_match_text(&made->plan.matches[i], &made->input);

		if (!text)
			return sp_error_nomem(err);
		sp_strbuf_add(&report->text, "%s\n", text);
	}
	sp_json_set(report->body, "matches",
		    sp_plan_matches_to_json(&made->plan, &made->input));
	sp_json_set_string(report->body, "plan", made->plan.digest);
	return 0;
}

static void add_actions(struct sp_report *report, const struct sp_machine_plan *made)
{
	struct json_object *install = sp_json_array();
	struct json_object *place = sp_json_array();
	struct json_object *load = sp_json_array();

	for (size_t i = 0; i < made->install.n_files; i++) {
		SP_AUTO(sp_str_freep)
		char *path = sp_text_format("/%s", made->install.files[i].path);

		sp_json_append(place, path ? sp_json_string(path) : NULL);
		sp_strbuf_add(&report->text, "would place %s\n", path ? path : "");
	}
	for (size_t i = 0; i < made->install.n; i++) {
		const struct sp_closure_item *at = &made->install.items[i];
		SP_AUTO(sp_str_freep)
		char *nevra = sp_package_nevra(
			&made->packs->items[at->pack].packages[at->package]);

		sp_json_append(install, nevra ? sp_json_string(nevra) : NULL);
		sp_strbuf_add(&report->text, "would install %s\n", nevra ? nevra : "");
	}
	for (size_t i = 0; i < made->plan.n_modules; i++) {
		const struct sp_plan_module *at = &made->plan.modules[i];
		const struct sp_module *module =
			&made->packs->items[at->pack].modules.items[at->module];

		sp_json_append(load, sp_json_string(module->name));
		sp_strbuf_add(&report->text, "would load %s\n", module->name);
	}
	sp_json_set(report->body, "place", place);
	sp_json_set(report->body, "install", install);
	sp_json_set(report->body, "load", load);
}

static int fill(struct sp_context *context, struct sp_report *report,
		const struct sp_look *look, struct sp_machine_plan *made,
		struct sp_error *err)
{
	int r = add_matches(report, made, err);

	add_actions(report, made);
	sp_report_add_packs(report, &look->packs);
	if (r == 0)
		r = sp_look_findings(look, &report->findings, err);
	if (r == 0)
		r = sp_findings_move(&report->findings, &made->plan.findings, err);
	report->exit = look->exit;
	if (look->packs.n)
		report->exit = sp_outcome_worse(report->exit, made->plan.exit_code);
	sp_log_findings(context->log, &report->findings);
	return r;
}

int sp_verb_plan(struct sp_context *context, struct sp_report *report,
		 struct sp_error *err)
{
	SP_AUTO(sp_look_done) struct sp_look look = { 0 };
	SP_AUTO(sp_accept_done) struct sp_accept accept = { 0 };
	SP_AUTO(sp_machine_plan_done)
	struct sp_machine_plan made = {
		.context = context,
		.packs = &look.packs,
		.accept = &accept,
		.replace = &context->options->replace,
	};
	SP_AUTO(sp_operator_freep) struct sp_operator *op = NULL;
	int r = sp_operator_policy_new(context->log, false, &op, err);

	if (r == 0)
		r = sp_context_read_machine(context, err);
	if (r == 0)
		r = sp_context_accept(context, &accept, err);
	if (r == 0)
		r = sp_context_read_installed(context, op, err);
	context->for_loading = true;
	context->accept = &accept;
	if (r == 0)
		r = sp_look_at(context, &context->options->arguments, op, &look, err);
	context->for_loading = false;
	context->accept = NULL;
	if (r == 0)
		r = sp_machine_plan_make(&made, err);
	return r < 0 ? r : fill(context, report, &look, &made, err);
}
