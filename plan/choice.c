/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One module for a device: the usable claim of the best rank, then of the newest
 * version, then the one that was found first.  What was a close call is said, and what
 * was not chosen says why. */

#include <string.h>

#include "base/array.h"
#include "plan/steps.h"
#include "probe/device.h"
#include "probe/kernel.h"
#include "repo/evr.h"
#include "repo/pack.h"

/* All that is known of one device's candidates while choosing. */
struct choosing {
	const struct sp_plan_input *input;
	const struct sp_claims *claims;
	const struct sp_device *device;
	size_t first, end;             /* its claims: [first, end) */
	const struct sp_claim *chosen; /* NULL: none is usable */
	bool by_version; /* another usable one of the same rank lost by version */
	bool is_tied;    /* and another by nothing but its place */
};

static const struct sp_module *module_of(const struct choosing *c,
					 const struct sp_claim *claim)
{
	return &c->input->packs->items[claim->pack].modules.items[claim->module];
}

static const struct sp_pack *chosen_pack(const struct choosing *c)
{
	return &c->input->packs->items[c->chosen->pack];
}

static bool is_usable(const struct choosing *c, const struct sp_claim *claim)
{
	return claim->pack != SP_CLAIM_SYSTEM &&
	       !sp_claims_usable(c->claims, claim->pack, claim->module)->code;
}

/* Did the operator tick it?  Where nobody was asked, the best one counts. */
static bool is_wanted(const struct choosing *c, const struct sp_claim *claim)
{
	const struct sp_plan_choices *choices = c->input->choices;
	const struct sp_pack *pack = &c->input->packs->items[claim->pack];

	return !choices ||
	       sp_plan_choices_have(choices, c->device->address, sp_plan_pack_key(pack),
				    module_of(c, claim)->name);
}

/* > 0: @a is the better choice. */
static int compare(const struct choosing *c, const struct sp_claim *a,
		   const struct sp_claim *b)
{
	const char *va = module_of(c, a)->version;
	const char *vb = module_of(c, b)->version;

	if (a->rank != b->rank)
		return a->rank > b->rank ? 1 : -1;
	return sp_evr_compare(va ? va : "0", vb ? vb : "0");
}

static bool is_candidate(const struct choosing *c, const struct sp_claim *claim)
{
	return is_usable(c, claim) && is_wanted(c, claim);
}

static bool ties(const struct choosing *c, const struct sp_claim *claim)
{
	return is_candidate(c, claim) && compare(c, claim, c->chosen) == 0;
}

static void choose(struct choosing *c)
{
	for (size_t i = c->first; i < c->end; i++) {
		const struct sp_claim *claim = &c->claims->items[i];

		if (is_candidate(c, claim) &&
		    (!c->chosen || compare(c, claim, c->chosen) > 0))
			c->chosen = claim;
	}
	for (size_t i = c->first; c->chosen && i < c->end; i++) {
		const struct sp_claim *claim = &c->claims->items[i];

		if (claim == c->chosen || !is_candidate(c, claim) ||
		    claim->rank != c->chosen->rank)
			continue;
		c->is_tied |= ties(c, claim);
		c->by_version |= !ties(c, claim);
	}
}

static bool may_replace(const struct choosing *c)
{
	const struct sp_strv *replace = c->input->replace;

	if (c->input->choices) /* ticking the row was the choice */
		return true;
	return replace &&
	       (sp_strv_has(replace, "all") || sp_strv_has(replace, c->device->address));
}

/* Is the chosen module, in this very version, what drives the device now? */
static bool is_loaded(const struct choosing *c, const struct sp_claim *claim)
{
	const struct sp_module *module = module_of(c, claim);
	const struct sp_plan_facts *facts = &c->input->facts;
	const struct sp_pack *pack = &c->input->packs->items[claim->pack];
	const struct sp_package *package = &pack->packages[module->package];
	SP_AUTO(sp_str_freep) char *evr = NULL;
	const char *have;

	if (!c->device->module || strcmp(c->device->module, module->name) != 0)
		return false;
	if (package->type && !strcmp(package->type, "driver"))
		return facts->has_placed && facts->has_placed(facts->user, package);
	have = facts->installed ? facts->installed(facts->user, package->name) : NULL;
	evr = sp_text_format("%s-%s", package->version, package->release);
	return have && evr && sp_evr_compare(have, evr) == 0;
}

static enum sp_verdict verdict_of(const struct choosing *c, const struct sp_claim *claim)
{
	if (!is_usable(c, claim))
		return SP_VERDICT_REFUSED;
	if (claim != c->chosen)
		return SP_VERDICT_KEEP;
	if (!c->device->driver)
		return SP_VERDICT_LOAD;
	if (is_loaded(c, claim))
		return SP_VERDICT_LOADED;
	return may_replace(c) ? SP_VERDICT_REPLACE : SP_VERDICT_KEEP;
}

static const char *why_better(const struct choosing *c, const struct sp_claim *claim)
{
	if (claim->rank < c->chosen->rank)
		return "it claims the device more exactly";
	return ties(c, claim) ? "both claim the device equally well, and it was found "
				"first"
			      : "it is the newer one";
}

static char *reason_of(const struct choosing *c, const struct sp_match *match,
		       const struct sp_claim *claim)
{
	const struct sp_module *module = module_of(c, claim);

	if (match->verdict == SP_VERDICT_REFUSED)
		return strdup(
			sp_claims_usable(c->claims, claim->pack, claim->module)->reason);
	if (match->verdict == SP_VERDICT_LOADED)
		return sp_text_format("'%s' drives it already, from this very package",
				      module->name);
	if (match->verdict == SP_VERDICT_KEEP && !c->chosen)
		return strdup("it was not chosen");
	if (match->verdict == SP_VERDICT_KEEP && claim != c->chosen)
		return sp_text_format("'%s' of '%s' is the better choice: %s",
				      module_of(c, c->chosen)->name,
				      sp_step_pack_name(chosen_pack(c)),
				      why_better(c, claim));
	if (match->verdict == SP_VERDICT_KEEP)
		return sp_text_format("driver '%s' holds the device; replacing it is a "
				      "choice of its own",
				      c->device->driver);
	return sp_text_format("claims it by %s%s", sp_rank_name(claim->rank),
			      c->is_tied
				      ? "; another claims it equally well, and this one "
					"was found first"
				      : "");
}

static int add_match(const struct choosing *c, const struct sp_claim *claim,
		     struct sp_plan *plan, struct sp_error *err)
{
	struct sp_match *match = sp_array_add(&plan->matches, &plan->n_matches);

	if (!match)
		return sp_error_nomem(err);
	match->address = c->device->address;
	match->device = claim->device;
	match->pack = claim->pack;
	match->module = claim->module;
	match->rank = claim->rank;
	match->current_driver = c->device->driver;
	match->verdict = verdict_of(c, claim);
	if (match->verdict == SP_VERDICT_REFUSED)
		match->code =
			sp_claims_usable(c->claims, claim->pack, claim->module)->code;
	else if (match->verdict == SP_VERDICT_KEEP && c->chosen)
		match->code =
			claim == c->chosen ? "driver-in-place" : "ambiguous-drivers";
	match->is_tied = c->is_tied && ties(c, claim);
	match->reason = reason_of(c, match, claim);
	return match->reason ? 0 : sp_error_nomem(err);
}

static int tell(const struct choosing *c, struct sp_plan *plan, struct sp_error *err)
{
	const struct sp_module *module;

	if (!c->chosen)
		return 0;
	module = module_of(c, c->chosen);
	if (c->by_version || c->is_tied) {
		int r = sp_findings_add(
			&plan->findings, "ambiguous-drivers", c->device->address, err,
			"more than one module claims %s equally well; '%s' %s of '%s' was "
			"chosen %s",
			c->device->address, module->name,
			module->version ? module->version : "",
			sp_step_pack_name(chosen_pack(c)),
			c->is_tied ? "because it was found first" : "as the newest");
		if (r < 0)
			return r;
	}
	if (!c->device->driver || may_replace(c) || is_loaded(c, c->chosen))
		return 0;
	return sp_findings_add(
		&plan->findings, "driver-in-place", c->device->address, err,
		"%s is driven by '%s' already; '%s' of '%s' would replace it",
		c->device->address, c->device->driver, module->name,
		sp_step_pack_name(chosen_pack(c)));
}

static int choose_for_device(struct choosing *c, struct sp_plan *plan,
			     struct sp_error *err)
{
	int r = 0;

	choose(c);
	/* The chosen one first, then the others as they are ranked. */
	if (c->chosen)
		r = add_match(c, c->chosen, plan, err);
	for (size_t i = c->first; r == 0 && i < c->end; i++) {
		const struct sp_claim *claim = &c->claims->items[i];

		if (claim->pack != SP_CLAIM_SYSTEM && claim != c->chosen)
			r = add_match(c, claim, plan, err);
	}
	return r < 0 ? r : tell(c, plan, err);
}

int sp_choice_make(const struct sp_plan_input *input, const struct sp_claims *claims,
		   struct sp_plan *plan, struct sp_error *err)
{
	for (size_t i = 0; i < claims->n;) {
		struct choosing c = {
			.input = input,
			.claims = claims,
			.device = &input->devices->items[claims->items[i].device],
			.first = i,
		};
		int r;

		while (i < claims->n &&
		       claims->items[i].device == claims->items[c.first].device)
			i++;
		c.end = i;
		r = choose_for_device(&c, plan, err);
		if (r < 0)
			return r;
	}
	return 0;
}
