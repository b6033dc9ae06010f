/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The half of keep.h that reads the medium: in a worker that may write into one
 * directory and nowhere else. */

#include "base/worker.h"

struct sp_location;
struct sp_pack;

/* Everything is borrowed. */
struct sp_keep_task {
	const struct sp_location *location; /* where the pack was found */
	const struct sp_pack *pack;
	int dir_fd; /* the directory to fill */
};

/* A sp_worker_fn; @arg is a struct sp_keep_task.  Sends {"progress": {"done", "total"}}
 * (bytes) now and then. */
int sp_keep_worker(void *arg, struct sp_outlet *outlet, struct sp_error *err);
