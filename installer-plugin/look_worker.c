/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Everything here runs in the child: a parser that dies takes nothing with it. */

#include "installer-plugin/look_worker.h"

#include <fcntl.h>
#include <strings.h>
#include <unistd.h>

#include "installer-plugin/base_files.h"
#include "installer-plugin/context.h"
#include "installer-plugin/pack_message.h"
#include "installer-plugin/place.h"
#include "plan/plan.h"
#include "probe/modinfo.h"
#include "probe/root.h"
#include "repo/limits.h"
#include "repo/location.h"
#include "repo/pack.h"
#include "repo/reader.h"
#include "repo/tree.h"
#include "repo/verifier.h"

#define DEFAULT_KEYS "etc/pki/rpm-gpg"

enum {
	DEADLINE_SECONDS = 300,
	STALL_SECONDS = 20,
	/* Long, since a server that stalls is given up much sooner. */
	FETCH_DEADLINE_SECONDS = 1800,
	FETCHED_STEP_BYTES = 256 << 10,
	CPU_SECONDS = 120,
	MEMORY_BYTES = 512 << 20,
	FILE_BYTES = SP_READER_FILE_BYTES + (8 << 20), /* and what gpg writes */
};

void sp_look_keys_done(struct sp_look_keys *keys)
{
	sp_keys_done(&keys->keys);
}

static int keys_open(const struct sp_context *context, int *ret_fd, struct sp_error *err)
{
	const char *dir = context->options->keys;

	if (!dir)
		return sp_root_open(context->root, DEFAULT_KEYS, O_RDONLY | O_DIRECTORY,
				    ret_fd, err);
	*ret_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret_fd < 0)
		return sp_error_set(err, SP_ERR_USAGE,
				    "the directory of keys '%s' cannot be opened", dir);
	return 0;
}

int sp_look_keys_read(const struct sp_context *context, struct sp_look_keys *keys,
		      struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	int r = keys_open(context, &fd, err);

	if (r == SP_ROOT_ABSENT)
		return 0;
	if (r == 0)
		r = sp_keys_read(fd, NULL, &keys->keys, err);
	for (size_t i = 0; r == 0 && i < keys->keys.skipped.n; i++)
		r = sp_findings_add(findings, "key-skipped", "keys", err, "%s",
				    keys->keys.skipped.items[i]);
	return r < 0 ? r : 0;
}

struct sending {
	struct sp_outlet *outlet;
	bool fetches; /* then it is the bytes that come which are counted */
};

struct fetching {
	struct sp_outlet *outlet;
	uint64_t last; /* how much had come when it was last told */
};

static int send_pack(void *user, struct sp_pack *pack, struct sp_error *err)
{
	const struct sending *sending = user;
	int r = sp_pack_message_send(sending->outlet, pack, err);

	sp_pack_done(pack);
	return r;
}

static int send_progress(void *user, const char *what, uint64_t done, uint64_t total)
{
	const struct sending *sending = user;
	struct sp_error ignored = SP_ERROR_INIT;

	(void)what; /* the engine knows which place this is */
	if (sending->fetches)
		return 0;
	return sp_pack_message_send_progress(sending->outlet, done, total, &ignored);
}

static int send_fetched(void *user, uint64_t done, uint64_t total)
{
	const struct fetching *fetching = user;
	struct sp_error ignored = SP_ERROR_INIT;

	if (done / FETCHED_STEP_BYTES == fetching->last / FETCHED_STEP_BYTES)
		return 0;
	((struct fetching *)user)->last = done;
	return sp_pack_message_send_progress(fetching->outlet, done, total, &ignored);
}

bool sp_look_fits_key(const struct sp_options *options, const struct sp_pack *pack)
{
	const char *key = options->pinned_key;

	return !key || (pack->trust.key && !strcasecmp(key, pack->trust.key));
}

bool sp_look_fits_digest(const struct sp_options *options, const struct sp_pack *pack)
{
	const char *digest = options->pinned_digest;

	return !digest ||
	       (pack->metadata_digest && !strcasecmp(digest, pack->metadata_digest));
}

static bool may_read(void *user, const struct sp_pack *pack)
{
	const struct sp_look_task *task = user;

	return sp_look_fits_key(task->options, pack) &&
	       sp_look_fits_digest(task->options, pack) &&
	       !sp_accept_refuses(task->accept, pack);
}

static int read_tree(const struct sp_look_task *task, struct sp_tree *tree,
		     struct sp_outlet *outlet, struct sp_findings *findings,
		     struct sp_error *err)
{
	SP_AUTO(sp_verifier_freep) struct sp_verifier *verifier = NULL;
	struct sending sending = { outlet, task->download != NULL };
	struct sp_verifier_options with = { .scratch = task->scratch };
	struct sp_reader_options options = {
		.read_module = task->verify ? NULL : sp_modinfo_read,
		.verify = task->verify,
		.owner = task->base ? sp_base_files_owner : NULL,
		.owner_context = task->base,
		.location = task->shown,
		.thorough = task->thorough,
		.only_kernel = task->download ? task->only_kernel : NULL,
		.may_read = task->download && task->accept ? may_read : NULL,
		.may_read_user = (void *)(uintptr_t)task,
	};
	struct sp_reader_sink sink = { send_pack, send_progress, &sending };
	int r = sp_verifier_new(&task->keys->keys, &with, &verifier, err);

	if (r < 0)
		return r;
	options.verifier = verifier;
	r = sp_reader_read(tree, &options, &sink, findings, err);
	return r < 0 ? r : sp_tree_check(tree, err);
}

int sp_look_worker(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct sp_look_task *task = arg;
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = NULL;
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct fetching fetching = { outlet, 0 };
	const struct sp_place_how how = { .options = task->options,
					  .download = task->download,
					  .progress = send_fetched,
					  .user = &fetching };
	SP_AUTO(sp_closep) int held = sp_place_hold(task->location);
	struct sp_error gone = SP_ERROR_INIT;
	int r = sp_place_open(task->location, &how, &tree, &findings, err), there;

	if (r == 0)
		r = read_tree(task, tree, outlet, &findings, err);
	there = sp_place_check(held, task->location, &gone);
	if (there < 0) {
		*err = gone;
		return there;
	}
	if (r < 0)
		return r;
	return sp_pack_message_send_findings(outlet, &findings, err);
}

struct sp_worker_limits sp_look_worker_limits(const struct sp_location *location,
					      const struct sp_options *options)
{
	unsigned seconds = options->timeout_s;
	bool fetches = location->kind == SP_LOCATION_URL;
	unsigned otherwise = fetches ? FETCH_DEADLINE_SECONDS : DEADLINE_SECONDS;

	return (struct sp_worker_limits){
		.deadline_ms = (seconds ? seconds : otherwise) * 1000,
		.cpu_seconds = CPU_SECONDS,
		.memory_bytes = MEMORY_BYTES,
		.stall_seconds = location->kind != SP_LOCATION_NFS ? 0
				 : options->stall_s                ? options->stall_s
								   : STALL_SECONDS,
		.file_bytes = fetches ? sp_limit_payload_bytes : FILE_BYTES,
	};
}
