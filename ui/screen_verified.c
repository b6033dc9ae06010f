/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came of verifying every package: each pack, then what is bad and what to do. */
#include "base/json.h"
#include "ui/screen.h"

static int add_packs(struct sp_screen *screen, struct sp_error *err)
{
	const struct json_object *rows = sp_json_get(screen->question, "rows");
	int r = 0;

	for (size_t i = 0; r == 0 && i < sp_json_length(rows); i++) {
		const struct json_object *row = sp_json_at(rows, i);
		const char *text = sp_json_get_string(row, "text");

		r = sp_page_add_text(&screen->page, err, "\n- %s%s",
				     sp_json_get_bool(row, "ok", false) ? ""
									: "NOT GOOD: ",
				     text ? text : "");
	}
	return r;
}

static int open_verified(struct sp_screen *screen, struct sp_error *err)
{
	int r = sp_page_set(&screen->page, sp_json_get_string(screen->question, "title"),
			    sp_screen_text(screen, "text"), err);

	if (r == 0)
		r = add_packs(screen, err);
	if (r == 0 && sp_json_length(sp_json_get(screen->question, "findings")) > 0)
		r = sp_page_add_text(&screen->page, err, "\n");
	if (r == 0)
		r = sp_screen_add_findings(screen, err);
	if (r < 0)
		return r;
	sp_page_add_button(&screen->page, "Ok", SP_EVENT_NEXT);
	sp_page_add_button(&screen->page, "Verify Again", SP_EVENT_AGAIN);
	return 0;
}

const struct sp_screen_kind sp_screen_verified = { "verified", open_verified, NULL,
						   NULL };
