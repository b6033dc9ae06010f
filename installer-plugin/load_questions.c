/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Sentences an operator reads at three in the morning: what it is, what would happen,
 * and why not.  Nothing is decided here. */

#include "installer-plugin/load_questions.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/finding.h"
#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/context.h"
#include "installer-plugin/machine.h"
#include "installer-plugin/question.h"
#include "installer-plugin/report.h"
#include "probe/device.h"
#include "repo/pack.h"

/* ---- what is there ---------------------------------------------------------------- */

static bool is_trust_code(const char *code)
{
	return code && sp_finding_exit_code(code) == SP_EXIT_UNTRUSTED;
}

/* A row that the operator may tick: what the plan would load, what it would not of its
 * own accord, and what only wants an act of trust. */
static bool can_tick(const struct sp_match *match, const struct sp_pack *pack)
{
	switch (match->verdict) {
	case SP_VERDICT_LOAD:
	case SP_VERDICT_REPLACE:
	case SP_VERDICT_KEEP:
		return true;
	case SP_VERDICT_REFUSED:
		return is_trust_code(match->code) &&
		       sp_trust_can_be_accepted(pack->trust.state);
	case SP_VERDICT_LOADED:
		break;
	}
	return false;
}

static bool has_namesake(const struct sp_machine_plan *made, size_t index,
			 const char *title)
{
	for (size_t i = 0; title && i < made->packs->n; i++) {
		SP_AUTO(sp_str_freep)
		char *other = i != index ? sp_pack_title(&made->packs->items[i]) : NULL;

		if (other && !strcmp(other, title))
			return true;
	}
	return false;
}

/* Packs of one name are told apart by where they lie. */
static char *match_text(const struct sp_machine_plan *made, const struct sp_match *match)
{
	const struct sp_pack *pack = &made->packs->items[match->pack];
	const struct sp_module *module = &pack->modules.items[match->module];
	SP_AUTO(sp_str_freep) char *title = sp_pack_title(pack);
	SP_AUTO(sp_str_freep)
	char *place = has_namesake(made, match->pack, title) ? sp_pack_place(pack) : NULL;

	return sp_text_format("%s%s%s from '%s'%s%s", module->name,
			      module->version ? " " : "",
			      module->version ? module->version : "", title ? title : "",
			      place ? " at " : "", place ? place : "");
}

static bool is_loading(const struct sp_match *match)
{
	return match->verdict == SP_VERDICT_LOAD || match->verdict == SP_VERDICT_REPLACE;
}

static bool was_ticked(const struct sp_machine_plan *made, const struct sp_match *match)
{
	const struct sp_pack *pack = &made->packs->items[match->pack];

	return sp_plan_choices_have(made->choices, match->address, sp_plan_pack_key(pack),
				    pack->modules.items[match->module].name);
}

/* Would a device go without a driver but for this row? */
static bool is_only_hope(const struct sp_machine_plan *made, const struct sp_match *match)
{
	for (size_t i = 0; i < made->plan.n_matches; i++) {
		const struct sp_match *other = &made->plan.matches[i];

		if (other != match && other->device == match->device &&
		    can_tick(other, &made->packs->items[other->pack]))
			return false;
	}
	return true;
}

/* As the operator left it; else as the plan has it, and ticked if it wants an act of trust
 * and there is nothing else.  Between equals nobody but the operator decides. */
static bool is_checked(const struct sp_machine_plan *made, const struct sp_match *match)
{
	if (match->is_tied || !can_tick(match, &made->packs->items[match->pack]))
		return false;
	if (made->choices)
		return was_ticked(made, match);
	return is_loading(match) ||
	       (is_trust_code(match->code) && is_only_hope(made, match));
}

static char *detail_of(const struct sp_machine_plan *made, const struct sp_match *match)
{
	if (match->is_tied)
		return strdup("It claims the device as well as another does: choose one "
			      "of them.");
	return is_loading(match) ? sp_plan_match_text(match, &made->input)
				 : strdup(match->reason);
}

static struct json_object *match_row(const struct sp_machine_plan *made, size_t index)
{
	const struct sp_match *match = &made->plan.matches[index];
	const struct sp_pack *pack = &made->packs->items[match->pack];
	struct json_object *row = sp_json_object();

	sp_question_set_taken(row, "key", sp_text_format("m%zu", index));
	sp_question_set_taken(row, "text", match_text(made, match));
	sp_question_set_taken(row, "detail", detail_of(made, match));
	sp_json_set_bool(row, "heading", false);
	sp_json_set_bool(row, "checked", is_checked(made, match));
	sp_json_set_bool(row, "fixed", !can_tick(match, pack));
	return row;
}

static struct json_object *device_row(const struct sp_device *device)
{
	struct json_object *row = sp_json_object();

	sp_json_set_string(row, "key", device->address);
	sp_question_set_taken(row, "text", sp_question_device_text(device));
	sp_json_set_string(row, "detail", "");
	sp_json_set_bool(row, "heading", true);
	return row;
}

struct json_object *sp_load_question_packs(const struct sp_machine_plan *made,
					   const struct sp_look *look,
					   const struct sp_findings *findings)
{
	struct json_object *rows = sp_json_array();
	const char *address = NULL;

	for (size_t i = 0; i < made->plan.n_matches; i++) {
		const struct sp_match *match = &made->plan.matches[i];

		if (address != match->address)
			sp_json_append(
				rows,
				device_row(&made->context->devices.items[match->device]));
		address = match->address;
		sp_json_append(rows, match_row(made, i));
	}
	return sp_question_packs("Drivers Found", rows, look, findings);
}

static int add_choice(const struct sp_machine_plan *made, size_t index,
		      struct sp_plan_choices *choices, struct sp_error *err)
{
	const struct sp_match *match = &made->plan.matches[index];
	const struct sp_pack *pack = &made->packs->items[match->pack];
	struct sp_plan_choice *choice = sp_array_add(&choices->items, &choices->n);

	if (!choice)
		return sp_error_nomem(err);
	choice->address = strdup(match->address);
	choice->pack = strdup(sp_plan_pack_key(pack));
	choice->module = strdup(pack->modules.items[match->module].name);
	return choice->address && choice->pack && choice->module ? 0
								 : sp_error_nomem(err);
}

int sp_load_question_choices(const struct json_object *reply,
			     const struct sp_machine_plan *made,
			     struct sp_plan_choices *ret_choices, struct sp_error *err)
{
	const struct json_object *chosen = sp_json_get(reply, "chosen");

	for (size_t i = 0; i < sp_json_length(chosen); i++) {
		const char *key = sp_json_text(sp_json_at(chosen, i));
		size_t index;
		int r;

		if (!key || sscanf(key, "m%zu", &index) != 1 ||
		    index >= made->plan.n_matches)
			continue;
		r = add_choice(made, index, ret_choices, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- agreed? ------------------------------------------------------------------------ */

static void add_file_rows(struct json_object *rows, const struct sp_machine_plan *made)
{
	for (size_t i = 0; i < made->install.n_files; i++) {
		const struct sp_closure_file *file = &made->install.files[i];
		const struct sp_package *package =
			&made->packs->items[file->pack].packages[file->package];
		SP_AUTO(sp_str_freep)
		char *text =
			sp_text_format("Place /%s (%llu KiB)", file->path,
				       (unsigned long long)(package->size_bytes / 1024));

		sp_json_append(rows, text ? sp_json_string(text) : NULL);
	}
}

static struct json_object *action_rows(const struct sp_machine_plan *made)
{
	const struct sp_plan *plan = &made->plan;
	struct json_object *rows = sp_json_array();

	add_file_rows(rows, made);
	for (size_t i = 0; i < made->install.n; i++) {
		const struct sp_package *package =
			&made->packs->items[made->install.items[i].pack]
				 .packages[made->install.items[i].package];
		SP_AUTO(sp_str_freep) char *nevra = sp_package_nevra(package);
		SP_AUTO(sp_str_freep)
		char *text =
			sp_text_format("Install %s (%llu KiB)", nevra ? nevra : "",
				       (unsigned long long)(package->size_bytes / 1024));

		sp_json_append(rows, text ? sp_json_string(text) : NULL);
	}
	for (size_t i = 0; i < plan->n_modules; i++) {
		const struct sp_module *module =
			&made->packs->items[plan->modules[i].pack]
				 .modules.items[plan->modules[i].module];
		SP_AUTO(sp_str_freep)
		char *text = sp_text_format("Load module %s%s%s", module->name,
					    module->version ? " " : "",
					    module->version ? module->version : "");

		sp_json_append(rows, text ? sp_json_string(text) : NULL);
	}
	return rows;
}

static void add_device_rows(struct json_object *rows, const struct sp_machine_plan *made,
			    bool *ret_replaces)
{
	const struct sp_plan *plan = &made->plan;

	for (size_t i = 0; i < plan->n_matches; i++) {
		const struct sp_match *match = &plan->matches[i];
		SP_AUTO(sp_str_freep) char *text = NULL;

		if (match->verdict == SP_VERDICT_LOAD)
			text = sp_text_format("Wait until %s is driven", match->address);
		else if (match->verdict == SP_VERDICT_REPLACE)
			text = sp_text_format("Take %s from '%s' and give it to the new "
					      "driver",
					      match->address, match->current_driver);
		else
			continue;
		*ret_replaces |= match->verdict == SP_VERDICT_REPLACE;
		sp_json_append(rows, text ? sp_json_string(text) : NULL);
	}
}

struct json_object *sp_load_question_confirm(const struct sp_machine_plan *made,
					     bool live)
{
	struct json_object *rows = action_rows(made);
	struct json_object *json;
	bool replaces = false;

	add_device_rows(rows, made, &replaces);
	json = sp_question_confirm(
		"Load These Drivers?",
		live ? "This will be done now:"
		     : "This is a recorded machine. On the real one this would "
		       "be done:",
		rows, replaces, live ? "Load" : "Ok");
	sp_json_set_string(json, "digest", made->plan.digest);
	return json;
}

/* ---- and then? ------------------------------------------------------------------------ */

struct json_object *sp_load_question_problem(int exit, const struct sp_findings *findings)
{
	SP_AUTO(sp_str_freep)
	char *text = sp_text_format("Nothing was loaded: %s.", sp_outcome_text(exit));

	if (exit == SP_EXIT_DONE)
		return sp_question_problem("Nothing To Load",
					   "Every device that these drivers are for is "
					   "driven already.",
					   findings, true);
	return sp_question_problem("Drivers Not Loaded", text, findings, true);
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

static struct json_object *proof_rows(const struct sp_report *report)
{
	const struct json_object *proof = sp_json_get(report->body, "proof");
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

struct json_object *sp_load_question_proof(const struct sp_report *report)
{
	return sp_question_proof(report->exit ? "Drivers Not Working" : "Drivers Working",
				 report->exit
					 ? "What was loaded does not drive its device:"
					 : "Loaded, and seen to work:",
				 report->exit, proof_rows(report), &report->findings);
}
