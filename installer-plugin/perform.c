/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A walk through steps; whichever fails, what the ones before it did is undone. */

#include "installer-plugin/perform.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/array.h"
#include "base/file.h"
#include "base/json.h"
#include "base/outcome.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/deed.h"
#include "installer-plugin/drive.h"
#include "installer-plugin/firmware.h"
#include "installer-plugin/load_files.h"
#include "installer-plugin/log.h"
#include "installer-plugin/look.h"
#include "installer-plugin/machine.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/report.h"
#include "probe/kmsg.h"
#include "probe/root.h"
#include "repo/pack.h"
#include "repo/transaction.h"

/* Outcome of a step: it failed, and the report says how. */
enum { STEP_FAILED = 1 };

struct performing {
	const struct sp_machine_plan *agreed;
	struct sp_context *context;
	struct sp_operator *op;
	struct sp_report *report;
	struct sp_error *err;
	struct sp_look look;         /* of the copies */
	struct sp_machine_plan made; /* from them */
	struct sp_deed deed;
	struct sp_load_result loading;
	struct sp_drive_watch watch;
};

static void performing_done(struct performing *p)
{
	sp_machine_plan_done(&p->made);
	sp_look_done(&p->look);
	sp_deed_done(&p->deed);
	sp_load_result_done(&p->loading);
	sp_bind_proofs_done(&p->watch.proofs);
	sp_closep(&p->watch.kmsg_fd);
}

/* ---- copies, verified ------------------------------------------------------------------ */

static bool is_used(const struct sp_plan *plan, size_t pack)
{
	for (size_t i = 0; i < plan->n_packages; i++)
		if (plan->packages[i].pack == pack)
			return true;
	return false;
}

static int keep_packs(struct performing *p)
{
	for (size_t i = 0; i < p->agreed->packs->n; i++) {
		struct sp_keep keep = { 0 }, *kept;
		int r;

		if (!is_used(&p->agreed->plan, i))
			continue;
		r = sp_keep_make(p->context, &p->agreed->packs->items[i], p->op,
				 &p->report->findings, &keep, p->err);
		if (r == SP_KEEP_NO_ROOM) {
			p->report->exit = SP_EXIT_REQUIREMENTS;
			return STEP_FAILED;
		}
		if (r < 0)
			return r;
		kept = sp_array_add(&p->deed.kept, &p->deed.n_kept);
		if (!kept)
			return sp_error_nomem(p->err);
		*kept = keep;
	}
	return 0;
}

/* The plan made from the copies must be the one that was agreed to. */
static int verify_again(struct performing *p)
{
	SP_AUTO(sp_strv_done) struct sp_strv places = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->deed.n_kept; i++)
		r = sp_strv_add(&places, p->deed.kept[i].path, p->err);
	if (r == 0)
		r = sp_look_at(p->context, &places, p->op, &p->look, p->err);
	p->made = (struct sp_machine_plan){
		.context = p->context,
		.packs = &p->look.packs,
		.accept = p->agreed->accept,
		.replace = p->agreed->replace,
		.choices = p->agreed->choices,
	};
	if (r == 0)
		r = sp_machine_plan_make(&p->made, p->err);
	if (r < 0)
		return r;
	sp_log_line(p->context->log, "plan of the copies: %s", p->made.plan.digest);
	if (!strcmp(p->made.plan.digest, p->agreed->plan.digest))
		return 0;
	return sp_error_set(p->err, SP_ERR_DAMAGED,
			    "what was copied is not what was agreed to: the medium gave "
			    "other content the second time");
}

/* ---- packages ------------------------------------------------------------------------------ */

static void log_line(void *user, const char *line)
{
	const struct performing *p = user;

	sp_log_line(p->context->log, "rpm: %s", line);
}

static void show_progress(void *user, uint64_t done, uint64_t total, const char *nevra)
{
	const struct performing *p = user;
	SP_AUTO(sp_str_freep) char *text = sp_text_format("Installing %s", nevra);

	sp_operator_progress(p->op, text ? text : "Installing", done, total);
}

static int open_items(struct performing *p, const struct sp_closure *closure,
		      struct sp_transaction_item *items)
{
	for (size_t i = 0; i < closure->n; i++) {
		const struct sp_pack *pack = &p->look.packs.items[closure->items[i].pack];
		const struct sp_package *package =
			&pack->packages[closure->items[i].package];
		SP_AUTO(sp_str_freep)
		char *path = sp_text_format("%s/%s", pack->location, package->file);

		if (!path)
			return sp_error_nomem(p->err);
		items[i].package = package;
		items[i].fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (items[i].fd < 0)
			return sp_error_set_errno(p->err, errno, "opening '%s'", path);
	}
	return 0;
}

static int note_installed(struct performing *p,
			  const struct sp_transaction_result *result)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < result->n_packages; i++) {
		const struct sp_transaction_package *at = &result->packages[i];

		sp_log_line(p->context->log, "package '%s': %s", at->nevra,
			    at->state == SP_TRANSACTION_ALREADY ? "was there already"
								: "installed");
		if (at->state == SP_TRANSACTION_INSTALLED)
			r = sp_strv_add(&p->deed.installed, at->nevra, p->err);
	}
	return r;
}

/* An installer's database need not know the kernel that it runs. */
static int list_provided(struct performing *p, struct sp_strv *provided)
{
	SP_AUTO(sp_str_freep)
	char *kernel = sp_text_format("kernel-uname-r = %s", p->context->kernel.release);

	return kernel ? sp_strv_add(provided, kernel, p->err) : sp_error_nomem(p->err);
}

static int run_transaction(struct performing *p, const struct sp_closure *closure,
			   const struct sp_transaction_item *items)
{
	SP_AUTO(sp_transaction_result_done) struct sp_transaction_result result = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv provided = { 0 };
	struct sp_patience patience = sp_operator_patience(p->op);
	struct sp_transaction transaction = {
		.root = sp_root_path(p->context->root),
		.items = items,
		.n_items = closure->n,
		.installer = true,
		.provided = &provided,
		.on_log = log_line,
		.on_progress = show_progress,
		.user = p,
		.patience = &patience,
	};
	struct sp_error ignored = SP_ERROR_INIT;
	int r = list_provided(p, &provided);

	if (r == 0)
		r = sp_transaction_run(&transaction, &result, p->err);
	if (sp_findings_move(&p->report->findings, &result.findings, &ignored) < 0)
		return sp_error_nomem(p->err);
	return r < 0 ? r : note_installed(p, &result);
}

static int note_stamp(struct performing *p, int root_fd, const char *id)
{
	struct sp_stamp *stamp = sp_array_add(&p->deed.stamps, &p->deed.n_stamps);

	return stamp ? sp_stamp_load(root_fd, id, stamp, p->err) : sp_error_nomem(p->err);
}

/* Those that the packages' scripts are going to write. */
static int note_stamps(struct performing *p)
{
	SP_AUTO(sp_closep) int root_fd = -1;
	int r = sp_root_open(p->context->root, ".", O_RDONLY | O_DIRECTORY, &root_fd,
			     p->err);

	for (size_t i = 0; r == 0 && i < p->look.packs.n; i++) {
		const struct sp_pack *pack = &p->look.packs.items[i];

		r = note_stamp(p, root_fd, pack->id);
		for (size_t k = 0; r == 0 && k < pack->rolls_up.n; k++)
			r = note_stamp(p, root_fd, pack->rolls_up.items[k]);
	}
	return r < 0 ? r : 0;
}

/* Before any package: what its scripts wake finds its firmware. */
static int place_files(struct performing *p)
{
	int r = sp_load_files_place(&p->made, p->op, &p->deed, &p->report->findings,
				    p->err);

	if (r != SP_LOAD_FILES_FAILED)
		return r;
	p->report->exit = SP_EXIT_REQUIREMENTS;
	return STEP_FAILED;
}

static int install(struct performing *p)
{
	const struct sp_closure *closure = &p->made.install;
	struct sp_transaction_item items[SP_TRANSACTION_MAX_ITEMS];
	int r = 0;

	if (closure->n > SP_TRANSACTION_MAX_ITEMS)
		return sp_error_set(p->err, SP_ERR_LIMIT,
				    "more than %d packages would have to be installed",
				    SP_TRANSACTION_MAX_ITEMS);
	for (size_t i = 0; i < closure->n; i++)
		items[i].fd = -1;
	/* Scriptlets wake udev, which may load the modules before we do. */
	p->deed.taint = sp_load_taint(p->context->root);
	for (size_t i = 0; r == 0 && i < p->made.plan.n_modules; i++) {
		const struct sp_plan_module *at = &p->made.plan.modules[i];

		r = sp_strv_add(
			&p->deed.touched,
			p->look.packs.items[at->pack].modules.items[at->module].name,
			p->err);
	}
	if (r == 0)
		r = note_stamps(p);
	if (r == 0)
		r = place_files(p);
	if (r == 0)
		r = open_items(p, closure, items);
	if (r == 0 && closure->n)
		r = run_transaction(p, closure, items);
	for (size_t i = 0; i < closure->n; i++)
		sp_closep(&items[i].fd);
	return r;
}

/* ---- modules and devices ------------------------------------------------------------------------ */

static int load(struct performing *p)
{
	int r;

	sp_kmsg_open(&p->watch.kmsg_fd);
	r = sp_drive_load(&p->made, p->op, &p->deed, &p->loading, &p->report->findings,
			  p->err);

	if (r != SP_DRIVE_FAILED)
		return r;
	p->report->exit = sp_outcome_worse(SP_EXIT_LOAD_FAILED,
					   sp_findings_exit_code(&p->report->findings));
	return STEP_FAILED;
}

static int wait_devices(struct performing *p)
{
	size_t before = p->report->findings.n;
	int r = sp_drive_wait(&p->made, p->op, &p->watch, &p->report->findings, p->err);

	if (r < 0)
		return r;
	sp_json_set(p->report->body, "proof", sp_bind_proofs_to_json(&p->watch.proofs));
	for (size_t i = before; i < p->report->findings.n; i++)
		if (sp_finding_weight(p->report->findings.items[i].code) ==
		    SP_WEIGHT_REFUSAL)
			p->report->exit = SP_EXIT_NOT_BOUND;
	return r == SP_DRIVE_FAILED ? STEP_FAILED : 0;
}

/* ---- the walk --------------------------------------------------------------------------------------- */

static const struct step {
	const char *text;
	int (*run)(struct performing *p);
} steps[] = {
	{ "Copying and verifying", keep_packs },
	{ "Verifying the copies", verify_again },
	{ "Installing", install },
	{ "Loading the drivers", load },
	{ "Waiting for the devices", wait_devices },
};

/* Modules of another kernel than the running one can be planned for, and not loaded. */
static int check_kernel(struct performing *p)
{
	struct utsname running;
	const char *release = p->context->kernel.release;

	if (uname(&running) < 0)
		return sp_error_set_errno(p->err, errno, "asking for the kernel");
	if (!strcmp(running.release, release))
		return 0;
	return sp_error_set(p->err, SP_ERR_USAGE,
			    "drivers for kernel '%s' cannot be loaded: '%s' is running",
			    release, running.release);
}

static int run_steps(struct performing *p)
{
	int r = check_kernel(p);

	for (size_t i = 0; r == 0 && i < sizeof steps / sizeof steps[0]; i++) {
		sp_operator_busy(p->op, steps[i].text);
		sp_log_line(p->context->log, "step: %s", steps[i].text);
		r = steps[i].run(p);
		sp_operator_busy(p->op, NULL);
		if (r == 0 && p->op->ops->is_cancelled(p->op))
			r = sp_error_set(p->err, SP_ERR_CANCELLED, "cancelled while '%s'",
					 steps[i].text);
	}
	return r;
}

/* Those of the plan: what was there already counts as placed. */
static struct json_object *list_placed(const struct performing *p)
{
	struct json_object *placed = sp_json_array();

	for (size_t i = 0; i < p->made.install.n_files; i++) {
		SP_AUTO(sp_str_freep)
		char *path = sp_text_format("/%s", p->made.install.files[i].path);

		sp_json_append(placed, path ? sp_json_string(path) : NULL);
	}
	return placed;
}

static void report_done(struct performing *p)
{
	struct json_object *loaded = sp_json_array();
	struct json_object *kept = sp_json_array();

	for (size_t i = 0; i < p->loading.n; i++)
		if (p->loading.steps[i].state == SP_LOAD_LOADED)
			sp_json_append(loaded,
				       sp_json_string(p->loading.steps[i].module));
	for (size_t i = 0; i < p->deed.n_kept; i++)
		sp_json_append(kept, sp_json_string(p->deed.kept[i].path));
	sp_json_set(p->report->body, "loaded", loaded);
	sp_json_set(p->report->body, "kept", kept);
	sp_json_set_strv(p->report->body, "installed", &p->deed.installed);
	sp_json_set(p->report->body, "placed", list_placed(p));
}

/* Failures of the pack or the machine are an answer; only our own go up. */
static bool is_answer(int r)
{
	return r < 0 && r != -SP_ERR_CANCELLED && r != -SP_ERR_NOMEM &&
	       r != -SP_ERR_INTERNAL && r != -SP_ERR_USAGE;
}

int sp_perform_load(const struct sp_machine_plan *made, struct sp_operator *op,
		    struct sp_report *report, struct sp_error *err)
{
	SP_AUTO(performing_done)
	struct performing p = { .agreed = made,
				.context = made->context,
				.op = op,
				.report = report,
				.watch = { .kmsg_fd = -1 },
				.err = err };
	int r = run_steps(&p);

	sp_firmware_name_packs(made->packs, &report->findings);

	if (r == 0) {
		report_done(&p);
	} else {
		sp_log_line(p.context->log, "failed: %s",
			    r < 0 ? err->text : "see findings");
		sp_deed_undo(p.context, &p.deed, op, &report->findings);
	}
	if (p.loading.kernel_log.n)
		sp_json_set_strv(report->body, "kernel_log", &p.loading.kernel_log);
	if (is_answer(r)) {
		/* A transaction has said why in its findings; others have not. */
		if (sp_findings_exit_code(&report->findings) ==
		    sp_error_exit_code(err->code))
			report->exit = sp_error_exit_code(err->code);
		else
			sp_report_fail(report, NULL, err);
		*err = (struct sp_error)SP_ERROR_INIT;
		r = 0;
	}
	return r < 0 ? r : 0;
}
