/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Everything is read once; what the operator adds (another driver disk) is looked at
 * alone, and the verdict made again from what is known already. */

#include "installer-plugin/study.h"

#include <string.h>

#include "installer-plugin/context.h"
#include "installer-plugin/new_release.h"
#include "installer-plugin/old_root.h"
#include "installer-plugin/operator.h"

static void forget_verdict(struct sp_study *study)
{
	sp_upgrade_done(&study->verdict);
	sp_machine_plan_done(&study->made);
	sp_kernel_done(&study->kernel);
	study->kernel = (struct sp_kernel){ 0 };
	sp_strbuf_done(&study->aliases);
	study->aliases = (struct sp_strbuf){ 0 };
	sp_strbuf_done(&study->aliases_builtin);
	study->aliases_builtin = (struct sp_strbuf){ 0 };
	sp_strbuf_done(&study->running_builtin);
	study->running_builtin = (struct sp_strbuf){ 0 };
}

void sp_study_done(struct sp_study *study)
{
	forget_verdict(study);
	sp_accept_done(&study->accept);
	sp_old_host_done(&study->old);
	sp_release_done(&study->release);
	sp_roles_done(&study->roles);
	sp_look_done(&study->look);
	sp_findings_done(&study->old_findings);
	sp_findings_done(&study->release_findings);
}

/* ---- what there is ---------------------------------------------------------------------- */

static int read_old(struct sp_study *study, struct sp_error *err)
{
	const char *root = study->context->options->root;
	int r;

	if (!root)
		return sp_error_set(err, SP_ERR_USAGE,
				    "'%s' needs --root: the old host's root directory, "
				    "or the partition it is on",
				    study->context->options->verb);
	sp_operator_busy(study->op, "Looking at the host that is to be upgraded");
	r = sp_old_root_read(study->context, study->op, root, &study->old,
			     &study->old_findings, err);
	sp_operator_busy(study->op, NULL);
	if (r == 0)
		r = sp_roles_find(study->context, &study->old, root, &study->roles, err);
	return r;
}

static int read_release(struct sp_study *study, struct sp_error *err)
{
	const char *to = study->context->options->to;
	int r;

	if (!to)
		return 0;
	sp_operator_busy(study->op, "Looking at the drivers of the new release");
	r = sp_new_release_read(study->context, study->op, to, &study->release,
				&study->release_findings, err);
	sp_operator_busy(study->op, NULL);
	return r;
}

int sp_study_begin(struct sp_study *study, struct sp_context *context,
		   struct sp_operator *op, struct sp_error *err)
{
	int r;

	study->context = context;
	study->op = op;
	r = sp_accept_add(&study->accept, &context->options->accept, err);
	if (r == 0)
		r = sp_context_read_machine(context, err);
	if (r == 0)
		r = read_old(study, err);
	return r == 0 ? read_release(study, err) : r;
}

int sp_study_look(struct sp_study *study, const struct sp_strv *locations,
		  struct sp_error *err)
{
	forget_verdict(study);
	sp_look_done(&study->look);
	return locations->n ? sp_study_look_also(study, locations, err) : 0;
}

int sp_study_look_also(struct sp_study *study, const struct sp_strv *locations,
		       struct sp_error *err)
{
	int r;

	forget_verdict(study);
	study->look.exit = 0;
	sp_operator_busy(study->op, "Looking for packs");
	r = sp_look_at(study->context, locations, study->op, &study->look, err);
	sp_operator_busy(study->op, NULL);
	return r;
}

/* ---- the verdict ------------------------------------------------------------------------- */

static bool knows_release(const struct sp_study *study)
{
	return study->release.modules.n || study->release.names.n ||
	       study->release.has_builtin;
}

static void write_aliases(const struct sp_module_list *modules, struct sp_strbuf *text)
{
	for (size_t i = 0; i < modules->n; i++)
		for (size_t a = 0; a < modules->items[i].aliases.n; a++)
			sp_strbuf_add(text, "alias %s %s\n",
				      modules->items[i].aliases.items[a],
				      modules->items[i].name);
}

/* The packs are for the new release's kernel, which need not be the one that runs. */
static int choose_kernel(struct sp_study *study, struct sp_error *err)
{
	const struct sp_kernel *running = &study->context->kernel;
	const char *release = study->release.kernel;

	study->made.kernel = NULL;
	if (!release || (running->release && !strcmp(running->release, release)))
		return 0;
	study->kernel.release = strdup(release);
	study->kernel.arch = running->arch ? strdup(running->arch) : NULL;
	study->made.kernel = &study->kernel;
	return study->kernel.release && (!running->arch || study->kernel.arch)
		       ? 0
		       : sp_error_nomem(err);
}

static int plan_packs(struct sp_study *study, struct sp_error *err)
{
	int r = choose_kernel(study, err);

	if (r < 0)
		return r;
	study->made.context = study->context;
	study->made.packs = &study->look.packs;
	study->made.accept = &study->accept;
	study->made.replace = &study->context->options->replace;
	return sp_machine_plan_make(&study->made, err);
}

static void fill_kernels(struct sp_study *study)
{
	const struct sp_kernel *running = &study->context->kernel;

	study->of_release = (struct sp_upgrade_kernel){
		.what = study->release.what,
		.alias_text = study->aliases.text,
		.alias_len = study->aliases.len,
		.builtin_text = study->aliases_builtin.text,
		.builtin_len = study->aliases_builtin.len,
		.names = &study->release.names,
		.builtin = &study->release.builtin,
		.lacks_builtin = !study->release.has_builtin,
	};
	study->of_installer = (struct sp_upgrade_kernel){
		.what = "the running kernel",
		.alias_text = running->alias_text,
		.alias_len = running->alias_len,
		.builtin_text = study->running_builtin.text,
		.builtin_len = study->running_builtin.len,
		/* Where a driver says what it claims, its name alone means nothing. */
		.builtin = study->running_builtin.len ? NULL : &running->builtin,
	};
}

int sp_study_judge(struct sp_study *study, struct sp_error *err)
{
	const struct sp_roles *roles = &study->roles;
	int r;

	forget_verdict(study);
	write_aliases(&study->release.modules, &study->aliases);
	write_aliases(&study->release.builtin_modules, &study->aliases_builtin);
	r = study->aliases.failed || study->aliases_builtin.failed
		    ? sp_error_nomem(err)
		    : plan_packs(study, err);
	if (r == 0)
		r = sp_kernel_builtin_aliases(study->context->root,
					      &study->context->kernel,
					      &study->running_builtin, err);
	if (r < 0)
		return r;
	fill_kernels(study);
	study->input = (struct sp_upgrade_input){
		.old = &study->old,
		.devices = &study->context->devices,
		.release = knows_release(study) ? &study->of_release : NULL,
		.installer = &study->of_installer,
		.at_hand = &study->look.packs,
		.accept = &study->accept,
		.plan = &study->made.plan,
		.boot_devices = &roles->boot,
		.storage_devices = &roles->storage,
		.management_devices = &roles->management,
		.boot_is_guess = roles->boot_is_guess,
		.management_is_guess = roles->management_is_guess,
	};
	return sp_upgrade_check(&study->input, &study->verdict, err);
}
