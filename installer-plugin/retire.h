/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Packs that are no more, because another took their place. */

#include "base/error.h"

struct sp_context;
struct sp_host;
struct sp_operator;

/* Reads @host again, and takes those records and stamps off it whose pack another one on
 * record has taken the place of: the RPM that stands for it is installed in the other's
 * version.  What is gone already is no error. */
SP_MUST_CHECK
int sp_retire_packs(struct sp_context *context, struct sp_host *host,
		    struct sp_operator *op, struct sp_error *err);
