/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of the packs of a host before it is overwritten.  Where something would be
 * lost, Back is what Enter and F12 press. */
#include "base/json.h"
#include "ui/screen.h"

/* The cursor starts where a reason can be read. */
static void find_cursor(struct sp_page *page)
{
	while (page->cursor + 1 < page->n_rows &&
	       page->rows[page->cursor].mark == SP_MARK_HEADING)
		page->cursor++;
}

static int open_upgrade(struct sp_screen *screen, struct sp_error *err)
{
	const char *button = sp_screen_text(screen, "button");
	bool is_danger = sp_json_get_bool(screen->question, "danger", false);
	int r = sp_screen_add_rows(screen, err);

	if (r == 0)
		r = sp_screen_add_finding_rows(screen, "To be known", err);
	if (r == 0)
		r = sp_page_set(&screen->page,
				sp_json_get_string(screen->question, "title"),
				sp_screen_text(screen, "text"), err);
	if (r < 0)
		return r;
	sp_page_add_button(&screen->page, *button ? button : "Ok", SP_EVENT_NEXT);
	sp_page_add_button(&screen->page, "Insert a Pack", SP_EVENT_AGAIN);
	sp_page_add_button(&screen->page, "Back", SP_EVENT_BACK);
	screen->page.button = is_danger ? 2 : 0;
	find_cursor(&screen->page);
	return 0;
}

static enum sp_next handle_upgrade(struct sp_screen *screen, enum sp_event event)
{
	if (event == SP_EVENT_TICK && sp_page_toggle(&screen->page))
		return SP_NEXT_STAY;
	if (event == SP_EVENT_TICK)
		return sp_screen_refuse(screen, "This row cannot be ticked.");
	return sp_screen_answer_with(screen, event);
}

const struct sp_screen_kind sp_screen_upgrade = { "upgrade", open_upgrade, handle_upgrade,
						  sp_screen_answer_ticked };
