/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `suppack ui`: both halves in one command.  The engine is forked off before anything
 * else, so that the screens' process never reads a medium or waits for one. */

#include "installer-plugin/verb.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/context.h"
#include "installer-plugin/report.h"
#include "installer-plugin/serve.h"
#include "ui/screens.h"

/* The engine's half, in a process of its own.  Never returns. */
_Noreturn static void run_engine(struct sp_context *context, const char *flow, int fd,
				 struct sp_report *report)
{
	const struct sp_strv *arguments = &context->options->arguments;
	struct sp_strv locations = { arguments->items + 1, arguments->n - 1 };
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC), exit;

	for (int i = 0; nowhere >= 0 && i <= STDERR_FILENO; i++)
		(void)dup2(nowhere, i);
	sp_serve_flow(context, flow, fd, &locations, report);
	exit = report->exit;
	sp_context_done(context); /* what was fetched goes with it */
	_exit(exit);
}

/* The engine may still have something to undo. */
static void wait_engine(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
}

/* What the engine said at its end, so that it can be read after the screens are gone. */
static int show(int fd, struct sp_report *report, struct sp_error *err)
{
	static const struct sp_screens_options options = { .own_screen = true };
	SP_AUTO(sp_json_freep) struct json_object *whole = NULL;
	int exit = SP_EXIT_FAILED;
	int r = sp_screens_run(fd, &options, &exit, &whole, err);

	if (r < 0)
		return r;
	report->exit = exit;
	return sp_findings_from_json(sp_json_get(whole, "findings"), &report->findings,
				     err);
}

int sp_verb_ui(struct sp_context *context, struct sp_report *report, struct sp_error *err)
{
	const char *flow = context->options->arguments.items[0];
	SP_AUTO(sp_closep) int ours = -1;
	int fds[2], r = sp_serve_check_flow(flow, err);
	pid_t pid;

	if (r < 0)
		return r;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return sp_error_set(err, SP_ERR_USAGE,
				    "'ui' needs a terminal; 'load' works without one");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return sp_error_set_errno(err, errno, "connecting screens and engine");
	pid = fork();
	if (pid == 0) {
		(void)close(fds[0]);
		run_engine(context, flow, fds[1], report);
	}
	(void)close(fds[1]);
	ours = fds[0];
	if (pid < 0)
		return sp_error_set_errno(err, errno, "starting the engine");
	r = show(ours, report, err);
	sp_closep(&ours);
	ours = -1;
	wait_engine(pid);
	return r;
}
