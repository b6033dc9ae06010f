/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waits for the operator and for the engine at once.  newt's form could watch the socket
 * itself, but never frees what it keeps for that; so it runs only when there is a key. */
#include "ui/view.h"

#include <newt.h>

#include "base/process.h"
#include "ui/terminal.h"
#include "ui/view_draw.h"

enum {
	CTRL_C = 3,
	/* A change of size that comes just before poll() is seen this much later. */
	POLL_MS = 400,
};

int sp_view_new(struct sp_terminal *terminal, struct sp_view **ret_view,
		struct sp_error *err)
{
	struct sp_view *view = calloc(1, sizeof *view);

	if (!view)
		return sp_error_nomem(err);
	view->terminal = terminal;
	*ret_view = view;
	return 0;
}

void sp_view_free(struct sp_view *view)
{
	sp_view_draw_nothing(view);
	newtRefresh();
	free(view);
}

int sp_view_show(struct sp_view *view, struct sp_page *page, struct sp_error *err)
{
	view->page = page;
	return sp_view_draw(view, err);
}

/* ---- what a key means ------------------------------------------------------------- */

static enum sp_seen press(struct sp_view *view, size_t button, enum sp_event *ret_event)
{
	if (view->layout.is_too_small || !view->page->buttons[button].label)
		return SP_SEEN_NOTHING;
	*ret_event = view->page->buttons[button].event;
	return SP_SEEN_EVENT;
}

/* Enter, or the space bar, on a component. */
static enum sp_seen enter(struct sp_view *view, newtComponent on,
			  enum sp_event *ret_event)
{
	for (size_t i = 0; i < SP_PAGE_BUTTONS; i++)
		if (on && on == view->buttons[i])
			return press(view, i, ret_event);
	/* On a list of boxes Enter leads to the button: nobody who means "go on" shall
	 * untick something instead. */
	if (on && on == view->list && sp_page_has_boxes(view->page)) {
		newtFormSetCurrent(view->form, view->buttons[view->page->button]);
		return SP_SEEN_NOTHING;
	}
	return press(view, view->page->button, ret_event);
}

static enum sp_seen space(struct sp_view *view, enum sp_event *ret_event)
{
	newtComponent on = newtFormGetCurrent(view->form);

	if (!on || on != view->list)
		return enter(view, on, ret_event);
	*ret_event = SP_EVENT_TICK;
	return SP_SEEN_EVENT;
}

static enum sp_seen escape(struct sp_view *view, enum sp_event *ret_event)
{
	*ret_event = view->page->is_waiting ? SP_EVENT_CANCEL : SP_EVENT_BACK;
	return view->page->is_waiting && !view->page->buttons[0].label ? SP_SEEN_NOTHING
								       : SP_SEEN_EVENT;
}

static int resize(struct sp_view *view, struct sp_error *err)
{
	int r = sp_view_draw_read(view, err);

	sp_view_draw_nothing(view);
	if (r == 0)
		r = sp_terminal_resize(view->terminal, err);
	return r < 0 ? r : sp_view_draw(view, err);
}

static enum sp_seen hot_key(struct sp_view *view, int key, enum sp_event *ret_event)
{
	switch (key) {
	case NEWT_KEY_F12: /* "go on", pressed once too often, cancels nothing */
		return view->page->is_waiting
			       ? SP_SEEN_NOTHING
			       : press(view, view->page->button, ret_event);
	case NEWT_KEY_ESCAPE:
		return escape(view, ret_event);
	case ' ':
		return space(view, ret_event);
	case CTRL_C:
		return view->terminal->is_ours ? SP_SEEN_LEAVE : SP_SEEN_NOTHING;
	default:
		return SP_SEEN_NOTHING;
	}
}

/* Draws, and lets newt handle the keys that are there. */
static int run_form(struct sp_view *view, enum sp_seen *ret_seen,
		    enum sp_event *ret_event, struct sp_error *err)
{
	struct newtExitStruct end = { 0 };

	*ret_seen = SP_SEEN_LOST;
	if (!view->form || sp_terminal_is_gone())
		return 0;
	*ret_seen = SP_SEEN_NOTHING;
	newtFormSetTimer(view->form, 1);
	newtFormRun(view->form, &end);
	if (end.reason == NEWT_EXIT_ERROR)
		*ret_seen = SP_SEEN_LOST;
	else if (end.reason == NEWT_EXIT_HOTKEY && end.u.key == NEWT_KEY_RESIZE)
		return resize(view, err);
	else if (end.reason == NEWT_EXIT_HOTKEY)
		*ret_seen = hot_key(view, end.u.key, ret_event);
	else if (end.reason == NEWT_EXIT_COMPONENT)
		*ret_seen = enter(view, end.u.co, ret_event);
	return *ret_seen == SP_SEEN_EVENT ? sp_view_draw_read(view, err) : 0;
}

/* ---- waiting ----------------------------------------------------------------------- */

int sp_view_wait(struct sp_view *view, int fd, int timeout_ms, enum sp_seen *ret_seen,
		 enum sp_event *ret_event, struct sp_error *err)
{
	int64_t deadline_ms = sp_process_now_ms() + timeout_ms;

	for (;;) {
		int r = run_form(view, ret_seen, ret_event, err);
		int64_t left_ms = deadline_ms - sp_process_now_ms();
		int woken;

		if (r < 0 || *ret_seen != SP_SEEN_NOTHING)
			return r;
		if (left_ms < 0)
			return 0;
		woken = sp_terminal_wait(view->terminal, fd,
					 (int)(left_ms < POLL_MS ? left_ms : POLL_MS));
		if (woken & SP_WOKEN_BY_SIGNAL)
			*ret_seen = SP_SEEN_LEAVE;
		else if (woken == SP_WOKEN_BY_MESSAGE)
			*ret_seen = SP_SEEN_MESSAGE;
		if (*ret_seen != SP_SEEN_NOTHING)
			return 0;
	}
}
