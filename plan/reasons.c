/* SPDX-License-Identifier: GPL-2.0-or-later */

/* "Why not" is an answer too: one finding for every pack, and every module of a pack,
 * that will not be used; and what was accepted by an explicit act is said again. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/outcome.h"
#include "plan/steps.h"
#include "probe/device.h"
#include "probe/kernel.h"
#include "repo/pack.h"

struct reasoning {
	const struct sp_plan_input *input;
	const struct sp_claims *claims;
	struct sp_plan *plan;
	struct sp_error *err;
	size_t pack;
	int exit; /* what the reasons found so far ask for */
};

static const struct sp_pack *pack_of(const struct reasoning *r)
{
	return &r->input->packs->items[r->pack];
}

SP_PRINTF(4, 5)
static int say(struct reasoning *r, const char *code, const char *about, const char *fmt,
	       ...)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0) {
		text = NULL;
		return sp_error_nomem(r->err);
	}
	return sp_findings_add(&r->plan->findings, code, about, r->err, "%s", text);
}

// clang-format off
static const char *const accepted_codes[] = {
	[SP_TRUST_WEAK]        = "accepted-weak",
	[SP_TRUST_EXPIRED]     = "accepted-expired",
	[SP_TRUST_UNKNOWN_KEY] = "accepted-key",
	[SP_TRUST_UNSIGNED]    = "accepted-unsigned",
};
// clang-format on

static int say_trust(struct reasoning *r)
{
	const struct sp_pack *pack = pack_of(r);
	const struct sp_trust *trust = &pack->trust;
	const char *code = sp_accept_refuses(r->input->accept, pack);
	const char *detail =
		trust->detail ? trust->detail : sp_trust_state_name(trust->state);
	SP_AUTO(sp_str_freep) char *refusal = NULL;

	if (trust->state == SP_TRUST_TRUSTED)
		return 0;
	if (!code)
		return say(r, accepted_codes[trust->state], sp_step_pack_name(pack),
			   "'%s' is used because it was accepted so: %s",
			   sp_step_pack_name(pack), detail);
	r->exit = sp_outcome_worse(r->exit, SP_EXIT_UNTRUSTED);
	if (sp_findings_has(&pack->findings, "keys-differ"))
		return 0; /* says the same, and more exactly */
	refusal = sp_trust_refusal(trust, sp_step_pack_name(pack));
	return refusal ? say(r, code, sp_step_pack_name(pack), "%s", refusal)
		       : sp_error_nomem(r->err);
}

static bool module_is_used(const struct reasoning *r, size_t module)
{
	const struct sp_plan *plan = r->plan;

	for (size_t i = 0; i < plan->n_modules; i++)
		if (plan->modules[i].pack == r->pack && plan->modules[i].module == module)
			return true;
	for (size_t i = 0; i < plan->n_matches; i++)
		if (plan->matches[i].pack == r->pack &&
		    plan->matches[i].module == module &&
		    plan->matches[i].verdict == SP_VERDICT_LOADED)
			return true;
	return false;
}

static bool module_claims(const struct reasoning *r, size_t module)
{
	for (size_t i = 0; i < r->plan->n_matches; i++)
		if (r->plan->matches[i].pack == r->pack &&
		    r->plan->matches[i].module == module)
			return true;
	return false;
}

static bool pack_has_own_kernel(const struct reasoning *r)
{
	const struct sp_module_list *modules = &pack_of(r)->modules;

	for (size_t m = 0; m < modules->n; m++) {
		const struct sp_usable *usable = sp_claims_usable(r->claims, r->pack, m);

		if (!usable->code || strcmp(usable->code, "wrong-kernel") != 0)
			return true;
	}
	return false;
}

static bool kernel_was_said(const struct reasoning *r, size_t module)
{
	const struct sp_module_list *modules = &pack_of(r)->modules;
	const char *kernel = modules->items[module].kernel;

	for (size_t m = 0; m < module; m++)
		if (kernel && modules->items[m].kernel &&
		    !strcmp(modules->items[m].kernel, kernel))
			return true;
	return false;
}

/* A pack for another kernel says so once, not once a module. */
static int say_kernel(struct reasoning *r, size_t module)
{
	const struct sp_module *other = &pack_of(r)->modules.items[module];
	const char *name = sp_step_pack_name(pack_of(r));
	const char *kernel = other->kernel     ? other->kernel
			     : other->vermagic ? other->vermagic
					       : "unknown";

	if (kernel_was_said(r, module))
		return 0;
	if (pack_has_own_kernel(r))
		return say(r, "module-other-kernel", name,
			   "'%s' also has modules for kernel %s, which are left alone",
			   name, kernel);
	r->exit = sp_outcome_worse(r->exit, SP_EXIT_NOT_FOR_THIS_MACHINE);
	return say(r, "wrong-kernel", name,
		   "'%s' is for kernel %s, and the running one is %s", name, kernel,
		   r->input->kernel->release);
}

static bool is_pack_matter(const char *code)
{
	int exit = sp_finding_exit_code(code);

	/* Said once for the pack: by say_trust(), by the pack's own findings. */
	return exit == SP_EXIT_UNTRUSTED || exit == SP_EXIT_DAMAGED ||
	       !strcmp(code, "not-a-driver-disk");
}

static int say_module(struct reasoning *r, size_t m)
{
	const struct sp_module *module = &pack_of(r)->modules.items[m];
	const struct sp_usable *usable = sp_claims_usable(r->claims, r->pack, m);

	if (module_is_used(r, m))
		return 0;
	if (usable->code && is_pack_matter(usable->code)) {
		r->exit = sp_outcome_worse(r->exit, sp_finding_exit_code(usable->code));
		return 0;
	}
	if (usable->code && !strcmp(usable->code, "wrong-kernel"))
		return say_kernel(r, m);
	if (!module_claims(r, m)) {
		r->exit = sp_outcome_worse(r->exit, SP_EXIT_NOT_FOR_THIS_MACHINE);
		return say(r, "claims-no-device", module->name,
			   "module '%s' of '%s' claims none of this machine's devices",
			   module->name, sp_step_pack_name(pack_of(r)));
	}
	if (!usable->code) { /* it lost, or the device keeps its driver: choice.c said so */
		r->exit = sp_outcome_worse(r->exit, SP_EXIT_NOT_FOR_THIS_MACHINE);
		return 0;
	}
	r->exit = sp_outcome_worse(r->exit, sp_finding_exit_code(usable->code));
	return say(r, usable->code, module->name, "%s", usable->reason);
}

static int say_pack(struct reasoning *r)
{
	const struct sp_pack *pack = pack_of(r);
	const char *name = sp_step_pack_name(pack);
	int damage = sp_findings_exit_code(&pack->findings);

	if (damage && damage != SP_EXIT_UNTRUSTED)
		r->exit = sp_outcome_worse(r->exit, damage);
	/* What cannot be used was not read to its end: no word on what it may hold. */
	if (r->exit && !pack->modules.n)
		return 0;
	if (!pack->driver_disk && pack->format != SP_PACK_RPMS) {
		r->exit = sp_outcome_worse(r->exit, SP_EXIT_NOT_FOR_THIS_MACHINE);
		return say(r, "not-a-driver-disk", name,
			   "'%s' is a supplemental pack, but not marked as a driver disk",
			   name);
	}
	if (pack->modules.n)
		return 0;
	r->exit = sp_outcome_worse(r->exit, SP_EXIT_NOT_FOR_THIS_MACHINE);
	return say(r, "no-modules", name, "'%s' brings no kernel module that can be read",
		   name);
}

int sp_reasons_add(const struct sp_plan_input *input, const struct sp_claims *claims,
		   struct sp_plan *plan, int pack_exits[], struct sp_error *err)
{
	struct reasoning r = {
		.input = input, .claims = claims, .plan = plan, .err = err
	};

	for (r.pack = 0; r.pack < input->packs->n; r.pack++) {
		int result;

		r.exit = SP_EXIT_DONE;
		result = say_trust(&r);
		if (result == 0)
			result = say_pack(&r);
		for (size_t m = 0; result == 0 && m < pack_of(&r)->modules.n; m++)
			result = say_module(&r, m);
		if (result < 0)
			return result;
		pack_exits[r.pack] = r.exit;
	}
	return 0;
}
