/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which packages are installed to have a driver: those that hold its modules, those that
 * the pack names for early loading, and what they need of the same pack. */

#include <stddef.h>

#include "base/error.h"

struct sp_pack_list;
struct sp_plan;

struct sp_closure_item {
	size_t pack, package;
};

/* Zero-initialise.  By pack and package, each once. */
struct sp_closure {
	struct sp_closure_item *items;
	size_t n;
};

void sp_closure_done(struct sp_closure *closure);

/* What nothing in the pack provides is left to the transaction to find in the root, or
 * to refuse. */
SP_MUST_CHECK
int sp_closure_make(const struct sp_plan *plan, const struct sp_pack_list *packs,
		    struct sp_closure *closure, struct sp_error *err);
