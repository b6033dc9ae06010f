/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Sentences an operator reads at three in the morning.  Nothing is decided here. */

#include "installer-plugin/question.h"

#include <stdlib.h>
#include <string.h>

#include "base/finding.h"
#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/look.h"
#include "probe/device.h"
#include "probe/media.h"
#include "repo/pack.h"

enum { FINGERPRINT_DIGITS = 40 };

struct json_object *sp_question_new(const char *kind, const char *title)
{
	struct json_object *json = sp_json_object();

	sp_json_set_string(json, "ask", kind);
	sp_json_set_string(json, "title", title);
	return json;
}

void sp_question_set_taken(struct json_object *json, const char *key, char *text)
{
	sp_json_set(json, key, text ? sp_json_string(text) : NULL);
	free(text);
}

/* ---- where to look -------------------------------------------------------------- */

char *sp_question_device_text(const struct sp_device *device)
{
	SP_AUTO(sp_str_freep) char *title = sp_device_title(device);

	return sp_text_format("%s %s: %s%s", device->address, title ? title : "",
			      device->driver ? "driven by " : "no driver",
			      device->driver ? device->driver : "");
}

static struct json_object *orphans(const struct sp_device_list *devices)
{
	struct json_object *array = sp_json_array();

	for (size_t i = 0; devices && i < devices->n; i++)
		if (sp_device_is_orphan(&devices->items[i])) {
			SP_AUTO(sp_str_freep)
			char *text = sp_question_device_text(&devices->items[i]);

			sp_json_append(array, text ? sp_json_string(text) : NULL);
		}
	return array;
}

static struct json_object *medium_row(const struct sp_medium *medium)
{
	struct json_object *row = sp_json_object();

	sp_json_set_string(row, "location", medium->path);
	sp_question_set_taken(row, "text", sp_medium_describe(medium));
	sp_json_set_string(row, "hint",
			   medium->is_hint ? "labelled for driver disks" : "");
	return row;
}

static struct json_object *prepared_row(const char *path)
{
	struct json_object *row = sp_json_object();

	sp_json_set_string(row, "location", path);
	sp_json_set_string(row, "text", "Packs that came with the installer");
	sp_json_set_string(row, "hint", "prepared for this machine");
	return row;
}

struct json_object *sp_question_source(const char *title, const struct sp_media *media,
				       const struct sp_device_list *devices,
				       const struct sp_source_memory *memory)
{
	struct json_object *json = sp_question_new("source", title);
	struct json_object *rows = sp_json_array();

	if (memory->prepared)
		sp_json_append(rows, prepared_row(memory->prepared));
	/* What was prepared for this is offered first. */
	for (size_t i = 0; i < media->n; i++)
		if (media->items[i].is_hint)
			sp_json_append(rows, medium_row(&media->items[i]));
	for (size_t i = 0; i < media->n; i++)
		if (!media->items[i].is_hint)
			sp_json_append(rows, medium_row(&media->items[i]));
	sp_json_set(json, "media", rows);
	sp_json_set_string(json, "goal", devices ? "drivers" : "packs");
	sp_json_set(json, "orphans", orphans(devices));
	sp_json_set_string(json, "typed", memory->typed ? memory->typed : "");
	if (memory->address) {
		struct json_object *server = sp_json_object();

		sp_json_set_string(server, "protocol", memory->protocol);
		sp_json_set_string(server, "address", memory->address);
		sp_json_set_string(server, "user", memory->user);
		sp_json_set(json, "server", server);
	}
	sp_json_set_string(json, "chosen",
			   memory->chosen     ? memory->chosen
			   : memory->address  ? ""
			   : memory->typed    ? ""
			   : memory->prepared ? memory->prepared
					      : "local");
	return json;
}

/* ---- what is there, and may it be used? ---------------------------------------------- */

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

struct json_object *sp_question_packs(const char *title, struct json_object *rows,
				      const struct sp_look *look,
				      const struct sp_findings *findings)
{
	struct json_object *json = sp_question_new("packs", title);

	sp_json_set(json, "rows", rows);
	sp_json_set(json, "findings", sp_findings_to_json(findings));
	sp_json_set(json, "sources", sources(look));
	sp_json_set_bool(json, "verify", look->packs.n > 0);
	return json;
}

static bool has_text(const struct json_object *array, const char *text)
{
	for (size_t i = 0; i < sp_json_length(array); i++) {
		const char *at = sp_json_text(sp_json_at(array, i));

		if (at && text && !strcmp(at, text))
			return true;
	}
	return false;
}

void sp_question_keep_ticks(struct json_object *question, struct json_object **reply)
{
	SP_AUTO(sp_json_freep) struct json_object *taken = sp_steal(*reply);
	const struct json_object *rows = sp_json_get(question, "rows");
	const struct json_object *chosen = sp_json_get(taken, "chosen");

	if (!sp_json_is_array(chosen))
		return;
	for (size_t i = 0; i < sp_json_length(rows); i++) {
		struct json_object *row = sp_json_at(rows, i);

		if (!sp_json_get_bool(row, "fixed", false))
			sp_json_set_bool(
				row, "checked",
				has_text(chosen, sp_json_get_string(row, "key")));
	}
	sp_json_set_string(question, "cursor", sp_json_get_string(taken, "cursor"));
}

/* Signed by a key that is nowhere at hand: the signature says nothing then. */
static bool is_unchecked(const struct sp_trust *trust)
{
	return trust->state == SP_TRUST_UNKNOWN_KEY &&
	       (!trust->key || strlen(trust->key) < FINGERPRINT_DIGITS);
}

struct json_object *sp_question_trust(const struct sp_pack *pack, const char *code)
{
	struct json_object *json = sp_question_new("trust", "Not Trusted");

	sp_question_set_taken(json, "pack", sp_pack_title(pack));
	sp_json_set_string(json, "location", pack->location);
	sp_json_set_string(json, "state", sp_trust_state_name(pack->trust.state));
	sp_json_set_string(json, "key", pack->trust.key);
	sp_json_set_string(json, "user_id", pack->trust.user_id);
	sp_question_set_taken(
		json, "text",
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

/* ---- agreed, and then? -------------------------------------------------------------- */

struct json_object *sp_question_confirm(const char *title, const char *text,
					struct json_object *rows, bool is_risky,
					const char *button)
{
	struct json_object *json = sp_question_new("confirm", title);

	sp_json_set(json, "rows", rows);
	sp_json_set_string(json, "text", text);
	sp_json_set_string(json, "default", is_risky ? "back" : "next");
	sp_json_set_bool(json, "danger", false);
	sp_json_set_string(json, "button", button);
	return json;
}

struct json_object *sp_question_problem(const char *title, const char *text,
					const struct sp_findings *findings,
					bool can_retry)
{
	struct json_object *json = sp_question_new("problem", title);

	sp_json_set_string(json, "text", text);
	sp_json_set(json, "findings", sp_findings_to_json(findings));
	sp_json_set_bool(json, "retry", can_retry);
	return json;
}

struct json_object *sp_question_proof(const char *title, const char *text, int exit,
				      struct json_object *rows,
				      const struct sp_findings *findings)
{
	struct json_object *json = sp_question_new("proof", title);

	sp_json_set_string(json, "outcome", sp_outcome_name(exit));
	sp_json_set_int(json, "exit", exit);
	sp_json_set_string(json, "text", text);
	sp_json_set(json, "rows", rows);
	sp_json_set(json, "findings", sp_findings_to_json(findings));
	sp_json_set_bool(json, "more", true);
	return json;
}
