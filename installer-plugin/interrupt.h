/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Ctrl-C and SIGTERM as something to poll for: no handler of ours ever runs, and what is
 * under way is undone in the ordinary way. */

#include <signal.h>
#include <stdbool.h>

#include "base/error.h"

/* Initialise with SP_INTERRUPT_INIT. */
struct sp_interrupt {
	int fd; /* readable when one has come; -1: not watching */
	bool came;
};

// clang-format off
#define SP_INTERRUPT_INIT { .fd = -1 }
// clang-format on

/* Blocks SIGINT, SIGTERM and SIGHUP and watches for them; a signal that was ignored
 * stays so. */
SP_MUST_CHECK
int sp_interrupt_init(struct sp_interrupt *interrupt, struct sp_error *err);

/* Stops watching.  The signals stay blocked: a flow is the last thing its process does, and
 * one that came late would end it after all was undone and before it was said. */
void sp_interrupt_done(struct sp_interrupt *interrupt);

/* Has one come since sp_interrupt_init()?  Never blocks. */
bool sp_interrupt_came(struct sp_interrupt *interrupt);
