/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A page as newt's components, in a window of ours.  Between view.c, which lets the
 * operator act on them, and newt. */

#include <stdbool.h>

#include "base/error.h"
#include "ui/layout.h"
#include "ui/page.h"

struct newtComponent_struct;
struct sp_terminal;

enum { SP_VIEW_FIELDS = 16 };

/* Components are newt's: the form owns all others.  NULL: not on this page. */
struct sp_view {
	struct sp_terminal *terminal;
	struct sp_page *page;
	struct sp_layout layout;
	bool is_open; /* our window and our help line are there */
	struct newtComponent_struct *form, *text, *list, *detail, *bar, *time;
	struct newtComponent_struct *fields[SP_VIEW_FIELDS], *buttons[SP_PAGE_BUTTONS];
};

/* Draws the page in place of what is there; the operator sees it at the next refresh of
 * the screen.  Nothing, and no form, if the terminal is gone. */
SP_MUST_CHECK
int sp_view_draw(struct sp_view *view, struct sp_error *err);

/* Takes form, window and help line away. */
void sp_view_draw_nothing(struct sp_view *view);

/* Takes over what was typed and where the cursor is. */
SP_MUST_CHECK
int sp_view_draw_read(struct sp_view *view, struct sp_error *err);
