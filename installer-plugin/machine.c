/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The plan asks, the rooms below answer, and neither knows the other. */

#include "installer-plugin/machine.h"

#include "installer-plugin/context.h"
#include "installer-plugin/installed.h"

static bool has_firmware(void *user, const char *name)
{
	const struct sp_context *context = user;

	return sp_kernel_has_firmware(context->root, &context->kernel, name);
}

static int symvers(void *user, const char *const names[], size_t n, unsigned ret_crcs[],
		   bool ret_known[], struct sp_error *err)
{
	const struct sp_context *context = user;

	return sp_kernel_symvers(context->root, &context->kernel, names, n, ret_crcs,
				 ret_known, err);
}

static const char *installed(void *user, const char *name)
{
	const struct sp_context *context = user;

	return sp_installed_find(context->installed, name);
}

int sp_machine_plan_make(struct sp_machine_plan *made, struct sp_error *err)
{
	int r;

	sp_machine_plan_done(made);
	made->input = (struct sp_plan_input){
		.devices = &made->context->devices,
		.kernel = made->kernel ? made->kernel : &made->context->kernel,
		.packs = made->packs,
		.accept = made->accept,
		.replace = made->replace,
		.choices = made->choices,
	};
	if (!made->kernel)
		made->input.facts = (struct sp_plan_facts){ has_firmware, symvers,
							    installed, made->context };
	r = sp_plan_make(&made->input, &made->plan, err);
	return r < 0 ? r : sp_closure_make(&made->plan, made->packs, &made->install, err);
}

void sp_machine_plan_done(struct sp_machine_plan *made)
{
	sp_closure_done(&made->install);
	sp_plan_done(&made->plan);
}
