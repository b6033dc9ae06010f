/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A few lines to type in: a network address, a name and a password. */
#include "base/json.h"
#include "ui/screen.h"

static int add_field(struct sp_page *page, const struct json_object *json,
		     struct sp_error *err)
{
	int r = sp_page_add_field(page, sp_json_get_string(json, "key"),
				  sp_json_get_string(json, "label"),
				  sp_json_get_string(json, "value"), err);

	if (r == 0)
		page->fields[page->n_fields - 1].secret =
			sp_json_get_bool(json, "secret", false);
	return r;
}

static int open_form(struct sp_screen *screen, struct sp_error *err)
{
	const struct json_object *fields = sp_json_get(screen->question, "fields");
	int r = sp_page_set(&screen->page, sp_json_get_string(screen->question, "title"),
			    sp_screen_text(screen, "text"), err);

	for (size_t i = 0; r == 0 && i < sp_json_length(fields); i++)
		r = add_field(&screen->page, sp_json_at(fields, i), err);
	if (r < 0)
		return r;
	sp_page_add_button(&screen->page, "Ok", SP_EVENT_NEXT);
	sp_page_add_button(&screen->page, "Back", SP_EVENT_BACK);
	return 0;
}

/* Also with Back, so that the engine can show them again. */
static void answer_form(const struct sp_screen *screen, struct json_object *answer)
{
	struct json_object *values = sp_json_object();

	for (size_t i = 0; i < screen->page.n_fields; i++)
		sp_json_set_string(values, screen->page.fields[i].key,
				   screen->page.fields[i].value);
	sp_json_set(answer, "values", values);
}

const struct sp_screen_kind sp_screen_form = { "form", open_form, NULL, answer_form };
