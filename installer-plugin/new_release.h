/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The repository of a new release, read by a worker (repo/release.h). */

#include "base/error.h"

struct sp_context;
struct sp_findings;
struct sp_operator;
struct sp_release;

/* Reads what @location (as the operator wrote it) holds into @release (zero-initialised).
 * What keeps it from being known is in @findings, and then @release has no modules.
 * < 0: SP_ERR_USAGE for what is no location, SP_ERR_CANCELLED, our own failures. */
SP_MUST_CHECK
int sp_new_release_read(struct sp_context *context, struct sp_operator *op,
			const char *location, struct sp_release *release,
			struct sp_findings *findings, struct sp_error *err);
