/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is shown is what the package holds: text that cannot be shown as a whole is not
 * shown in part, because nobody can accept what he has not read. */

#include "installer-plugin/licence.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/worker.h"
#include "installer-plugin/operator.h"
#include "repo/limits.h"
#include "repo/pack.h"
#include "repo/payload.h"
#include "repo/rpmfile.h"

#define ENDING "EULA"

enum {
	TEXT_MAX_BYTES = 512 << 10, /* a protocol line must hold it */
	LINE_BYTES = 1024,
	DEADLINE_MS = 600 * 1000,
	CPU_SECONDS = 300,
};

struct task {
	const struct sp_pack *pack;
	int kept_fd;
	struct sp_outlet *outlet;
};

/* ---- in the worker ------------------------------------------------------------------------ */

static int send_text(void *user, const char *path, int fd, struct sp_error *err)
{
	struct task *task = user;
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct json_object *message;
	size_t len;
	int r = sp_file_read_all(fd, TEXT_MAX_BYTES, &bytes, &len, err);

	if (r < 0)
		return sp_error_context(err, "reading the licence '%s'", path);
	if (strlen(bytes) != len)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "the licence '%s' is no text and cannot be shown",
				    path);
	message = sp_json_object();
	sp_json_set_string(message, "licence", bytes);
	return sp_outlet_send(task->outlet, message, err);
}

static int find_licences(int fd, struct sp_strv *paths, struct sp_error *err)
{
	SP_AUTO(sp_rpmfile_done) struct sp_rpmfile rpm = { 0 };
	int r = sp_rpmfile_read(fd, &rpm, err);

	for (size_t i = 0; r == 0 && i < rpm.n_files; i++)
		if (sp_text_ends_with(rpm.files[i].path, ENDING) &&
		    (rpm.files[i].mode & 0170000) == 0100000)
			r = sp_strv_add(paths, rpm.files[i].path, err);
	sp_strv_sort(paths);
	return r;
}

static int read_package(struct task *task, const struct sp_package *package,
			struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv paths = { 0 };
	SP_AUTO(sp_closep) int fd = -1;
	int r = 0;

	if (!sp_text_ends_with(package->file, ".rpm"))
		return 0;
	r = sp_file_open_beneath(task->kept_fd, package->file, &fd, err);
	if (r > 0)
		return sp_error_set(err, SP_ERR_DAMAGED, "'%s' is not there",
				    package->file);
	if (r == 0)
		r = find_licences(fd, &paths, err);
	if (r == 0 && paths.n)
		r = sp_payload_read_fd(fd, &paths, SP_LIMIT_LICENCE_BYTES, send_text,
				       task, err);
	return r;
}

static int run(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	struct task *task = arg;
	int r = 0;

	task->outlet = outlet;
	for (size_t i = 0; r == 0 && i < task->pack->n_packages; i++)
		r = read_package(task, &task->pack->packages[i], err);
	return r;
}

/* ---- in the engine ------------------------------------------------------------------------- */

/* Line by line, so that its form is kept and nothing else in it can do harm. */
static void add_lines(struct sp_strbuf *text, const char *licence)
{
	char line[LINE_BYTES];

	while (*licence) {
		size_t len = strcspn(licence, "\n");
		size_t part = len < LINE_BYTES / 2 ? len : LINE_BYTES / 2;

		sp_text_clean(licence, part, line, sizeof line);
		sp_strbuf_add(text, "%s\n", line);
		licence += part < len ? part : len + (licence[len] == '\n');
	}
}

static int take_text(void *user, struct json_object *message, struct sp_error *err)
{
	struct sp_strbuf *text = user;
	const char *licence = sp_json_get_string(message, "licence");

	if (!licence)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "a worker's message makes no sense");
	if (text->len)
		sp_strbuf_add(text, "\n");
	add_lines(text, licence);
	if (text->len > TEXT_MAX_BYTES)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "the licences are longer than can be shown");
	return 0;
}

int sp_licence_read(const struct sp_pack *pack, const char *kept, struct sp_operator *op,
		    char **ret_text, struct sp_error *err)
{
	SP_AUTO(sp_closep) int kept_fd = open(kept, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SP_AUTO(sp_strbuf_done) struct sp_strbuf text = { 0 };
	struct sp_patience patience = sp_operator_patience(op);
	struct task task = { .pack = pack, .kept_fd = kept_fd };
	struct sp_worker_job job = {
		.what = "reading the licences",
		.run = run,
		.arg = &task,
		.on_message = take_text,
		.user = &text,
		.limits = { .deadline_ms = DEADLINE_MS,
			    .cpu_seconds = CPU_SECONDS,
			    .file_bytes = SP_LIMIT_MODULE_BYTES },
	};
	int r;

	if (kept_fd < 0)
		return sp_error_set_errno(err, errno, "opening '%s'", kept);
	r = sp_worker_run(&job, &patience, err);
	if (r == 0 && text.failed)
		r = sp_error_nomem(err);
	if (r == 0)
		*ret_text = text.len ? sp_strbuf_take(&text) : NULL;
	return r;
}
