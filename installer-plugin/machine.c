/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The plan asks, the rooms below answer, and neither knows the other. */

#include "installer-plugin/machine.h"

#include "installer-plugin/context.h"
#include "installer-plugin/installed.h"
#include "installer-plugin/load_files.h"

static bool has_firmware(void *user, const char *name)
{
	const struct sp_machine_plan *made = user;

	return sp_kernel_has_firmware(made->context->root, &made->context->kernel, name);
}

static int symvers(void *user, const char *const names[], size_t n, unsigned ret_crcs[],
		   bool ret_known[], struct sp_error *err)
{
	const struct sp_machine_plan *made = user;

	return sp_kernel_symvers(made->context->root, &made->context->kernel, names, n,
				 ret_crcs, ret_known, err);
}

static const char *installed(void *user, const char *name)
{
	const struct sp_machine_plan *made = user;

	return sp_installed_find(made->context->installed, name);
}

static bool has_placed(void *user, const struct sp_package *package)
{
	const struct sp_machine_plan *made = user;

	return sp_load_files_has(made->context, package);
}

static const char *misfit(void *user, size_t pack)
{
	const struct sp_machine_plan *made = user;

	return pack < made->install.n_misfits ? made->install.misfits[pack] : NULL;
}

int sp_machine_plan_make(struct sp_machine_plan *made, struct sp_error *err)
{
	int r = SP_CLOSURE_MISFIT;

	sp_machine_plan_done(made);
	made->input = (struct sp_plan_input){
		.devices = &made->context->devices,
		.kernel = made->kernel ? made->kernel : &made->context->kernel,
		.packs = made->packs,
		.accept = made->accept,
		.replace = made->replace,
		.choices = made->choices,
		.blacklist = &made->context->boot.blacklist,
		.facts = { .misfit = misfit, .user = made },
	};
	if (!made->kernel)
		made->input.facts = (struct sp_plan_facts){
			.has_firmware = has_firmware,
			.symvers = symvers,
			.installed = installed,
			.has_placed = has_placed,
			.misfit = misfit,
			.user = made,
		};
	/* Each round has one misfit more, so it ends. */
	while (r == SP_CLOSURE_MISFIT) {
		sp_plan_done(&made->plan);
		r = sp_plan_make(&made->input, &made->plan, err);
		if (r == 0)
			r = sp_closure_make(made, err);
	}
	return r;
}

void sp_machine_plan_done(struct sp_machine_plan *made)
{
	sp_closure_done(&made->install);
	sp_plan_done(&made->plan);
}
