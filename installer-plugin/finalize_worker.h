/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The halves of finalize.h that run programs of the host, and that look into what those
 * have made. */

#include "base/text.h"
#include "base/worker.h"

/* Everything is borrowed. */
struct sp_finalize_task {
	const char *root;     /* absolute path */
	int root_fd;          /* of it */
	const char *kernel;   /* "4.19.0+1" */
	const char *initrd;   /* below the root; NULL: none, depmod only */
	struct sp_strv files; /* looked for in it: paths below the root */
};

/* Where the initrd of @kernel is, below the root; NULL if there is none.  Caller frees. */
char *sp_finalize_find_initrd(int root_fd, const char *kernel);

/* sp_worker_fns; @arg is a struct sp_finalize_task.
 * The first needs SP_WORKER_PRIVATE_MOUNTS and all privileges; sends {"ran": program,
 * "status": N, "output": text}.  The second sends {"findings": [...]}. */
int sp_finalize_worker_make(void *arg, struct sp_outlet *outlet, struct sp_error *err);
int sp_finalize_worker_look(void *arg, struct sp_outlet *outlet, struct sp_error *err);
