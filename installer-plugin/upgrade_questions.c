/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What an operator must have read before a host is overwritten.  Nothing is decided
 * here. */

#include "installer-plugin/upgrade_questions.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "installer-plugin/context.h"
#include "installer-plugin/question.h"
#include "installer-plugin/study.h"

#define NONE ((size_t)-1)

enum { KEY_BYTES = 32 };

static void pack_key(size_t at_hand, char key[KEY_BYTES])
{
	(void)snprintf(key, KEY_BYTES, "p%zu", at_hand);
}

static struct json_object *add_row(struct json_object *rows, const char *key,
				   bool is_heading, char *text, const char *detail)
{
	struct json_object *row = sp_json_object();

	sp_json_set_string(row, "key", key);
	sp_json_set_bool(row, "heading", is_heading);
	sp_question_set_taken(row, "text", text);
	sp_json_set_string(row, "detail", detail);
	sp_json_set_bool(row, "checked", false);
	sp_json_set_bool(row, "fixed", false);
	sp_json_set_bool(row, "plain", key == NULL);
	sp_json_append(rows, row);
	return row;
}

// clang-format off
static const char *const fate_words[] = {
	[SP_FATE_COVERED] = "covered by the new release",
	[SP_FATE_RENEWED] = "renewed by a pack at hand",
	[SP_FATE_OLDER]   = "only an older version is at hand",
	[SP_FATE_UNKNOWN] = "not known",
	[SP_FATE_LOST]    = "LOST",
};
// clang-format on

static void add_devices(struct json_object *rows, const struct sp_study *study,
			size_t pack)
{
	for (size_t i = 0; i < study->verdict.n_devices; i++) {
		const struct sp_upgrade_device *at = &study->verdict.devices[i];
		const struct sp_device *device =
			&study->context->devices.items[at->device];
		const char *role = sp_study_role(study, at);

		if (at->pack != pack)
			continue;
		(void)add_row(rows, NULL, false,
			      sp_text_format("%s%s%s%s %s",
					     at->fate == SP_FATE_LOST ? "LOST: " : "",
					     role, *role ? ": " : "", device->address,
					     device->name ? device->name : "device"),
			      at->evidence);
	}
}

static bool is_offered(const struct json_object *rows, const char *key)
{
	for (size_t i = 0; i < sp_json_length(rows); i++) {
		const char *other = sp_json_get_string(sp_json_at(rows, i), "key");

		if (other && !strcmp(other, key))
			return true;
	}
	return false;
}

/* What is not needed, would do no good or is a step back is not ticked unasked. */
static bool is_ticked(const struct sp_upgrade_pack *at)
{
	return at->fate == SP_FATE_RENEWED || at->fate == SP_FATE_UNKNOWN;
}

/* One pack may renew several; it is offered where it is met first. */
static void add_offer(struct json_object *rows, const struct sp_study *study,
		      const struct sp_upgrade_pack *at)
{
	SP_AUTO(sp_str_freep) char *title = NULL;
	const struct sp_pack *pack;
	char key[KEY_BYTES];
	struct json_object *row;

	if (at->renewed_by == NONE)
		return;
	pack_key(at->renewed_by, key);
	if (is_offered(rows, key))
		return;
	pack = &study->look.packs.items[at->renewed_by];
	title = sp_pack_title(pack);
	row = add_row(rows, key, false,
		      sp_text_format("install '%s' with the upgrade", title ? title : ""),
		      pack->location);
	sp_json_set_bool(row, "checked", is_ticked(at));
}

static struct json_object *make_rows(const struct sp_study *study)
{
	struct json_object *rows = sp_json_array();

	for (size_t i = 0; i < study->verdict.n_packs; i++) {
		const struct sp_upgrade_pack *at = &study->verdict.packs[i];
		const struct sp_old_pack *old = &study->old.packs[at->pack];

		if (!sp_study_is_shown(study, i))
			continue;
		(void)add_row(rows, NULL, true,
			      sp_text_format("%s%s%s: %s", old->label,
					     *old->version ? " " : "", old->version,
					     fate_words[at->fate]),
			      at->advice);
		add_devices(rows, study, at->pack);
		add_offer(rows, study, at);
	}
	return rows;
}

/* What a stop is about: [it would not start][it could not be reached]. */
static const char *const stops[2][2] = {
	{ "", "after the upgrade this host could not be reached any more" },
	{ "after the upgrade this host would not start any more",
	  "after the upgrade this host would not start, or could not be reached, any more" },
};

/* "…could not be reached any more": no capital, no full stop. */
static const char *stop_of(const struct sp_study *study)
{
	bool boot = false, management = false;

	for (size_t i = 0; i < study->verdict.n_devices; i++) {
		const struct sp_upgrade_device *at = &study->verdict.devices[i];

		boot |= at->fate == SP_FATE_LOST && at->is_boot;
		management |= at->fate == SP_FATE_LOST && at->is_management;
	}
	return stops[boot][management];
}

static char *text_of(const struct sp_study *study)
{
	if (study->verdict.stop)
		return sp_text_format(
			"Do not go on: %s. The new release has no driver "
			"for what is marked LOST. Insert the driver disk for "
			"the new release, or go back; nothing was changed "
			"so far.",
			stop_of(study));
	if (study->verdict.exit_code)
		return strdup("The upgrade would lose what is marked LOST. Insert the "
			      "pack for the new release if you need it.");
	return strdup("These packs are on the host that is to be upgraded. What is "
		      "ticked goes to the new one.");
}

struct json_object *sp_upgrade_question_packs(const struct sp_study *study,
					      const struct sp_findings *findings)
{
	struct json_object *json =
		sp_question_new("upgrade", "Packs of the Host to Be Upgraded");
	bool is_loss = sp_study_is_danger(study);

	sp_question_set_taken(json, "text", text_of(study));
	sp_json_set(json, "rows", make_rows(study));
	sp_json_set(json, "findings", sp_findings_to_json(findings));
	sp_json_set_bool(json, "danger", is_loss);
	sp_json_set_string(json, "button", is_loss ? "Go On Without" : "Ok");
	return json;
}

int sp_upgrade_question_chosen(const struct json_object *reply,
			       const struct sp_study *study, bool ret_chosen[],
			       struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv keys = { 0 };
	bool was_answered = sp_json_is_array(sp_json_get(reply, "chosen"));
	int r = sp_json_get_strv(reply, "chosen", &keys, err);

	for (size_t i = 0; r == 0 && i < study->verdict.n_packs; i++) {
		const struct sp_upgrade_pack *at = &study->verdict.packs[i];
		char key[KEY_BYTES];

		if (at->renewed_by == NONE || !sp_study_is_shown(study, i))
			continue;
		pack_key(at->renewed_by, key);
		/* Nobody chose: what was ticked stays so. */
		ret_chosen[at->renewed_by] |=
			was_answered ? sp_strv_has(&keys, key) : is_ticked(at);
	}
	return r;
}

struct json_object *sp_upgrade_question_stop(const struct sp_study *study)
{
	const struct sp_upgrade *verdict = &study->verdict;
	struct json_object *rows = sp_json_array();
	SP_AUTO(sp_str_freep) char *text = NULL;
	struct json_object *json;

	for (size_t i = 0; i < verdict->n_devices; i++) {
		const struct sp_upgrade_device *at = &verdict->devices[i];
		const struct sp_device *device =
			&study->context->devices.items[at->device];
		SP_AUTO(sp_str_freep) char *line = NULL;

		if (at->fate != SP_FATE_LOST || !(at->is_boot || at->is_management))
			continue;
		line = sp_text_format("%s: %s %s", sp_study_role(study, at),
				      device->address, device->name ? device->name : "");
		sp_json_append(rows, line ? sp_json_string(line) : NULL);
	}
	text = sp_text_format("If you go on, %s, and only somebody at the machine can "
			      "help. Nothing will drive:",
			      stop_of(study));
	json = sp_question_confirm("Lose These Drivers?", text ? text : "", rows, true,
				   "Lose Them");
	sp_json_set_bool(json, "danger", true);
	return json;
}
