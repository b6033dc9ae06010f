/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `suppack verify`: is every package there what its pack says, and does its signature
 * hold?  Each byte is read once.  An untrusted pack is a failure here: nothing vouches for
 * what it says of itself. */

#include "installer-plugin/verb.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/context.h"
#include "installer-plugin/log.h"
#include "installer-plugin/look.h"
#include "installer-plugin/operator_policy.h"
#include "installer-plugin/report.h"
#include "installer-plugin/verify.h"

static void add_pack(struct sp_strbuf *text, const struct sp_pack *pack)
{
	struct sp_verify_count count = sp_verify_count_pack(pack);
	SP_AUTO(sp_str_freep) char *title = sp_pack_title(pack);
	SP_AUTO(sp_str_freep) char *place = sp_pack_place(pack);

	sp_strbuf_add(text, "%s, at %s: %s\n", title ? title : "", place ? place : "",
		      sp_trust_state_name(pack->trust.state));
	for (size_t i = 0; i < pack->n_packages; i++) {
		const struct sp_package *package = &pack->packages[i];

		sp_strbuf_add(text, "  %s  %s, %" PRIu64 " bytes",
			      package->verified ? "good" : "BAD ", package->file,
			      package->size_bytes);
		if (package->signature)
			sp_strbuf_add(text, ", signature: %s", package->signature);
		sp_strbuf_add(text, "\n");
	}
	sp_strbuf_add(text, "  %zu good, %zu bad\n", count.good, count.bad);
}

static struct json_object *count_json(const struct sp_verify_count *count)
{
	struct json_object *json = sp_json_object();

	sp_json_set_int(json, "packages", (int64_t)count->packages);
	sp_json_set_int(json, "good", (int64_t)count->good);
	sp_json_set_int(json, "bad", (int64_t)count->bad);
	sp_json_set_int(json, "bytes", (int64_t)count->good_bytes);
	return json;
}

/* Trust that was accepted is no finding any more. */
static int add_findings(const struct sp_context *context, const struct sp_look *look,
			const struct sp_pack *pack, struct sp_findings *findings,
			struct sp_error *err)
{
	bool is_accepted = !sp_accept_refuses(&context->options->accept, pack);
	SP_AUTO(sp_str_freep) char *title = sp_pack_title(pack);
	int r = title ? 0 : sp_error_nomem(err);

	for (size_t i = 0; r == 0 && i < pack->findings.n; i++) {
		const struct sp_finding *at = &pack->findings.items[i];

		if (is_accepted && sp_finding_exit_code(at->code) == SP_EXIT_UNTRUSTED &&
		    at->about && !strcmp(at->about, title))
			continue;
		r = sp_look_copy_finding(look, pack, at, findings, err);
	}
	return r;
}

static int look(struct sp_context *context, struct sp_operator *op, struct sp_look *look,
		struct sp_error *err)
{
	int r;

	context->for_verifying = true;
	r = sp_look_at(context, &context->options->arguments, op, look, err);
	context->for_verifying = false;
	return r;
}

int sp_verb_verify(struct sp_context *context, struct sp_report *report,
		   struct sp_error *err)
{
	SP_AUTO(sp_look_done) struct sp_look found = { 0 };
	SP_AUTO(sp_operator_freep) struct sp_operator *op = NULL;
	struct json_object *packs = sp_json_array();
	struct sp_verify_count count;
	int r = sp_operator_policy_new(context->log, false, &op, err);

	if (r == 0)
		r = look(context, op, &found, err);
	for (size_t i = 0; r == 0 && i < found.packs.n; i++) {
		add_pack(&report->text, &found.packs.items[i]);
		sp_json_append(packs, sp_pack_to_json(&found.packs.items[i], false));
		r = add_findings(context, &found, &found.packs.items[i],
				 &report->findings, err);
	}
	count = sp_verify_count(&found.packs);
	sp_json_set(report->body, "packs", packs);
	sp_json_set(report->body, "verified", count_json(&count));
	if (r == 0)
		r = sp_findings_copy(&report->findings, &found.findings, err);
	report->exit =
		sp_outcome_worse(found.exit, sp_findings_exit_code(&report->findings));
	sp_log_findings(context->log, &report->findings);
	return r;
}
