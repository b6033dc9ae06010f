/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `suppack serve FLOW FD [LOCATION]...`: the engine alone, for screens that live in an installer's
 * process and have started us with one end of a socket pair. */

#include "installer-plugin/verb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "installer-plugin/context.h"
#include "installer-plugin/serve.h"

enum { ABOVE_STDIO = 3 };

/* A socket of ours that no program we start inherits. */
static int take_socket(const char *text, int *ret_fd, struct sp_error *err)
{
	int type = 0;
	socklen_t len = sizeof type;
	char *end;
	long number = strtol(text, &end, 10);

	if (!*text || *end || number < 0 || number > 1024 * 1024 ||
	    getsockopt((int)number, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
	    type != SOCK_STREAM)
		return sp_error_set(err, SP_ERR_USAGE,
				    "'%.20s' is no descriptor of a stream socket", text);
	*ret_fd = fcntl((int)number, F_DUPFD_CLOEXEC, ABOVE_STDIO);
	if (*ret_fd < 0)
		return sp_error_set_errno(err, errno, "taking over the socket");
	(void)close((int)number);
	return 0;
}

int sp_verb_serve(struct sp_context *context, struct sp_report *report,
		  struct sp_error *err)
{
	const struct sp_strv *arguments = &context->options->arguments;
	const struct sp_strv locations = { arguments->items + 2, arguments->n - 2 };
	SP_AUTO(sp_closep) int fd = -1;
	int r;

	r = sp_serve_check_flow(arguments->items[0], err);
	if (r == 0)
		r = take_socket(arguments->items[1], &fd, err);
	if (r == 0)
		sp_serve_flow(context, arguments->items[0], fd, &locations, report);
	return r;
}
