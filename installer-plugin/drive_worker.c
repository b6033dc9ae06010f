/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Everything here runs in a privileged child and changes the running kernel. */

#include "installer-plugin/drive_worker.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/finding.h"
#include "base/json.h"
#include "installer-plugin/deed.h"
#include "probe/bind.h"
#include "probe/kmsg.h"
#include "probe/load.h"
#include "probe/root.h"

/* ---- messages ---------------------------------------------------------------------- */

static int send_value(struct sp_outlet *outlet, const char *key,
		      struct json_object *value, struct sp_error *err)
{
	struct json_object *message = sp_json_object();

	sp_json_set(message, key, value);
	return sp_outlet_send(outlet, message, err);
}

static int send_findings(struct sp_outlet *outlet, const struct sp_findings *findings,
			 struct sp_error *err)
{
	if (!findings->n)
		return 0;
	return send_value(outlet, "findings", sp_findings_to_json(findings), err);
}

SP_PRINTF(5, 6)
static int send_finding(struct sp_outlet *outlet, const char *code, const char *about,
			struct sp_error *err, const char *fmt, ...)
{
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	char text[SP_TEXT_MAX];
	va_list args;
	int r;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	r = sp_findings_add(&findings, code, about, err, "%s", text);
	return r < 0 ? r : send_findings(outlet, &findings, err);
}

static const char *first(const struct sp_strv *users)
{
	return users->n ? users->items[0] : "something uses it";
}

/* ---- forward --------------------------------------------------------------------------- */

/* Outcome of the steps below: it does not work, and was said. */
enum { STOP = 1 };

static int evict(const struct sp_drive_task *task, struct sp_outlet *outlet,
		 const char *module, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv users = { 0 };
	int r = sp_load_unload(task->root, module, &users, err);

	if (r == 0)
		return send_value(outlet, "unloaded", sp_json_string(module), err);
	if (r == SP_LOAD_IN_USE) {
		r = send_finding(outlet, "driver-in-use", module, err,
				 "the module '%s' that is loaded cannot be replaced: %s",
				 module, first(&users));
		return r < 0 ? r : STOP;
	}
	return r < 0 ? r : 0;
}

static int release(const struct sp_drive_task *task, struct sp_outlet *outlet,
		   const char *address, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv users = { 0 };
	SP_AUTO(sp_str_freep) char *driver = NULL;
	struct json_object *released;
	int r = sp_bind_release(task->root, address, &driver, &users, err);

	if (r == SP_BIND_IN_USE) {
		r = send_finding(outlet, "driver-in-use", address, err,
				 "%s cannot be taken from its driver: %s", address,
				 first(&users));
		return r < 0 ? r : STOP;
	}
	if (r != 0)
		return r < 0 ? r : 0;
	released = sp_json_object();
	sp_json_set_string(released, "address", address);
	sp_json_set_string(released, "driver", driver);
	return send_value(outlet, "released", released, err);
}

/* Gives the device to a driver that @module has registered.  Left alone, the kernel
 * would give it back to the driver that came first. */
static int attach(const struct sp_drive_task *task, struct sp_outlet *outlet,
		  const struct sp_drive_replace *replace, struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *path = sp_text_format("sys/module/%s/drivers", replace->module);
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	struct sp_error cause = SP_ERROR_INIT;
	int r;

	if (!path)
		return sp_error_nomem(err);
	r = sp_root_list(task->root, path, &names, &cause);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (sp_text_starts_with(names.items[i], "pci:") &&
		    sp_bind_attach(task->root, replace->address, names.items[i] + 4,
				   &cause) == 0)
			return 0;
	return send_finding(outlet, "not-bound", replace->address, err,
			    "the module '%s' did not take %s%s%s", replace->module,
			    replace->address, cause.code ? ": " : "", cause.text);
}

static int load_one(const struct sp_drive_task *task, struct sp_outlet *outlet,
		    const char *module, struct sp_load_result *result,
		    struct sp_error *err)
{
	int outcome = sp_load_module(module, task->release, result, err);
	int r;

	if (outcome < 0)
		return outcome;
	r = send_value(outlet, "load", sp_load_result_to_json(result), err);
	return r < 0 ? r : outcome == SP_LOAD_FAILED ? STOP : 0;
}

int sp_drive_worker_load(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct sp_drive_task *task = arg;
	SP_AUTO(sp_load_result_done) struct sp_load_result result = { 0 };
	int r = sp_load_depmod(sp_root_path(task->root), task->release, err);

	for (size_t i = 0; r == 0 && i < task->evict->n; i++)
		r = evict(task, outlet, task->evict->items[i], err);
	for (size_t i = 0; r == 0 && i < task->n_replace; i++)
		r = release(task, outlet, task->replace[i].address, err);
	for (size_t i = 0; r == 0 && i < task->modules->n; i++)
		r = load_one(task, outlet, task->modules->items[i], &result, err);
	for (size_t i = 0; r == 0 && i < task->n_replace; i++)
		r = attach(task, outlet, &task->replace[i], err);
	return r < 0 ? r : 0;
}

/* A driver may ask for firmware long after its module has started. */
static int report_firmware(const struct sp_drive_task *task, struct sp_outlet *outlet,
			   struct sp_error *err)
{
	static const struct sp_strv no_names = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv lines = { 0 };
	int r = sp_kmsg_collect(task->kmsg_fd, &no_names, &lines, err);

	if (r == 0)
		r = sp_kmsg_report_firmware(&lines, &findings, err);
	return r < 0 ? r : send_findings(outlet, &findings, err);
}

int sp_drive_worker_wait(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct sp_drive_task *task = arg;
	SP_AUTO(sp_bind_proofs_done) struct sp_bind_proofs proofs = { 0 };
	int r = sp_bind_wait(task->root, task->wants, task->n_wants, 0, NULL, &proofs,
			     err);

	if (r == 0)
		r = send_value(outlet, "proof", sp_bind_proofs_to_json(&proofs), err);
	return r < 0 ? r : report_firmware(task, outlet, err);
}

/* ---- and back ------------------------------------------------------------------------ */

/* Goes on to the end: half an undoing is worse than an incomplete one. */
int sp_drive_worker_unload(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct sp_drive_task *task = arg;
	int r = 0;

	for (size_t i = task->modules->n; r >= 0 && i-- > 0;) {
		const char *module = task->modules->items[i];
		SP_AUTO(sp_strv_done) struct sp_strv users = { 0 };
		struct sp_error cause = SP_ERROR_INIT;

		r = sp_load_unload(task->root, module, &users, &cause);
		if (r == SP_LOAD_IN_USE || r < 0)
			r = send_finding(outlet, "left-behind", module, err,
					 "the module '%s' stays in the kernel: %s",
					 module, r < 0 ? cause.text : first(&users));
	}
	return r < 0 ? r : 0;
}

static int reload(const struct sp_drive_task *task, struct sp_outlet *outlet,
		  const char *module, struct sp_error *err)
{
	SP_AUTO(sp_load_result_done) struct sp_load_result result = { 0 };
	struct sp_error cause = SP_ERROR_INIT;

	if (sp_load_module(module, task->release, &result, &cause) == 0)
		return 0;
	return send_finding(outlet, "left-behind", module, err,
			    "the module '%s' that was loaded before could not be loaded "
			    "again",
			    module);
}

static int reattach(const struct sp_drive_task *task, struct sp_outlet *outlet,
		    const struct sp_deed_release *released, struct sp_error *err)
{
	struct sp_error cause = SP_ERROR_INIT;

	if (sp_bind_attach(task->root, released->address, released->driver, &cause) == 0)
		return 0;
	return send_finding(outlet, "left-behind", released->address, err,
			    "%s could not be given back to its driver '%s': %s",
			    released->address, released->driver, cause.text);
}

int sp_drive_worker_restore(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct sp_drive_task *task = arg;
	const struct sp_deed *deed = task->deed;
	struct sp_error cause = SP_ERROR_INIT;
	int r = 0;

	if (sp_load_depmod(sp_root_path(task->root), task->release, &cause) < 0)
		r = send_finding(outlet, "left-behind", "depmod", err, "%s", cause.text);
	for (size_t i = deed->unloaded.n; r >= 0 && i-- > 0;)
		r = reload(task, outlet, deed->unloaded.items[i], err);
	for (size_t i = deed->n_released; r >= 0 && i-- > 0;)
		r = reattach(task, outlet, &deed->released[i], err);
	return r < 0 ? r : 0;
}
