/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The worker may write into the directory it was given, and nowhere else; what it copies
 * is checked as it goes by (repo/spool.h). */

#include "installer-plugin/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/finding.h"
#include "base/inside.h"
#include "base/json.h"
#include "base/text.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/look_worker.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/pack_message.h"
#include "installer-plugin/place.h"
#include "plan/plan.h"
#include "repo/limits.h"
#include "repo/location.h"
#include "repo/pack.h"
#include "repo/spool.h"
#include "repo/tree.h"

enum { DIR_MODE = 0700, KEPT_MAX = 256 };

void sp_keep_done(struct sp_keep *keep)
{
	free(keep->path);
	free(keep->name);
	*keep = (struct sp_keep){ 0 };
}

/* ---- places --------------------------------------------------------------------------- */

int sp_keep_open(const struct sp_context *context, int *ret_fd, struct sp_error *err)
{
	const char *spool = context->options->spool;
	SP_AUTO(sp_closep) int top = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = top < 0 ? -1 : 0;

	if (*spool != '/')
		return sp_error_set(err, SP_ERR_USAGE, "'%s' is no absolute path", spool);
	if (r == 0)
		r = sp_file_make_dirs(top, spool + 1, DIR_MODE, err);
	if (r == 0)
		r = sp_file_open_dir_beneath(top, spool + 1, ret_fd, err);
	if (r > 0)
		return sp_error_set(err, SP_ERR_IO, "'%s' is not there", spool);
	return r;
}

static int name_it(const struct sp_context *context, const struct sp_pack *pack,
		   struct sp_keep *keep, struct sp_error *err)
{
	keep->name = sp_spool_name(pack);
	keep->path =
		keep->name ? sp_text_format("%s/%s", context->options->spool, keep->name)
			   : NULL;
	return keep->path ? 0 : sp_error_nomem(err);
}

/* ---- in the worker ------------------------------------------------------------------- */

/* Everything is borrowed. */
struct copying {
	const struct sp_location *location;
	const struct sp_pack *pack;
	int spool_fd;
	struct sp_outlet *outlet;
	const struct sp_options *options;
	const struct sp_download *download; /* NULL: no server's */
};

static int send_progress(void *user, uint64_t done, uint64_t total)
{
	const struct copying *copying = user;
	struct sp_error ignored = SP_ERROR_INIT;

	return sp_pack_message_send_progress(copying->outlet, done, total, &ignored);
}

static int copy_from(struct sp_tree *tree, struct copying *copying, struct sp_error *err)
{
	const struct sp_spool_progress progress = { send_progress, copying };

	return sp_spool_keep(tree, copying->pack, copying->spool_fd, &progress, err);
}

static int copy(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	struct copying *copying = arg;
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = NULL;
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	const struct sp_place_how how = { .options = copying->options,
					  .download = copying->download,
					  .use_up = true };
	int r = sp_place_open(copying->location, &how, &tree, &findings, err);

	copying->outlet = outlet;
	if (r > 0)
		return sp_error_set(err, SP_ERR_GONE, "%s",
				    findings.n ? findings.items[0].text
					       : "the medium is not there any more");
	return r < 0 ? r : copy_from(tree, copying, err);
}

/* ---- copying ----------------------------------------------------------------------------- */

static int show_progress(void *user, struct json_object *message, struct sp_error *err)
{
	const struct json_object *progress = sp_json_get(message, "progress");
	int64_t done = sp_json_get_int(progress, "done", -1);
	int64_t total = sp_json_get_int(progress, "total", -1);

	if (done < 0 || total < 0)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "a worker's message makes no sense");
	sp_operator_progress(user, "Copying and verifying", (uint64_t)done,
			     (uint64_t)total);
	return 0;
}

static int run_copy(const struct sp_context *context, const struct sp_pack *pack,
		    int spool_fd, struct sp_operator *op, struct sp_error *err)
{
	struct sp_patience patience = sp_operator_patience(op);
	SP_AUTO(sp_location_done) struct sp_location location = { 0 };
	const struct sp_download *download =
		sp_downloads_find(&context->downloads, pack->location);
	struct copying copying = { &location,        pack,    spool_fd, NULL,
				   context->options, download };
	struct sp_worker_job job = {
		.what = "copying the pack",
		.run = copy,
		.arg = &copying,
		.on_message = show_progress,
		.user = op,
		.flags = SP_WORKER_PRIVATE_MOUNTS,
		.fds = &spool_fd,
		.n_fds = 1,
	};
	int r = sp_location_parse(download ? download->location : pack->location,
				  &location, err);

	job.limits = sp_look_worker_limits(&location, context->options);
	if (job.limits.file_bytes < sp_limit_rpm_bytes)
		job.limits.file_bytes = sp_limit_rpm_bytes;
	return r < 0 ? r : sp_worker_run(&job, &patience, err);
}

int sp_keep_make(struct sp_context *context, const struct sp_pack *pack,
		 struct sp_operator *op, struct sp_findings *findings,
		 struct sp_keep *ret_keep, struct sp_error *err)
{
	SP_AUTO(sp_keep_done) struct sp_keep keep = { 0 };
	SP_AUTO(sp_closep) int spool_fd = -1;
	struct sp_error cause = SP_ERROR_INIT;
	struct stat info;
	int r = sp_keep_open(context, &spool_fd, err);

	if (r == 0)
		r = name_it(context, pack, &keep, err);
	if (r < 0)
		return r;
	keep.was_there = fstatat(spool_fd, keep.name, &info, AT_SYMLINK_NOFOLLOW) == 0;
	r = run_copy(context, pack, spool_fd, op, &cause);
	if (r == -SP_ERR_REQUIREMENTS) {
		r = sp_findings_add(findings, "no-space", context->options->spool, err,
				    "%s", cause.text);
		return r < 0 ? r : SP_KEEP_NO_ROOM;
	}
	if (r < 0) {
		*err = cause;
		return r;
	}
	*ret_keep = keep;
	keep = (struct sp_keep){ 0 };
	return 0;
}

bool sp_keep_has(const struct sp_context *context, const struct sp_pack *pack)
{
	return sp_text_path_is_below(pack->location, context->options->spool);
}

int sp_keep_accept(const struct sp_context *context, const struct sp_pack_list *packs,
		   struct sp_accept *accept, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < packs->n; i++)
		if (sp_keep_has(context, &packs->items[i]))
			r = sp_strv_add(&accept->packs,
					sp_plan_pack_key(&packs->items[i]), err);
	return r;
}

int sp_keep_remove(const struct sp_context *context, const struct sp_keep *keep,
		   struct sp_error *err)
{
	SP_AUTO(sp_closep) int spool_fd = -1;
	int r;

	if (!keep->name || keep->was_there)
		return 0;
	r = sp_keep_open(context, &spool_fd, err);
	return r < 0 ? r : sp_file_remove_tree(spool_fd, keep->name, err);
}

int sp_keep_list(const struct sp_context *context, struct sp_strv *paths,
		 struct sp_error *err)
{
	const char *spool = context->options->spool;
	SP_AUTO(sp_closep) int top = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	int r = top < 0 ? sp_error_set_errno(err, errno, "opening '/'")
			: sp_inside_list(top, spool + strspn(spool, "/"), KEPT_MAX,
					 &names, err);

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		SP_AUTO(sp_str_freep)
		char *path = sp_text_format("%s/%s", spool, names.items[i]);

		if (!path)
			return sp_error_nomem(err);
		if (names.items[i][0] != '.')
			r = sp_strv_add(paths, path, err);
	}
	return r < 0 ? r : 0;
}
