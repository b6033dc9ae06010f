/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A licence, whole, to be scrolled through and accepted or not. */
#include "base/json.h"
#include "ui/screen.h"

static int open_licence(struct sp_screen *screen, struct sp_error *err)
{
	const char *pack = sp_screen_text(screen, "pack");
	int r = sp_page_set(&screen->page, sp_json_get_string(screen->question, "title"),
			    NULL, err);

	if (r == 0 && *pack)
		r = sp_page_add_text(&screen->page, err, "'%s'\n\n", pack);
	if (r == 0)
		r = sp_page_add_text(&screen->page, err, "%s",
				     sp_screen_text(screen, "text"));
	if (r < 0)
		return r;
	sp_page_add_button(&screen->page, "Accept", SP_EVENT_NEXT);
	sp_page_add_button(&screen->page, "Back", SP_EVENT_BACK);
	return 0;
}

const struct sp_screen_kind sp_screen_licence = { "licence", open_licence, NULL, NULL };
