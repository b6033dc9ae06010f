/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Runs a program: no shell, a fixed argument list, a clean environment, its output
 * captured, a deadline after which its process group is killed. */

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* How a program ended. */
struct sp_child_result {
	int status;   /* exit status 0..255, or 128 + signal */
	char *output; /* stdout and stderr together, at most 64 KiB, cut; caller frees */
};

/* @argv[0] is an absolute path; NULL-terminated.  @root: chroot there first, NULL for
 * none.  Environment: PATH, LC_ALL=C, HOME=/.  stdin is /dev/null.
 * < 0: could not be started (SP_ERR_IO) or SP_ERR_TIMEOUT.  A non-zero status is an
 * answer, not an error. */
SP_MUST_CHECK
int sp_child_run(const char *const argv[], const char *root, unsigned deadline_ms,
		 struct sp_child_result *ret_result, struct sp_error *err);

/* The descriptor of a started program's socket. */
enum { SP_CHILD_SOCKET = 3 };

/* Starts a program that speaks with us over the stream socket @socket_fd (stays
 * the caller's), which it has as descriptor SP_CHILD_SOCKET.  Its
 * stdin, stdout and stderr are /dev/null, its environment as above.  It is not killed
 * when we end: the socket's end tells it, and it may have things to undo.
 *
 * *@ret_pid: a child of ours that leads a process group; for sp_process_collect() or
 * sp_process_end_all() of base/process.h.  < 0: could not be started. */
SP_MUST_CHECK
int sp_child_start(const char *const argv[], int socket_fd, pid_t *ret_pid,
		   struct sp_error *err);
