/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The worker's side of base/worker.h; for worker.c only. */

#include <sys/types.h>

#include "base/worker.h"

/* Kinds of frames (base/frame.h) that a worker sends.  After the last two it sends
 * nothing more. */
enum sp_outlet_kind {
	SP_OUTLET_MESSAGE = 'm',
	SP_OUTLET_ERROR = 'e', /* {"code", "errno", "text"} */
	SP_OUTLET_DONE = 'd',  /* no payload */
};

/* In the fresh child of @parent: does the job, answers over the socket @fd, and ends
 * the process.  @job's limits are complete. */
_Noreturn void sp_outlet_run_job(const struct sp_worker_job *job, int fd, pid_t parent);
