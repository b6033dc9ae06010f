/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The screens' side of docs/protocol.md: asks the operator what the engine asks, shows
 * what it tells, until it says that it has come to its end.  The only header of this
 * room that others include. */

#include <stdbool.h>

#include "base/error.h"

struct json_object;

struct sp_screens_options {
	/* True: this process has the terminal on stdin and stdout to itself.  The screen is
	 * opened here, the locale is set from the environment until it is closed, and SIGINT,
	 * SIGTERM, SIGHUP and Ctrl-C cancel and leave.
	 * False: somebody in this process has called newtInit() already.  Their screen is
	 * drawn on and left as found: windows, help lines, cursor.  Neither signals nor the
	 * locale are touched. */
	bool own_screen;
	/* The top line of a screen of our own; NULL: "suppack" and its version. */
	const char *headline;
};

/* Speaks with the engine over the stream socket @fd, which stays the caller's, until
 * the engine's "end".  Blocks as long as the operator takes; in the installer, call it
 * with the interpreter's lock released.
 *
 * *@ret_exit: the exit code of "end".  If the engine dies without it, or speaks another
 * version, the operator is told on the screen and the code is SP_EXIT_FAILED.  If the
 * operator leaves and the engine does not end within ten seconds, SP_EXIT_DECLINED.
 * *@ret_report: the report of "end", NULL if it carried none; caller frees.
 * Before this function returns, whatever the outcome, the terminal is as it was.
 *
 * < 0: SP_ERR_USAGE if a screen of our own is asked for and stdin and stdout are no
 * terminal; SP_ERR_IO, SP_ERR_NOMEM. */
SP_MUST_CHECK
int sp_screens_run(int fd, const struct sp_screens_options *options, int *ret_exit,
		   struct json_object **ret_report, struct sp_error *err);
