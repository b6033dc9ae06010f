/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes the plan: claims (who claims which device, and may it), choice (one module for
 * a device), order (what is installed and loaded), reasons (for all that is not used). */

#include "plan/plan.h"

#include <string.h>

#include "base/array.h"
#include "base/outcome.h"
#include "plan/steps.h"
#include "probe/device.h"
#include "probe/kernel.h"
#include "repo/pack.h"

static const char *const verdict_names[] = {
	[SP_VERDICT_LOAD] = "load",       [SP_VERDICT_LOADED] = "loaded",
	[SP_VERDICT_KEEP] = "keep",       [SP_VERDICT_REPLACE] = "replace",
	[SP_VERDICT_REFUSED] = "refused",
};

const char *sp_verdict_name(enum sp_verdict verdict)
{
	return verdict_names[verdict];
}

const char *sp_step_pack_name(const struct sp_pack *pack)
{
	if (pack->label && *pack->label)
		return pack->label;
	return pack->id ? pack->id : "the pack";
}

void sp_plan_done(struct sp_plan *plan)
{
	for (size_t i = 0; i < plan->n_matches; i++)
		free(plan->matches[i].reason);
	free(plan->matches);
	free(plan->packages);
	free(plan->modules);
	sp_findings_done(&plan->findings);
	*plan = (struct sp_plan){ 0 };
}

void sp_plan_choices_done(struct sp_plan_choices *choices)
{
	for (size_t i = 0; i < choices->n; i++) {
		free(choices->items[i].address);
		free(choices->items[i].pack);
		free(choices->items[i].module);
	}
	free(choices->items);
	*choices = (struct sp_plan_choices){ 0 };
}

bool sp_plan_choices_have(const struct sp_plan_choices *choices, const char *address,
			  const char *pack, const char *module)
{
	for (size_t i = 0; choices && i < choices->n; i++)
		if (!strcmp(choices->items[i].address, address) &&
		    !strcmp(choices->items[i].pack, pack) &&
		    !strcmp(choices->items[i].module, module))
			return true;
	return false;
}

const char *sp_plan_pack_key(const struct sp_pack *pack)
{
	if (pack->metadata_digest)
		return pack->metadata_digest;
	return pack->id ? pack->id : "";
}

/* Does this verdict mean that the pack does something for the machine? */
static bool verdict_is_use(enum sp_verdict verdict)
{
	return verdict == SP_VERDICT_LOAD || verdict == SP_VERDICT_LOADED ||
	       verdict == SP_VERDICT_REPLACE;
}

bool sp_plan_is_tied(const struct sp_plan *plan)
{
	for (size_t i = 0; i < plan->n_matches; i++)
		if (plan->matches[i].is_tied && verdict_is_use(plan->matches[i].verdict))
			return true;
	return false;
}

static bool pack_is_used(const struct sp_plan *plan, size_t pack)
{
	for (size_t i = 0; i < plan->n_matches; i++)
		if (plan->matches[i].pack == pack &&
		    verdict_is_use(plan->matches[i].verdict))
			return true;
	return false;
}

static bool device_is_served(const struct sp_plan *plan, size_t device)
{
	for (size_t i = 0; i < plan->n_matches; i++)
		if (plan->matches[i].device == device &&
		    verdict_is_use(plan->matches[i].verdict))
			return true;
	return false;
}

/* Does a device go without a driver since this pack, which claims it, is not used? */
static bool pack_is_missed(const struct sp_plan *plan, size_t pack)
{
	for (size_t i = 0; i < plan->n_matches; i++)
		if (plan->matches[i].pack == pack && !plan->matches[i].current_driver &&
		    !device_is_served(plan, plan->matches[i].device))
			return true;
	return false;
}

/* The worst of what keeps whole packs from being used; a pack that is used counts as
 * done, whatever else is in it.  Where one is used, another that is not for this machine
 * is no fault, unless a device is left without a driver for it. */
static int exit_code(const struct sp_plan *plan, const struct sp_plan_input *input,
		     const int pack_exits[])
{
	int worst = SP_EXIT_DONE;
	bool any_used = false;

	if (!input->packs->n)
		return SP_EXIT_NO_PACK;
	for (size_t i = 0; i < input->packs->n; i++)
		any_used = any_used || pack_is_used(plan, i);
	for (size_t i = 0; i < input->packs->n; i++) {
		if (pack_is_used(plan, i))
			continue;
		if (any_used && pack_exits[i] == SP_EXIT_NOT_FOR_THIS_MACHINE &&
		    !pack_is_missed(plan, i))
			continue;
		worst = sp_outcome_worse(worst, pack_exits[i]);
	}
	return worst;
}

int sp_plan_make(const struct sp_plan_input *input, struct sp_plan *ret_plan,
		 struct sp_error *err)
{
	SP_AUTO(sp_plan_done) struct sp_plan plan = { 0 };
	SP_AUTO(sp_claims_done) struct sp_claims claims = { 0 };
	SP_AUTO(sp_int_freep) int *pack_exits = NULL;
	int r;

	pack_exits = calloc(input->packs->n + 1, sizeof *pack_exits);
	if (!pack_exits)
		return sp_error_nomem(err);
	r = sp_claims_find(input, &claims, err);
	if (r == 0)
		r = sp_choice_make(input, &claims, &plan, err);
	if (r == 0)
		r = sp_order_make(input, &plan, err);
	if (r == 0)
		r = sp_reasons_add(input, &claims, &plan, pack_exits, err);
	if (r < 0)
		return r;
	plan.exit_code = exit_code(&plan, input, pack_exits);
	sp_findings_sort(&plan.findings);
	r = sp_plan_digest_set(input, &plan, err);
	if (r < 0)
		return r;
	*ret_plan = plan;
	plan = (struct sp_plan){ 0 };
	return 0;
}
