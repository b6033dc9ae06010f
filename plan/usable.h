/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* May this module be loaded into this kernel?  The checks that need no device, in the
 * order in which an operator wants to hear of them: trust, damage, architecture,
 * kernel, flags, symbols, dependencies, signature. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct sp_module;
struct sp_pack;
struct sp_plan_input;

struct sp_usable {
	const char *code; /* NULL: it may; else the finding code */
	char *reason;     /* one sentence; owned; NULL if it may */
};

void sp_usable_done(struct sp_usable *usable);

/* Zero-initialised @ret_usable. */
SP_MUST_CHECK
int sp_usable_check(const struct sp_plan_input *input, const struct sp_pack *pack,
		    const struct sp_module *module, struct sp_usable *ret_usable,
		    struct sp_error *err);

/* The release of a vermagic: its first word's length. */
size_t sp_usable_vermagic_release_len(const char *vermagic);

/* Same module: '-' and '_' are one character to the kernel. */
bool sp_usable_is_module(const char *name, const char *other);
