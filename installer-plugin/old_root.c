/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Each worker opens the root for itself: what is mounted is then gone with the one that
 * mounted it, and none has to trust what another left behind. */

#include "installer-plugin/old_root.h"

#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/json.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/log.h"
#include "installer-plugin/old_root_message.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/place.h"
#include "probe/modinfo.h"
#include "repo/old_host.h"
#include "repo/old_host_read.h"
#include "repo/rpmdb.h"

enum {
	DEADLINE_MS = 120 * 1000,
	CPU_SECONDS = 60,
	FILE_BYTES = 512 << 20, /* the copy of a database that cannot be written to */
	RPMS_MAX = 65536,
};

static const size_t memory_bytes = (size_t)512 << 20;

/* One package, owned; old_host_read.h borrows it. */
struct rpm {
	char *name, *evr;
	struct sp_strv modules, requires_;
};

struct reading {
	struct sp_context *context;
	struct sp_operator *op;
	const char *path;
	struct sp_old_host *old;
	struct sp_findings *findings;
	struct rpm *rpms;
	size_t n_rpms;
	bool has_rpms; /* the database was read to its end */
};

static void reading_done(struct reading *reading)
{
	for (size_t i = 0; i < reading->n_rpms; i++) {
		free(reading->rpms[i].name);
		free(reading->rpms[i].evr);
		sp_strv_done(&reading->rpms[i].modules);
		sp_strv_done(&reading->rpms[i].requires_);
	}
	free(reading->rpms);
}

/* ---- the rpm database, in its worker -------------------------------------------------- */

static bool is_pack_part(const struct sp_rpmdb_package *package)
{
	return sp_text_starts_with(package->name, "update-") ||
	       sp_text_starts_with(package->name, "control-");
}

static bool requires_name(const struct sp_rpmdb_package *package, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < package->requires_.n; i++) {
		const char *text = package->requires_.items[i];

		if (!strncmp(text, name, len) && (!text[len] || text[len] == ' '))
			return true;
	}
	return false;
}

/* Of hundreds of packages a few have to do with modules: those that bring some, and
 * those that ask for one of these. */
static bool is_relevant(const struct sp_rpmdb_list *list,
			const struct sp_rpmdb_package *package)
{
	if (package->files.n || is_pack_part(package))
		return true;
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].files.n && requires_name(package, list->items[i].name))
			return true;
	return false;
}

static int send_rpm(struct sp_outlet *outlet, const struct sp_rpmdb_package *package,
		    struct sp_error *err)
{
	struct json_object *message = sp_json_object();

	sp_json_set_string(message, "name", package->name);
	sp_json_set_string(message, "evr", package->evr);
	sp_json_set_strv(message, "modules", &package->files);
	sp_json_set_strv(message, "requires", &package->requires_);
	return sp_outlet_send(outlet, message, err);
}

static int read_rpms(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct reading *reading = arg;
	SP_AUTO(sp_rpmdb_list_done) struct sp_rpmdb_list list = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings ignored = { 0 };
	SP_AUTO(sp_str_freep) char *dir = NULL;
	SP_AUTO(sp_closep) int fd = -1;
	struct json_object *end;
	int r = sp_place_open_root(reading->path, &fd, &dir, &ignored, err);

	if (r != 0)
		return r < 0 ? r : 0;
	r = sp_rpmdb_list_read(
		dir, SP_RPMDB_DEPENDENCIES | SP_RPMDB_MODULES | SP_RPMDB_UNTOUCHED, &list,
		err);
	for (size_t i = 0; r == 0 && i < list.n; i++)
		if (is_relevant(&list, &list.items[i]))
			r = send_rpm(outlet, &list.items[i], err);
	if (r < 0)
		return r;
	end = sp_json_object();
	sp_json_set_bool(end, "complete", list.n > 0);
	return sp_outlet_send(outlet, end, err);
}

static int take_rpm(void *user, struct json_object *message, struct sp_error *err)
{
	struct reading *reading = user;
	const char *name = sp_json_get_string(message, "name");
	const char *evr = sp_json_get_string(message, "evr");
	struct rpm *rpm;
	int r;

	if (sp_json_get(message, "complete")) {
		reading->has_rpms = sp_json_get_bool(message, "complete", false);
		return 0;
	}
	if (!name || !evr)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "a worker's message makes no sense");
	rpm = sp_array_add(&reading->rpms, &reading->n_rpms);
	if (!rpm)
		return sp_error_nomem(err);
	rpm->name = sp_text_clean_dup(name);
	rpm->evr = sp_text_clean_dup(evr);
	if (!rpm->name || !rpm->evr)
		return sp_error_nomem(err);
	r = sp_json_get_strv(message, "modules", &rpm->modules, err);
	return r == 0 ? sp_json_get_strv(message, "requires", &rpm->requires_, err) : r;
}

/* ---- everything else, in its worker ----------------------------------------------------- */

/* Half a root is read as far as it goes; of nothing at all nothing can be said, least of
 * all that it loses nothing. */
static bool is_no_host(const struct sp_old_host *old, bool has_rpms)
{
	const struct sp_inventory *inventory = &old->inventory;

	return !inventory->product_brand && !inventory->product_version &&
	       !inventory->platform_version && !old->n_packs && !has_rpms;
}

static int read_root(const struct reading *reading, int fd, const struct sp_old_rpm *rpms,
		     struct sp_outlet *outlet, struct sp_findings *findings,
		     struct sp_error *err)
{
	SP_AUTO(sp_old_host_done) struct sp_old_host old = { 0 };
	const struct sp_old_host_input input = { fd, sp_modinfo_read, rpms,
						 rpms ? reading->n_rpms : 0 };
	int r = sp_old_host_read(&input, &old, findings, err);

	if (r == 0 && is_no_host(&old, rpms != NULL))
		return sp_error_set(err, SP_ERR_GONE,
				    "'%s' is no host's root that can be read: no "
				    "inventory, no rpm database, no record of a pack",
				    reading->path);
	return r == 0 ? sp_old_root_message_send(outlet, &old, findings, err) : r;
}

static void free_rpms(struct sp_old_rpm **rpms)
{
	free(*rpms);
}

static int read_rest(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct reading *reading = arg;
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_str_freep) char *dir = NULL;
	SP_AUTO(free_rpms)
	struct sp_old_rpm *rpms = calloc(reading->n_rpms + 1, sizeof *rpms);
	SP_AUTO(sp_closep) int fd = -1;
	int r = rpms ? sp_place_open_root(reading->path, &fd, &dir, &findings, err)
		     : sp_error_nomem(err);

	if (r == SP_PLACE_NOTHING)
		return sp_error_set(err, SP_ERR_GONE, "'%s' holds no root: %s",
				    reading->path,
				    findings.n ? findings.items[0].text : "");
	for (size_t i = 0; r == 0 && i < reading->n_rpms; i++)
		rpms[i] =
			(struct sp_old_rpm){ reading->rpms[i].name, reading->rpms[i].evr,
					     &reading->rpms[i].modules,
					     &reading->rpms[i].requires_ };
	return r < 0 ? r
		     : read_root(reading, fd, reading->has_rpms ? rpms : NULL, outlet,
				 &findings, err);
}

static int take_rest(void *user, struct json_object *message, struct sp_error *err)
{
	struct reading *reading = user;

	return sp_old_root_message_take(message, reading->old, reading->findings, err);
}

/* ---- both -------------------------------------------------------------------------------- */

static struct sp_worker_job job_for(struct reading *reading, sp_worker_fn run,
				    sp_worker_message_fn take, const char *what)
{
	return (struct sp_worker_job){
		.what = what,
		.run = run,
		.arg = reading,
		.on_message = take,
		.user = reading,
		.flags = SP_WORKER_PRIVATE_MOUNTS,
		.limits = { .deadline_ms = DEADLINE_MS,
			    .cpu_seconds = CPU_SECONDS,
			    .memory_bytes = memory_bytes,
			    .file_bytes = FILE_BYTES,
			    .messages = RPMS_MAX },
	};
}

/* < 0: the operator, or memory, put an end to it; else what is known is known. */
static int run_rpms(struct reading *reading, const struct sp_patience *patience,
		    struct sp_error *err)
{
	struct sp_worker_job job = job_for(reading, read_rpms, take_rpm,
					   "reading the old host's rpm database");
	struct sp_error cause = SP_ERROR_INIT;
	int r = sp_worker_run(&job, patience, &cause);

	if (r == -SP_ERR_CANCELLED || r == -SP_ERR_NOMEM) {
		*err = cause;
		return r;
	}
	if (r < 0) {
		reading->has_rpms = false;
		sp_log_line(reading->context->log, "%s", cause.text);
	}
	return 0;
}

int sp_old_root_read(struct sp_context *context, struct sp_operator *op, const char *path,
		     struct sp_old_host *old, struct sp_findings *findings,
		     struct sp_error *err)
{
	SP_AUTO(reading_done)
	struct reading reading = { .context = context,
				   .op = op,
				   .path = path,
				   .old = old,
				   .findings = findings };
	struct sp_patience patience = sp_operator_patience(op);
	SP_AUTO(sp_str_freep)
	char *what = sp_text_format("reading the old host in '%s'", path);
	struct sp_worker_job job;
	int r = what ? run_rpms(&reading, &patience, err) : sp_error_nomem(err);

	if (r < 0)
		return r;
	job = job_for(&reading, read_rest, take_rest, what);
	return sp_worker_run(&job, &patience, err);
}
