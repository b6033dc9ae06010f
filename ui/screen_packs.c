/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was found, devices first; below it what will not be used and why, and what was
 * looked at: an operator whose disk is not taken must see it named, on this screen. */
#include <string.h>

#include "base/json.h"
#include "ui/screen.h"

static int add_source_row(struct sp_screen *screen, const struct json_object *source,
			  struct sp_error *err)
{
	const char *location = sp_json_get_string(source, "location");
	const char *text = sp_json_get_string(source, "text");
	const char *status = sp_json_get_string(source, "status");
	SP_AUTO(sp_str_freep)
	char *line = sp_text_format("%s: %s",
				    location ? location
				    : text   ? text
					     : "",
				    status ? status : "");

	if (!line)
		return sp_error_nomem(err);
	return sp_page_add_row(&screen->page, SP_MARK_PLAIN, line, text, err);
}

static int add_source_rows(struct sp_screen *screen, struct sp_error *err)
{
	const struct json_object *sources = sp_json_get(screen->question, "sources");
	int r = 0;

	if (sp_json_length(sources) > 0)
		r = sp_page_add_row(&screen->page, SP_MARK_HEADING, "Looked at", NULL,
				    err);
	for (size_t i = 0; r == 0 && i < sp_json_length(sources); i++)
		r = add_source_row(screen, sp_json_at(sources, i), err);
	return r;
}

/* The cursor starts on what is most likely to be read: what will be loaded, else what
 * could be, else the first reason why not. */
static void find_cursor(struct sp_page *page)
{
	static const enum sp_mark order[] = { SP_MARK_ON, SP_MARK_OFF, SP_MARK_FIXED_OFF,
					      SP_MARK_FIXED_ON, SP_MARK_PLAIN };

	for (size_t o = 0; o < sizeof order / sizeof order[0]; o++)
		for (size_t i = 0; i < page->n_rows; i++)
			if (page->rows[i].mark == order[o]) {
				page->cursor = i;
				return;
			}
}

/* Back where the operator was. */
static bool find_row(struct sp_page *page, const char *key)
{
	for (size_t i = 0; i < page->n_rows; i++)
		if (page->rows[i].key && strcmp(page->rows[i].key, key) == 0) {
			page->cursor = i;
			return true;
		}
	return false;
}

/* What is said of packs that there are, of those that cannot be used, and of none. */
static const struct words {
	const char *some, *useless, *none;
} drivers = { "What is ticked will be loaded. Verify checks every package once more.",
	      "None of this can be loaded. Below each row stands why.",
	      "No driver for this machine was found." },
  packs = { "What is ticked will be installed. Verify checks every package once more.",
	    "None of this can be installed. Below each row stands why.",
	    "No supplemental pack was found." };

static const char *text_of(const struct sp_screen *screen)
{
	bool for_packs = strcmp(sp_screen_text(screen, "goal"), "packs") == 0;
	const struct words *words = for_packs ? &packs : &drivers;

	if (sp_page_has_boxes(&screen->page))
		return words->some;
	return sp_json_length(sp_json_get(screen->question, "rows")) > 0 ? words->useless
									 : words->none;
}

/* Where nothing can be agreed to, to look again is the usual. */
static void add_buttons(struct sp_screen *screen)
{
	struct sp_page *page = &screen->page;
	bool can_verify = sp_json_get_bool(screen->question, "verify", false);

	if (sp_page_has_boxes(page))
		sp_page_add_button(page, "Ok", SP_EVENT_NEXT);
	else
		page->button = can_verify ? 1 : 0;
	if (can_verify)
		sp_page_add_button(page, "Verify", SP_EVENT_VERIFY);
	sp_page_add_button(page, "Look Again", SP_EVENT_AGAIN);
	sp_page_add_button(page, "Back", SP_EVENT_BACK);
}

static int open_packs(struct sp_screen *screen, struct sp_error *err)
{
	int r = sp_screen_add_rows(screen, err);

	if (r == 0)
		r = sp_screen_add_finding_rows(screen, "Not used, or to be known", err);
	if (r == 0)
		r = add_source_rows(screen, err);
	if (r == 0)
		r = sp_page_set(&screen->page,
				sp_json_get_string(screen->question, "title"),
				text_of(screen), err);
	if (r < 0)
		return r;
	add_buttons(screen);
	if (!find_row(&screen->page, sp_screen_text(screen, "cursor")))
		find_cursor(&screen->page);
	return 0;
}

static bool is_any_ticked(const struct sp_page *page)
{
	for (size_t i = 0; i < page->n_rows; i++)
		if (page->rows[i].mark == SP_MARK_ON)
			return true;
	return false;
}

static enum sp_next handle_packs(struct sp_screen *screen, enum sp_event event)
{
	if (event == SP_EVENT_TICK && sp_page_toggle(&screen->page))
		return SP_NEXT_STAY;
	if (event == SP_EVENT_TICK)
		return sp_screen_refuse(screen, "This row cannot be ticked.");
	if (event == SP_EVENT_NEXT && !is_any_ticked(&screen->page))
		return sp_screen_refuse(
			screen, "Nothing is ticked: tick a row with the space bar, or go "
				"back.");
	return sp_screen_answer_with(screen, event);
}

/* Who has all of it verified comes back to the same row. */
static void answer_packs(const struct sp_screen *screen, struct json_object *answer)
{
	const struct sp_row *row = sp_page_row(&screen->page);

	sp_screen_answer_ticked(screen, answer);
	if (row && row->key && strcmp(screen->word, "verify") == 0)
		sp_json_set_string(answer, "cursor", row->key);
}

const struct sp_screen_kind sp_screen_packs = { "packs", open_packs, handle_packs,
						answer_packs };
