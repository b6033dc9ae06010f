/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The installer may have got the file from a server, or from a generator: its bytes are
 * outside bytes. */

#include "installer-plugin/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/worker.h"
#include "installer-plugin/unattended.h"
#include "repo/answerfile.h"
#include "repo/xml.h"

enum { DEADLINE_MS = 20000 };

struct reading {
	const char *path;
	struct json_object *json;
};

static void reading_done(struct reading *reading)
{
	sp_json_freep(&reading->json);
}

/* ---- in the worker ------------------------------------------------------------------ */

static int load(const char *path, char **ret_bytes, size_t *ret_len, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct sp_error cause = SP_ERROR_INIT;

	if (fd < 0)
		return sp_error_set(err, SP_ERR_USAGE, "it cannot be opened: %s",
				    strerror(errno));
	if (sp_file_read_all(fd, SP_XML_MAX_BYTES, ret_bytes, ret_len, &cause) < 0)
		return sp_error_set(err, SP_ERR_USAGE, "it cannot be read: %s",
				    cause.text);
	return 0;
}

static int read_it(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct reading *reading = arg;
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct json_object *json = NULL;
	size_t len = 0;
	int r = sp_worker_drop_privileges(err);

	if (r == 0)
		r = load(reading->path, &bytes, &len, err);
	if (r == 0)
		r = sp_answerfile_read(bytes, len, &json, err);
	return r == 0 ? sp_outlet_send(outlet, json, err) : r;
}

/* ---- in the engine -------------------------------------------------------------------- */

static int take(void *user, struct json_object *message, struct sp_error *err)
{
	struct reading *reading = user;

	if (reading->json)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "a worker's message makes no sense");
	reading->json = sp_json_ref(message);
	return 0;
}

int sp_answer_read(const char *path, struct sp_unattended *ret_unattended,
		   struct sp_error *err)
{
	SP_AUTO(reading_done) struct reading reading = { .path = path };
	struct sp_worker_job job = {
		.what = "reading the answerfile",
		.run = read_it,
		.arg = &reading,
		.on_message = take,
		.user = &reading,
		.limits = { .deadline_ms = DEADLINE_MS },
	};
	int r = sp_worker_run(&job, NULL, err);

	if (r == 0)
		r = sp_unattended_read(reading.json, ret_unattended, err);
	return r < 0 ? sp_error_context(err, "'%s'", path) : 0;
}
