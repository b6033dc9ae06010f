/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is asked for comes from the plan, what that needs from the solver; a pack that
 * cannot go in is named before anything is changed. */

#include "installer-plugin/closure.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/file.h"
#include "installer-plugin/closure_files.h"
#include "installer-plugin/context.h"
#include "installer-plugin/install.h"
#include "installer-plugin/machine.h"
#include "installer-plugin/settle.h"
#include "probe/root.h"
#include "repo/pack.h"

static void drop_answer(struct sp_closure *closure)
{
	free(closure->items);
	closure->items = NULL;
	closure->n = 0;
	for (size_t i = 0; i < closure->n_files; i++)
		free(closure->files[i].path);
	free(closure->files);
	closure->files = NULL;
	closure->n_files = 0;
}

void sp_closure_done(struct sp_closure *closure)
{
	drop_answer(closure);
	for (size_t i = 0; i < closure->n_misfits; i++)
		free(closure->misfits[i]);
	free(closure->misfits);
	*closure = (struct sp_closure){ 0 };
}

/* ---- what is wanted --------------------------------------------------------------------- */

/* A pack may have the same driver for several kernels. */
static bool is_for_other_kernel(const struct sp_machine_plan *made,
				const struct sp_pack *pack, size_t package)
{
	bool other = false;

	for (size_t i = 0; i < pack->modules.n; i++) {
		const struct sp_module *module = &pack->modules.items[i];

		if (module->package != package)
			continue;
		if (!module->kernel ||
		    !strcmp(module->kernel, made->input.kernel->release))
			return false;
		other = true;
	}
	return other;
}

static bool is_wanted(const struct sp_machine_plan *made, size_t index, size_t package)
{
	const struct sp_plan *plan = &made->plan;
	const struct sp_pack *pack = &made->packs->items[index];
	const char *name = pack->packages[package].name;

	for (size_t i = 0; i < plan->n_packages; i++)
		if (plan->packages[i].pack == index &&
		    plan->packages[i].package == package)
			return true;
	return name && sp_strv_has(&pack->driver_packages, name) &&
	       !is_for_other_kernel(made, pack, package);
}

bool sp_closure_uses(const struct sp_machine_plan *made, size_t pack)
{
	for (size_t i = 0; i < made->plan.n_packages; i++)
		if (made->plan.packages[i].pack == pack)
			return true;
	return false;
}

/* ---- settled ---------------------------------------------------------------------------- */

struct settling {
	struct sp_machine_plan *made;
	struct sp_settle settle;
	size_t **wanted; /* for each of the settle's packs */
	size_t *packs;   /* their indices */
};

static void settling_done(struct settling *settling)
{
	for (size_t i = 0; settling->wanted && i < settling->settle.n; i++)
		free(settling->wanted[i]);
	free(settling->wanted);
	free(settling->packs);
	sp_settle_done(&settling->settle);
}

static int add_pack(struct settling *settling, size_t index, struct sp_error *err)
{
	const struct sp_pack *pack = &settling->made->packs->items[index];
	size_t *wanted = calloc(pack->n_packages + 1, sizeof *wanted), n = 0, at;
	int r;

	if (!wanted)
		return sp_error_nomem(err);
	for (size_t i = 0; i < pack->n_packages; i++)
		if (sp_install_is_rpm(&pack->packages[i]) &&
		    is_wanted(settling->made, index, i))
			wanted[n++] = i;
	at = settling->settle.n;
	r = sp_settle_add(&settling->settle, pack, false, err);
	if (r < 0) {
		free(wanted);
		return r;
	}
	settling->wanted[at] = wanted;
	settling->packs[at] = index;
	settling->settle.packs[at].wanted = wanted;
	settling->settle.packs[at].n_wanted = n;
	return 0;
}

static int add_packs(struct settling *settling, struct sp_error *err)
{
	const struct sp_machine_plan *made = settling->made;
	int r = 0;

	settling->wanted = calloc(made->packs->n + 1, sizeof *settling->wanted);
	settling->packs = calloc(made->packs->n + 1, sizeof *settling->packs);
	if (!settling->wanted || !settling->packs)
		return sp_error_nomem(err);
	for (size_t i = 0; r == 0 && i < made->packs->n; i++)
		if (sp_closure_uses(made, i))
			r = add_pack(settling, i, err);
	return r;
}

static int run(struct settling *settling, struct sp_error *err)
{
	const struct sp_context *context = settling->made->context;
	const struct sp_kernel *of = settling->made->input.kernel;
	SP_AUTO(sp_strv_done) struct sp_strv kernels = { 0 }, provides = { 0 };
	SP_AUTO(sp_closep) int root_fd = -1;
	SP_AUTO(sp_str_freep)
	char *kernel = sp_text_format("kernel-uname-r = %s", of->release);
	struct sp_settle_place place = {
		.path = settling->made->kernel ? NULL : sp_root_path(context->root),
		.arch = of->arch,
		.kernels = &kernels,
		/* An installer's database need not know the kernel that it runs. */
		.provides = &provides,
		.known_in_part = settling->made->kernel || !sp_context_is_live(context),
	};
	int r = kernel ? sp_strv_add(&provides, kernel, err) : sp_error_nomem(err);

	if (r == 0)
		r = sp_strv_add(&kernels, of->release, err);
	if (r == 0)
		r = sp_root_open(context->root, ".", O_RDONLY | O_DIRECTORY, &root_fd,
				 err);
	place.root_fd = root_fd;
	return r < 0 ? r
		     : sp_settle_run(&settling->settle, &place, settling->made->patience,
				     err);
}

/* ---- the answer ------------------------------------------------------------------------- */

static int add_items(struct sp_closure *closure, const struct sp_settle_pack *at,
		     size_t pack, struct sp_error *err)
{
	for (size_t i = 0; i < at->n_needed; i++) {
		struct sp_closure_item *item = sp_array_add(&closure->items, &closure->n);

		if (!item)
			return sp_error_nomem(err);
		*item = (struct sp_closure_item){ pack, at->needed[i] };
	}
	return 0;
}

static int add_misfit(struct sp_closure *closure, const struct sp_settle_pack *at,
		      size_t pack, struct sp_error *err)
{
	free(closure->misfits[pack]);
	closure->misfits[pack] = sp_strv_join(&at->problems, "; ");
	return closure->misfits[pack] ? SP_CLOSURE_MISFIT : sp_error_nomem(err);
}

static int begin(struct sp_closure *closure, size_t n_packs, struct sp_error *err)
{
	drop_answer(closure);
	if (closure->misfits)
		return 0;
	closure->misfits = calloc(n_packs + 1, sizeof *closure->misfits);
	closure->n_misfits = closure->misfits ? n_packs : 0;
	return closure->misfits ? 0 : sp_error_nomem(err);
}

int sp_closure_make(struct sp_machine_plan *made, struct sp_error *err)
{
	SP_AUTO(settling_done) struct settling settling = { .made = made };
	struct sp_closure *closure = &made->install;
	int r = begin(closure, made->packs->n, err), outcome = 0;

	if (r == 0)
		r = sp_closure_files_make(made, err);
	if (r == 0)
		r = add_packs(&settling, err);
	if (r == 0 && settling.settle.n)
		r = run(&settling, err);
	for (size_t i = 0; r == 0 && i < settling.settle.n; i++) {
		const struct sp_settle_pack *at = &settling.settle.packs[i];

		r = at->fits ? add_items(closure, at, settling.packs[i], err)
			     : add_misfit(closure, at, settling.packs[i], err);
		if (r > 0) {
			outcome = r;
			r = 0;
		}
	}
	return r != 0 ? r : outcome;
}
