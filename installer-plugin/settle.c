/* SPDX-License-Identifier: GPL-2.0-or-later */

/* In the engine: what the worker says becomes the answer. */

#include "installer-plugin/settle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/worker.h"
#include "installer-plugin/settle_worker.h"
#include "repo/pack.h"

enum {
	DEADLINE_MS = 120 * 1000,
	CPU_SECONDS = 100,
	FILE_BYTES = 64 << 20, /* sqlite's shared memory */
};

static const size_t memory_bytes = (size_t)1 << 30;

void sp_settle_done(struct sp_settle *settle)
{
	for (size_t i = 0; i < settle->n; i++) {
		sp_strv_done(&settle->packs[i].problems);
		sp_strv_done(&settle->packs[i].left_out);
		free(settle->packs[i].needed);
	}
	free(settle->packs);
	free(settle->order);
	*settle = (struct sp_settle){ 0 };
}

int sp_settle_add(struct sp_settle *settle, const struct sp_pack *pack, bool allow_older,
		  struct sp_error *err)
{
	struct sp_settle_pack *added = sp_array_add(&settle->packs, &settle->n);

	if (!added)
		return sp_error_nomem(err);
	added->pack = pack;
	added->allow_older = allow_older;
	return 0;
}

static int take_clean(const struct json_object *message, const char *key,
		      struct sp_strv *list, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv raw = { 0 };
	int r = sp_json_get_strv(message, key, &raw, err);

	for (size_t i = 0; r == 0 && i < raw.n; i++) {
		SP_AUTO(sp_str_freep) char *text = sp_text_clean_dup(raw.items[i]);

		r = text ? sp_strv_add(list, text, err) : sp_error_nomem(err);
	}
	return r;
}

static int take_needed(const struct json_object *message, struct sp_settle_pack *pack,
		       struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv texts = { 0 };
	int r = sp_json_get_strv(message, "needed", &texts, err);

	for (size_t i = 0; r == 0 && i < texts.n; i++) {
		size_t *index = sp_array_add(&pack->needed, &pack->n_needed);

		if (!index)
			return sp_error_nomem(err);
		if (sscanf(texts.items[i], "%zu", index) != 1 ||
		    *index >= pack->pack->n_packages)
			return sp_error_set(err, SP_ERR_FORMAT,
					    "a worker's message makes no sense");
	}
	return r;
}

static int take_message(void *user, struct json_object *message, struct sp_error *err)
{
	struct sp_settle *settle = user;
	int64_t index = sp_json_get_int(message, "pack", -1);
	struct sp_settle_pack *pack;
	int r;

	if (index < 0 || (size_t)index >= settle->n)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "a worker's message makes no sense");
	pack = &settle->packs[index];
	r = take_clean(message, "problems", &pack->problems, err);
	if (r == 0)
		r = take_clean(message, "left_out", &pack->left_out, err);
	if (r == 0)
		r = take_needed(message, pack, err);
	if (r < 0 || pack->problems.n || pack->fits)
		return r;
	pack->fits = true;
	settle->order[settle->n_order++] = (size_t)index;
	return 0;
}

int sp_settle_run(struct sp_settle *settle, const struct sp_settle_place *place,
		  const struct sp_patience *patience, struct sp_error *err)
{
	struct sp_settle_task task = { settle, place };
	struct sp_worker_job job = {
		.what = "resolving dependencies",
		.run = sp_settle_worker,
		.arg = &task,
		.on_message = take_message,
		.user = settle,
		.limits = { .deadline_ms = DEADLINE_MS,
			    .cpu_seconds = CPU_SECONDS,
			    .memory_bytes = memory_bytes,
			    .file_bytes = FILE_BYTES },
	};

	settle->order = calloc(settle->n + 1, sizeof *settle->order);
	if (!settle->order)
		return sp_error_nomem(err);
	return settle->n ? sp_worker_run(&job, patience, err) : 0;
}
