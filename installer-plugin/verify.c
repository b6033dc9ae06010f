/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One job for each place, as in look.c; their bytes are added up for one bar. */

#include "installer-plugin/verify.h"

#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/log.h"
#include "installer-plugin/look.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/pack_message.h"
#include "installer-plugin/scratch.h"
#include "installer-plugin/verify_worker.h"
#include "repo/location.h"

enum { AT_ONCE = 8 };

struct run;

/* One place, and what came of it. */
struct place {
	struct sp_verify_task task;
	struct sp_location location;
	char *shown, *what;
	uint64_t done, fetched; /* bytes so far */
	struct sp_pack_list packs;
	struct sp_findings findings;
	struct run *run;
};

struct run {
	struct sp_context *context;
	struct sp_operator *op;
	bool fetch;
	struct place *places;
	size_t n_places;
	uint64_t total, to_fetch; /* bytes */
};

void sp_verified_done(struct sp_verified *verified)
{
	sp_pack_list_done(&verified->packs);
	sp_findings_done(&verified->findings);
	*verified = (struct sp_verified){ 0 };
}

static void run_done(struct run *run)
{
	for (size_t i = 0; i < run->n_places; i++) {
		struct place *place = &run->places[i];

		sp_location_done(&place->location);
		free(place->task.packs);
		free(place->shown);
		free(place->what);
		sp_pack_list_done(&place->packs);
		sp_findings_done(&place->findings);
	}
	free(run->places);
}

/* ---- counting ------------------------------------------------------------------------- */

static void count_package(struct sp_verify_count *count, const struct sp_package *package)
{
	count->packages++;
	if (package->verified) {
		count->good++;
		count->good_bytes += package->size_bytes;
		count->signed_ +=
			package->signature && !strcmp(package->signature, "trusted");
	} else if (package->unread) {
		count->unfetched++;
		count->unfetched_bytes += package->size_bytes;
	} else {
		count->bad++;
	}
}

struct sp_verify_count sp_verify_count_pack(const struct sp_pack *pack)
{
	struct sp_verify_count count = { 0 };

	for (size_t i = 0; i < pack->n_packages; i++)
		count_package(&count, &pack->packages[i]);
	return count;
}

struct sp_verify_count sp_verify_count(const struct sp_pack_list *packs)
{
	struct sp_verify_count count = { 0 };

	for (size_t i = 0; i < packs->n; i++)
		for (size_t k = 0; k < packs->items[i].n_packages; k++)
			count_package(&count, &packs->items[i].packages[k]);
	return count;
}

/* ---- which places --------------------------------------------------------------------- */

static struct place *find_place(const struct run *run, const char *shown)
{
	for (size_t i = 0; i < run->n_places; i++)
		if (!strcmp(run->places[i].shown, shown))
			return &run->places[i];
	return NULL;
}

static int add_place(struct run *run, const char *shown, size_t most_packs,
		     struct place **ret_place, struct sp_error *err)
{
	const struct sp_download *download =
		sp_downloads_find(&run->context->downloads, shown);
	struct place *place = sp_array_add(&run->places, &run->n_places);

	if (!place)
		return sp_error_nomem(err);
	place->shown = strdup(shown);
	place->what = sp_text_format("verifying '%s'", shown);
	place->task.packs = calloc(most_packs, sizeof *place->task.packs);
	if (!place->shown || !place->what || !place->task.packs)
		return sp_error_nomem(err);
	*ret_place = place;
	return sp_location_parse(download ? download->location : shown, &place->location,
				 err);
}

static uint64_t bytes_of(const struct sp_pack *pack, bool is_unread)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < pack->n_packages; i++)
		if (pack->packages[i].unread == is_unread)
			bytes += pack->packages[i].size_bytes;
	return bytes;
}

static int add_pack(struct run *run, const struct sp_look *look, size_t index,
		    struct sp_error *err)
{
	struct sp_pack *pack = &look->packs.items[index];
	struct place *place = find_place(run, pack->location);
	uint64_t left = run->fetch ? bytes_of(pack, true) : 0;
	int r = place ? 0 : add_place(run, pack->location, look->packs.n, &place, err);

	if (r < 0)
		return r;
	place->task.packs[place->task.n_packs++] = pack;
	run->to_fetch += left;
	run->total += bytes_of(pack, false) + left;
	return 0;
}

/* ---- their answers -------------------------------------------------------------------- */

static void show_fetched(const struct run *run, const struct place *place)
{
	SP_AUTO(sp_str_freep) char *text = sp_text_format("Fetching %s", place->shown);
	uint64_t done = 0;

	for (size_t i = 0; i < run->n_places; i++)
		done += run->places[i].fetched;
	sp_operator_progress(run->op, text ? text : "Fetching",
			     done < run->to_fetch ? done : run->to_fetch, run->to_fetch);
}

static void show_done(const struct run *run, const struct place *place)
{
	SP_AUTO(sp_str_freep)
	char *text = run->n_places > 1 ? strdup("Verifying every package")
				       : sp_text_format("Verifying every package of %s",
							place->shown);
	uint64_t done = 0;

	for (size_t i = 0; i < run->n_places; i++)
		done += run->places[i].done;
	sp_operator_progress(run->op, text ? text : "Verifying",
			     done < run->total ? done : run->total, run->total);
}

static int on_message(void *user, struct json_object *message, struct sp_error *err)
{
	struct place *place = user;
	int64_t fetched = sp_json_get_int(message, "fetched", -1);
	uint64_t done = 0, total = 0;
	int r;

	if (fetched >= 0) {
		place->fetched = (uint64_t)fetched;
		show_fetched(place->run, place);
		return 0;
	}
	r = sp_pack_message_take(message, &place->packs, &place->findings, &done, &total,
				 err);
	if (r != SP_PACK_MESSAGE_PROGRESS)
		return r;
	place->done = done;
	show_done(place->run, place);
	return 0;
}

/* A worker may send what it likes: other packs than those it was given count as none. */
static int check_answer(const struct place *place, struct sp_error *err)
{
	bool is_right = place->packs.n == place->task.n_packs || place->findings.n;

	for (size_t i = 0; is_right && i < place->packs.n; i++)
		is_right = sp_pack_is_same(&place->packs.items[i], place->task.packs[i]);
	return is_right ? 0
			: sp_error_set(err, SP_ERR_WORKER,
				       "%s gave no answer that makes sense", place->what);
}

static int take_place(struct place *place, struct sp_worker_job *job,
		      struct sp_verified *verified, struct sp_error *err)
{
	if (job->result == 0)
		job->result = check_answer(place, &job->error);
	if (job->result < 0)
		return sp_findings_add_error(&verified->findings, place->shown,
					     &job->error, err);
	for (size_t i = 0; i < place->packs.n; i++) {
		struct sp_pack *pack =
			sp_array_add(&verified->packs.items, &verified->packs.n);

		if (!pack)
			return sp_error_nomem(err);
		*pack = place->packs.items[i];
		place->packs.items[i] = (struct sp_pack){ 0 };
	}
	return sp_findings_move(&verified->findings, &place->findings, err);
}

/* ---- all of it ------------------------------------------------------------------------ */

static uint64_t bytes_at(const struct run *run, const struct place *place)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < place->task.n_packs; i++)
		bytes += bytes_of(place->task.packs[i], false) +
			 (run->fetch ? bytes_of(place->task.packs[i], true) : 0);
	return bytes;
}

static void jobs_freep(struct sp_worker_job **jobs)
{
	free(*jobs);
}

static int run_places(struct run *run, struct sp_verified *verified, struct sp_error *err)
{
	struct sp_patience patience = sp_operator_patience(run->op);
	SP_AUTO(jobs_freep)
	struct sp_worker_job *jobs = calloc(run->n_places + 1, sizeof *jobs);
	int r;

	if (!jobs)
		return sp_error_nomem(err);
	for (size_t i = 0; i < run->n_places; i++) {
		struct place *place = &run->places[i];

		place->run = run;
		jobs[i] = (struct sp_worker_job){
			.what = place->what,
			.run = sp_verify_worker,
			.arg = &place->task,
			.on_message = on_message,
			.user = place,
			.flags = SP_WORKER_PRIVATE_MOUNTS,
			.limits = sp_verify_worker_limits(&place->location,
							  run->context->options,
							  bytes_at(run, place)),
		};
	}
	r = sp_worker_run_all(jobs, run->n_places, AT_ONCE, &patience, err);
	for (size_t i = 0; r == 0 && i < run->n_places; i++)
		r = take_place(&run->places[i], &jobs[i], verified, err);
	return r;
}

static void log_it(struct sp_log *log, const struct sp_verified *verified)
{
	sp_log_findings(log, &verified->findings);
	for (size_t i = 0; i < verified->packs.n; i++) {
		const struct sp_pack *pack = &verified->packs.items[i];
		struct sp_verify_count count = sp_verify_count_pack(pack);

		sp_log_line(log,
			    "verified '%s' at '%s': %zu good, %zu bad, %zu not fetched",
			    pack->label, pack->location, count.good, count.bad,
			    count.unfetched);
		sp_log_findings(log, &pack->findings);
	}
}

int sp_verify(struct sp_context *context, const struct sp_look *look, bool fetch,
	      struct sp_operator *op, struct sp_verified *ret_verified,
	      struct sp_error *err)
{
	SP_AUTO(run_done) struct run run = { context, op, fetch, NULL, 0, 0, 0 };
	SP_AUTO(sp_look_keys_done) struct sp_look_keys keys = { 0 };
	SP_AUTO(sp_scratch_done) struct sp_scratch scratch = { 0 };
	SP_AUTO(sp_findings_done)
	struct sp_findings said = { 0 }; /* when it was looked */
	int r = sp_look_keys_read(context, &keys, &said, err);

	if (r == 0)
		r = sp_scratch_init(&scratch, err);
	for (size_t i = 0; r == 0 && i < look->packs.n; i++)
		r = add_pack(&run, look, i, err);
	for (size_t i = 0; r == 0 && i < run.n_places; i++) {
		struct place *place = &run.places[i];

		place->task.fetch = fetch;
		place->task.place = (struct sp_look_task){
			.location = &place->location,
			.shown = place->shown,
			.keys = &keys,
			.scratch = scratch.path,
			.options = context->options,
			.download = sp_downloads_find(&context->downloads, place->shown),
		};
	}
	if (r == 0)
		r = run_places(&run, ret_verified, err);
	if (r == 0)
		log_it(context->log, ret_verified);
	return r;
}
