/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Draws a page with newt, lets the operator act, and writes back what was typed and where
 * the cursor is.  Decides nothing. */

#include <stdbool.h>

#include "base/error.h"
#include "ui/page.h"

struct sp_terminal;
struct sp_view;

/* No window is opened yet.  @terminal is borrowed. */
SP_MUST_CHECK
int sp_view_new(struct sp_terminal *terminal, struct sp_view **ret_view,
		struct sp_error *err);

/* Closes the window. */
void sp_view_free(struct sp_view *view);
SP_DEFINE_FREEP(struct sp_view *, sp_view_free)

/* Shows @page (borrowed until another is shown or the view is freed) in place of the one
 * before, which may be gone already. */
SP_MUST_CHECK
int sp_view_show(struct sp_view *view, struct sp_page *page, struct sp_error *err);

/* Shows what has changed in the page: marks of rows, the bar, the text if it needs no
 * more lines than before; else all of it again. */
SP_MUST_CHECK
int sp_view_refresh(struct sp_view *view, struct sp_error *err);

enum sp_seen {
	SP_SEEN_NOTHING, /* the time has passed */
	SP_SEEN_EVENT,   /* the operator has acted */
	SP_SEEN_MESSAGE, /* there is something to read */
	SP_SEEN_LEAVE,   /* Ctrl-C or a signal, where the screen is ours */
	SP_SEEN_LOST,    /* the terminal is gone */
};

/* Lets the operator act on the page until something is to be done, at most @timeout_ms.
 * @fd: what to watch meanwhile; -1: nothing.  *@ret_event only with SP_SEEN_EVENT. */
SP_MUST_CHECK
int sp_view_wait(struct sp_view *view, int fd, int timeout_ms, enum sp_seen *ret_seen,
		 enum sp_event *ret_event, struct sp_error *err);
