/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whatever the engine does, the installer goes on: it is a program of its own, and its
 * death is a message on the screen. */

#include "installer-plugin/library.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/child.h"
#include "base/json.h"
#include "base/process.h"
#include "base/text.h"
#include "ui/screens.h"

enum { PROTOCOL = 1, ARGUMENTS_MAX = 64, END_MS = 2000, LOOK_MS = 10 };

/* ---- the engine ---------------------------------------------------------------------- */

struct engine {
	int fd;
	pid_t pid;
};

/* PROGRAM OPTION... serve FLOW FD LOCATION... */
static int make_arguments(const struct json_object *request, struct sp_strv *arguments,
			  struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv locations = { 0 };
	const char *flow = sp_json_get_string(request, "flow");
	SP_AUTO(sp_str_freep) char *fd = sp_text_format("%d", SP_CHILD_SOCKET);
	const char *const verb[] = { "serve", flow, fd };
	int r = sp_json_get_strv(request, "engine", arguments, err);

	if (!fd)
		return sp_error_nomem(err);
	if (r < 0 || !arguments->n || arguments->items[0][0] != '/')
		return sp_error_set(
			err, SP_ERR_USAGE,
			"'engine' must be a list that begins with the path of "
			"suppack");
	if (!flow)
		return sp_error_set(err, SP_ERR_USAGE, "'flow' is missing");
	for (size_t i = 0; r == 0 && i < sizeof verb / sizeof verb[0]; i++)
		r = sp_strv_add(arguments, verb[i], err);
	if (r == 0 && sp_json_get(request, "locations"))
		r = sp_json_get_strv(request, "locations", &locations, err);
	return r == 0 ? sp_strv_add_all(arguments, &locations, err) : r;
}

static int start_engine(const struct sp_strv *arguments, struct engine *engine,
			struct sp_error *err)
{
	const char *argv[ARGUMENTS_MAX + 1] = { NULL };
	SP_AUTO(sp_closep) int theirs = -1;
	int fds[2];

	if (arguments->n > ARGUMENTS_MAX)
		return sp_error_set(err, SP_ERR_USAGE,
				    "'engine' and 'locations' have more than %d parts",
				    ARGUMENTS_MAX);
	for (size_t i = 0; i < arguments->n; i++)
		argv[i] = arguments->items[i];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return sp_error_set_errno(err, errno, "connecting screens and engine");
	engine->fd = fds[0];
	theirs = fds[1];
	return sp_child_start(argv, theirs, &engine->pid, err);
}

/* One that does not end has something to undo: it goes on unseen. */
static void end_engine(struct engine *engine)
{
	sp_closep(&engine->fd);
	engine->fd = -1;
	for (int waited = 0; engine->pid > 0 && waited < END_MS; waited += LOOK_MS) {
		if (sp_process_collect(engine->pid))
			engine->pid = -1;
		else
			(void)poll(NULL, 0, LOOK_MS);
	}
}

/* ---- the calls ------------------------------------------------------------------------- */

static int call_screens(const struct json_object *request, struct json_object *reply,
			struct sp_error *err)
{
	const struct sp_screens_options options = {
		.own_screen = sp_json_get_bool(request, "own_screen", false),
		.headline = sp_json_get_string(request, "headline"),
	};
	SP_AUTO(sp_strv_done) struct sp_strv arguments = { 0 };
	SP_AUTO(sp_json_freep) struct json_object *report = NULL;
	struct engine engine = { -1, -1 };
	int exit = 0;
	int r = make_arguments(request, &arguments, err);

	if (r == 0)
		r = start_engine(&arguments, &engine, err);
	if (r == 0)
		r = sp_screens_run(engine.fd, &options, &exit, &report, err);
	end_engine(&engine);
	if (r < 0)
		return r;
	sp_json_set_int(reply, "exit", exit);
	sp_json_set(reply, "report", report ? sp_steal(report) : sp_json_string(NULL));
	return 0;
}

static int call_version(const struct json_object *request, struct json_object *reply,
			struct sp_error *err);

// clang-format off
static const struct call {
	const char *name;
	int (*answer)(const struct json_object *request, struct json_object *reply,
		      struct sp_error *err);
} calls[] = {
	{ "version", call_version },
	{ "screens", call_screens },
};
// clang-format on

static int call_version(const struct json_object *request, struct json_object *reply,
			struct sp_error *err)
{
	struct json_object *names = sp_json_array();

	(void)request;
	(void)err;
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
		sp_json_append(names, sp_json_string(calls[i].name));
	sp_json_set_string(reply, "suppack", SP_VERSION);
	sp_json_set_int(reply, "protocol", PROTOCOL);
	sp_json_set(reply, "calls", names);
	return 0;
}

static int answer(const struct json_object *request, struct json_object *reply,
		  struct sp_error *err)
{
	const char *name = sp_json_get_string(request, "call");

	for (size_t i = 0; name && i < sizeof calls / sizeof calls[0]; i++)
		if (!strcmp(name, calls[i].name))
			return calls[i].answer(request, reply, err);
	return sp_error_set(err, SP_ERR_USAGE,
			    "'%.40s' is no call of this version of suppack",
			    name ? name : "");
}

char *suppack_call(const char *request)
{
	SP_AUTO(sp_json_freep) struct json_object *asked = NULL;
	SP_AUTO(sp_json_freep) struct json_object *reply = sp_json_object();
	struct sp_error err = SP_ERROR_INIT;
	int r = sp_json_parse(request, strlen(request), &asked, &err);

	if (r == 0 && !sp_json_is_object(asked))
		r = sp_error_set(&err, SP_ERR_USAGE, "a request is a JSON object");
	if (r == 0)
		r = answer(asked, reply, &err);
	if (r < 0)
		sp_json_set_string(reply, "error", err.text);
	return sp_json_print(reply, false);
}
