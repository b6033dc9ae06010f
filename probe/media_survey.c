/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One worker for each medium: a drive that hangs in the kernel, or a file system made to
 * crash a prober, costs that medium its answer and nothing else. */
#include "probe/media.h"

#include "base/json.h"
#include "base/worker.h"
#include "probe/root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <linux/fs.h>

enum {
	DEADLINE_MS = 15000,
	AT_ONCE = 16,
	MESSAGE_MAX_BYTES = 4096,
};

/* ---- opening --------------------------------------------------------------- */

int sp_medium_open(const struct sp_root *root, const struct sp_medium *medium,
		   int *ret_fd, struct sp_error *err)
{
	struct sp_error why = SP_ERROR_INIT;
	struct stat st;
	int fd = -1, r;

	r = sp_root_open(root, medium->path + 1, O_RDONLY, &fd, &why);
	if (r < 0 && why.sys_errno == ENOMEDIUM)
		return SP_MEDIUM_OPEN_EMPTY;
	if (r != 0) {
		if (r < 0)
			*err = why;
		return r < 0 ? r : SP_MEDIUM_OPEN_GONE;
	}
	if (fstat(fd, &st) < 0 || !(S_ISBLK(st.st_mode) || S_ISREG(st.st_mode)) ||
	    (S_ISBLK(st.st_mode) && st.st_rdev != medium->number))
		r = SP_MEDIUM_OPEN_GONE;
	else if (S_ISBLK(st.st_mode) && medium->is_cdrom && !sp_medium_has_disc(fd))
		r = SP_MEDIUM_OPEN_EMPTY;
	if (r != 0) {
		sp_closep(&fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

/* ---- in the worker --------------------------------------------------------- */

struct look {
	const struct sp_root *root;
	struct sp_medium *medium;
	bool answered;
};

static uint64_t size_of(int fd)
{
	uint64_t size = 0;
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return (uint64_t)st.st_size;
	return ioctl(fd, BLKGETSIZE64, &size) == 0 ? size : 0;
}

static int look(const struct sp_root *root, const struct sp_medium *medium,
		struct sp_filesystem *filesystem, uint64_t *ret_size,
		struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	int r = sp_medium_open(root, medium, &fd, err);

	if (r > 0)
		filesystem->state =
			r == SP_MEDIUM_OPEN_EMPTY ? SP_MEDIUM_EMPTY : SP_MEDIUM_GONE;
	if (r != 0)
		return r < 0 ? r : 0;
	*ret_size = size_of(fd);
	return sp_media_blkid_probe(fd, filesystem, err);
}

static int run(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	SP_AUTO(sp_filesystem_done) struct sp_filesystem filesystem = { 0 };
	const struct look *job = arg;
	struct json_object *message;
	uint64_t size = 0;
	int r = sp_worker_drop_privileges(err);

	if (r == 0)
		r = look(job->root, job->medium, &filesystem, &size, err);
	if (r < 0)
		return r;
	message = sp_json_object();
	sp_json_set_int(message, "state", filesystem.state);
	sp_json_set_int(message, "size", size > INT64_MAX ? 0 : (int64_t)size);
	sp_json_set_string(message, "type", filesystem.type);
	sp_json_set_string(message, "label", filesystem.label);
	sp_json_set_string(message, "uuid", filesystem.uuid);
	return sp_outlet_send(outlet, message, err);
}

/* ---- in the parent --------------------------------------------------------- */

static bool is_answer(int64_t state)
{
	return state == SP_MEDIUM_USABLE || state == SP_MEDIUM_EMPTY ||
	       state == SP_MEDIUM_BLANK || state == SP_MEDIUM_AMBIGUOUS ||
	       state == SP_MEDIUM_UNSUPPORTED || state == SP_MEDIUM_GONE;
}

static int take_text(const struct json_object *message, const char *key, char **ret_text,
		     struct sp_error *err)
{
	const char *text = sp_json_get_string(message, key);

	if (!text)
		return 0;
	*ret_text = sp_text_clean_dup(text);
	return *ret_text ? 0 : sp_error_nomem(err);
}

static int take_answer(void *user, struct json_object *message, struct sp_error *err)
{
	struct look *job = user;
	struct sp_medium *medium = job->medium;
	struct sp_filesystem *filesystem = &medium->filesystem;
	int64_t state = sp_json_get_int(message, "state", -1);
	int64_t size = sp_json_get_int(message, "size", 0);
	int r;

	if (job->answered || !is_answer(state))
		return sp_error_set(err, SP_ERR_WORKER,
				    "looking at '%s': the process answered nonsense",
				    medium->path);
	job->answered = true;
	filesystem->state = (enum sp_medium_state)state;
	/* The size of the disc before is remembered by nobody. */
	if (size > 0 && (medium->is_cdrom || medium->size_bytes == 0))
		medium->size_bytes = (uint64_t)size;
	r = take_text(message, "type", &filesystem->type, err);
	if (r == 0)
		r = take_text(message, "label", &filesystem->label, err);
	if (r == 0)
		r = take_text(message, "uuid", &filesystem->uuid, err);
	if (r == 0 && state == SP_MEDIUM_USABLE && !filesystem->type)
		return sp_error_set(err, SP_ERR_WORKER,
				    "looking at '%s': the process answered nonsense",
				    medium->path);
	return r;
}

static void conclude(struct look *look, const struct sp_worker_job *job)
{
	struct sp_medium *medium = look->medium;

	medium->state = SP_MEDIUM_FAILED;
	if (job->result == 0 && look->answered)
		medium->state = medium->filesystem.state;
	else if (job->result < 0)
		medium->error = job->error;
	else
		(void)sp_error_set(&medium->error, SP_ERR_WORKER,
				   "%s: the process gave no answer", job->what);
	medium->is_hint = medium->state == SP_MEDIUM_USABLE &&
			  sp_medium_label_is_hint(medium->filesystem.label);
}

static void prepare(struct sp_worker_job *job, struct look *look,
		    const struct sp_root *root, struct sp_medium *medium, char *what)
{
	sp_filesystem_done(&medium->filesystem);
	*look = (struct look){ .root = root, .medium = medium };
	*job = (struct sp_worker_job){
		.what = what,
		.run = run,
		.arg = look,
		.on_message = take_answer,
		.user = look,
		.limits = { .deadline_ms = DEADLINE_MS,
			    .message_bytes = MESSAGE_MAX_BYTES,
			    .messages = 1 },
	};
}

static int survey(const struct sp_root *root, struct sp_media *media,
		  struct sp_worker_job *jobs, struct look *looks, struct sp_strv *whats,
		  const struct sp_patience *patience, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < media->n; i++) {
		SP_AUTO(sp_str_freep)
		char *what = sp_text_format("looking at '%s'", media->items[i].path);

		r = what ? sp_strv_add(whats, what, err) : sp_error_nomem(err);
		if (r == 0)
			prepare(&jobs[i], &looks[i], root, &media->items[i],
				whats->items[i]);
	}
	if (r == 0)
		r = sp_worker_run_all(jobs, media->n, AT_ONCE, patience, err);
	for (size_t i = 0; r == 0 && i < media->n; i++)
		conclude(&looks[i], &jobs[i]);
	if (r == 0)
		sp_media_mark_duplicates(media);
	return r;
}

int sp_media_survey(const struct sp_root *root, struct sp_media *media,
		    const struct sp_patience *patience, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv whats = { 0 };
	struct sp_worker_job *jobs = calloc(media->n + 1, sizeof *jobs);
	struct look *looks = calloc(media->n + 1, sizeof *looks);
	int r = jobs && looks ? survey(root, media, jobs, looks, &whats, patience, err)
			      : sp_error_nomem(err);

	free(jobs);
	free(looks);
	return r;
}

/* ---- duplicates ------------------------------------------------------------ */

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* An image written to a whole stick shows again as its first partition. */
static bool is_repeated(const struct sp_medium *first, const struct sp_medium *medium)
{
	const struct sp_filesystem *a = &first->filesystem, *b = &medium->filesystem;

	if (first->state != SP_MEDIUM_USABLE)
		return false;
	if (first->number == medium->number)
		return true;
	return strcmp(first->disk, medium->disk) == 0 && first->partition == 0 &&
	       a->uuid && same_text(a->type, b->type) && same_text(a->uuid, b->uuid) &&
	       same_text(a->label, b->label);
}

void sp_media_mark_duplicates(struct sp_media *media)
{
	for (size_t i = 0; i < media->n; i++)
		for (size_t j = 0; j < media->n; j++)
			if (i != j && media->items[j].state == SP_MEDIUM_USABLE &&
			    (media->items[j].partition || j > i) &&
			    is_repeated(&media->items[i], &media->items[j]))
				media->items[j].state = SP_MEDIUM_DUPLICATE;
}
