/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker of a transaction may say a lot; here it is kept within bounds, so that a
 * scriptlet that floods its log cannot end the transaction half-way. */
#include "repo/transaction_desk.h"

#include "base/json.h"
#include "repo/rpm_root.h"
#include "repo/rpmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MAX_LINES = 2000, STEPS_PER_PACKAGE = 100, DESCRIPTORS = 1024 };

static void send_log(void *user, const char *line)
{
	struct sp_transaction_desk *desk = user;

	if (desk->failure < 0 || desk->lines >= MAX_LINES)
		return;
	desk->lines++;
	desk->failure = sp_transaction_desk_send(desk, "log", sp_json_string(line));
}

static void send_progress(void *user, size_t index, uint64_t done, uint64_t total)
{
	struct sp_transaction_desk *desk = user;
	struct json_object *json;

	/* Only steps that a bar can show. */
	if (desk->failure < 0 || (index == desk->last_index && done != total &&
				  done - desk->last_done < total / STEPS_PER_PACKAGE + 1))
		return;
	desk->last_index = index;
	desk->last_done = done;
	json = sp_json_object();
	sp_json_set_int(json, "index",
			(int64_t)(desk->index_of_element ? desk->index_of_element[index]
							 : index));
	sp_json_set_int(json, "done", (int64_t)done);
	sp_json_set_int(json, "total", (int64_t)total);
	desk->failure = sp_transaction_desk_send(desk, "progress", json);
}

int sp_transaction_desk_open(struct sp_transaction_desk *desk,
			     const struct sp_transaction_work *work,
			     struct sp_outlet *outlet, struct sp_error *err)
{
	const struct rlimit descriptors = { DESCRIPTORS, DESCRIPTORS };
	const struct sp_rpm_listener listener = { send_log, send_progress, desk };
	const char *path = work->transaction->root;
	SP_AUTO(sp_closep) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SP_AUTO(sp_str_freep) char *dbpath = NULL;
	int r;

	if (fd < 0)
		return sp_error_set_errno(err, errno, "opening '%s'", path);
	/* Scriptlets make initrds: they need more than a parser may have. */
	(void)setrlimit(RLIMIT_NOFILE, &descriptors);
	desk->transaction = work->transaction;
	desk->outlet = outlet;
	desk->err = err;
	desk->last_index = SIZE_MAX;
	r = sp_rpmdb_find(fd, &dbpath, NULL, err);
	if (r < 0)
		return r;
	return sp_rpm_root_open(path, dbpath, &listener, &desk->root, err);
}

void sp_transaction_desk_close(struct sp_transaction_desk *desk)
{
	sp_rpm_root_close(desk->root);
	sp_findings_done(&desk->findings);
}

int sp_transaction_desk_send(struct sp_transaction_desk *desk, const char *key,
			     struct json_object *value)
{
	struct json_object *message = sp_json_object();

	sp_json_set(message, key, value);
	return sp_outlet_send(desk->outlet, message, desk->err);
}

int sp_transaction_desk_send_running(struct sp_transaction_desk *desk)
{
	struct json_object *message = sp_json_object();

	sp_json_set_bool(message, "running", true);
	return sp_outlet_send(desk->outlet, message, desk->err);
}

int sp_transaction_desk_end(struct sp_transaction_desk *desk, int outcome)
{
	struct json_object *message = sp_json_object();

	if (desk->failure < 0)
		return desk->failure;
	sp_json_set(message, "findings", sp_findings_to_json(&desk->findings));
	sp_json_set_int(message, "outcome", outcome);
	return sp_outlet_send(desk->outlet, message, desk->err);
}
