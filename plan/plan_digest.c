/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The plan's digest (trust.md rule 5): what the operator confirmed is what is done,
 * so it covers every byte that is used and every act, and nothing that may differ
 * between two looks at the same medium (where it was found, in which order). */

#include <string.h>

#include "plan/steps.h"
#include "repo/digest.h"
#include "repo/pack.h"

static const char *or_none(const char *text)
{
	return text ? text : "-";
}

static void add_pack(struct sp_strbuf *text, const struct sp_pack *pack)
{
	sp_strbuf_add(text, "pack %s %s %s %s %s %s\n", sp_pack_format_name(pack->format),
		      or_none(pack->id), or_none(pack->version),
		      or_none(pack->metadata_digest),
		      sp_trust_state_name(pack->trust.state), or_none(pack->trust.key));
}

static void add_package(struct sp_strbuf *text, const struct sp_package *package)
{
	sp_strbuf_add(text, "package %s-%s-%s.%s %llu %s\n", or_none(package->name),
		      or_none(package->version), or_none(package->release),
		      or_none(package->arch), (unsigned long long)package->size_bytes,
		      or_none(package->sha256 ? package->sha256 : package->md5));
}

static void add_module(struct sp_strbuf *text, const struct sp_module *module)
{
	sp_strbuf_add(text, "module %s %s %s\n", module->name,
		      or_none(module->srcversion), or_none(module->path));
}

static void add_match(struct sp_strbuf *text, const struct sp_match *match,
		      const struct sp_plan_input *input)
{
	const struct sp_pack *pack = &input->packs->items[match->pack];

	sp_strbuf_add(text, "match %s %s %s\n", match->address,
		      pack->modules.items[match->module].name,
		      sp_verdict_name(match->verdict));
}

int sp_plan_digest_set(const struct sp_plan_input *input, struct sp_plan *plan,
		       struct sp_error *err)
{
	struct sp_strbuf text = { 0 };
	SP_AUTO(sp_str_freep) char *all = NULL;
	const struct sp_pack *packs = input->packs->items;

	for (size_t i = 0; i < plan->n_packages; i++) {
		const struct sp_plan_package *at = &plan->packages[i];

		add_pack(&text, &packs[at->pack]);
		add_package(&text, &packs[at->pack].packages[at->package]);
	}
	for (size_t i = 0; i < plan->n_modules; i++)
		add_module(&text, &packs[plan->modules[i].pack]
					   .modules.items[plan->modules[i].module]);
	for (size_t i = 0; i < plan->n_matches; i++)
		if (plan->matches[i].verdict == SP_VERDICT_LOAD ||
		    plan->matches[i].verdict == SP_VERDICT_REPLACE)
			add_match(&text, &plan->matches[i], input);
	all = sp_strbuf_take(&text);
	if (!all)
		return sp_error_nomem(err);
	return sp_digest_sha256_hex(all, strlen(all), plan->digest, err);
}
