/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The screen itself: opened by us or found open, its size, what wakes us up, and all as
 * it was at the end. */

#include <signal.h>
#include <stdbool.h>

#include "base/error.h"
#include "ui/layout.h"

struct sp_terminal {
	struct sp_canvas canvas;
	bool is_ours;         /* newtInit() and newtFinished() are ours to call */
	const char *headline; /* borrowed; the top line of a screen of ours */
	int signal_fd;        /* -1 where the screen, and so the signals, are another's */
	sigset_t old_mask;
	char *old_locale; /* NULL: untouched */
	bool changed_term;
	char *old_term; /* what TERM was, NULL: nothing */
};

/* Opens the screen, or takes a look at the one that is there.  < 0: SP_ERR_USAGE where
 * there is no terminal, SP_ERR_IO; nothing is to be closed then. */
SP_MUST_CHECK
int sp_terminal_open(struct sp_terminal *terminal, bool is_ours, const char *headline,
		     struct sp_error *err);

/* Leaves it as it was found. */
void sp_terminal_close(struct sp_terminal *terminal);

/* After a change of size, with no window of ours open: takes the new size over.  A screen
 * of ours is started anew (newt cannot grow one); on another's, what is outside of its
 * first size cannot be drawn on. */
SP_MUST_CHECK
int sp_terminal_resize(struct sp_terminal *terminal, struct sp_error *err);

/* Has the line been hung up, the window closed?  Nothing may be drawn then: newt would
 * throw away what was typed, and finds no end of it. */
bool sp_terminal_is_gone(void);

/* What sp_terminal_wait() saw, or-ed together. */
enum {
	SP_WOKEN_BY_KEY = 1,
	SP_WOKEN_BY_MESSAGE = 2,
	SP_WOKEN_BY_SIGNAL = 4, /* taken; the operator, or init, wants us to end */
};

/* Waits at most @timeout_ms for a key, for something to read from @fd (-1: not), or for a
 * signal to end.  0 after the time, or when the size has changed. */
int sp_terminal_wait(const struct sp_terminal *terminal, int fd, int timeout_ms);
