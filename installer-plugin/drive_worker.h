/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The privileged half of drive.h.  Each function is a sp_worker_fn and sends what it has
 * done as soon as it is done, so that the engine knows even if the next step kills it:
 *
 *   {"unloaded": MODULE}
 *   {"released": {"address": …, "driver": …}}
 *   {"load": …}            sp_load_result_to_json(), after each module
 *   {"proof": […]}         sp_bind_proofs_to_json()
 *   {"findings": […]}
 */

#include "base/worker.h"

struct sp_bind_want;
struct sp_deed;
struct sp_root;
struct sp_strv;

/* A device that goes from one driver to another module's. */
struct sp_drive_replace {
	const char *address, *module;
};

/* Everything is borrowed. */
struct sp_drive_task {
	const struct sp_root *root;
	const char *release;           /* of the running kernel */
	const struct sp_strv *modules; /* to load, in this order; or to unload */
	const struct sp_strv *evict;   /* to take out before */
	const struct sp_drive_replace *replace;
	size_t n_replace;
	const struct sp_bind_want *wants;
	size_t n_wants;
	int kmsg_fd; /* the kernel's log, from where it is to be read; -1: none */
	const struct sp_deed *deed; /* to undo */
};

/* @arg: a struct sp_drive_task.  Takes out what is in the way, takes the devices from their
 * drivers, loads the modules; waits for the devices and proves them; takes modules out; gives
 * back what the deed names. */
int sp_drive_worker_load(void *arg, struct sp_outlet *outlet, struct sp_error *err);
int sp_drive_worker_wait(void *arg, struct sp_outlet *outlet, struct sp_error *err);
int sp_drive_worker_unload(void *arg, struct sp_outlet *outlet, struct sp_error *err);
int sp_drive_worker_restore(void *arg, struct sp_outlet *outlet, struct sp_error *err);
