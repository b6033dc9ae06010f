/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Only words are made here; what they are about is decided in batch.c. */

#include "installer-plugin/install_questions.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/finding.h"
#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/batch.h"
#include "installer-plugin/look.h"
#include "installer-plugin/question.h"

/* ---- packs ------------------------------------------------------------------------------ */

/* The first thing worth knowing: why not, else what to mind, else what it is. */
static const char *detail_of(const struct sp_candidate *candidate,
			     const struct sp_pack *pack)
{
	const struct sp_finding *why = sp_findings_first_refusal(&candidate->findings);

	if (!why)
		why = sp_batch_fault(pack);
	if (!why && candidate->findings.n)
		why = &candidate->findings.items[0];
	if (!why && pack->findings.n)
		why = &pack->findings.items[0];
	if (why)
		return why->text;
	return pack->description ? pack->description : "";
}

static struct json_object *pack_row(const struct sp_candidate *candidate,
				    const struct sp_pack *pack)
{
	struct json_object *row = sp_json_object();
	SP_AUTO(sp_str_freep) char *title = sp_pack_title(pack);
	uint64_t bytes = 0;
	bool verified = pack->n_packages > 0;

	for (size_t i = 0; i < pack->n_packages; i++) {
		bytes += pack->packages[i].size_bytes;
		verified &= pack->packages[i].verified;
	}
	sp_question_set_taken(row, "key", sp_text_format("p%zu", candidate->pack));
	sp_question_set_taken(row, "text",
			      sp_text_format("%s (%llu KiB%s)%s", title ? title : "",
					     (unsigned long long)((bytes + 1023) >> 10),
					     verified ? ", verified" : "",
					     candidate->there ? ", installed" : ""));
	sp_json_set_string(row, "detail", detail_of(candidate, pack));
	sp_json_set_bool(row, "heading", false);
	sp_json_set_bool(row, "checked", candidate->chosen);
	sp_json_set_bool(row, "fixed", candidate->refused);
	return row;
}

static struct json_object *source_row(const struct sp_look_source *source)
{
	struct json_object *row = sp_json_object();

	sp_json_set_string(row, "key", source->location);
	sp_json_set_string(row, "text", source->text);
	sp_json_set_string(row, "detail", source->status);
	sp_json_set_bool(row, "heading", true);
	return row;
}

/* A heading for each medium that holds any, and its packs below it. */
static struct json_object *pack_rows(const struct sp_batch *batch,
				     const struct sp_look *look)
{
	struct json_object *rows = sp_json_array();

	for (size_t i = 0; i < look->n_sources; i++) {
		bool headed = false;

		for (size_t j = 0; j < batch->n; j++) {
			const struct sp_pack *pack =
				&look->packs.items[batch->items[j].pack];

			if (strcmp(pack->location, look->sources[i].location) != 0)
				continue;
			if (!headed)
				sp_json_append(rows, source_row(&look->sources[i]));
			headed = true;
			sp_json_append(rows, pack_row(&batch->items[j], pack));
		}
	}
	return rows;
}

struct json_object *sp_install_question_packs(const struct sp_batch *batch,
					      const struct sp_look *look,
					      const struct sp_findings *findings)
{
	struct json_object *json = sp_question_packs(
		"Supplemental Packs Found", pack_rows(batch, look), look, findings);

	sp_json_set_string(json, "goal", "packs");
	return json;
}

static bool has_key(const struct json_object *chosen, size_t pack)
{
	for (size_t i = 0; i < sp_json_length(chosen); i++) {
		const char *key = sp_json_text(sp_json_at(chosen, i));
		size_t index;

		if (key && sscanf(key, "p%zu", &index) == 1 && index == pack)
			return true;
	}
	return false;
}

void sp_install_question_choose(const struct json_object *reply, struct sp_batch *batch)
{
	const struct json_object *chosen = sp_json_get(reply, "chosen");

	if (!sp_json_is_array(chosen))
		return; /* as they were offered */
	for (size_t i = 0; i < batch->n; i++)
		batch->items[i].chosen =
			!batch->items[i].refused && has_key(chosen, batch->items[i].pack);
}

/* ---- agreed? ------------------------------------------------------------------------------ */

struct json_object *sp_install_question_confirm(const struct sp_batch *batch,
						const struct sp_look *look,
						const char *root)
{
	SP_AUTO(sp_str_freep)
	char *what = sp_text_format("This will be done to '%s':", root);
	struct json_object *rows = sp_json_array();
	bool older = false;

	for (size_t i = 0; i < batch->n; i++) {
		const struct sp_candidate *candidate = &batch->items[i];
		const struct sp_pack *pack = &look->packs.items[candidate->pack];
		SP_AUTO(sp_str_freep) char *title = sp_pack_title(pack);
		SP_AUTO(sp_str_freep)
		char *text = sp_text_format("%s '%s' (%zu packages)",
					    candidate->older   ? "Go back to"
					    : candidate->there ? "Install again"
							       : "Install",
					    title ? title : "", pack->n_packages);

		if (!candidate->chosen)
			continue;
		older |= candidate->older;
		sp_json_append(rows, text ? sp_json_string(text) : NULL);
	}
	return sp_question_confirm("Install These Packs?", what, rows, older, "Install");
}

struct json_object *sp_install_question_licence(const struct sp_pack *pack,
						const char *text)
{
	struct json_object *json = sp_question_new("licence", "Licence Agreement");

	sp_question_set_taken(json, "pack", sp_pack_title(pack));
	sp_json_set_string(json, "text", text);
	return json;
}

/* ---- and then? ---------------------------------------------------------------------------- */

struct json_object *sp_install_question_problem(const char *text,
						const struct sp_findings *findings,
						bool can_retry)
{
	return sp_question_problem("Pack Not Installed", text, findings, can_retry);
}

struct json_object *sp_install_question_missing(const struct sp_findings *missing)
{
	return sp_question_problem(
		"Packs Missing After the Upgrade",
		"The old host had them, and you agreed to install them on the new one. What "
		"they drive may not work until they are there.",
		missing, true);
}

struct json_object *sp_install_question_result(int exit, const struct json_object *rows,
					       const struct sp_findings *findings)
{
	struct json_object *json = sp_question_proof(
		exit ? "Packs Not All Installed" : "Packs Installed",
		exit ? "Not all went into the host:"
		     : "Installed, checked, and on record:",
		exit, sp_json_ref((struct json_object *)(uintptr_t)rows), findings);

	sp_json_set_string(json, "goal", "packs");
	return json;
}
