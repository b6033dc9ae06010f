/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What works now, device by device, and what does not and why. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "ui/screen.h"

static int add_device(struct sp_screen *screen, const struct json_object *row,
		      struct sp_error *err)
{
	const char *text = sp_json_get_string(row, "text");
	const char *address = sp_json_get_string(row, "address");
	bool ok = sp_json_get_bool(row, "ok", false);

	/* What became of a pack is all in its sentence. */
	if (strcmp(sp_screen_text(screen, "goal"), "packs") == 0)
		return sp_page_add_text(&screen->page, err, "\n- %s%s",
					ok ? "" : "FAILED: ", text ? text : "");
	/* The sentence may name its device itself. */
	if (!text || !address || sp_text_starts_with(text, address))
		address = "";
	return sp_page_add_text(&screen->page, err, "\n- %s: %s%s%s",
				ok ? "works" : "DOES NOT WORK", address,
				*address ? " " : "", text ? text : "");
}

static int open_proof(struct sp_screen *screen, struct sp_error *err)
{
	int r = sp_screen_open_result(screen, add_device, err);

	if (r < 0)
		return r;
	sp_page_add_button(&screen->page, "Done", SP_EVENT_NEXT);
	if (sp_json_get_bool(screen->question, "more", false))
		sp_page_add_button(&screen->page, "Another Disk", SP_EVENT_AGAIN);
	return 0;
}

const struct sp_screen_kind sp_screen_proof = { "proof", open_proof, NULL, NULL };
