/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* May these packs go into that host, and in which order?  All problems at once, in
 * words.  RPM dependencies are libsolv's business (repo/solve.h); this is the rest:
 * product, platform, other packs, kernel, architecture, space, memory, cycles. */

#include "base/finding.h"

struct sp_pack_list;
struct sp_target;

/* Adds a finding for each requirement of pack @index that @target, with the other
 * packs of @batch installed before it, does not meet. */
SP_MUST_CHECK
int sp_requirements_check(const struct sp_target *target,
			  const struct sp_pack_list *batch, size_t index,
			  struct sp_findings *findings, struct sp_error *err);

/* An order of the batch in which every pack comes after those of the batch it
 * requires: @ret_order has batch->n places.  Packs that require one another in a
 * circle come last, as they stand, and are a finding each (conflict). */
SP_MUST_CHECK
int sp_requirements_order(const struct sp_pack_list *batch, size_t ret_order[],
			  struct sp_findings *findings, struct sp_error *err);
