/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the workers report is written down at once: it must be known even if they die. */

#include "installer-plugin/drive.h"

#include <string.h>

#include "base/json.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/deed.h"
#include "installer-plugin/drive_worker.h"
#include "installer-plugin/log.h"
#include "installer-plugin/machine.h"
#include "installer-plugin/operator.h"
#include "repo/pack.h"

enum {
	MODULE_MS = 60 * 1000,
	INDEX_MS = 70 * 1000, /* depmod */
	DEVICE_MS = 5 * 1000,
	CPU_SECONDS = 300,
	FILE_BYTES = 256 << 20, /* what depmod writes */
};

static const size_t memory_bytes = (size_t)1 << 30;

/* Where a worker's messages go. */
struct driving {
	struct sp_deed *deed;
	struct sp_load_result *result;
	struct sp_bind_proofs *proofs;
	struct sp_findings *findings;
};

/* ---- messages -------------------------------------------------------------------------- */

static int take_load(struct driving *driving, const struct json_object *load,
		     struct sp_error *err)
{
	struct sp_load_result fresh = { 0 };
	int r = sp_load_result_from_json(load, &fresh, err);

	if (r < 0)
		return r;
	sp_load_result_done(driving->result);
	*driving->result = fresh;
	for (size_t i = 0; i < fresh.n; i++) {
		if (sp_strv_has(&driving->deed->touched, fresh.steps[i].module))
			continue;
		r = sp_strv_add(&driving->deed->touched, fresh.steps[i].module, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int take_message(void *user, struct json_object *message, struct sp_error *err)
{
	struct driving *driving = user;
	const struct json_object *released = sp_json_get(message, "released");
	const struct json_object *load = sp_json_get(message, "load");
	const struct json_object *proof = sp_json_get(message, "proof");
	const char *unloaded = sp_json_get_string(message, "unloaded");
	int r = sp_findings_from_json(sp_json_get(message, "findings"), driving->findings,
				      err);

	if (r == 0 && unloaded && driving->deed)
		r = sp_strv_add(&driving->deed->unloaded, unloaded, err);
	if (r == 0 && released && driving->deed)
		r = sp_deed_add_release(driving->deed,
					sp_json_get_string(released, "address"),
					sp_json_get_string(released, "driver"), err);
	if (r == 0 && load && driving->result)
		r = take_load(driving, load, err);
	if (r == 0 && proof && driving->proofs)
		r = sp_bind_proofs_from_json(proof, driving->proofs, err);
	return r;
}

/* Lets the operator be heard, and nobody be killed in the middle of a module's start. */
static int tick_shielded(void *user)
{
	struct sp_operator *op = user;

	(void)op->ops->is_cancelled(op);
	return 0;
}

static int run(const char *what, sp_worker_fn worker, struct sp_drive_task *task,
	       struct driving *driving, unsigned deadline_ms, struct sp_operator *op,
	       struct sp_error *err)
{
	struct sp_patience patience = { op->ops->poll_fd(op), tick_shielded, op };
	struct sp_worker_job job = {
		.what = what,
		.run = worker,
		.arg = task,
		.on_message = take_message,
		.user = driving,
		.flags = SP_WORKER_PRIVILEGED,
		.limits = { .deadline_ms = deadline_ms,
			    .cpu_seconds = CPU_SECONDS,
			    .memory_bytes = memory_bytes,
			    .file_bytes = FILE_BYTES },
	};

	return sp_worker_run(&job, &patience, err);
}

/* ---- loading ----------------------------------------------------------------------------- */

static const struct sp_module *module_at(const struct sp_machine_plan *made, size_t index)
{
	const struct sp_plan_module *at = &made->plan.modules[index];

	return &made->packs->items[at->pack].modules.items[at->module];
}

static int list_modules(const struct sp_machine_plan *made, struct sp_strv *modules,
			struct sp_strv *evict, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < made->plan.n_modules; i++) {
		const char *name = module_at(made, i)->name;

		r = sp_strv_add(modules, name, err);
		if (r == 0 && sp_strv_has(&made->context->kernel.loaded, name))
			r = sp_strv_add(evict, name, err);
	}
	return r;
}

/* Devices that change from one module's driver to another's; where it is the same
 * module, taking that out of the kernel is enough. */
static size_t list_replacements(const struct sp_machine_plan *made,
				struct sp_drive_replace *replace)
{
	size_t n = 0;

	for (size_t i = 0; i < made->plan.n_matches; i++) {
		const struct sp_match *match = &made->plan.matches[i];
		const struct sp_device *device =
			&made->context->devices.items[match->device];
		const char *module =
			made->packs->items[match->pack].modules.items[match->module].name;

		if (match->verdict != SP_VERDICT_REPLACE ||
		    (device->module && !strcmp(device->module, module)))
			continue;
		replace[n++] = (struct sp_drive_replace){ match->address, module };
	}
	return n;
}

static void free_replace(struct sp_drive_replace **replace)
{
	free(*replace);
}

static void log_result(const struct sp_context *context,
		       const struct sp_load_result *result)
{
	for (size_t i = 0; i < result->n; i++)
		sp_log_line(context->log, "module '%s': %s", result->steps[i].module,
			    sp_load_state_name(result->steps[i].state));
	for (size_t i = 0; i < result->detail.n; i++)
		sp_log_line(context->log, "libkmod: %s", result->detail.items[i]);
	for (size_t i = 0; i < result->kernel_log.n; i++)
		sp_log_line(context->log, "kernel: %s", result->kernel_log.items[i]);
}

static int has_failed(const struct sp_findings *findings, size_t from)
{
	for (size_t i = from; i < findings->n; i++)
		if (sp_finding_weight(findings->items[i].code) == SP_WEIGHT_REFUSAL)
			return SP_DRIVE_FAILED;
	return 0;
}

int sp_drive_load(const struct sp_machine_plan *made, struct sp_operator *op,
		  struct sp_deed *deed, struct sp_load_result *ret_result,
		  struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv modules = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv evict = { 0 };
	SP_AUTO(free_replace)
	struct sp_drive_replace *replace =
		calloc(made->plan.n_matches + 1, sizeof *replace);
	struct driving driving = { deed, ret_result, NULL, findings };
	struct sp_drive_task task = {
		.root = made->context->root,
		.release = made->context->kernel.release,
		.modules = &modules,
		.evict = &evict,
		.replace = replace,
	};
	size_t before = findings->n;
	int r = replace ? list_modules(made, &modules, &evict, err) : sp_error_nomem(err);

	if (r < 0)
		return r;
	task.n_replace = list_replacements(made, replace);
	r = run("loading the modules", sp_drive_worker_load, &task, &driving,
		INDEX_MS + (unsigned)modules.n * MODULE_MS, op, err);
	log_result(made->context, ret_result);
	if (r == 0)
		r = sp_findings_move(findings, &ret_result->findings, err);
	if (r == 0)
		r = sp_load_report_taint(findings, deed->taint,
					 sp_load_taint(made->context->root), err);
	return r < 0 ? r : has_failed(findings, before);
}

/* ---- waiting ------------------------------------------------------------------------------- */

static size_t list_wants(const struct sp_machine_plan *made, struct sp_bind_want *wants)
{
	size_t n = 0;

	for (size_t i = 0; i < made->plan.n_matches; i++) {
		const struct sp_match *match = &made->plan.matches[i];
		const struct sp_device *device =
			&made->context->devices.items[match->device];

		if (match->verdict != SP_VERDICT_LOAD &&
		    match->verdict != SP_VERDICT_REPLACE)
			continue;
		wants[n++] = (struct sp_bind_want){
			.address = match->address,
			.interface = device->kind == SP_DEVICE_NETWORK,
			.disk = device->kind == SP_DEVICE_STORAGE,
		};
	}
	return n;
}

/* One finding for a device that is not as it should be; *@ret_works: it is of use. */
static int judge(const struct sp_bind_want *want, const struct sp_bind_proof *proof,
		 bool *ret_works, struct sp_findings *findings, struct sp_error *err)
{
	*ret_works = proof->bound && (proof->complete || want->disk);
	if (proof->complete)
		return 0;
	if (proof->gone)
		return sp_findings_add(findings, "device-vanished", proof->address, err,
				       "%s is not there any more", proof->address);
	if (!proof->bound)
		return sp_findings_add(
			findings, "not-bound", proof->address, err,
			"the driver was loaded, but %s has %s%s%s", proof->address,
			proof->driver ? "driver '" : "none",
			proof->driver ? proof->driver : "", proof->driver ? "'" : "");
	if (want->disk)
		return sp_findings_add(
			findings, "disk-missing", proof->address, err,
			"'%s' drives %s, but no disk has appeared behind it",
			proof->driver, proof->address);
	return sp_findings_add(findings, "interface-missing", proof->address, err,
			       "'%s' drives %s, but no network interface has appeared",
			       proof->driver, proof->address);
}

static int judge_all(const struct sp_bind_want *wants,
		     const struct sp_bind_proofs *proofs, struct sp_findings *findings,
		     struct sp_error *err)
{
	size_t working = 0;

	for (size_t i = 0; i < proofs->n; i++) {
		bool works;
		int r = judge(&wants[i], &proofs->items[i], &works, findings, err);

		if (r < 0)
			return r;
		working += works;
	}
	return proofs->n && !working ? SP_DRIVE_FAILED : 0;
}

/* While it was loaded, the kernel was heard once already. */
static int add_unheard(struct sp_findings *findings, const struct sp_findings *heard,
		       struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < heard->n; i++) {
		const struct sp_finding *at = &heard->items[i];
		bool known = false;

		for (size_t k = 0; k < findings->n && !known; k++)
			known = !strcmp(findings->items[k].code, at->code) &&
				!strcmp(findings->items[k].about, at->about);
		if (!known)
			r = sp_findings_add(findings, at->code, at->about, err, "%s",
					    at->text);
	}
	return r;
}

static void free_wants(struct sp_bind_want **wants)
{
	free(*wants);
}

int sp_drive_wait(const struct sp_machine_plan *made, struct sp_operator *op,
		  struct sp_drive_watch *watch, struct sp_findings *findings,
		  struct sp_error *err)
{
	SP_AUTO(free_wants)
	struct sp_bind_want *wants = calloc(made->plan.n_matches + 1, sizeof *wants);
	SP_AUTO(sp_findings_done) struct sp_findings heard = { 0 };
	struct driving driving = { NULL, NULL, &watch->proofs, &heard };
	struct sp_drive_task task = { .root = made->context->root,
				      .wants = wants,
				      .kmsg_fd = watch->kmsg_fd };
	int r;

	if (!wants)
		return sp_error_nomem(err);
	task.n_wants = list_wants(made, wants);
	r = run("waiting for the devices", sp_drive_worker_wait, &task, &driving,
		SP_BIND_TIMEOUT_MS + (unsigned)task.n_wants * DEVICE_MS, op, err);
	if (r == 0 && watch->proofs.n != task.n_wants)
		return sp_error_set(err, SP_ERR_WORKER,
				    "waiting for the devices gave no answer");
	if (r == 0)
		r = add_unheard(findings, &heard, err);
	return r < 0 ? r : judge_all(wants, &watch->proofs, findings, err);
}

/* ---- the way back ------------------------------------------------------------------------------ */

static int list_new(const struct sp_context *context, const struct sp_deed *deed,
		    struct sp_strv *modules, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < deed->touched.n; i++)
		if (!sp_strv_has(&context->kernel.loaded, deed->touched.items[i]) ||
		    sp_strv_has(&deed->unloaded, deed->touched.items[i]))
			r = sp_strv_add(modules, deed->touched.items[i], err);
	return r;
}

int sp_drive_unload(struct sp_context *context, const struct sp_deed *deed,
		    struct sp_operator *op, struct sp_findings *findings,
		    struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv modules = { 0 };
	struct driving driving = { .findings = findings };
	struct sp_drive_task task = { .root = context->root, .modules = &modules };
	int r = list_new(context, deed, &modules, err);

	if (r < 0 || !modules.n)
		return r;
	return run("unloading the modules", sp_drive_worker_unload, &task, &driving,
		   (unsigned)modules.n * MODULE_MS, op, err);
}

int sp_drive_restore(struct sp_context *context, const struct sp_deed *deed,
		     struct sp_operator *op, struct sp_findings *findings,
		     struct sp_error *err)
{
	struct driving driving = { .findings = findings };
	struct sp_drive_task task = { .root = context->root,
				      .release = context->kernel.release,
				      .deed = deed };

	if (!deed->installed.n && !deed->placed.n && !deed->unloaded.n &&
	    !deed->n_released)
		return 0;
	return run("putting the drivers of before back", sp_drive_worker_restore, &task,
		   &driving,
		   INDEX_MS + (unsigned)(deed->unloaded.n + deed->n_released) * MODULE_MS,
		   op, err);
}
