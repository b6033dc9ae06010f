/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows as the engine writes them, of every kind of question that has some. */
#include "base/json.h"
#include "ui/screen.h"

static enum sp_mark mark_of(const struct json_object *row)
{
	bool checked = sp_json_get_bool(row, "checked", false);

	if (sp_json_get_bool(row, "heading", false))
		return SP_MARK_HEADING;
	if (sp_json_get_bool(row, "plain", false))
		return SP_MARK_PLAIN;
	if (sp_json_get_bool(row, "fixed", false))
		return checked ? SP_MARK_FIXED_ON : SP_MARK_FIXED_OFF;
	return checked ? SP_MARK_ON : SP_MARK_OFF;
}

static int add_row(struct sp_page *page, const struct json_object *row,
		   struct sp_error *err)
{
	int r = sp_page_add_row(page, mark_of(row), sp_json_get_string(row, "text"),
				sp_json_get_string(row, "detail"), err);

	return r < 0 ? r : sp_page_set_key(page, sp_json_get_string(row, "key"), err);
}

int sp_screen_add_rows(struct sp_screen *screen, struct sp_error *err)
{
	const struct json_object *rows = sp_json_get(screen->question, "rows");
	int r = 0;

	for (size_t i = 0; r == 0 && i < sp_json_length(rows); i++)
		r = add_row(&screen->page, sp_json_at(rows, i), err);
	return r;
}

int sp_screen_add_finding_rows(struct sp_screen *screen, const char *heading,
			       struct sp_error *err)
{
	const struct json_object *findings = sp_json_get(screen->question, "findings");
	int r = 0;

	if (sp_json_length(findings) > 0)
		r = sp_page_add_row(&screen->page, SP_MARK_HEADING, heading, NULL, err);
	for (size_t i = 0; r == 0 && i < sp_json_length(findings); i++) {
		const struct json_object *finding = sp_json_at(findings, i);

		r = sp_page_add_row(&screen->page, SP_MARK_PLAIN,
				    sp_json_get_string(finding, "text"),
				    sp_json_get_string(finding, "advice"), err);
	}
	return r;
}

void sp_screen_answer_ticked(const struct sp_screen *screen, struct json_object *answer)
{
	struct json_object *chosen = sp_json_array();

	for (size_t i = 0; i < screen->page.n_rows; i++)
		if (screen->page.rows[i].mark == SP_MARK_ON && screen->page.rows[i].key)
			sp_json_append(chosen, sp_json_string(screen->page.rows[i].key));
	sp_json_set(answer, "chosen", chosen);
}
