/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Windows are opened by newtOpenWindow() at places of ours: newt's grids size windows by
 * their contents, scroll nothing, and cannot say that there was no window to be had. */
#include "ui/view_draw.h"

#include <newt.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "ui/legible.h"
#include "ui/terminal.h"
#include "ui/view.h"

enum {
	LEFT = SP_LAYOUT_MARGIN, /* of all parts */
	CTRL_C = 3,
	LIST_MARGIN = 3, /* the scroll bar's */
	BAR_FULL = 1000,
	LONG_WAIT_SECONDS = 5,
};

/* Everything but the page.  Not refreshed: what comes next draws over it. */
void sp_view_draw_nothing(struct sp_view *view)
{
	struct sp_view empty = { .terminal = view->terminal, .page = view->page };

	if (view->form)
		newtFormDestroy(view->form);
	if (view->is_open) {
		newtPopWindowNoRefresh();
		newtPopHelpLine();
		newtCursorOff();
	}
	sp_layout_done(&view->layout);
	*view = empty;
}

/* ---- drawing ----------------------------------------------------------------------- */

static int list_width(const struct sp_view *view)
{
	return view->layout.width - LIST_MARGIN;
}

static bool text_scrolls(const struct sp_view *view)
{
	return view->layout.text.n > (size_t)view->layout.parts[SP_PART_TEXT].height;
}

static int open_window(struct sp_view *view, struct sp_error *err)
{
	const struct sp_layout *layout = &view->layout;
	const struct sp_canvas *canvas = &view->terminal->canvas;
	SP_AUTO(sp_str_freep)
	char *title = sp_legible_text(view->page->title, canvas->is_utf8);
	SP_AUTO(sp_str_freep)
	char *help = sp_layout_help(view->page, layout, canvas->columns);

	if (!title || !help)
		return sp_error_nomem(err);
	/* newt keeps 20 windows at most, and pops another's if it had no place for ours. */
	if (newtOpenWindow(layout->left, layout->top, (unsigned)layout->width + 2 * LEFT,
			   (unsigned)layout->height, title) != 0)
		return sp_error_set(err, SP_ERR_INTERNAL, "too many windows are open");
	newtPushHelpLine(help);
	view->is_open = true;
	return 0;
}

static void add_text(struct sp_view *view)
{
	const struct sp_layout *layout = &view->layout;
	const struct sp_place *place = &layout->parts[SP_PART_TEXT];
	SP_AUTO(sp_str_freep) char *text = sp_strv_join(&layout->text, "\n");
	/* A bar's two columns come on top of the width. */
	int width = layout->width - (text_scrolls(view) ? 2 : 0);

	if (!place->height)
		return;
	view->text = newtTextbox(LEFT, place->top, width, place->height,
				 text_scrolls(view) ? NEWT_FLAG_SCROLL : 0);
	/* Debian's newt pads lines to the whole component, and so wipes out its bar; this
	 * sets the width of any component. */
	newtFormSetWidth(view->text, width);
	newtTextboxSetText(view->text, text ? text : "");
	newtFormAddComponent(view->form, view->text);
}

/* Without the overflow of done * BAR_FULL. */
static unsigned long long bar_share(const struct sp_page *page)
{
	if (page->total < BAR_FULL)
		return (unsigned long long)(page->done * BAR_FULL / page->total);
	return (unsigned long long)(page->done / (page->total / BAR_FULL));
}

static void update_bar(struct sp_view *view)
{
	char time[32] = "";

	if (view->bar)
		newtScaleSet(view->bar, bar_share(view->page));
	if (!view->time)
		return;
	if (view->page->waiting_seconds >= LONG_WAIT_SECONDS)
		(void)snprintf(time, sizeof time, "%lld s",
			       (long long)view->page->waiting_seconds);
	newtLabelSetText(view->time, time);
}

static void add_bar(struct sp_view *view)
{
	const struct sp_place *place = &view->layout.parts[SP_PART_BAR];

	if (!place->height)
		return;
	if (view->page->total > 0)
		view->bar = newtScale(LEFT, place->top, view->layout.width, BAR_FULL);
	else
		view->time = newtLabel(LEFT, place->top, "");
	newtFormAddComponent(view->form, view->bar ? view->bar : view->time);
	update_bar(view);
}

static int update_detail(struct sp_view *view)
{
	SP_AUTO(sp_str_freep) char *detail = NULL;

	if (!view->detail)
		return 0;
	detail = sp_layout_detail(view->page, list_width(view),
				  view->layout.parts[SP_PART_DETAIL].height,
				  view->terminal->canvas.is_utf8);
	if (detail)
		newtTextboxSetText(view->detail, detail);
	return detail ? 0 : -1;
}

static void on_cursor(newtComponent list, void *data)
{
	struct sp_view *view = data;

	view->page->cursor = (size_t)(uintptr_t)newtListboxGetCurrent(list);
	(void)update_detail(view);
}

static int add_list(struct sp_view *view, struct sp_error *err)
{
	const struct sp_place *place = &view->layout.parts[SP_PART_LIST];
	const struct sp_page *page = view->page;
	bool scrolls = page->n_rows > (size_t)place->height;

	if (!place->height)
		return 0;
	view->list = newtListbox(LEFT, place->top, place->height,
				 NEWT_FLAG_RETURNEXIT | (scrolls ? NEWT_FLAG_SCROLL : 0));
	newtListboxSetWidth(view->list, view->layout.width - (scrolls ? 0 : LIST_MARGIN));
	for (size_t i = 0; i < page->n_rows; i++) {
		SP_AUTO(sp_str_freep)
		char *row = sp_layout_row(page, i, list_width(view),
					  view->terminal->canvas.is_utf8);

		if (!row)
			return sp_error_nomem(err);
		(void)newtListboxAppendEntry(view->list, row, (void *)(uintptr_t)i);
	}
	newtListboxSetCurrent(view->list, (int)page->cursor);
	newtFormAddComponent(view->form, view->list);
	return 0;
}

static int add_detail(struct sp_view *view, struct sp_error *err)
{
	const struct sp_place *place = &view->layout.parts[SP_PART_DETAIL];

	if (place->height) {
		view->detail = newtTextbox(LEFT, place->top, view->layout.width,
					   place->height, 0);
		newtFormAddComponent(view->form, view->detail);
	}
	if (view->list)
		newtComponentAddCallback(view->list, on_cursor, view);
	return update_detail(view) < 0 ? sp_error_nomem(err) : 0;
}

static int add_fields(struct sp_view *view, struct sp_error *err)
{
	const struct sp_place *place = &view->layout.parts[SP_PART_FIELDS];
	int left = view->layout.label_width + 1;

	if (place->height > SP_VIEW_FIELDS)
		return sp_error_set(err, SP_ERR_LIMIT, "a form of %d fields",
				    place->height);
	for (int i = 0; i < place->height; i++) {
		const struct sp_field *field = &view->page->fields[i];
		SP_AUTO(sp_str_freep)
		char *label =
			sp_legible_text(field->label, view->terminal->canvas.is_utf8);
		SP_AUTO(sp_str_freep)
		char *value =
			sp_legible_text(field->value, view->terminal->canvas.is_utf8);
		int flags = NEWT_FLAG_SCROLL | (field->secret ? NEWT_FLAG_PASSWORD : 0) |
			    (i == place->height - 1 ? NEWT_FLAG_RETURNEXIT : 0);

		if (!label || !value)
			return sp_error_nomem(err);
		newtFormAddComponent(view->form, newtLabel(LEFT, place->top + i, label));
		view->fields[i] = newtEntry(LEFT + left, place->top + i, value,
					    view->layout.width - left, NULL, flags);
		newtFormAddComponent(view->form, view->fields[i]);
	}
	return 0;
}

static void add_notice(struct sp_view *view)
{
	const struct sp_place *place = &view->layout.parts[SP_PART_NOTICE];
	newtComponent notice;

	if (!place->height)
		return;
	notice = newtTextbox(LEFT, place->top, view->layout.width, place->height,
			     NEWT_FLAG_WRAP);
	newtTextboxSetText(notice, view->page->notice);
	newtTextboxSetColors(notice, NEWT_COLORSET_TITLE, NEWT_COLORSET_TITLE);
	newtFormAddComponent(view->form, notice);
}

/* newt's buttons are so much wider than their labels. */
static int button_width(const struct sp_view *view, const char *label)
{
	return (int)sp_legible_width(label) + (view->layout.has_normal_buttons ? 5 : 3);
}

static int add_buttons(struct sp_view *view, struct sp_error *err)
{
	const struct sp_layout *layout = &view->layout;
	const struct sp_place *place = &layout->parts[SP_PART_BUTTONS];
	SP_AUTO(sp_strv_done) struct sp_strv labels = { 0 };
	int left, gap = layout->width;

	for (size_t i = 0; i < SP_PAGE_BUTTONS && view->page->buttons[i].label; i++) {
		SP_AUTO(sp_str_freep)
		char *label = sp_legible_text(view->page->buttons[i].label,
					      view->terminal->canvas.is_utf8);

		if (!label || sp_strv_add(&labels, label, err) < 0)
			return sp_error_nomem(err);
		gap -= button_width(view, label);
	}
	gap /= (int)labels.n + 1;
	left = LEFT + gap;
	for (size_t i = 0; place->height && i < labels.n; i++) {
		view->buttons[i] =
			layout->has_normal_buttons
				? newtButton(left, place->top, labels.items[i])
				: newtCompactButton(left, place->top, labels.items[i]);
		left += button_width(view, labels.items[i]) + gap;
		newtFormAddComponent(view->form, view->buttons[i]);
	}
	return 0;
}

static void set_focus(struct sp_view *view)
{
	newtComponent focus = view->list           ? view->list
			      : view->fields[0]    ? view->fields[0]
			      : text_scrolls(view) ? view->text
						   : view->buttons[view->page->button];

	if (focus)
		newtFormSetCurrent(view->form, focus);
}

static int make_form(struct sp_view *view, struct sp_error *err)
{
	static const int hot_keys[] = { NEWT_KEY_ESCAPE, CTRL_C, NEWT_KEY_RESIZE };
	int r;

	view->form = newtForm(NULL, NULL, 0);
	if (!view->form)
		return sp_error_nomem(err);
	for (size_t i = 0; i < sizeof hot_keys / sizeof hot_keys[0]; i++)
		newtFormAddHotKey(view->form, hot_keys[i]);
	if (view->list || sp_page_has_boxes(view->page))
		newtFormAddHotKey(view->form, ' ');
	newtFormSetTimer(view->form, 1);
	add_text(view);
	if (view->layout.is_too_small)
		return 0;
	add_bar(view);
	r = add_list(view, err);
	if (r == 0)
		r = add_detail(view, err);
	if (r == 0)
		r = add_fields(view, err);
	if (r < 0)
		return r;
	add_notice(view);
	r = add_buttons(view, err);
	set_focus(view);
	return r;
}

int sp_view_draw(struct sp_view *view, struct sp_error *err)
{
	int r;

	sp_view_draw_nothing(view);
	if (sp_terminal_is_gone())
		return 0;
	r = sp_layout_make(view->page, &view->terminal->canvas, &view->layout, err);
	if (r == 0)
		r = open_window(view, err);
	if (r == 0)
		r = make_form(view, err);
	return r;
}

static int refresh_rows(struct sp_view *view, struct sp_error *err)
{
	for (size_t i = 0; view->list && i < view->page->n_rows; i++) {
		SP_AUTO(sp_str_freep)
		char *row = sp_layout_row(view->page, i, list_width(view),
					  view->terminal->canvas.is_utf8);

		if (!row)
			return sp_error_nomem(err);
		newtListboxSetEntry(view->list, (int)i, row);
	}
	return 0;
}

/* newt leaves old text standing where the new is shorter: all lines are given anew. */
static int refresh_text(struct sp_view *view, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = NULL;

	if (!view->text || !view->page->is_waiting)
		return 0;
	text = sp_layout_text(view->page, view->layout.width,
			      view->layout.parts[SP_PART_TEXT].height,
			      view->terminal->canvas.is_utf8);
	if (!text)
		return sp_error_nomem(err);
	newtTextboxSetText(view->text, text);
	return 0;
}

/* Would the page, drawn anew, have its parts where they are now? */
static int is_in_place(const struct sp_view *view, bool *ret_is, struct sp_error *err)
{
	SP_AUTO(sp_layout_done) struct sp_layout layout = { 0 };
	int r = sp_layout_make(view->page, &view->terminal->canvas, &layout, err);

	if (r < 0)
		return r;
	*ret_is = layout.width == view->layout.width &&
		  (view->page->total > 0) == (view->bar != NULL) &&
		  memcmp(layout.parts, view->layout.parts, sizeof layout.parts) == 0;
	return 0;
}

int sp_view_refresh(struct sp_view *view, struct sp_error *err)
{
	bool is = false;
	int r = is_in_place(view, &is, err);

	if (r < 0)
		return r;
	if (!is || sp_terminal_is_gone())
		return sp_view_draw(view, err);
	r = refresh_text(view, err);
	if (r == 0)
		r = refresh_rows(view, err);
	if (r == 0)
		update_bar(view);
	return r;
}

static int read_field(struct sp_view *view, size_t index, struct sp_error *err)
{
	struct sp_field *field = &view->page->fields[index];
	char *value = strdup(newtEntryGetValue(view->fields[index]));

	if (!value)
		return sp_error_nomem(err);
	explicit_bzero(field->value, strlen(field->value));
	free(field->value);
	field->value = value;
	return 0;
}

int sp_view_draw_read(struct sp_view *view, struct sp_error *err)
{
	int r = 0;

	if (view->list)
		view->page->cursor = (size_t)(uintptr_t)newtListboxGetCurrent(view->list);
	for (size_t i = 0; r == 0 && i < SP_VIEW_FIELDS && view->fields[i]; i++)
		r = read_field(view, i, err);
	return r;
}
