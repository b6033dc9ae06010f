/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The half of settle.h that runs in a worker. */

#include "base/worker.h"

struct sp_settle;
struct sp_settle_place;

/* Both are borrowed. */
struct sp_settle_task {
	const struct sp_settle *settle;
	const struct sp_settle_place *place;
};

/* A sp_worker_fn; @arg is a struct sp_settle_task.  Sends {"pack": index, "problems",
 * "left_out", "needed"}, once for each pack: those that fit in the order in which they go. */
int sp_settle_worker(void *arg, struct sp_outlet *outlet, struct sp_error *err);
