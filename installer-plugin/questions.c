/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Sentences an operator reads at three in the morning: what it is, what would happen,
 * and why not.  Nothing is decided here. */

#include "installer-plugin/questions.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/context.h"
#include "installer-plugin/look.h"
#include "installer-plugin/machine.h"
#include "installer-plugin/report.h"
#include "probe/device.h"
#include "probe/media.h"
#include "repo/pack.h"

enum { FINGERPRINT_DIGITS = 40 };

static struct json_object *question(const char *ask, const char *title)
{
	struct json_object *json = sp_json_object();

	sp_json_set_string(json, "ask", ask);
	sp_json_set_string(json, "title", title);
	return json;
}

/* Takes @text over. */
static void set_taken(struct json_object *json, const char *key, char *text)
{
	sp_json_set(json, key, text ? sp_json_string(text) : NULL);
	free(text);
}

/* ---- where to look -------------------------------------------------------------- */

static char *device_text(const struct sp_device *device)
{
	return sp_text_format("%s %s, %s: %s%s", device->address,
			      device->name ? device->name : "unknown device",
			      sp_device_kind_name(device->kind),
			      device->driver ? "driven by " : "no driver",
			      device->driver ? device->driver : "");
}

static struct json_object *orphans(const struct sp_device_list *devices)
{
	struct json_object *array = sp_json_array();

	for (size_t i = 0; i < devices->n; i++)
		if (sp_device_is_orphan(&devices->items[i])) {
			SP_AUTO(sp_str_freep)
			char *text = device_text(&devices->items[i]);

			sp_json_append(array, text ? sp_json_string(text) : NULL);
		}
	return array;
}

static struct json_object *medium_row(const struct sp_medium *medium)
{
	struct json_object *row = sp_json_object();

	sp_json_set_string(row, "location", medium->path);
	set_taken(row, "text", sp_medium_describe(medium));
	sp_json_set_string(row, "hint",
			   medium->is_hint ? "labelled for driver disks" : "");
	return row;
}

struct json_object *sp_question_source(const struct sp_media *media,
				       const struct sp_device_list *devices,
				       const struct sp_source_memory *memory)
{
	struct json_object *json = question("source", "Load Driver");
	struct json_object *rows = sp_json_array();

	for (size_t i = 0; i < media->n; i++)
		sp_json_append(rows, medium_row(&media->items[i]));
	sp_json_set(json, "media", rows);
	sp_json_set(json, "orphans", orphans(devices));
	sp_json_set_string(json, "typed", memory->typed ? memory->typed : "");
	sp_json_set_string(json, "chosen",
			   memory->chosen  ? memory->chosen
			   : memory->typed ? ""
					   : "local");
	return json;
}

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

static char *match_text(const struct sp_match *match, const struct sp_pack *pack)
{
	const struct sp_module *module = &pack->modules.items[match->module];
	SP_AUTO(sp_str_freep) char *title = sp_pack_title(pack);

	return sp_text_format("%s%s%s from '%s'", module->name,
			      module->version ? " " : "",
			      module->version ? module->version : "", title ? title : "");
}

static struct json_object *match_row(const struct sp_machine_plan *made, size_t index)
{
	const struct sp_match *match = &made->plan.matches[index];
	const struct sp_pack *pack = &made->packs->items[match->pack];
	struct json_object *row = sp_json_object();
	bool load =
		match->verdict == SP_VERDICT_LOAD || match->verdict == SP_VERDICT_REPLACE;

	set_taken(row, "key", sp_text_format("m%zu", index));
	set_taken(row, "text", match_text(match, pack));
	if (load)
		set_taken(row, "detail", sp_plan_match_text(match, &made->input));
	else
		sp_json_set_string(row, "detail", match->reason);
	sp_json_set_bool(row, "heading", false);
	sp_json_set_bool(row, "checked",
			 load || (is_trust_code(match->code) && can_tick(match, pack)));
	sp_json_set_bool(row, "fixed", !can_tick(match, pack));
	return row;
}

static struct json_object *device_row(const struct sp_device *device)
{
	struct json_object *row = sp_json_object();

	sp_json_set_string(row, "key", device->address);
	set_taken(row, "text", device_text(device));
	sp_json_set_string(row, "detail", "");
	sp_json_set_bool(row, "heading", true);
	return row;
}

static struct json_object *sources(const struct sp_look *look)
{
	struct json_object *array = sp_json_array();

	for (size_t i = 0; i < look->n_sources; i++) {
		struct json_object *row = sp_json_object();

		sp_json_set_string(row, "location", look->sources[i].location);
		sp_json_set_string(row, "text", look->sources[i].text);
		sp_json_set_string(row, "status", look->sources[i].status);
		sp_json_append(array, row);
	}
	return array;
}

struct json_object *sp_question_packs(const struct sp_machine_plan *made,
				      const struct sp_look *look,
				      const struct sp_findings *findings)
{
	struct json_object *json = question("packs", "Drivers Found");
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
	sp_json_set(json, "rows", rows);
	sp_json_set(json, "findings", sp_findings_to_json(findings));
	sp_json_set(json, "sources", sources(look));
	return json;
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

int sp_question_packs_choices(const struct json_object *reply,
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

/* ---- trust ------------------------------------------------------------------------- */

/* Signed by a key that is nowhere at hand: the signature says nothing then. */
static bool is_unchecked(const struct sp_trust *trust)
{
	return trust->state == SP_TRUST_UNKNOWN_KEY &&
	       (!trust->key || strlen(trust->key) < FINGERPRINT_DIGITS);
}

struct json_object *sp_question_trust(const struct sp_pack *pack, const char *code)
{
	struct json_object *json = question("trust", "Not Trusted");

	set_taken(json, "pack", sp_pack_title(pack));
	sp_json_set_string(json, "location", pack->location);
	sp_json_set_string(json, "state", sp_trust_state_name(pack->trust.state));
	sp_json_set_string(json, "key", pack->trust.key);
	sp_json_set_string(json, "user_id", pack->trust.user_id);
	set_taken(json, "text",
		  sp_text_format("Not trusted: %s.",
				 pack->trust.detail ? pack->trust.detail : "no reason"));
	sp_json_set_string(json, "advice",
			   is_unchecked(&pack->trust)
				   ? "Nothing shows that this pack is as its vendor made "
				     "it: go back and get the vendor's key, or use it as "
				     "if nobody had signed it."
				   : sp_finding_advice(code));
	return json;
}

/* ---- agreed? ------------------------------------------------------------------------ */

static struct json_object *action_rows(const struct sp_machine_plan *made)
{
	const struct sp_plan *plan = &made->plan;
	struct json_object *rows = sp_json_array();

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

struct json_object *sp_question_confirm(const struct sp_machine_plan *made, bool live)
{
	struct json_object *json = question("confirm", "Load These Drivers?");
	struct json_object *rows = action_rows(made);
	bool replaces = false;

	add_device_rows(rows, made, &replaces);
	sp_json_set(json, "rows", rows);
	sp_json_set_string(
		json, "text",
		live ? "This will be done now:"
		     : "This is a recorded machine. On the real one this would "
		       "be done:");
	sp_json_set_string(json, "digest", made->plan.digest);
	sp_json_set_string(json, "default", replaces ? "back" : "next");
	sp_json_set_bool(json, "danger", false);
	sp_json_set_string(json, "button", live ? "Load" : "Ok");
	return json;
}

/* ---- and then? ------------------------------------------------------------------------ */

struct json_object *sp_question_problem(int exit, const struct sp_findings *findings,
					bool can_retry)
{
	struct json_object *json = question("problem", "Drivers Not Loaded");

	set_taken(json, "text",
		  sp_text_format("Nothing was loaded: %s.", sp_outcome_text(exit)));
	sp_json_set(json, "findings", sp_findings_to_json(findings));
	sp_json_set_bool(json, "retry", can_retry);
	return json;
}

struct json_object *sp_question_proof(const struct sp_report *report,
				      const struct json_object *rows)
{
	struct json_object *json = question("proof", report->exit ? "Drivers Not Working"
								  : "Drivers Working");

	sp_json_set_string(json, "outcome", sp_outcome_name(report->exit));
	sp_json_set_int(json, "exit", report->exit);
	sp_json_set_string(json, "text",
			   report->exit ? "What was loaded does not drive its device:"
					: "Loaded, and seen to work:");
	sp_json_set(json, "rows", sp_json_ref((struct json_object *)(uintptr_t)rows));
	sp_json_set(json, "findings", sp_findings_to_json(&report->findings));
	sp_json_set_bool(json, "more", true);
	return json;
}
