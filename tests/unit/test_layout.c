/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/layout.h"

#include "base/text.h"
#include "support/table.h"
#include "ui/legible.h"
#include "ui/page.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* A page with so much of everything. */
struct row {
	const char *name;
	int columns, rows; /* of the terminal */
	size_t text_lines, list_rows, detail_lines, fields;
	bool has_buttons, has_notice;
	/* What comes out; heights. */
	int text, list, detail, buttons;
	bool is_too_small;
};

// clang-format off
static const struct row rows[] = {
	{ "little", 80, 24, 1, 0, 0, 0, true, false, 1, 0, 0, 4, false },
	{ "a list", 80, 24, 1, 5, 2, 0, true, false, 1, 5, 2, 4, false },
	{ "a list that just fits", 80, 24, 1, 7, 4, 0, true, false, 1, 7, 4, 4, false },
	{ "one row more: buttons give way", 80, 24, 1, 8, 4, 0, true, false, 1, 8, 4, 1, false },
	{ "a long list", 80, 24, 1, 500, 4, 0, true, false, 1, 10, 4, 1, false },
	{ "details are four lines at most", 80, 24, 1, 3, 9, 0, true, false, 1, 3, 4, 4, false },
	{ "a notice", 80, 24, 1, 500, 4, 0, true, true, 1, 8, 4, 1, false },
	{ "a long text", 80, 24, 100, 0, 0, 0, true, false, 17, 0, 0, 1, false },
	{ "text and list", 80, 24, 12, 12, 4, 0, true, false, 6, 5, 4, 1, false },
	{ "fields", 80, 24, 2, 0, 0, 4, true, false, 2, 0, 0, 4, false },
	{ "a large terminal", 200, 60, 3, 30, 4, 0, true, false, 3, 30, 4, 4, false },
	{ "60 by 20", 60, 20, 1, 20, 4, 0, true, false, 1, 6, 4, 1, false },
	{ "the smallest", 48, 12, 5, 20, 4, 0, true, false, 1, 3, 0, 1, false },
	{ "too low", 80, 11, 1, 0, 0, 0, true, false, 7, 0, 0, 0, true },
	{ "too narrow", 47, 24, 1, 0, 0, 0, true, false, 20, 0, 0, 0, true },
	{ "a form too long", 80, 24, 1, 0, 0, 19, true, false, 20, 0, 0, 0, true },
	{ "no room at all", 1, 1, 1, 1, 1, 0, true, true, 1, 0, 0, 0, true },
};
// clang-format on

static void fill(struct sp_page *page, const struct row *row)
{
	struct sp_error err = SP_ERROR_INIT;
	struct sp_strbuf detail = { 0 };

	assert_int_equal(sp_page_set(page, "T", NULL, &err), 0);
	for (size_t i = 0; i < row->text_lines; i++)
		assert_int_equal(sp_page_add_text(page, &err, "%zu\n", i), 0);
	for (size_t i = 0; i < row->detail_lines; i++)
		sp_strbuf_add(&detail, "%zu\n", i);
	for (size_t i = 0; i < row->list_rows; i++)
		assert_int_equal(
			sp_page_add_row(page, SP_MARK_OFF, "row", detail.text, &err), 0);
	for (size_t i = 0; i < row->fields; i++)
		assert_int_equal(sp_page_add_field(page, "k", "Label:", "v", &err), 0);
	if (row->has_buttons)
		sp_page_add_button(page, "Ok", SP_EVENT_NEXT);
	page->notice = row->has_notice ? "No." : NULL;
	sp_strbuf_done(&detail);
}

/* Nothing overlaps, and all is on the screen, between its top line and its help line. */
static void check_places(const struct sp_layout *layout, const struct row *row)
{
	int bottom = 0;

	for (int i = 0; i < SP_PARTS; i++) {
		if (!layout->parts[i].height)
			continue;
		assert_true(layout->parts[i].top >= bottom);
		bottom = layout->parts[i].top + layout->parts[i].height;
	}
	assert_true(bottom <= layout->height);
	assert_true(layout->top >= 2 && layout->top + layout->height + 2 < row->rows);
	assert_true(layout->left >= 2 &&
		    layout->left + layout->width + 2 * SP_LAYOUT_MARGIN + 1 <
			    row->columns);
}

static void finds_places(void **state)
{
	const struct row *row = *state;
	const struct sp_canvas canvas = { row->columns, row->rows, true };
	struct sp_error err = SP_ERROR_INIT;
	struct sp_layout layout = { 0 };
	struct sp_page page = { 0 };

	fill(&page, row);
	assert_int_equal(sp_layout_make(&page, &canvas, &layout, &err), 0);
	assert_int_equal(layout.is_too_small, row->is_too_small);
	assert_int_equal(layout.parts[SP_PART_TEXT].height, row->text);
	assert_int_equal(layout.parts[SP_PART_LIST].height, row->list);
	assert_int_equal(layout.parts[SP_PART_DETAIL].height, row->detail);
	assert_int_equal(layout.parts[SP_PART_BUTTONS].height, row->buttons);
	assert_int_equal(layout.has_normal_buttons, row->buttons > 1);
	for (size_t i = 0; i < layout.text.n; i++)
		assert_true(sp_legible_width(layout.text.items[i]) <=
			    (size_t)layout.width);
	if (!row->is_too_small)
		check_places(&layout, row);
	sp_layout_done(&layout);
	sp_page_done(&page);
}

static void expect_row(const struct sp_page *page, size_t index, int width,
		       const char *text)
{
	char *shown = sp_layout_row(page, index, width, true);

	assert_string_equal(shown, text);
	free(shown);
}

static void rows_of_lists(void **state)
{
	struct sp_error err = SP_ERROR_INIT;
	struct sp_page page = { 0 };

	(void)state;
	assert_int_equal(sp_page_add_row(&page, SP_MARK_PLAIN, "plain", NULL, &err), 0);
	expect_row(&page, 0, 20, "plain");
	assert_int_equal(sp_page_add_row(&page, SP_MARK_HEADING,
					 "0000:04:00.0 A long name, network: no driver",
					 NULL, &err),
			 0);
	expect_row(&page, 0, 20, "  plain");
	expect_row(&page, 1, 80, "0000:04:00.0 A long name, network: no driver");
	expect_row(&page, 1, 40, "0000:04:00.0 A lo..., network: no driver");
	expect_row(&page, 1, 30, "0000:04:00.0 A long name, n...");
	assert_int_equal(sp_page_add_row(&page, SP_MARK_ON, "e1000e → x", NULL, &err), 0);
	expect_row(&page, 2, 80, "  [*] e1000e → x");
	expect_row(&page, 2, 15, "  [*] e1000e...");
	page.rows[2].mark = SP_MARK_OFF;
	expect_row(&page, 2, 80, "  [ ] e1000e → x");
	page.rows[2].mark = SP_MARK_FIXED_OFF;
	expect_row(&page, 2, 80, "   -  e1000e → x");
	page.rows[2].mark = SP_MARK_FIXED_ON;
	expect_row(&page, 2, 80, "   *  e1000e → x");
	sp_page_done(&page);
}

static void expect_detail(const struct sp_page *page, int width, int height,
			  const char *text)
{
	char *shown = sp_layout_detail(page, width, height, false);

	assert_string_equal(shown, text);
	free(shown);
}

static void details(void **state)
{
	struct sp_error err = SP_ERROR_INIT;
	struct sp_page page = { 0 };

	(void)state;
	expect_detail(&page, 20, 2, "\n");
	assert_int_equal(sp_page_add_row(&page, SP_MARK_PLAIN, "a row of some length",
					 "no driver → e1000e", &err),
			 0);
	expect_detail(&page, 20, 2, "no driver -> e1000e\n");
	expect_detail(&page, 19, 3, "a row of some\nlength\nno driver -> e1000e");
	expect_detail(&page, 19, 2, "a row of some\nlength          ...");
	expect_detail(&page, 20, 0, "");
	sp_page_done(&page);
}

static void expect_help(const struct sp_page *page, int columns, const char *text)
{
	struct sp_layout layout = { 0 };
	char *shown = sp_layout_help(page, &layout, columns);

	assert_string_equal(shown, text);
	free(shown);
}

static void help_lines(void **state)
{
	struct sp_error err = SP_ERROR_INIT;
	struct sp_page page = { 0 };

	(void)state;
	sp_page_add_button(&page, "Ok", SP_EVENT_NEXT);
	expect_help(&page, 80, "  <Tab>/<Alt-Tab> between elements | <F12> Ok");
	sp_page_add_button(&page, "Back", SP_EVENT_BACK);
	expect_help(&page, 80,
		    "  <Tab>/<Alt-Tab> between elements | <F12> Ok | <Esc> Back");
	expect_help(&page, 50, "  <Tab> moves | <F12> Ok | <Esc> Back");
	expect_help(&page, 30, "  <Tab> | <F12> Ok | <Esc>...");
	page.button = 1;
	expect_help(&page, 80, "  <Tab>/<Alt-Tab> between elements | <F12>/<Esc> Back");
	assert_int_equal(sp_page_add_row(&page, SP_MARK_ON, "x", NULL, &err), 0);
	expect_help(&page, 50, "  <Tab> moves | <Space> ticks | <F12>/<Esc> Back");
	page.is_waiting = true;
	expect_help(&page, 80, "  <Esc> Ok");
	page.buttons[0].label = NULL;
	expect_help(&page, 80, "");
	sp_page_done(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_lists),
		cmocka_unit_test(details),
		cmocka_unit_test(help_lines),
	};
	int failed = setlocale(LC_ALL, "C.UTF-8") == NULL;

	failed += table_run("layout", rows, finds_places);
	return failed + cmocka_run_group_tests_name("layout: texts", tests, NULL, NULL);
}
