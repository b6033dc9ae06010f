/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This is what will be done: the last screen before anything changes. */
#include <string.h>

#include "base/json.h"
#include "ui/screen.h"

enum { DIGEST_SHOWN = 16 };

static int add_actions(struct sp_screen *screen, struct sp_error *err)
{
	const struct json_object *rows = sp_json_get(screen->question, "rows");
	int r = 0;

	for (size_t i = 0; r == 0 && i < sp_json_length(rows); i++) {
		const char *text = sp_json_text(sp_json_at(rows, i));

		r = sp_page_add_text(&screen->page, err, "\n- %s", text ? text : "");
	}
	return r;
}

/* Where something is lost, Back is the default whatever the engine says. */
static bool is_back_default(const struct sp_screen *screen)
{
	return sp_json_get_bool(screen->question, "danger", false) ||
	       strcmp(sp_screen_text(screen, "default"), "back") == 0;
}

static int open_confirm(struct sp_screen *screen, struct sp_error *err)
{
	const char *digest = sp_screen_text(screen, "digest");
	const char *button = sp_screen_text(screen, "button");
	const char *other = sp_json_get_string(screen->question, "other");
	int r = sp_page_set(&screen->page, sp_json_get_string(screen->question, "title"),
			    sp_screen_text(screen, "text"), err);

	if (r == 0)
		r = add_actions(screen, err);
	if (r == 0 && *digest)
		r = sp_page_add_text(&screen->page, err, "\n\nPlan %.*s", DIGEST_SHOWN,
				     digest);
	if (r < 0)
		return r;
	sp_page_add_button(&screen->page, *button ? button : "Ok", SP_EVENT_NEXT);
	if (other)
		sp_page_add_button(&screen->page, other, SP_EVENT_AGAIN);
	sp_page_add_button(&screen->page, "Back", SP_EVENT_BACK);
	screen->page.button = is_back_default(screen) ? (other ? 2 : 1) : 0;
	return 0;
}

const struct sp_screen_kind sp_screen_confirm = { "confirm", open_confirm, NULL, NULL };
