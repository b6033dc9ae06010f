/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Text as the terminal can show it: in its character set, measured in its columns, cut
 * and wrapped by us.  (newt's own reflow never ends, and writes past its buffer, on
 * bytes that are no text in the locale; so it is given only what went through here.) */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/* Is the locale's character set UTF-8?  If not, ASCII is taken for granted and no
 * more. */
bool sp_legible_is_utf8(void);

/* @text, which is UTF-8, for a terminal that does or does not know UTF-8.  "→" becomes
 * "->" and so on where it must, what has no such form "?"; so does everything that is
 * no printable text, but line ends stay and a tab is a blank.  NULL counts as "".
 * Caller frees; NULL when out of memory. */
char *sp_legible_text(const char *text, bool is_utf8);

/* Columns that @text (legible, one line) takes. */
size_t sp_legible_width(const char *text);

/* @text cut to @columns (at least 3), ending in "..." if it was longer.  Caller frees;
 * NULL when out of memory. */
char *sp_legible_cut(const char *text, size_t columns);

/* The same, but what stands behind the last comma ("...: no driver") stays, and the text
 * before it is cut, if there is room for both. */
char *sp_legible_cut_middle(const char *text, size_t columns);

/* Adds @text to @lines in lines of at most @columns (at least 8), broken at blanks where
 * there are any.  What follows a break stands under its line's beginning: indented as
 * much as the line is, and below the words of a "- " at its start. */
SP_MUST_CHECK
int sp_legible_wrap(const char *text, size_t columns, struct sp_strv *lines,
		    struct sp_error *err);
