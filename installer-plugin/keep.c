/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A copy is made beside its place and renamed into it: whatever has a name without a
 * leading dot is whole. */

#include "installer-plugin/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/file.h"
#include "base/finding.h"
#include "base/json.h"
#include "base/text.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/keep_worker.h"
#include "installer-plugin/operator.h"
#include "repo/limits.h"
#include "repo/location.h"
#include "repo/pack.h"

enum {
	DIR_MODE = 0700,
	DIGEST_DIGITS = 12,
	DEADLINE_MS = 600 * 1000,
	CPU_SECONDS = 300,
	SLACK_BYTES = 64 << 10, /* metadata, directories */
};

void sp_keep_done(struct sp_keep *keep)
{
	free(keep->path);
	free(keep->name);
	*keep = (struct sp_keep){ 0 };
}

/* ---- places --------------------------------------------------------------------------- */

/* The directory of all that is kept; made if it is not there. */
static int open_spool(const struct sp_context *context, int *ret_fd, struct sp_error *err)
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
	SP_AUTO(sp_str_freep) char *id = sp_text_file_name(pack->id ? pack->id : "");

	if (!id)
		return sp_error_nomem(err);
	keep->name = sp_text_format("%s-%.*s", id, DIGEST_DIGITS,
				    pack->metadata_digest ? pack->metadata_digest : "");
	keep->path =
		keep->name ? sp_text_format("%s/%s", context->options->spool, keep->name)
			   : NULL;
	return keep->path ? 0 : sp_error_nomem(err);
}

/* ---- room ------------------------------------------------------------------------------ */

static uint64_t bytes_of(const struct sp_pack *pack)
{
	uint64_t sum = SLACK_BYTES;

	for (size_t i = 0; i < pack->n_packages; i++)
		if (__builtin_add_overflow(sum, pack->packages[i].size_bytes, &sum))
			return UINT64_MAX;
	return sum;
}

static int no_room(const struct sp_context *context, const struct sp_pack *pack,
		   struct sp_findings *findings, struct sp_error *err)
{
	int r = sp_findings_add(
		findings, "no-space", context->options->spool, err,
		"there is too little room in '%s' to keep '%s' (%llu KiB)",
		context->options->spool, pack->label ? pack->label : pack->id,
		(unsigned long long)(bytes_of(pack) >> 10));

	return r < 0 ? r : SP_KEEP_NO_ROOM;
}

static bool has_room(int spool_fd, const struct sp_pack *pack)
{
	struct statvfs space;

	/* Memory file systems without a size have no blocks to count. */
	if (fstatvfs(spool_fd, &space) < 0 || !space.f_blocks)
		return true;
	return (uint64_t)space.f_bavail * space.f_frsize >= bytes_of(pack);
}

/* ---- copying ----------------------------------------------------------------------------- */

static int show_progress(void *user, struct json_object *message, struct sp_error *err)
{
	const struct json_object *progress = sp_json_get(message, "progress");
	int64_t done = sp_json_get_int(progress, "done", 0);
	int64_t total = sp_json_get_int(progress, "total", 0);

	(void)err;
	sp_operator_progress(user, "Copying and verifying", done < 0 ? 0 : (uint64_t)done,
			     total < 0 ? 0 : (uint64_t)total);
	return 0;
}

static int run_copy(const struct sp_context *context, const struct sp_pack *pack,
		    int dir_fd, struct sp_operator *op, struct sp_error *err)
{
	struct sp_patience patience = sp_operator_patience(op);
	SP_AUTO(sp_location_done) struct sp_location location = { 0 };
	struct sp_keep_task task = { &location, pack, dir_fd };
	struct sp_worker_job job = {
		.what = "copying the pack",
		.run = sp_keep_worker,
		.arg = &task,
		.on_message = show_progress,
		.user = op,
		.flags = SP_WORKER_PRIVATE_MOUNTS,
		.limits = { .deadline_ms = DEADLINE_MS,
			    .cpu_seconds = CPU_SECONDS,
			    .file_bytes = sp_limit_rpm_bytes },
		.fds = &dir_fd,
		.n_fds = 1,
	};
	int r = sp_location_parse(pack->location, &location, err);

	if (context->options->timeout_s)
		job.limits.deadline_ms = context->options->timeout_s * 1000;
	return r < 0 ? r : sp_worker_run(&job, &patience, err);
}

/* Fills ".NAME.new" and puts it in the place of NAME. */
static int make_in(struct sp_context *context, const struct sp_pack *pack, int spool_fd,
		   struct sp_operator *op, struct sp_keep *keep, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *fresh = sp_text_format(".%s.new", keep->name);
	SP_AUTO(sp_closep) int dir_fd = -1;
	struct sp_error ignored = SP_ERROR_INIT;
	struct stat info;
	int r;

	if (!fresh)
		return sp_error_nomem(err);
	r = sp_file_remove_tree(spool_fd, fresh, err);
	if (r == 0)
		r = sp_file_make_dirs(spool_fd, fresh, DIR_MODE, err);
	if (r == 0)
		r = sp_file_open_dir_beneath(spool_fd, fresh, &dir_fd, err);
	if (r == 0)
		r = run_copy(context, pack, dir_fd, op, err);
	keep->was_there = fstatat(spool_fd, keep->name, &info, AT_SYMLINK_NOFOLLOW) == 0;
	if (r == 0 && keep->was_there)
		r = sp_file_remove_tree(spool_fd, keep->name, err);
	if (r == 0 && renameat(spool_fd, fresh, spool_fd, keep->name) < 0)
		r = sp_error_set_errno(err, errno, "keeping '%s'", keep->path);
	if (r != 0 && sp_file_remove_tree(spool_fd, fresh, &ignored) < 0)
		return sp_error_context(err, "'%s' is left behind", fresh);
	return r;
}

int sp_keep_make(struct sp_context *context, const struct sp_pack *pack,
		 struct sp_operator *op, struct sp_findings *findings,
		 struct sp_keep *ret_keep, struct sp_error *err)
{
	SP_AUTO(sp_keep_done) struct sp_keep keep = { 0 };
	SP_AUTO(sp_closep) int spool_fd = -1;
	int r = open_spool(context, &spool_fd, err);

	if (r == 0)
		r = name_it(context, pack, &keep, err);
	if (r < 0)
		return r;
	if (!has_room(spool_fd, pack))
		return no_room(context, pack, findings, err);
	r = make_in(context, pack, spool_fd, op, &keep, err);
	if (r == -SP_ERR_IO && err->sys_errno == ENOSPC) {
		*err = (struct sp_error)SP_ERROR_INIT;
		return no_room(context, pack, findings, err);
	}
	if (r < 0)
		return r;
	*ret_keep = keep;
	keep = (struct sp_keep){ 0 };
	return 0;
}

int sp_keep_remove(const struct sp_context *context, const struct sp_keep *keep,
		   struct sp_error *err)
{
	SP_AUTO(sp_closep) int spool_fd = -1;
	int r;

	if (!keep->name || keep->was_there)
		return 0;
	r = open_spool(context, &spool_fd, err);
	return r < 0 ? r : sp_file_remove_tree(spool_fd, keep->name, err);
}
