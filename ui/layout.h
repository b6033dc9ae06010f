/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Where the parts of a page stand on a terminal of a given size, and what of its text is
 * seen there.  Pure: all numbers are columns and rows within the window. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

struct sp_page;

/* What a page is drawn on. */
struct sp_canvas {
	int columns, rows;
	bool is_utf8;
};

/* Empty columns between the window's border and the parts, on each side. */
enum { SP_LAYOUT_MARGIN = 1 };

/* Smaller terminals get a sentence instead of a page. */
enum { SP_LAYOUT_MIN_COLUMNS = 48, SP_LAYOUT_MIN_ROWS = 12 };

/* The parts of a page from top to bottom. */
enum sp_part {
	SP_PART_TEXT,
	SP_PART_BAR,
	SP_PART_LIST,
	SP_PART_DETAIL,
	SP_PART_FIELDS,
	SP_PART_NOTICE,
	SP_PART_BUTTONS,
	SP_PARTS,
};

/* A part of height 0 is not there. */
struct sp_place {
	int top, height;
};

struct sp_layout {
	bool is_too_small; /* only the text part is there, and says so */
	int left, top;     /* of the window's inside, on the screen */
	int width, height; /* of the window's inside */
	struct sp_place parts[SP_PARTS];
	struct sp_strv text; /* the text, in lines; more than its height: it scrolls */
	bool has_normal_buttons; /* four rows high; else one */
	int label_width;         /* of the fields' labels */
};

void sp_layout_done(struct sp_layout *layout);

/* Zero-initialised @ret_layout.  < 0: SP_ERR_NOMEM. */
SP_MUST_CHECK
int sp_layout_make(const struct sp_page *page, const struct sp_canvas *canvas,
		   struct sp_layout *ret_layout, struct sp_error *err);

/* Row @index of the list as it is shown, "  [*] e1000e 3.8.7 from ...", at most @width
 * columns.  Caller frees; NULL when out of memory. */
char *sp_layout_row(const struct sp_page *page, size_t index, int width, bool is_utf8);

/* What is said about the row under the cursor, in exactly @height lines of at most @width
 * columns, joined by line ends: its whole text if the list shows it cut, and its detail.
 * Caller frees; NULL when out of memory. */
char *sp_layout_detail(const struct sp_page *page, int width, int height, bool is_utf8);

/* The page's text in exactly @height lines, in the same way. */
char *sp_layout_text(const struct sp_page *page, int width, int height, bool is_utf8);

/* What keys do on this page, at most @columns.  Caller frees; NULL when out of memory. */
char *sp_layout_help(const struct sp_page *page, const struct sp_layout *layout,
		     int columns);
