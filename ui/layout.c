/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Eighty by twenty-four is little room for a list, its explanation and three buttons:
 * who gives way to whom is a table here, and tested without a terminal. */
#include "ui/layout.h"

#include <string.h>

#include "ui/legible.h"
#include "ui/page.h"

enum {
	/* Around the parts: margins, borders, shadow; top line and help line. */
	OUTER_COLUMNS = 8 + 2 * SP_LAYOUT_MARGIN,
	OUTER_ROWS = 5,
	FIRST_TOP = 2,
	MOST_COLUMNS = 100,
	LEAST_COLUMNS = 50,
	LIST_COLUMNS = 70,
	FIELD_COLUMNS = 44,
	BUTTON_COLUMNS = 7, /* around a label, with a gap */
	NORMAL_BUTTON_ROWS = 4,
	MOST_DETAIL_ROWS = 4,
	WAITING_TEXT_ROWS = 3,
	SCROLLBAR_COLUMNS = 2,
};

/* In this order parts give rows away, each down to @least, until all fit. */
struct concession {
	enum sp_part part;
	int least;
};

static const struct concession concessions[] = {
	{ SP_PART_BUTTONS, 1 }, { SP_PART_LIST, 6 },   { SP_PART_TEXT, 6 },
	{ SP_PART_LIST, 4 },    { SP_PART_TEXT, 3 },   { SP_PART_DETAIL, 2 },
	{ SP_PART_LIST, 3 },    { SP_PART_DETAIL, 1 }, { SP_PART_TEXT, 1 },
	{ SP_PART_DETAIL, 0 },  { SP_PART_LIST, 2 },
};

void sp_layout_done(struct sp_layout *layout)
{
	sp_strv_done(&layout->text);
	*layout = (struct sp_layout){ 0 };
}

/* ---- rows and what is said about them -------------------------------------------- */

static const char *const prefixes[] = {
	[SP_MARK_PLAIN] = "",           [SP_MARK_HEADING] = "",
	[SP_MARK_OFF] = "  [ ] ",       [SP_MARK_ON] = "  [*] ",
	[SP_MARK_FIXED_OFF] = "   -  ", [SP_MARK_FIXED_ON] = "   *  ",
};

static bool has_headings(const struct sp_page *page)
{
	for (size_t i = 0; i < page->n_rows; i++)
		if (page->rows[i].mark == SP_MARK_HEADING)
			return true;
	return false;
}

static char *whole_row(const struct sp_page *page, size_t index, bool is_utf8)
{
	const struct sp_row *row = &page->rows[index];
	SP_AUTO(sp_str_freep) char *text = sp_legible_text(row->text, is_utf8);
	const char *prefix = prefixes[row->mark];

	if (row->mark == SP_MARK_PLAIN && has_headings(page))
		prefix = "  ";
	return text ? sp_text_format("%s%s", prefix, text) : NULL;
}

char *sp_layout_row(const struct sp_page *page, size_t index, int width, bool is_utf8)
{
	SP_AUTO(sp_str_freep) char *whole = whole_row(page, index, is_utf8);

	if (!whole)
		return NULL;
	return page->rows[index].mark == SP_MARK_HEADING
		       ? sp_legible_cut_middle(whole, (size_t)width)
		       : sp_legible_cut(whole, (size_t)width);
}

/* Exactly @height of @lines; where there are more, the last ends in "...". */
static char *join(const struct sp_strv *lines, size_t width, int height)
{
	struct sp_strbuf text = { 0 };

	for (int i = 0; i < height; i++) {
		const char *line = (size_t)i < lines->n ? lines->items[i] : "";
		bool is_cut = i == height - 1 && lines->n > (size_t)height;
		SP_AUTO(sp_str_freep)
		char *longer =
			is_cut ? sp_text_format("%s %*s", line, (int)width, "") : NULL;
		SP_AUTO(sp_str_freep)
		char *cut = longer ? sp_legible_cut(longer, width) : NULL;

		sp_strbuf_add(&text, "%s%s", i ? "\n" : "", cut ? cut : line);
	}
	return sp_strbuf_take(&text);
}

static int wrap(const char *text, int width, bool is_utf8, struct sp_strv *lines,
		struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *legible = sp_legible_text(text, is_utf8);

	if (!legible)
		return sp_error_nomem(err);
	return sp_legible_wrap(legible, (size_t)width, lines, err);
}

static int wrap_detail(const struct sp_page *page, size_t index, int width, bool is_utf8,
		       struct sp_strv *lines, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *whole = whole_row(page, index, is_utf8);
	int r = 0;

	if (!whole)
		return sp_error_nomem(err);
	if (sp_legible_width(whole) > (size_t)width)
		r = wrap(page->rows[index].text, width, is_utf8, lines, err);
	return r < 0 ? r : wrap(page->rows[index].detail, width, is_utf8, lines, err);
}

char *sp_layout_detail(const struct sp_page *page, int width, int height, bool is_utf8)
{
	SP_AUTO(sp_strv_done) struct sp_strv lines = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	if (page->cursor < page->n_rows &&
	    wrap_detail(page, page->cursor, width, is_utf8, &lines, &err) < 0)
		return NULL;
	return join(&lines, (size_t)width, height);
}

char *sp_layout_text(const struct sp_page *page, int width, int height, bool is_utf8)
{
	SP_AUTO(sp_strv_done) struct sp_strv lines = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	if (wrap(page->text, width, is_utf8, &lines, &err) < 0)
		return NULL;
	return join(&lines, (size_t)width, height);
}

/* ---- how wide -------------------------------------------------------------------- */

static int at_least(int a, size_t b)
{
	return b > MOST_COLUMNS ? MOST_COLUMNS : a > (int)b ? a : (int)b;
}

static int widest_line(const char *text, bool is_utf8)
{
	SP_AUTO(sp_str_freep) char *legible = sp_legible_text(text, is_utf8);
	int width = 0;

	for (char *line = legible, *end; line && *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		width = at_least(width, sp_legible_width(line));
	}
	return width;
}

static int label_width(const struct sp_page *page, bool is_utf8)
{
	int width = 0;

	for (size_t i = 0; i < page->n_fields; i++)
		width = at_least(width,
				 (size_t)widest_line(page->fields[i].label, is_utf8));
	return width;
}

static int buttons_width(const struct sp_page *page)
{
	size_t width = 0;

	for (size_t i = 0; i < SP_PAGE_BUTTONS && page->buttons[i].label; i++)
		width += strlen(page->buttons[i].label) + BUTTON_COLUMNS;
	return (int)width;
}

static size_t row_width(const struct sp_page *page, size_t index, bool is_utf8)
{
	SP_AUTO(sp_str_freep) char *whole = whole_row(page, index, is_utf8);

	return whole ? sp_legible_width(whole) + SCROLLBAR_COLUMNS + 1 : 0;
}

static int wanted_width(const struct sp_page *page, const struct sp_canvas *canvas)
{
	int most = canvas->columns - OUTER_COLUMNS;
	int width =
		at_least(LEAST_COLUMNS, (size_t)widest_line(page->text, canvas->is_utf8));

	width = at_least(width, (size_t)buttons_width(page));
	if (page->n_fields)
		width = at_least(width, (size_t)label_width(page, canvas->is_utf8) + 1 +
						FIELD_COLUMNS);
	/* One width for all lists: they are seen one after the other. */
	if (page->n_rows || page->is_waiting)
		width = at_least(width, LIST_COLUMNS);
	for (size_t i = 0; i < page->n_rows && width < most; i++)
		width = at_least(width, row_width(page, i, canvas->is_utf8));
	return width < most ? width : most;
}

/* ---- how high -------------------------------------------------------------------- */

static int detail_height(const struct sp_page *page, int width, bool is_utf8,
			 int *ret_height, struct sp_error *err)
{
	size_t most = 0;

	for (size_t i = 0; i < page->n_rows && most < MOST_DETAIL_ROWS; i++) {
		SP_AUTO(sp_strv_done) struct sp_strv lines = { 0 };
		int r = wrap_detail(page, i, width, is_utf8, &lines, err);

		if (r < 0)
			return r;
		most = lines.n > most ? lines.n : most;
	}
	*ret_height = most < MOST_DETAIL_ROWS ? (int)most : MOST_DETAIL_ROWS;
	return 0;
}

/* The heights that the parts would like. */
static int wanted_heights(const struct sp_page *page, bool is_utf8,
			  struct sp_layout *layout, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv notice = { 0 };
	struct sp_place *parts = layout->parts;
	int r = wrap(page->text, layout->width, is_utf8, &layout->text, err);

	if (r == 0 && page->notice)
		r = wrap(page->notice, layout->width, is_utf8, &notice, err);
	if (r == 0)
		r = detail_height(page, layout->width - SCROLLBAR_COLUMNS - 1, is_utf8,
				  &parts[SP_PART_DETAIL].height, err);
	if (r < 0)
		return r;
	parts[SP_PART_TEXT].height = (int)layout->text.n;
	if (page->is_waiting && layout->text.n < WAITING_TEXT_ROWS)
		parts[SP_PART_TEXT].height = WAITING_TEXT_ROWS;
	parts[SP_PART_BAR].height = page->is_waiting;
	parts[SP_PART_LIST].height = (int)page->n_rows;
	parts[SP_PART_FIELDS].height = (int)page->n_fields;
	parts[SP_PART_NOTICE].height = (int)notice.n;
	if (page->buttons[0].label)
		parts[SP_PART_BUTTONS].height =
			buttons_width(page) <= layout->width ? NORMAL_BUTTON_ROWS : 1;
	return 0;
}

static int total_height(const struct sp_layout *layout, int gap)
{
	int total = 0;

	for (int i = 0; i < SP_PARTS; i++)
		if (layout->parts[i].height)
			total += layout->parts[i].height + (total ? gap : 0);
	return total;
}

/* Makes the parts fit into @most rows.  False if they cannot. */
static bool shrink(struct sp_layout *layout, int most, int gap)
{
	size_t n = sizeof concessions / sizeof concessions[0];

	for (size_t i = 0; i < n; i++) {
		int *height = &layout->parts[concessions[i].part].height;
		int excess = total_height(layout, gap) - most;

		if (excess <= 0)
			return true;
		/* Buttons are high or low, nothing in between. */
		if (concessions[i].part == SP_PART_BUTTONS && *height)
			*height = 1;
		else if (*height - excess > concessions[i].least)
			*height -= excess;
		else if (*height > concessions[i].least)
			*height = concessions[i].least;
	}
	return total_height(layout, gap) <= most;
}

static void place(struct sp_layout *layout, const struct sp_canvas *canvas, int gap)
{
	int top = 0;

	for (int i = 0; i < SP_PARTS; i++)
		if (layout->parts[i].height) {
			layout->parts[i].top = top;
			top += layout->parts[i].height + gap;
		}
	layout->has_normal_buttons = layout->parts[SP_PART_BUTTONS].height > 1;
	layout->height = total_height(layout, gap);
	layout->left = (canvas->columns - layout->width) / 2 - SP_LAYOUT_MARGIN;
	layout->top = (canvas->rows - layout->height) / 2;
	if (layout->top < FIRST_TOP)
		layout->top = FIRST_TOP;
}

static int make_too_small(const struct sp_canvas *canvas, struct sp_layout *layout,
			  struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *text = sp_text_format("This terminal of %d by %d is too small: make it at "
				    "least %d by %d. Esc goes back.",
				    canvas->columns, canvas->rows, SP_LAYOUT_MIN_COLUMNS,
				    SP_LAYOUT_MIN_ROWS);

	sp_layout_done(layout);
	if (!text)
		return sp_error_nomem(err);
	layout->is_too_small = true;
	layout->left = 1;
	layout->top = 1;
	layout->width = canvas->columns > 12 ? canvas->columns - 5 : 8;
	layout->height = canvas->rows > 5 ? canvas->rows - 4 : 1;
	layout->parts[SP_PART_TEXT].height = layout->height;
	return sp_legible_wrap(text, (size_t)layout->width, &layout->text, err);
}

int sp_layout_make(const struct sp_page *page, const struct sp_canvas *canvas,
		   struct sp_layout *ret_layout, struct sp_error *err)
{
	SP_AUTO(sp_layout_done) struct sp_layout layout = { 0 };
	int most = canvas->rows - OUTER_ROWS, gap = 1, r;
	bool fits = canvas->columns >= SP_LAYOUT_MIN_COLUMNS &&
		    canvas->rows >= SP_LAYOUT_MIN_ROWS;

	layout.width = wanted_width(page, canvas);
	layout.label_width = label_width(page, canvas->is_utf8);
	r = fits ? wanted_heights(page, canvas->is_utf8, &layout, err) : 0;
	if (r == 0 && fits && !shrink(&layout, most, gap))
		fits = shrink(&layout, most, gap = 0);
	if (r == 0 && fits)
		place(&layout, canvas, gap);
	else if (r == 0)
		r = make_too_small(canvas, &layout, err);
	/* Text that scrolls leaves room for its bar. */
	if (r == 0 && fits && layout.text.n > (size_t)layout.parts[SP_PART_TEXT].height) {
		sp_strv_done(&layout.text);
		r = wrap(page->text, layout.width - SCROLLBAR_COLUMNS, canvas->is_utf8,
			 &layout.text, err);
	}
	if (r < 0)
		return r;
	*ret_layout = layout;
	layout = (struct sp_layout){ 0 };
	return 0;
}

/* ---- the help line ---------------------------------------------------------------- */

static bool has_back(const struct sp_page *page)
{
	for (size_t i = 0; i < SP_PAGE_BUTTONS && page->buttons[i].label; i++)
		if (page->buttons[i].event == SP_EVENT_BACK)
			return true;
	return false;
}

static void add_keys(struct sp_strbuf *help, const struct sp_page *page, bool scrolls)
{
	const struct sp_button *button = &page->buttons[page->button];

	if (scrolls)
		sp_strbuf_add(help, " | <Up>/<Down> scroll");
	if (sp_page_has_boxes(page))
		sp_strbuf_add(help, " | <Space> ticks");
	if (button->label && button->event == SP_EVENT_BACK)
		sp_strbuf_add(help, " | <F12>/<Esc> Back");
	else if (button->label)
		sp_strbuf_add(help, " | <F12> %s%s", button->label,
			      has_back(page) ? " | <Esc> Back" : "");
}

static char *waiting_help(const struct sp_page *page, size_t most)
{
	SP_AUTO(sp_str_freep)
	char *text = page->buttons[0].label
			     ? sp_text_format("  <Esc> %s", page->buttons[0].label)
			     : sp_text_format("%s", "");

	return text ? sp_legible_cut(text, most) : NULL;
}

char *sp_layout_help(const struct sp_page *page, const struct sp_layout *layout,
		     int columns)
{
	static const char *const beginnings[] = { "  <Tab>/<Alt-Tab> between elements",
						  "  <Tab> moves", "  <Tab>" };
	bool scrolls = layout->text.n > (size_t)layout->parts[SP_PART_TEXT].height;
	/* The last cell of the screen cannot be written on without scrolling it. */
	size_t most = (size_t)(columns > 4 ? columns - 1 : 3);

	if (layout->is_too_small)
		return sp_legible_cut("", most);
	if (page->is_waiting)
		return waiting_help(page, most);
	for (size_t i = 0;; i++) {
		struct sp_strbuf help = { 0 };
		SP_AUTO(sp_str_freep) char *text = NULL;

		sp_strbuf_add(&help, "%s", beginnings[i]);
		add_keys(&help, page, scrolls);
		text = sp_strbuf_take(&help);
		if (!text)
			return NULL;
		if (sp_legible_width(text) <= most ||
		    i + 1 == sizeof beginnings / sizeof beginnings[0])
			return sp_legible_cut(text, most);
	}
}
