/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The root of a host that is to be upgraded, read by workers: first its rpm database,
 * then everything else, so that a database that ends its reader costs no more than
 * itself. */

#include "base/error.h"

struct sp_context;
struct sp_findings;
struct sp_old_host;
struct sp_operator;

/* Reads @path, a directory, a partition or an image of one, which is mounted read-only
 * where only the workers see it.  Fills @old (zero-initialised); what could not be read
 * of it is in @findings.  < 0: SP_ERR_GONE, SP_ERR_CANCELLED, and others. */
SP_MUST_CHECK
int sp_old_root_read(struct sp_context *context, struct sp_operator *op, const char *path,
		     struct sp_old_host *old, struct sp_findings *findings,
		     struct sp_error *err);
