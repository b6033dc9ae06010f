/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came of verifying every package: each pack, then what is bad and what to do. */
#include "base/json.h"
#include "ui/screen.h"

static int add_pack(struct sp_screen *screen, const struct json_object *row,
		    struct sp_error *err)
{
	const char *text = sp_json_get_string(row, "text");

	return sp_page_add_text(
		&screen->page, err, "\n- %s%s",
		sp_json_get_bool(row, "ok", false) ? "" : "NOT GOOD: ", text ? text : "");
}

static int open_verified(struct sp_screen *screen, struct sp_error *err)
{
	int r = sp_screen_open_result(screen, add_pack, err);

	if (r < 0)
		return r;
	sp_page_add_button(&screen->page, "Ok", SP_EVENT_NEXT);
	sp_page_add_button(&screen->page, "Verify Again", SP_EVENT_AGAIN);
	return 0;
}

const struct sp_screen_kind sp_screen_verified = { "verified", open_verified, NULL,
						   NULL };
