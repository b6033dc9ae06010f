/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is asked before packages are verified, and said after it; of both flows. */

#include "installer-plugin/verify.h"

#include <string.h>

#include "base/json.h"
#include "base/worker.h"
#include "installer-plugin/look.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/question.h"

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static const char *is_or_are(size_t n)
{
	return n == 1 ? "is" : "are";
}

static unsigned long long kib(uint64_t bytes)
{
	return (unsigned long long)((bytes + 1023) >> 10);
}

/* ---- what is not here ----------------------------------------------------------------- */

static struct json_object *unfetched_rows(const struct sp_look *look)
{
	struct json_object *rows = sp_json_array();

	for (size_t i = 0; i < look->packs.n; i++) {
		const struct sp_pack *pack = &look->packs.items[i];
		struct sp_verify_count count = sp_verify_count_pack(pack);
		SP_AUTO(sp_str_freep) char *title = sp_pack_title(pack);
		SP_AUTO(sp_str_freep)
		char *text = sp_text_format("'%s': %zu package%s, %llu KiB, at %s",
					    title ? title : "", count.unfetched,
					    plural(count.unfetched),
					    kib(count.unfetched_bytes), pack->location);

		if (count.unfetched)
			sp_json_append(rows, text ? sp_json_string(text) : NULL);
	}
	return rows;
}

static struct json_object *fetch_question(const struct sp_look *look)
{
	struct json_object *json = sp_question_confirm(
		"Fetch the Rest?",
		"These packages hold nothing for the running kernel, and were not fetched "
		"from their server. They can be verified only when they are here:",
		unfetched_rows(look), false, "Fetch");

	sp_json_set_string(json, "other", "Do Not Fetch");
	return json;
}

/* ---- what came of it ------------------------------------------------------------------ */

static void add_row(struct json_object *rows, char *text, bool ok)
{
	struct json_object *row = sp_json_object();

	sp_question_set_taken(row, "text", text);
	sp_json_set_bool(row, "ok", ok);
	sp_json_append(rows, row);
}

/* What digests are worth without a signature that counts. */
static void add_trust(struct sp_strbuf *text, const struct sp_pack *pack)
{
	if (pack->trust.state != SP_TRUST_TRUSTED)
		sp_strbuf_add(text, "; the pack is not trusted: %s",
			      sp_trust_state_name(pack->trust.state));
}

static char *pack_text(const struct sp_pack *pack, const struct sp_verify_count *count)
{
	SP_AUTO(sp_str_freep) char *title = sp_pack_title(pack);
	struct sp_strbuf text = { 0 };

	sp_strbuf_add(&text, "'%s': ", title ? title : "");
	if (!count->packages)
		sp_strbuf_add(&text, "what packages it has is not known");
	else if (count->bad)
		sp_strbuf_add(&text, "%zu of %zu package%s bad", count->bad,
			      count->packages, plural(count->packages));
	else
		sp_strbuf_add(&text, "%zu package%s good, %llu KiB", count->good,
			      plural(count->good), kib(count->good_bytes));
	if (count->signed_)
		sp_strbuf_add(&text, ", %zu signed by a trusted key", count->signed_);
	if (count->unfetched)
		sp_strbuf_add(&text, ", %zu not fetched", count->unfetched);
	add_trust(&text, pack);
	return sp_strbuf_take(&text);
}

static bool is_sound(const struct sp_pack *pack, const struct sp_verify_count *count)
{
	return count->packages && !count->bad && !sp_findings_exit_code(&pack->findings);
}

static struct json_object *result_rows(const struct sp_verified *verified)
{
	struct json_object *rows = sp_json_array();

	for (size_t i = 0; i < verified->packs.n; i++) {
		const struct sp_pack *pack = &verified->packs.items[i];
		struct sp_verify_count count = sp_verify_count_pack(pack);

		add_row(rows, pack_text(pack, &count), is_sound(pack, &count));
	}
	return rows;
}

/* Each names its pack, which on its own it does not. */
static int all_findings(const struct sp_verified *verified, struct sp_findings *findings,
			struct sp_error *err)
{
	int r = sp_findings_copy(findings, &verified->findings, err);

	for (size_t i = 0; r == 0 && i < verified->packs.n; i++) {
		const struct sp_pack *pack = &verified->packs.items[i];
		SP_AUTO(sp_str_freep) char *title = sp_pack_title(pack);

		for (size_t k = 0; r == 0 && k < pack->findings.n; k++) {
			const struct sp_finding *at = &pack->findings.items[k];

			r = sp_findings_add(findings, at->code, at->about, err,
					    "'%.80s': %s", title ? title : "", at->text);
		}
	}
	return r;
}

static char *result_text(const struct sp_look *look, const struct sp_verify_count *count,
			 bool is_good)
{
	struct sp_verify_count wanted = sp_verify_count(&look->packs);
	size_t unread = wanted.packages - count->packages;
	struct sp_strbuf text = { 0 };

	sp_strbuf_add(&text, "%zu package%s %s good, %llu KiB.", count->good,
		      plural(count->good), is_or_are(count->good),
		      kib(count->good_bytes));
	if (count->bad)
		sp_strbuf_add(&text, " %zu %s bad: do not use what is named below.",
			      count->bad, is_or_are(count->bad));
	else if (!is_good)
		sp_strbuf_add(&text, " Not all is as it should be: see below.");
	if (count->unfetched)
		sp_strbuf_add(&text, " %zu %s on a server still, and not verified.",
			      count->unfetched, is_or_are(count->unfetched));
	if (unread)
		sp_strbuf_add(&text, " %zu could not be read.", unread);
	return sp_strbuf_take(&text);
}

static int result_question(const struct sp_look *look, const struct sp_verified *verified,
			   struct json_object **ret_question, struct sp_error *err)
{
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_verify_count count = sp_verify_count(&verified->packs);
	struct json_object *json;
	bool is_good;
	int r = all_findings(verified, &findings, err);

	if (r < 0)
		return r;
	is_good = !count.bad && !sp_findings_exit_code(&findings);
	json = sp_question_new("verified", !is_good          ? "Not All Is Good"
					   : count.unfetched ? "What Is Here Is Good"
							     : "All Packages Are Good");
	sp_question_set_taken(json, "text", result_text(look, &count, is_good));
	sp_json_set(json, "rows", result_rows(verified));
	sp_json_set(json, "findings", sp_findings_to_json(&findings));
	*ret_question = json;
	return 0;
}

/* ---- the dialogue ---------------------------------------------------------------------- */

enum { STOP = 1 };

static int ask_fetch(const struct sp_look *look, struct sp_operator *op, bool *ret_fetch,
		     struct sp_error *err)
{
	enum sp_answer answer;
	int r;

	*ret_fetch = false;
	if (!sp_verify_count(&look->packs).unfetched)
		return 0;
	r = sp_operator_ask(op, fetch_question(look), &answer, NULL, err);
	*ret_fetch = answer == SP_ANSWER_NEXT;
	return r < 0                                                   ? r
	       : answer == SP_ANSWER_NEXT || answer == SP_ANSWER_AGAIN ? 0
								       : STOP;
}

static int verify_once(struct sp_context *context, const struct sp_look *look, bool fetch,
		       struct sp_operator *op, enum sp_answer *ret_answer,
		       struct sp_error *err)
{
	SP_AUTO(sp_verified_done) struct sp_verified verified = { 0 };
	struct json_object *question = NULL;
	int r;

	sp_operator_busy(op, "Verifying every package");
	r = sp_verify(context, look, fetch, op, &verified, err);
	sp_operator_busy(op, NULL);
	if (r == 0)
		r = result_question(look, &verified, &question, err);
	return r == 0 ? sp_operator_ask(op, question, ret_answer, NULL, err) : r;
}

int sp_verify_ask(struct sp_context *context, const struct sp_look *look,
		  struct sp_operator *op, struct sp_error *err)
{
	enum sp_answer answer = SP_ANSWER_AGAIN;
	bool fetch;
	int r = ask_fetch(look, op, &fetch, err);

	while (r == 0 && answer == SP_ANSWER_AGAIN)
		r = verify_once(context, look, fetch, op, &answer, err);
	if (r != -SP_ERR_CANCELLED)
		return r < 0 ? r : 0;
	op->ops->resume(op);
	return 0;
}
