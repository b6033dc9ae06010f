/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What went wrong, what to do about it, and the ways on. */
#include "base/json.h"
#include "ui/screen.h"

static int open_problem(struct sp_screen *screen, struct sp_error *err)
{
	bool can_retry = sp_json_get_bool(screen->question, "retry", false);
	SP_AUTO(sp_str_freep) char *text = sp_screen_sentence(screen, "text");
	int r = text ? sp_page_set(&screen->page,
				   sp_json_get_string(screen->question, "title"), text,
				   err)
		     : sp_error_nomem(err);

	if (r == 0 && *screen->page.text &&
	    sp_json_length(sp_json_get(screen->question, "findings")) > 0)
		r = sp_page_add_text(&screen->page, err, "\n");
	if (r == 0)
		r = sp_screen_add_findings(screen, err);
	if (r < 0)
		return r;
	if (can_retry)
		sp_page_add_button(&screen->page, "Try Again", SP_EVENT_AGAIN);
	sp_page_add_button(&screen->page, "Go On Without", SP_EVENT_NEXT);
	sp_page_add_button(&screen->page, "Back", SP_EVENT_BACK);
	screen->page.button = can_retry ? 0 : 1;
	return 0;
}

const struct sp_screen_kind sp_screen_problem = { "problem", open_problem, NULL, NULL };
