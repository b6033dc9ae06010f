/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ten screens would be ten views; as one page with optional parts they are one. */
#include "ui/page.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

static const char general_title[] = "Drivers and Packs";

static void row_done(struct sp_row *row)
{
	free(row->key);
	free(row->text);
	free(row->detail);
}

/* What was typed may be a password. */
static void field_done(struct sp_field *field)
{
	if (field->value)
		explicit_bzero(field->value, strlen(field->value));
	free(field->key);
	free(field->label);
	free(field->value);
}

void sp_page_done(struct sp_page *page)
{
	for (size_t i = 0; i < page->n_rows; i++)
		row_done(&page->rows[i]);
	for (size_t i = 0; i < page->n_fields; i++)
		field_done(&page->fields[i]);
	free(page->rows);
	free(page->fields);
	free(page->title);
	free(page->text);
	*page = (struct sp_page){ 0 };
}

int sp_page_set(struct sp_page *page, const char *title, const char *text,
		struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *new_title = strdup(title ? title : general_title);
	SP_AUTO(sp_str_freep) char *new_text = strdup(text ? text : "");

	if (!new_title || !new_text)
		return sp_error_nomem(err);
	free(page->title);
	free(page->text);
	page->title = sp_steal(new_title);
	page->text = sp_steal(new_text);
	return 0;
}

int sp_page_add_text(struct sp_page *page, struct sp_error *err, const char *fmt, ...)
{
	SP_AUTO(sp_str_freep) char *more = NULL;
	char *text;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vasprintf(&more, fmt, args);
	va_end(args);
	if (n < 0) {
		more = NULL; /* undefined after a failure */
		return sp_error_nomem(err);
	}
	if (asprintf(&text, "%s%s", page->text, more) < 0)
		return sp_error_nomem(err);
	free(page->text);
	page->text = text;
	return 0;
}

int sp_page_add_row(struct sp_page *page, enum sp_mark mark, const char *text,
		    const char *detail, struct sp_error *err)
{
	struct sp_row *row = sp_array_add(&page->rows, &page->n_rows);

	if (!row)
		return sp_error_nomem(err);
	row->mark = mark;
	row->text = strdup(text ? text : "");
	row->detail = strdup(detail ? detail : "");
	return row->text && row->detail ? 0 : sp_error_nomem(err);
}

int sp_page_set_key(struct sp_page *page, const char *key, struct sp_error *err)
{
	struct sp_row *row = &page->rows[page->n_rows - 1];

	if (!key)
		return 0;
	free(row->key);
	row->key = strdup(key);
	return row->key ? 0 : sp_error_nomem(err);
}

int sp_page_add_field(struct sp_page *page, const char *key, const char *label,
		      const char *value, struct sp_error *err)
{
	struct sp_field *field = sp_array_add(&page->fields, &page->n_fields);

	if (!field)
		return sp_error_nomem(err);
	field->key = strdup(key ? key : "");
	field->label = strdup(label ? label : "");
	field->value = strdup(value ? value : "");
	return field->key && field->label && field->value ? 0 : sp_error_nomem(err);
}

void sp_page_add_button(struct sp_page *page, const char *label, enum sp_event event)
{
	size_t i = 0;

	while (i < SP_PAGE_BUTTONS && page->buttons[i].label)
		i++;
	assert(i < SP_PAGE_BUTTONS);
	page->buttons[i] = (struct sp_button){ label, event };
}

bool sp_page_has_boxes(const struct sp_page *page)
{
	for (size_t i = 0; i < page->n_rows; i++)
		if (page->rows[i].mark == SP_MARK_ON || page->rows[i].mark == SP_MARK_OFF)
			return true;
	return false;
}

struct sp_row *sp_page_row(const struct sp_page *page)
{
	return page->cursor < page->n_rows ? &page->rows[page->cursor] : NULL;
}

bool sp_page_toggle(struct sp_page *page)
{
	struct sp_row *row = sp_page_row(page);

	if (!row || (row->mark != SP_MARK_ON && row->mark != SP_MARK_OFF))
		return false;
	row->mark = row->mark == SP_MARK_ON ? SP_MARK_OFF : SP_MARK_ON;
	return true;
}
