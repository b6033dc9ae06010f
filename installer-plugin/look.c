/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One job for each place, all at once; their answers are put together in the order of
 * the places, so that the same media always give the same report. */

#include "installer-plugin/look.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/outcome.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/log.h"
#include "installer-plugin/look_copies.h"
#include "installer-plugin/look_worker.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/pack_message.h"
#include "installer-plugin/scratch.h"
#include "probe/media.h"
#include "repo/location.h"

enum { AT_ONCE = 8, SETTLE_MS = 1000, LATE_MEDIA_MS = 20000 };

/* One place and what came of it. */
struct visit {
	struct sp_look_task task; /* what its worker is given */
	struct sp_location location;
	char *shown, *text;
	bool searched; /* one of the media of "local": holding no pack is no fault */
	struct sp_pack_list packs;
	struct sp_findings findings;
	struct sp_operator *op;
};

struct visits {
	struct visit *items;
	size_t n;
};

void sp_look_done(struct sp_look *look)
{
	sp_pack_list_done(&look->packs);
	sp_findings_done(&look->findings);
	for (size_t i = 0; i < look->n_sources; i++) {
		free(look->sources[i].location);
		free(look->sources[i].text);
		free(look->sources[i].status);
	}
	free(look->sources);
	free(look->locked);
	*look = (struct sp_look){ 0 };
}

static void visits_done(struct visits *visits)
{
	for (size_t i = 0; i < visits->n; i++) {
		struct visit *visit = &visits->items[i];

		sp_location_done(&visit->location);
		free(visit->shown);
		free(visit->text);
		sp_pack_list_done(&visit->packs);
		sp_findings_done(&visit->findings);
	}
	free(visits->items);
}

/* ---- which places ----------------------------------------------------------------- */

/* Who put a disc in knows it by that, and not by where its copy lies. */
static char *text_of(const struct sp_context *context, const char *shown)
{
	return strdup(sp_text_path_is_below(shown, context->options->spool)
			      ? "Kept since the drivers were loaded"
			      : shown);
}

static int add_visit(struct sp_context *context, struct visits *visits, const char *where,
		     struct sp_error *err)
{
	struct visit *visit = sp_array_add(&visits->items, &visits->n);
	int r;

	if (!visit)
		return sp_error_nomem(err);
	r = sp_location_parse(where, &visit->location, err);
	if (r < 0)
		return r;
	visit->shown = sp_location_display(&visit->location);
	visit->text = visit->shown ? text_of(context, visit->shown) : NULL;
	if (!visit->text)
		return sp_error_nomem(err);
	return sp_downloads_begin(&context->downloads, &visit->location, where, err);
}

static int add_source(struct sp_look *look, const char *location, const char *text,
		      const char *status, struct sp_error *err)
{
	struct sp_look_source *source = sp_array_add(&look->sources, &look->n_sources);

	if (!source)
		return sp_error_nomem(err);
	source->location = strdup(location);
	source->text = strdup(text);
	source->status = strdup(status);
	return source->location && source->text && source->status ? 0
								  : sp_error_nomem(err);
}

static int add_medium(struct sp_context *context, struct visits *visits,
		      const struct sp_medium *medium, struct sp_look *look,
		      struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = sp_medium_describe(medium);
	struct visit *visit;
	int r;

	if (!text)
		return sp_error_nomem(err);
	if (medium->state == SP_MEDIUM_DUPLICATE)
		return 0;
	if (medium->state != SP_MEDIUM_USABLE) {
		r = sp_medium_add_finding(medium, &look->findings, err);
		return r < 0 ? r
			     : add_source(look, medium->path, text, "nothing to read",
					  err);
	}
	r = add_visit(context, visits, medium->path, err);
	if (r < 0)
		return r;
	visit = &visits->items[visits->n - 1];
	visit->searched = true;
	free(visit->text);
	visit->text = sp_steal(text);
	return 0;
}

static int add_local(struct sp_context *context, struct visits *visits,
		     const struct sp_patience *patience, struct sp_look *look,
		     struct sp_error *err)
{
	SP_AUTO(sp_media_done) struct sp_media media = { 0 };
	int r = sp_media_wait(context->root, SETTLE_MS, LATE_MEDIA_MS, patience, &media,
			      err);

	if (r == 0)
		r = sp_media_survey(context->root, &media, patience, err);
	for (size_t i = 0; r == 0 && i < media.n; i++)
		r = add_medium(context, visits, &media.items[i], look, err);
	if (r == 0 && !media.n)
		r = sp_findings_add(&look->findings, "no-medium", "local", err,
				    "this machine has no disk, CD drive or USB stick to "
				    "look on");
	return r;
}

static int add_places(struct sp_context *context, const struct sp_strv *locations,
		      const struct sp_patience *patience, struct visits *visits,
		      struct sp_look *look, struct sp_error *err)
{
	for (size_t i = 0; i < locations->n; i++) {
		int r = !strcmp(locations->items[i], "local")
				? add_local(context, visits, patience, look, err)
				: add_visit(context, visits, locations->items[i], err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- their answers ------------------------------------------------------------------ */

static int on_message(void *user, struct json_object *message, struct sp_error *err)
{
	struct visit *visit = user;
	SP_AUTO(sp_str_freep) char *text = NULL;
	uint64_t done, total;
	int r = sp_pack_message_take(message, &visit->packs, &visit->findings, &done,
				     &total, err);

	if (r != SP_PACK_MESSAGE_PROGRESS)
		return r;
	text = sp_text_format("%s %s", visit->task.download ? "Fetching" : "Verifying",
			      visit->shown);
	sp_operator_progress(visit->op, text ? text : "Verifying", done, total);
	return 0;
}

/* What an answerfile pins is worth more than any trust. */
static int break_pin(struct sp_pack *pack, const char *what, const char *is,
		     const char *should, struct sp_error *err)
{
	free(pack->trust.detail);
	pack->trust.detail = sp_text_format("%s %s, and only one with %s may be used",
					    what, is ? is : "none", should);
	pack->trust.state = SP_TRUST_BAD;
	if (!pack->trust.detail)
		return sp_error_nomem(err);
	return sp_findings_add(&pack->findings, "bad-signature", pack->label, err,
			       "'%.80s' is not the pack that is wanted: %s", pack->label,
			       pack->trust.detail);
}

static int check_pins(const struct sp_options *options, struct sp_pack *pack,
		      struct sp_error *err)
{
	const char *key = options->pinned_key, *digest = options->pinned_digest;

	if (!sp_look_fits_key(options, pack))
		return break_pin(pack, "its key is", pack->trust.key, key, err);
	if (!sp_look_fits_digest(options, pack))
		return break_pin(pack, "its metadata's digest is", pack->metadata_digest,
				 digest, err);
	return 0;
}

/* Moves the visit's packs into @look. */
static int take_packs(struct sp_look *look, struct visit *visit, struct sp_error *err)
{
	for (size_t i = 0; i < visit->packs.n; i++) {
		struct sp_pack *pack = &visit->packs.items[i];
		struct sp_pack *added;
		int r;

		free(pack->location);
		pack->location = strdup(visit->shown);
		if (!pack->location)
			return sp_error_nomem(err);
		if (check_pins(visit->task.options, pack, err) < 0)
			return -(int)err->code;
		/* Who asks what is wrong with a medium means that medium. */
		r = visit->task.thorough || visit->task.verify
			    ? 0
			    : sp_look_take_copy(look, pack, err);
		if (r < 0)
			return r;
		if (r == SP_LOOK_KNOWN)
			continue;
		added = sp_array_add(&look->packs.items, &look->packs.n);
		if (!added)
			return sp_error_nomem(err);
		*added = *pack;
		*pack = (struct sp_pack){ 0 };
	}
	return 0;
}

static int add_error(struct visit *visit, const struct sp_worker_job *job,
		     struct sp_error *err)
{
	if (job->result == 0)
		return 0;
	/* Half of what a worker said before it failed is worth nothing. */
	sp_pack_list_done(&visit->packs);
	return sp_findings_add_error(&visit->findings, visit->shown, &job->error, err);
}

static const char *status_of(const struct visit *visit)
{
	const struct sp_finding *refusal = sp_findings_first_refusal(&visit->findings);

	if (visit->packs.n)
		return visit->packs.n == 1 ? "1 pack" : "several packs";
	return refusal ? refusal->text : "no pack";
}

/* As repo/fetch.h says it. */
static bool is_locked(const struct sp_worker_job *job)
{
	return job->result == -SP_ERR_UNREACHABLE && job->error.sys_errno == EACCES;
}

static int take_visit(struct sp_look *look, struct visit *visit,
		      const struct sp_worker_job *job, struct sp_error *err)
{
	size_t n_packs = visit->packs.n;
	int r = add_error(visit, job, err);
	int exit = sp_findings_exit_code(&visit->findings);

	if (r == 0)
		r = add_source(look, visit->shown, visit->text, status_of(visit), err);
	if (job->result < 0)
		n_packs = 0;
	if (r == 0 && !look->locked && is_locked(job)) {
		look->locked = strdup(visit->shown);
		if (!look->locked)
			return sp_error_nomem(err);
	}
	/* Of all the disks of a machine most hold no pack: that is not worth a word. */
	if (!n_packs && !visit->searched)
		look->exit = sp_outcome_worse(look->exit, exit ? exit : SP_EXIT_NO_PACK);
	if (r == 0)
		r = take_packs(look, visit, err);
	if (r == 0 && !(visit->searched && !n_packs && exit == SP_EXIT_NO_PACK))
		r = sp_findings_move(&look->findings, &visit->findings, err);
	return r;
}

/* ---- all of it ------------------------------------------------------------------------- */

static void job_init(struct sp_worker_job *job, struct visit *visit,
		     const struct sp_context *context, const char *what)
{
	*job = (struct sp_worker_job){
		.what = what,
		.run = sp_look_worker,
		.arg = &visit->task,
		.on_message = on_message,
		.user = visit,
		.flags = SP_WORKER_PRIVATE_MOUNTS,
		.limits = sp_look_worker_limits(&visit->location, context->options),
	};
}

static int run_visits(struct sp_context *context, struct visits *visits,
		      const struct sp_patience *patience, struct sp_worker_job jobs[],
		      struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv whats = { 0 };

	for (size_t i = 0; i < visits->n; i++) {
		SP_AUTO(sp_str_freep)
		char *what = sp_text_format("reading '%s'", visits->items[i].shown);
		int r = what ? sp_strv_add(&whats, what, err) : sp_error_nomem(err);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < visits->n; i++)
		job_init(&jobs[i], &visits->items[i], context, whats.items[i]);
	return sp_worker_run_all(jobs, visits->n, AT_ONCE, patience, err);
}

static void jobs_freep(struct sp_worker_job **jobs)
{
	free(*jobs);
}

static int visit_all(struct sp_context *context, struct visits *visits,
		     const struct sp_patience *patience, struct sp_look *look,
		     struct sp_error *err)
{
	SP_AUTO(jobs_freep)
	struct sp_worker_job *jobs = calloc(visits->n + 1, sizeof *jobs);
	int r = jobs ? run_visits(context, visits, patience, jobs, err)
		     : sp_error_nomem(err);

	for (size_t i = 0; r == 0 && i < visits->n; i++)
		r = take_visit(look, &visits->items[i], &jobs[i], err);
	if (r == 0 && !look->packs.n && !look->exit) {
		int exit = sp_findings_exit_code(&look->findings);

		look->exit = exit ? exit : SP_EXIT_NO_PACK;
		if (!exit)
			r = sp_findings_add(&look->findings, "no-pack", "local", err,
					    "no medium of this machine holds a pack");
	}
	return r;
}

int sp_look_at(struct sp_context *context, const struct sp_strv *locations,
	       struct sp_operator *op, struct sp_look *look, struct sp_error *err)
{
	SP_AUTO(visits_done) struct visits visits = { 0 };
	SP_AUTO(sp_look_keys_done) struct sp_look_keys keys = { 0 };
	SP_AUTO(sp_scratch_done) struct sp_scratch scratch = { 0 };
	struct sp_patience patience = sp_operator_patience(op);
	int r;

	r = add_places(context, locations, &patience, &visits, look, err);
	if (r == 0)
		r = sp_look_keys_read(context, &keys, &look->findings, err);
	if (r == 0)
		r = sp_scratch_init(&scratch, err);
	for (size_t i = 0; i < visits.n; i++) {
		visits.items[i].op = op;
		visits.items[i].task = (struct sp_look_task){
			.location = &visits.items[i].location,
			.shown = visits.items[i].shown,
			.keys = &keys,
			.base = context->base,
			.scratch = scratch.path,
			.options = context->options,
			.thorough = context->thorough,
			.accept = context->accept,
			.only_kernel =
				context->for_loading ? context->kernel.release : NULL,
			.download = sp_downloads_find(&context->downloads,
						      visits.items[i].shown),
			.verify = context->for_verifying,
		};
	}
	if (r == 0)
		r = visit_all(context, &visits, &patience, look, err);
	sp_log_packs(context->log, &look->packs);
	return r;
}

static bool is_said_by_plan(const struct sp_finding *finding)
{
	return sp_finding_exit_code(finding->code) == SP_EXIT_UNTRUSTED &&
	       strcmp(finding->code, "keys-differ") != 0;
}

int sp_look_copy_finding(const struct sp_look *look, const struct sp_pack *pack,
			 const struct sp_finding *finding, struct sp_findings *to,
			 struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *place = sp_pack_place(pack);
	bool is_placed = look->packs.n > 1;

	if (!place)
		return sp_error_nomem(err);
	return sp_findings_add(to, finding->code, finding->about, err, "%s%s%s%s",
			       finding->text, is_placed ? " (at '" : "",
			       is_placed ? place : "", is_placed ? "')" : "");
}

int sp_look_findings(const struct sp_look *look, struct sp_findings *to,
		     struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < look->findings.n; i++) {
		const struct sp_finding *at = &look->findings.items[i];

		if (!is_said_by_plan(at))
			r = sp_findings_add(to, at->code, at->about, err, "%s", at->text);
	}
	for (size_t i = 0; r == 0 && i < look->packs.n; i++) {
		const struct sp_pack *pack = &look->packs.items[i];

		for (size_t k = 0; r == 0 && k < pack->findings.n; k++)
			if (!is_said_by_plan(&pack->findings.items[k]))
				r = sp_look_copy_finding(
					look, pack, &pack->findings.items[k], to, err);
	}
	return r;
}
