/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Work on outside bytes, in a child of our own that may die without harm.
 *
 * A worker is forked (no exec), leads its own process group, has no terminal,
 * limits on memory, CPU, file size and descriptors, no_new_privs, and a deadline
 * after which its whole group is killed.  It answers in bounded JSON messages,
 * each checked by the parent; its death is one more refusal, with a reason.
 *
 * It is a copy of us: it inherits memory and open descriptors, so call this from a
 * process of one thread, and name in the job the descriptors it needs: all others are
 * then closed in it.  Programs it starts with base/child.h die with it, what those
 * leave in process groups of their own does not.
 *
 * A worker that mounts does so in a mount namespace of its own
 * (SP_WORKER_PRIVATE_MOUNTS), so its mounts vanish with it, however it ends.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct json_object;

/* Where a worker's messages go. */
struct sp_outlet;

/* Sends one message (consumed).  < 0 if the parent is gone or a limit is passed. */
SP_MUST_CHECK
int sp_outlet_send(struct sp_outlet *outlet, struct json_object *message,
		   struct sp_error *err);

/* Runs in the child.  A return < 0 reaches the parent as its error, whole, but for
 * SP_ERR_NOMEM, which is SP_ERR_LIMIT there. */
typedef int (*sp_worker_fn)(void *arg, struct sp_outlet *outlet, struct sp_error *err);

/* Runs in the parent for each message (borrowed).  < 0 ends the worker and is
 * the job's error. */
typedef int (*sp_worker_message_fn)(void *user, struct json_object *message,
				    struct sp_error *err);

/* Without any of them a worker has no privileges and mounts nothing. */
enum sp_worker_flags {
	SP_WORKER_PRIVATE_MOUNTS = 1, /* a mount namespace of its own; keeps the
				       * privilege to mount (drop it after with
				       * sp_worker_drop_privileges()) */
	SP_WORKER_PRIVILEGED = 2,     /* keeps all privileges: it changes the system */
};

/* Beyond any of them the worker is killed, and that is the job's error. */
struct sp_worker_limits {
	unsigned deadline_ms; /* 0: 60,000 */
	unsigned cpu_seconds; /* 0: 10 */
	size_t memory_bytes; /* address space, ours included; 0: 256 MiB; not with ASan */
	uint64_t file_bytes; /* largest file written; 0: 1 MiB */
	size_t message_bytes;   /* one message; 0: 4 MiB */
	size_t messages;        /* how many; 0: 65,536 */
	unsigned stall_seconds; /* one read (base/stall.h); 0: any time */
};

/* One piece of work.  The caller owns all of it. */
struct sp_worker_job {
	const char *what; /* "reading '/dev/sr0'": opens the message if it died, took
			   * too long, broke a limit or was cancelled */
	sp_worker_fn run;
	void *arg;
	sp_worker_message_fn on_message; /* may be NULL: messages are then an error */
	void *user;
	unsigned flags;
	struct sp_worker_limits limits;
	const int *fds; /* the descriptors it keeps beside 0, 1, 2; NULL: all there are */
	size_t n_fds;

	int result;            /* out: 0, or < 0 with @error set */
	struct sp_error error; /* out */
};

/* Lets a long wait be ended, and its owner be told that time goes by.  @fd (-1:
 * none) is polled with the workers; @tick is called when it is readable and at
 * least every 100 ms; a return other than 0 cancels everything. */
struct sp_patience {
	int fd;
	int (*tick)(void *user);
	void *user;
};

/* Runs @n jobs, @at_once of them side by side (0: all), until each has ended.
 * Returns 0 when all have run (each with its own result), -SP_ERR_CANCELLED when
 * @patience (may be NULL) said so: those still running are killed and have
 * SP_ERR_CANCELLED as their result.  Nothing of them is left in either case. */
SP_MUST_CHECK
int sp_worker_run_all(struct sp_worker_job *jobs, size_t n, size_t at_once,
		      const struct sp_patience *patience, struct sp_error *err);

/* One job; returns its result. */
SP_MUST_CHECK
int sp_worker_run(struct sp_worker_job *job, const struct sp_patience *patience,
		  struct sp_error *err);

/* In a worker: gives up every capability for good.  Opening root's own files still
 * works; mounting, module loading and chown no longer do. */
SP_MUST_CHECK
int sp_worker_drop_privileges(struct sp_error *err);
