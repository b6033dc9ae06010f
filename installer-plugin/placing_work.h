/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What repo/placing.h does, done in workers whose root directory is the host's, or the
 * running system's. */

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

struct sp_findings;
struct sp_operator;
struct sp_placing_source;

/* What a worker is given, and where its answer goes.  Zero-initialise. */
struct sp_placing_work {
	const char *root;          /* borrowed */
	const struct sp_strv *old; /* of an older version; borrowed, may be NULL */
	struct sp_placing_source *sources; /* owned, and their fds are */
	size_t n;
	struct sp_strv *placed;       /* borrowed */
	struct sp_findings *findings; /* borrowed */
};

void sp_placing_work_done(struct sp_placing_work *work);

enum sp_placing_act {
	SP_PLACING_LIST, /* fills `placed`, and adds what is in the way to `findings` */
	SP_PLACING_PUT,
	SP_PLACING_SETTLE, /* `placed` has come to stay */
	SP_PLACING_UNDO,   /* takes `placed` back */
};

/* What it changes is not cut off when the operator cancels: taking it back would take as
 * long. */
SP_MUST_CHECK
int sp_placing_work_run(struct sp_placing_work *work, enum sp_placing_act act,
			struct sp_operator *op, struct sp_error *err);
