/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a screen looks like, without where: a title, text, rows to choose from, fields to
 * fill in, a bar, buttons.  Screens (screen.h) fill one in, layout.h finds the places,
 * view.h draws it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What the operator does. */
enum sp_event {
	SP_EVENT_NEXT,   /* Ok, or what stands in its place */
	SP_EVENT_BACK,   /* Back, Esc */
	SP_EVENT_AGAIN,  /* look again, try again, another one */
	SP_EVENT_CANCEL, /* the button while something is being done */
	SP_EVENT_TICK,   /* the space bar on a row */
	SP_EVENT_VERIFY, /* have all of it verified */
};

/* How a row stands in its list. */
enum sp_mark {
	SP_MARK_PLAIN,
	SP_MARK_HEADING,
	SP_MARK_OFF,       /* may be ticked */
	SP_MARK_ON,        /* is, and may be unticked */
	SP_MARK_FIXED_OFF, /* cannot be ticked: its detail says why */
	SP_MARK_FIXED_ON,  /* is already */
};

struct sp_row {
	enum sp_mark mark;
	char *key;    /* what the engine calls it; may be NULL */
	char *text;   /* one line */
	char *detail; /* shown while the cursor is on it; "" if there is no more to say */
};

struct sp_field {
	char *key, *label, *value;
	bool secret; /* not to be seen while it is typed */
};

struct sp_button {
	const char *label; /* static, or owned by whom fills the page in */
	enum sp_event event;
};

enum { SP_PAGE_BUTTONS = 4 };

/* Zero-initialise.  Strings are owned unless said otherwise. */
struct sp_page {
	char *title;
	char *text;         /* sentences, with line ends; "" if there are none */
	const char *notice; /* static: why the last key did nothing; NULL: it did */
	struct sp_row *rows;
	size_t n_rows, cursor;
	struct sp_field *fields;
	size_t n_fields;
	struct sp_button buttons[SP_PAGE_BUTTONS]; /* label NULL: not there */
	size_t button;           /* the one that Enter presses at first, and F12 always,
				  * but where is_waiting */
	bool is_waiting;         /* room for changing text, and a bar or the time */
	int64_t done, total;     /* of the bar; total 0: there is no measure */
	int64_t waiting_seconds; /* shown where there is no bar, once it is long */
};

void sp_page_done(struct sp_page *page);

/* Copies @title (NULL: a general one) and @text (NULL: none) in. */
SP_MUST_CHECK
int sp_page_set(struct sp_page *page, const char *title, const char *text,
		struct sp_error *err);

/* Puts printf-like text behind the page's text. */
SP_MUST_CHECK
SP_PRINTF(3, 4)
int sp_page_add_text(struct sp_page *page, struct sp_error *err, const char *fmt, ...);

/* Adds a row; NULL @text and @detail are "". */
SP_MUST_CHECK
int sp_page_add_row(struct sp_page *page, enum sp_mark mark, const char *text,
		    const char *detail, struct sp_error *err);

/* Names the row added last; NULL does nothing. */
SP_MUST_CHECK
int sp_page_set_key(struct sp_page *page, const char *key, struct sp_error *err);

/* Adds a field that may be seen while it is typed; NULL strings are "". */
SP_MUST_CHECK
int sp_page_add_field(struct sp_page *page, const char *key, const char *label,
		      const char *value, struct sp_error *err);

/* Adds a button in the first free place (asserted that there is one). */
void sp_page_add_button(struct sp_page *page, const char *label, enum sp_event event);

/* Does the page have a row that can be ticked or unticked? */
bool sp_page_has_boxes(const struct sp_page *page);

/* The row under the cursor; NULL if there are none. */
struct sp_row *sp_page_row(const struct sp_page *page);

/* Turns the row under the cursor on or off.  False if it cannot be. */
bool sp_page_toggle(struct sp_page *page);
