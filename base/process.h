/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What workers (base/worker.h) and programs (base/child.h) have in common: how a
 * child is set apart from us, watched, and ended with everything it started. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* Milliseconds of the monotonic clock. */
int64_t sp_process_now_ms(void);

/* @fd, or a duplicate that is none of stdin, stdout and stderr. */
int sp_process_above_stdio(int fd);

/* In a fresh child of @parent: a process group of its own, death with its parent,
 * default signals, none blocked, /dev/null as stdin, and as stdout and stderr those
 * given (-1: /dev/null).  0, or the errno of what failed. */
int sp_process_set_apart(pid_t parent, int stdout_fd);

/* In a child: closes every descriptor above stderr but the @n of @kept and @also. */
void sp_process_close_others(const int *kept, size_t n, int also);

/* Gives memory that was freed back to the system, pages in between too, where the C
 * library can: before a process that used much waits, or as what it had goes. */
void sp_process_trim(void);

/* How a child ended. */
struct sp_process_end {
	bool exited; /* else killed by a signal */
	int status;  /* exit status or signal number; -1 if nobody knows */
};

/* True once the child @pid has ended; it stays a zombie, so that its process group's
 * id is not given away before sp_process_kill(). */
bool sp_process_has_ended(pid_t pid, struct sp_process_end *ret_end);

/* Kills the process group that the child @pid leads, and the child. */
void sp_process_kill(pid_t pid);

/* Collects the child @pid.  False if it has not ended yet. */
bool sp_process_collect(pid_t pid);

/* Both, waiting at most @patience_ms: a process that hangs in the kernel cannot be
 * ended by anybody, and is left to the system. */
void sp_process_end_all(pid_t pid, unsigned patience_ms);
