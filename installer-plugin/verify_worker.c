/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Everything here runs in the child, as in look_worker.c. */

#include "installer-plugin/verify_worker.h"

#include "base/file.h"
#include "base/json.h"
#include "installer-plugin/options.h"
#include "installer-plugin/pack_message.h"
#include "installer-plugin/place.h"
#include "repo/pack.h"
#include "repo/reader.h"
#include "repo/tree.h"
#include "repo/verifier.h"

enum {
	FETCHED_STEP_BYTES = 256 << 10,
	POOR_BYTES_PER_SECOND = 256 << 10, /* a scratched disc in an old drive */
	CPU_BYTES_PER_SECOND = 20 << 20,
};

struct verifying {
	const struct sp_verify_task *task;
	struct sp_outlet *outlet;
	uint64_t before; /* bytes of the packs that are done */
	uint64_t total;  /* of the pack that is read */
	uint64_t last;   /* fetched, when it was last told */
};

static int send_progress(void *user, const char *what, uint64_t done, uint64_t total)
{
	struct verifying *verifying = user;
	struct sp_error ignored = SP_ERROR_INIT;

	(void)what;
	verifying->total = total;
	return sp_pack_message_send_progress(verifying->outlet, verifying->before + done,
					     0, &ignored);
}

static int send_fetched(void *user, uint64_t done, uint64_t total)
{
	struct verifying *verifying = user;
	struct json_object *message;
	struct sp_error ignored = SP_ERROR_INIT;

	(void)total; /* the engine knows what is missing */
	if (done / FETCHED_STEP_BYTES == verifying->last / FETCHED_STEP_BYTES)
		return 0;
	verifying->last = done;
	message = sp_json_object();
	sp_json_set_int(message, "fetched", (int64_t)done);
	return sp_outlet_send(verifying->outlet, message, &ignored);
}

static int verify_pack(struct verifying *verifying, struct sp_tree *tree,
		       const struct sp_reader_options *options, struct sp_pack *pack,
		       struct sp_error *err)
{
	struct sp_reader_sink sink = { .progress = send_progress, .user = verifying };
	int r;

	sp_module_list_done(&pack->modules);
	for (size_t i = 0; i < pack->n_packages; i++)
		pack->packages[i].unread &= !verifying->task->fetch;
	verifying->total = 0;
	r = sp_reader_verify(tree, options, &sink, pack, err);
	verifying->before += verifying->total;
	return r < 0 ? r : sp_pack_message_send(verifying->outlet, pack, err);
}

static int verify_packs(struct verifying *verifying, struct sp_tree *tree,
			struct sp_error *err)
{
	const struct sp_verify_task *task = verifying->task;
	const struct sp_verifier_options with = { .scratch = task->place.scratch };
	SP_AUTO(sp_verifier_freep) struct sp_verifier *verifier = NULL;
	struct sp_reader_options options = {
		.location = task->place.shown,
		.verify = true,
		.fetch_first = task->place.download != NULL,
	};
	int r = sp_verifier_new(&task->place.keys->keys, &with, &verifier, err);

	options.verifier = verifier;
	for (size_t i = 0; r == 0 && i < task->n_packs; i++)
		r = verify_pack(verifying, tree, &options, task->packs[i], err);
	return r;
}

int sp_verify_worker(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct sp_verify_task *task = arg;
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = NULL;
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct verifying verifying = { .task = task, .outlet = outlet };
	const struct sp_place_how how = { .options = task->place.options,
					  .download = task->place.download,
					  .progress = send_fetched,
					  .user = &verifying };
	SP_AUTO(sp_closep) int held = sp_place_hold(task->place.location);
	struct sp_error gone = SP_ERROR_INIT;
	int r = sp_place_open(task->place.location, &how, &tree, &findings, err), there;

	if (r == 0)
		r = verify_packs(&verifying, tree, err);
	there = sp_place_check(held, task->place.location, &gone);
	if (there < 0) {
		*err = gone;
		return there;
	}
	return r <= 0 ? r : sp_pack_message_send_findings(outlet, &findings, err);
}

struct sp_worker_limits sp_verify_worker_limits(const struct sp_location *location,
						const struct sp_options *options,
						uint64_t bytes)
{
	struct sp_worker_limits limits = sp_look_worker_limits(location, options);

	limits.cpu_seconds += (unsigned)(bytes / CPU_BYTES_PER_SECOND);
	if (!options->timeout_s)
		limits.deadline_ms += (unsigned)(bytes / POOR_BYTES_PER_SECOND) * 1000;
	return limits;
}
