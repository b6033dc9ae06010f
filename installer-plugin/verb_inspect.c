/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `suppack inspect`: what packs are there, who signed them, what is in them and what
 * they need.  Says so of an untrusted pack, too, and does not mind. */

#include "installer-plugin/verb.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/base_files.h"
#include "installer-plugin/context.h"
#include "installer-plugin/log.h"
#include "installer-plugin/look.h"
#include "installer-plugin/operator_policy.h"
#include "installer-plugin/report.h"

static void add_line(struct sp_strbuf *text, const char *what, const char *value)
{
	if (value && *value)
		sp_strbuf_add(text, "  %-13s %s\n", what, value);
}

static void add_list(struct sp_strbuf *text, const char *what, const struct sp_strv *list)
{
	for (size_t i = 0; i < list->n; i++)
		add_line(text, i ? "" : what, list->items[i]);
}

static void add_trust(struct sp_strbuf *text, const struct sp_trust *trust)
{
	add_line(text, "trust", sp_trust_state_name(trust->state));
	add_line(text, "", trust->detail);
	add_line(text, "key", trust->key);
	add_line(text, "signed by", trust->user_id);
}

static void add_packages(struct sp_strbuf *text, const struct sp_pack *pack)
{
	for (size_t i = 0; i < pack->n_packages; i++) {
		const struct sp_package *package = &pack->packages[i];
		SP_AUTO(sp_str_freep) char *nevra = sp_package_nevra(package);
		SP_AUTO(sp_str_freep)
		char *line = sp_text_format("%s, %" PRIu64 " bytes%s", nevra ? nevra : "",
					    package->size_bytes,
					    package->verified ? "" : ", not verified");

		add_line(text, i ? "" : "packages", line);
	}
}

static void add_modules(struct sp_strbuf *text, const struct sp_pack *pack)
{
	for (size_t i = 0; i < pack->modules.n; i++) {
		const struct sp_module *module = &pack->modules.items[i];
		SP_AUTO(sp_str_freep)
		char *line = sp_text_format("%s%s%s for kernel %s, %zu alias%s%s",
					    module->name, module->version ? " " : "",
					    module->version ? module->version : "",
					    module->kernel ? module->kernel : "unknown",
					    module->aliases.n,
					    module->aliases.n == 1 ? "" : "es",
					    module->has_signature ? ", signed" : "");

		add_line(text, i ? "" : "modules", line);
		add_list(text, "  firmware", &module->firmware);
	}
}

/* What the host's Server Status Report would collect for the pack. */
static void add_report(struct sp_strbuf *text, const struct sp_bugtool *report)
{
	for (size_t i = 0; i < report->n; i++) {
		const struct sp_bugtool_item *item = &report->items[i];
		SP_AUTO(sp_str_freep)
		char *line = sp_text_format("%s: %s %s%s%s", item->category,
					    sp_bugtool_kind_name(item->kind), item->what,
					    *item->detail ? ", as " : "", item->detail);

		add_line(text, i ? "" : "in a report", line);
	}
}

static void add_pack(struct sp_strbuf *text, const struct sp_pack *pack)
{
	SP_AUTO(sp_str_freep) char *title = sp_pack_title(pack);

	sp_strbuf_add(text, "%s\n", title ? title : "");
	add_line(text, "description", pack->description);
	add_line(text, "where", pack->location);
	add_line(text, "", pack->directory);
	add_line(text, "format", sp_pack_format_name(pack->format));
	add_line(text, "id", pack->id);
	add_line(text, "driver disk", pack->driver_disk ? "yes" : "no");
	add_trust(text, &pack->trust);
	add_list(text, "requires", &pack->requires_);
	add_line(text, "afterwards", pack->guidance);
	add_packages(text, pack);
	add_modules(text, pack);
	add_report(text, &pack->report);
}

/* Trust is said with the pack; it refuses nothing here. */
static int outcome(const struct sp_look *look)
{
	int exit = look->exit;

	for (size_t i = 0; i < look->packs.n; i++) {
		int damage = sp_findings_exit_code(&look->packs.items[i].findings);

		if (damage != SP_EXIT_UNTRUSTED)
			exit = sp_outcome_worse(exit, damage);
	}
	return exit;
}

int sp_verb_inspect(struct sp_context *context, struct sp_report *report,
		    struct sp_error *err)
{
	SP_AUTO(sp_look_done) struct sp_look look = { 0 };
	SP_AUTO(sp_operator_freep) struct sp_operator *op = NULL;
	SP_AUTO(sp_base_files_done) struct sp_base_files base = { 0 };
	int r = sp_operator_policy_new(context->log, false, &op, err);

	if (r == 0)
		r = sp_base_files_of_root(context, op, &base, err);
	if (r == 0)
		r = sp_look_at(context, &context->options->arguments, op, &look, err);
	for (size_t i = 0; r == 0 && i < look.packs.n; i++)
		add_pack(&report->text, &look.packs.items[i]);
	sp_report_add_packs(report, &look.packs);
	if (r == 0)
		r = sp_look_findings(&look, &report->findings, err);
	context->base = NULL;
	report->exit = outcome(&look);
	sp_log_findings(context->log, &report->findings);
	return r;
}
