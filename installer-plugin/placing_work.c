/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The worker changes its root directory before it opens a path: a link in the host, or in
 * a package, can lead it nowhere else. */

#include "installer-plugin/placing_work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/finding.h"
#include "base/json.h"
#include "base/worker.h"
#include "installer-plugin/operator.h"
#include "repo/limits.h"
#include "repo/placing.h"

enum { DEADLINE_MS = 1800 * 1000, CPU_SECONDS = 900, PATHS_AT_ONCE = 256 };

static const struct sp_strv nothing;

void sp_placing_work_done(struct sp_placing_work *work)
{
	for (size_t i = 0; i < work->n; i++)
		(void)close(work->sources[i].fd);
	free(work->sources);
}

static const struct sp_strv *old_of(const struct sp_placing_work *work)
{
	return work->old ? work->old : &nothing;
}

/* ---- in the worker ------------------------------------------------------------------------ */

static int enter(const struct sp_placing_work *work, int *ret_fd, struct sp_error *err)
{
	const char *root = work->root;

	if (strcmp(root, "/") != 0 && (chroot(root) < 0 || chdir("/") < 0))
		return sp_error_set_errno(err, errno, "entering '%s'", root);
	*ret_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret_fd < 0 ? sp_error_set_errno(err, errno, "opening '%s'", root) : 0;
}

static int send_findings(struct sp_outlet *outlet, const struct sp_findings *findings,
			 struct sp_error *err)
{
	struct json_object *message = sp_json_object();

	sp_json_set(message, "findings", sp_findings_to_json(findings));
	return sp_outlet_send(outlet, message, err);
}

static int send_paths(struct sp_outlet *outlet, const struct sp_strv *paths,
		      struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < paths->n; i += PATHS_AT_ONCE) {
		struct json_object *message = sp_json_object();
		size_t rest = paths->n - i;
		const struct sp_strv some = { paths->items + i, rest < PATHS_AT_ONCE
									? rest
									: PATHS_AT_ONCE };

		sp_json_set_strv(message, "placed", &some);
		r = sp_outlet_send(outlet, message, err);
	}
	return r;
}

static int run_list(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct sp_placing_work *work = arg;
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv placed = { 0 };
	SP_AUTO(sp_closep) int root_fd = -1;
	int r = enter(work, &root_fd, err);

	if (r == 0)
		r = sp_placing_list(root_fd, work->sources, work->n, old_of(work),
				    &placed, &findings, err);
	if (r == 0)
		r = send_paths(outlet, &placed, err);
	return r < 0 ? r : send_findings(outlet, &findings, err);
}

static int run_put(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct sp_placing_work *work = arg;
	SP_AUTO(sp_closep) int root_fd = -1;
	int r = enter(work, &root_fd, err);

	(void)outlet;
	return r < 0 ? r
		     : sp_placing_put(root_fd, work->sources, work->n, old_of(work), err);
}

static int run_settle(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct sp_placing_work *work = arg;
	SP_AUTO(sp_closep) int root_fd = -1;
	int r = enter(work, &root_fd, err);

	(void)outlet;
	return r < 0 ? r : sp_placing_settle(root_fd, work->placed, old_of(work), err);
}

static int run_undo(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct sp_placing_work *work = arg;
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_closep) int root_fd = -1;
	int r = enter(work, &root_fd, err);

	if (r == 0)
		r = sp_placing_undo(root_fd, work->placed, old_of(work), &findings, err);
	return r < 0 ? r : send_findings(outlet, &findings, err);
}

/* ---- in the engine ------------------------------------------------------------------------- */

static int take(void *user, struct json_object *message, struct sp_error *err)
{
	struct sp_placing_work *work = user;
	int r = sp_json_get_strv(message, "placed", work->placed, err);

	if (work->placed->n > SP_PLACING_MAX_PATHS)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "a worker's message makes no sense");
	return r < 0 ? r
		     : sp_findings_from_json(sp_json_get(message, "findings"),
					     work->findings, err);
}

/* What changes something is not cut off: taking it back would take as long. */
static int keep_waiting(void *user)
{
	struct sp_operator *op = user;

	(void)op->ops->is_cancelled(op);
	return 0;
}

static const sp_worker_fn acts[] = {
	[SP_PLACING_LIST] = run_list,
	[SP_PLACING_PUT] = run_put,
	[SP_PLACING_SETTLE] = run_settle,
	[SP_PLACING_UNDO] = run_undo,
};

int sp_placing_work_run(struct sp_placing_work *work, enum sp_placing_act act,
			struct sp_operator *op, struct sp_error *err)
{
	struct sp_patience patience = { op->ops->poll_fd(op), keep_waiting, op };
	struct sp_worker_job job = {
		.what = "placing the pack's files",
		.run = acts[act],
		.arg = work,
		.on_message = take,
		.user = work,
		.flags = SP_WORKER_PRIVILEGED,
		.limits = { .deadline_ms = DEADLINE_MS,
			    .cpu_seconds = CPU_SECONDS,
			    .file_bytes = sp_limit_payload_bytes },
	};

	return sp_worker_run(&job, &patience, err);
}
