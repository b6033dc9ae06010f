/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The mark is set before dracut is held back and cleared after it has run: at no moment
 * can a death leave a host that nobody makes an initrd for. */

#include "installer-plugin/finalize.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/finding.h"
#include "base/inside.h"
#include "base/json.h"
#include "installer-plugin/collectable.h"
#include "installer-plugin/context.h"
#include "installer-plugin/finalize_worker.h"
#include "installer-plugin/host.h"
#include "installer-plugin/log.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/unfinished.h"

#define HOLD_PLACE "etc/dracut.conf.d"
#define HOLD_NAME "suppack-later.conf"

/* dracut reads it as shell, as the first thing it does. */
static const char hold_text[] =
	"# Packs are being installed: suppack makes the initrd after the last of them.\n"
	"echo 'suppack: the initrd is made later'\n"
	"exit 0\n";

enum {
	MAKE_MS = 1200 * 1000,
	MAKE_CPU_SECONDS = 1200,
	LOOK_MS = 300 * 1000,
	LOOK_CPU_SECONDS = 120,
};

static const uint64_t make_file_bytes = (uint64_t)2 << 30;
static const size_t make_memory_bytes = (size_t)4 << 30;

/* ---- dracut, held back ------------------------------------------------------------------ */

int sp_finalize_hold(const struct sp_host *host, struct sp_error *err)
{
	SP_AUTO(sp_closep) int place_fd = -1;
	int r = sp_file_open_dir_beneath(host->root_fd, HOLD_PLACE, &place_fd, err);

	/* No such directory: no dracut to hold back. */
	if (r != 0)
		return r < 0 ? r : 0;
	return sp_file_replace(place_fd, HOLD_NAME, hold_text, strlen(hold_text), 0644,
			       err);
}

static int let_go(const struct sp_host *host, struct sp_error *err)
{
	SP_AUTO(sp_closep) int place_fd = -1;
	int r = sp_file_open_dir_beneath(host->root_fd, HOLD_PLACE, &place_fd, err);

	if (r != 0)
		return r < 0 ? r : 0;
	if (unlinkat(place_fd, HOLD_NAME, 0) < 0 && errno != ENOENT)
		return sp_error_set_errno(err, errno, "removing '/%s/%s'", HOLD_PLACE,
					  HOLD_NAME);
	/* What a write that was cut short leaves. */
	(void)unlinkat(place_fd, "." HOLD_NAME ".new", 0);
	if (fsync(place_fd) < 0)
		return sp_error_set_errno(err, errno, "syncing '/%s'", HOLD_PLACE);
	return 0;
}

/* ---- marks ------------------------------------------------------------------------------- */

static int mark(const struct sp_host *host, const char *kernel, struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *name = sp_text_format(SP_UNFINISHED_INITRD "%s", kernel);

	return name ? sp_unfinished_mark(host->root_fd, name, err) : sp_error_nomem(err);
}

static bool has_modules_for(const struct sp_pack *pack, const char *kernel)
{
	for (size_t i = 0; i < pack->modules.n; i++)
		if (pack->modules.items[i].kernel &&
		    !strcmp(pack->modules.items[i].kernel, kernel))
			return true;
	return false;
}

static bool has_firmware(const struct sp_pack *pack)
{
	for (size_t i = 0; i < pack->n_packages; i++)
		for (size_t j = 0; j < pack->packages[i].files.n; j++)
			if (strstr(pack->packages[i].files.items[j], "lib/firmware/"))
				return true;
	return false;
}

int sp_finalize_mark(const struct sp_host *host, const struct sp_pack *pack,
		     struct sp_error *err)
{
	const struct sp_strv *kernels = &host->target.kernels;
	bool all = !pack->modules.n && has_firmware(pack);
	int r = 0;

	for (size_t i = 0; r == 0 && i < kernels->n; i++)
		if (all || has_modules_for(pack, kernels->items[i]))
			r = mark(host, kernels->items[i], err);
	return r;
}

/* ---- one kernel ----------------------------------------------------------------------------- */

/* What its worker sends. */
struct making {
	struct sp_context *context;
	const struct sp_finalize_task *task;
	struct sp_findings *findings;
	bool failed;
};

static int add_failure(struct making *making, const char *why, struct sp_error *err)
{
	making->failed = true;
	return sp_findings_add(making->findings, "initrd-failed", making->task->kernel,
			       err, "the initrd of kernel '%s' was not made anew: %s",
			       making->task->kernel, why);
}

static int take_message(void *user, struct json_object *message, struct sp_error *err)
{
	struct making *making = user;
	const char *ran = sp_json_get_string(message, "ran");
	const char *output = sp_json_get_string(message, "output");
	int64_t status = sp_json_get_int(message, "status", 0);
	SP_AUTO(sp_str_freep) char *why = NULL;

	if (!ran)
		return sp_findings_from_json(sp_json_get(message, "findings"),
					     making->findings, err);
	sp_log_line(making->context->log, "'%s' for kernel '%s': status %lld%s%s", ran,
		    making->task->kernel, (long long)status,
		    output && *output ? ": " : "", output ? output : "");
	if (!status)
		return 0;
	why = sp_text_format("'%s' ended with status %lld", ran, (long long)status);
	return why ? add_failure(making, why, err) : sp_error_nomem(err);
}

/* What has begun is not cancelled: half an initrd is worse than a minute's wait. */
static int keep_waiting(void *user)
{
	struct sp_operator *op = user;

	(void)op->ops->is_cancelled(op);
	return 0;
}

static int run_worker(struct making *making, struct sp_worker_job *job,
		      struct sp_operator *op, struct sp_error *err)
{
	struct sp_patience patience = { op->ops->poll_fd(op), keep_waiting, op };
	struct sp_error cause = SP_ERROR_INIT;
	int r;

	job->arg = (void *)(uintptr_t)making->task;
	job->on_message = take_message;
	job->user = making;
	r = sp_worker_run(job, &patience, &cause);
	return r < 0 ? add_failure(making, cause.text, err) : 0;
}

static int finalize_kernel(struct sp_finalize_task *task, struct sp_operator *op,
			   struct making *making, struct sp_error *err)
{
	struct sp_worker_job make = {
		.what = "making the initrd",
		.run = sp_finalize_worker_make,
		.flags = SP_WORKER_PRIVATE_MOUNTS | SP_WORKER_PRIVILEGED,
		.limits = { .deadline_ms = MAKE_MS,
			    .cpu_seconds = MAKE_CPU_SECONDS,
			    .memory_bytes = make_memory_bytes,
			    .file_bytes = make_file_bytes },
	};
	struct sp_worker_job look = {
		.what = "looking into the initrd",
		.run = sp_finalize_worker_look,
		.limits = { .deadline_ms = LOOK_MS, .cpu_seconds = LOOK_CPU_SECONDS },
	};
	SP_AUTO(sp_str_freep)
	char *text = sp_text_format("Making the initrd of kernel %s", task->kernel);
	int r;

	sp_operator_busy(op, text);
	making->task = task;
	r = run_worker(making, &make, op, err);
	if (r == 0 && !making->failed && task->initrd)
		r = run_worker(making, &look, op, err);
	sp_operator_busy(op, NULL);
	return r;
}

/* ---- which kernels, and what of them ---------------------------------------------------------- */

static const char *const firmware_places[] = { "lib/firmware/updates/%k/",
					       "lib/firmware/updates/", "lib/firmware/" };

static char *firmware_path(const char *place, const char *kernel, const char *name)
{
	const char *hole = strstr(place, "%k");

	if (!hole)
		return sp_text_format("%s%s", place, name);
	return sp_text_format("%.*s%s%s%s", (int)(hole - place), place, kernel, hole + 2,
			      name);
}

/* The first place where the kernel would find it; none: it is not missed here. */
static int add_firmware(const struct sp_host *host, struct sp_finalize_task *task,
			const char *name, struct sp_error *err)
{
	for (size_t i = 0; i < sizeof firmware_places / sizeof firmware_places[0]; i++) {
		SP_AUTO(sp_str_freep)
		char *path = firmware_path(firmware_places[i], task->kernel, name);
		SP_AUTO(sp_closep) int fd = -1;
		struct sp_error ignored = SP_ERROR_INIT;

		if (!path)
			return sp_error_nomem(err);
		if (sp_inside_open(host->root_fd, path, &fd, &ignored) == 0)
			return sp_strv_has(&task->files, path)
				       ? 0
				       : sp_strv_add(&task->files, path, err);
	}
	return 0;
}

static int add_module(const struct sp_host *host, struct sp_finalize_task *task,
		      const struct sp_module *module, struct sp_error *err)
{
	int r = 0;

	if (!module->path || !module->kernel || strcmp(module->kernel, task->kernel) != 0)
		return 0;
	if (!sp_strv_has(&task->files, module->path))
		r = sp_strv_add(&task->files, module->path, err);
	for (size_t i = 0; r == 0 && i < module->firmware.n; i++)
		r = add_firmware(host, task, module->firmware.items[i], err);
	return r;
}

static int add_files(const struct sp_host *host, struct sp_finalize_task *task,
		     struct sp_error *err)
{
	for (size_t i = 0; i < host->records.n; i++) {
		const struct sp_module_list *modules =
			&host->records.items[i].pack.modules;

		for (size_t j = 0; j < modules->n; j++) {
			int r = add_module(host, task, &modules->items[j], err);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int finalize_at(const struct sp_host *host, const char *kernel,
		       struct sp_operator *op, struct making *making,
		       struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *initrd = sp_finalize_find_initrd(host->root_fd, kernel);
	SP_AUTO(sp_str_freep)
	char *name = sp_text_format(SP_UNFINISHED_INITRD "%s", kernel);
	struct sp_finalize_task task = {
		.root = host->path,
		.root_fd = host->root_fd,
		.kernel = kernel,
		.initrd = initrd,
	};
	int r = name ? add_files(host, &task, err) : sp_error_nomem(err);

	if (r == 0 && sp_strv_has(&host->target.kernels, kernel))
		r = finalize_kernel(&task, op, making, err);
	if (r == 0 && !making->failed)
		r = sp_unfinished_clear(host->root_fd, name, err);
	sp_strv_done(&task.files);
	return r;
}

int sp_finalize_end(struct sp_context *context, const struct sp_host *host,
		    struct sp_operator *op, struct sp_findings *findings,
		    struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv kernels = { 0 };
	int r = let_go(host, err);

	if (r == 0)
		r = sp_unfinished_list(host->root_fd, SP_UNFINISHED_INITRD, &kernels,
				       err);
	for (size_t i = 0; r == 0 && i < kernels.n; i++) {
		struct making making = { .context = context, .findings = findings };

		r = finalize_at(host, kernels.items[i], op, &making, err);
	}
	return r < 0 ? r : sp_collectable_update(context, host, err);
}
