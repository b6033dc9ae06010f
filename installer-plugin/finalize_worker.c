/* SPDX-License-Identifier: GPL-2.0-or-later */

/* depmod and dracut are the host's own, run in its root; what they need of /dev, /proc
 * and /sys is mounted there for as long as this process lives, and seen by it alone. */

#include "installer-plugin/finalize_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child.h"
#include "base/finding.h"
#include "base/inside.h"
#include "base/json.h"
#include "repo/digest.h"
#include "repo/initrd.h"
#include "repo/limits.h"

enum { DEPMOD_MS = 120 * 1000, DRACUT_MS = 900 * 1000, OUTPUT_SHOWN = 4000 };

/* ---- programs -------------------------------------------------------------------------- */

static const char *const depmods[] = { "sbin/depmod", "usr/sbin/depmod", NULL };
static const char *const dracuts[] = { "usr/bin/dracut", "usr/sbin/dracut", "sbin/dracut",
				       NULL };

/* "/sbin/depmod", or NULL if the root has none.  Caller frees. */
static char *program_find(int root_fd, const char *const places[])
{
	for (; *places; places++) {
		SP_AUTO(sp_closep) int fd = -1;
		struct sp_error ignored = SP_ERROR_INIT;

		if (sp_inside_open(root_fd, *places, &fd, &ignored) == 0)
			return sp_text_format("/%s", *places);
	}
	return NULL;
}

static int send_result(struct sp_outlet *outlet, const char *program,
		       const struct sp_child_result *result, struct sp_error *err)
{
	struct json_object *json = sp_json_object();
	const char *output = result->output ? result->output : "";
	size_t len = strlen(output);

	/* The end of it says what went wrong. */
	sp_json_set_string(json, "ran", program);
	sp_json_set_int(json, "status", result->status);
	sp_json_set_string(json, "output",
			   len > OUTPUT_SHOWN ? output + len - OUTPUT_SHOWN : output);
	return sp_outlet_send(outlet, json, err);
}

static int run(const struct sp_finalize_task *task, const char *const argv[],
	       unsigned deadline_ms, struct sp_outlet *outlet, struct sp_error *err)
{
	struct sp_child_result result = { 0 };
	bool own = !strcmp(task->root, "/");
	int r = sp_child_run(argv, own ? NULL : task->root, deadline_ms, &result, err);

	if (r == 0)
		r = send_result(outlet, argv[0], &result, err);
	free(result.output);
	return r;
}

static int run_depmod(const struct sp_finalize_task *task, struct sp_outlet *outlet,
		      struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *program = program_find(task->root_fd, depmods);
	const char *const argv[] = { program, "-a", task->kernel, NULL };

	return program ? run(task, argv, DEPMOD_MS, outlet, err) : 0;
}

static int run_dracut(const struct sp_finalize_task *task, struct sp_outlet *outlet,
		      struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *program = program_find(task->root_fd, dracuts);
	SP_AUTO(sp_str_freep) char *image = NULL;
	const char *argv[] = { program, "-f", NULL, task->kernel, NULL };

	if (!task->initrd)
		return 0;
	if (!program)
		return sp_error_set(err, SP_ERR_IO,
				    "the host has no dracut to make '/%s' with",
				    task->initrd);
	image = sp_text_format("/%s", task->initrd);
	argv[2] = image;
	return image ? run(task, argv, DRACUT_MS, outlet, err) : sp_error_nomem(err);
}

/* ---- what they need ----------------------------------------------------------------------- */

static const char *const mounted[] = { "dev", "proc", "sys" };

static int mount_one(const struct sp_finalize_task *task, const char *name,
		     struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *from = sp_text_format("/%s", name);
	SP_AUTO(sp_str_freep) char *place = sp_text_format("%s/%s", task->root, name);
	struct stat info, root;

	if (!from || !place)
		return sp_error_nomem(err);
	if (lstat(place, &info) < 0 || !S_ISDIR(info.st_mode) ||
	    fstat(task->root_fd, &root) < 0)
		return 0; /* it does without */
	if (info.st_dev != root.st_dev)
		return 0; /* the installer has seen to it */
	if (mount(from, place, NULL, MS_BIND | MS_REC, NULL) < 0)
		return sp_error_set_errno(err, errno, "mounting '%s' on '%s'", from,
					  place);
	return 0;
}

int sp_finalize_worker_make(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct sp_finalize_task *task = arg;
	bool own = !strcmp(task->root, "/");
	int r = 0;

	for (size_t i = 0; r == 0 && !own && i < sizeof mounted / sizeof mounted[0]; i++)
		r = mount_one(task, mounted[i], err);
	if (r == 0)
		r = run_depmod(task, outlet, err);
	return r < 0 ? r : run_dracut(task, outlet, err);
}

/* ---- looking ------------------------------------------------------------------------------- */

// clang-format off
static const char *const images[] = { "boot/initrd-%s.img", "boot/initramfs-%s.img" };
// clang-format on

char *sp_finalize_find_initrd(int root_fd, const char *kernel)
{
	for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
		const char *hole = strstr(images[i], "%s");
		SP_AUTO(sp_str_freep)
		char *path = sp_text_format("%.*s%s%s", (int)(hole - images[i]),
					    images[i], kernel, hole + 2);
		SP_AUTO(sp_closep) int fd = -1;
		struct sp_error ignored = SP_ERROR_INIT;

		/* One that cannot be read is there. */
		if (path && sp_inside_open(root_fd, path, &fd, &ignored) <= 0)
			return sp_steal(path);
	}
	return NULL;
}

/* What is on the host's disk is what should be in the initrd. */
static int judge(const struct sp_finalize_task *task, const struct sp_initrd_file *file,
		 struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	char sha256[SP_DIGEST_HEX_SIZE];
	int r = sp_inside_open(task->root_fd, file->path, &fd, err);

	if (r != 0)
		return r < 0 ? r : 0;
	if (!file->found)
		return sp_findings_add(findings, "initrd-lacks-module", file->path, err,
				       "the initrd '/%s' does not hold '/%s'",
				       task->initrd, file->path);
	r = sp_digest_fd(fd, SP_DIGEST_SHA256, SP_LIMIT_MODULE_BYTES, sha256, NULL, err);
	if (r < 0 || !*file->sha256 || sp_digest_is_equal(sha256, file->sha256))
		return r;
	return sp_findings_add(findings, "initrd-lacks-module", file->path, err,
			       "the initrd '/%s' holds another '/%s' than the host",
			       task->initrd, file->path);
}

static int look(const struct sp_finalize_task *task, struct sp_initrd_file *files,
		struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	int r = sp_inside_open(task->root_fd, task->initrd, &fd, err);

	if (r != 0)
		return r < 0 ? r
			     : sp_error_set(err, SP_ERR_IO, "there is no '/%s'",
					    task->initrd);
	for (size_t i = 0; i < task->files.n; i++)
		files[i].path = task->files.items[i];
	r = sp_initrd_look(fd, files, task->files.n, err);
	for (size_t i = 0; r == 0 && i < task->files.n; i++)
		r = judge(task, &files[i], findings, err);
	return r < 0 ? sp_error_context(err, "looking into '/%s'", task->initrd) : 0;
}

static void free_files(struct sp_initrd_file **files)
{
	free(*files);
}

int sp_finalize_worker_look(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct sp_finalize_task *task = arg;
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(free_files)
	struct sp_initrd_file *files = calloc(task->files.n + 1, sizeof *files);
	struct json_object *message;
	int r = files ? look(task, files, &findings, err) : sp_error_nomem(err);

	if (r < 0)
		return r;
	message = sp_json_object();
	sp_json_set(message, "findings", sp_findings_to_json(&findings));
	return sp_outlet_send(outlet, message, err);
}
