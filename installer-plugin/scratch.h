/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A private directory for what workers leave when they are killed. */

#include "base/error.h"

/* Zero-initialise. */
struct sp_scratch {
	char *path; /* NULL: none */
};

/* Makes one (0700) in $TMPDIR, else in /run/suppack if that is there, else in /tmp. */
SP_MUST_CHECK
int sp_scratch_init(struct sp_scratch *scratch, struct sp_error *err);

/* Removes it with all that is in it. */
void sp_scratch_done(struct sp_scratch *scratch);
