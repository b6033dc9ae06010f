/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Text: building it, lists of it, and making what comes from outside harmless. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* ---- a growing string ------------------------------------------------------ */

/* Zero-initialise.  `text` is NUL-terminated once anything was added, else NULL. */
struct sp_strbuf {
	char *text;
	size_t len, size;
	bool failed; /* an allocation failed: text is incomplete */
};

void sp_strbuf_done(struct sp_strbuf *buf);
/* Adds formatted text, or bytes as they are.  Never fails at once: see @failed. */
SP_PRINTF(2, 3)
void sp_strbuf_add(struct sp_strbuf *buf, const char *fmt, ...);
void sp_strbuf_add_bytes(struct sp_strbuf *buf, const void *bytes, size_t len);

/* Takes the string out (caller frees); NULL if an allocation failed.  An empty
 * buffer gives "". */
char *sp_strbuf_take(struct sp_strbuf *buf);

/* printf into a fresh string; NULL when out of memory.  Caller frees. */
SP_PRINTF(1, 2)
char *sp_text_format(const char *fmt, ...);

/* ---- a list of strings ----------------------------------------------------- */

/* Zero-initialise.  Owns its strings. */
struct sp_strv {
	char **items;
	size_t n;
};

void sp_strv_done(struct sp_strv *list);
/* Copies @text to the end. */
SP_MUST_CHECK
int sp_strv_add(struct sp_strv *list, const char *text, struct sp_error *err);
/* Same, of @len bytes that need no NUL. */
SP_MUST_CHECK
int sp_strv_add_n(struct sp_strv *list, const char *text, size_t len,
		  struct sp_error *err);
/* Copies all of @from to the end of @list; what came before a failure stays. */
SP_MUST_CHECK
int sp_strv_add_all(struct sp_strv *list, const struct sp_strv *from,
		    struct sp_error *err);
bool sp_strv_has(const struct sp_strv *list, const char *text);
void sp_strv_sort(struct sp_strv *list);
/* "a, b, c"; caller frees, NULL when out of memory. */
char *sp_strv_join(const struct sp_strv *list, const char *separator);

/* ---- text from outside ----------------------------------------------------- */

enum { SP_TEXT_MAX = 256 }; /* bytes of one cleaned line, with its NUL */

/* Copies @text (of @len bytes, may hold anything) as printable UTF-8 of at most
 * @size - 1 bytes: control and escape characters, C1 controls, bidirectional
 * overrides and broken sequences become '?'; runs of white space become one
 * blank, none at the ends; too long ends in "...".  @size at least 4. */
void sp_text_clean(const char *text, size_t len, char *ret_text, size_t size);

/* Same for a NUL-terminated string, into a fresh one of at most SP_TEXT_MAX bytes;
 * caller frees; NULL when out of memory or @text is NULL. */
char *sp_text_clean_dup(const char *text);

/* Well-formed UTF-8, whatever it says; and what a text begins or ends with ("" always). */
bool sp_text_is_utf8(const char *text, size_t len);
bool sp_text_ends_with(const char *text, const char *end);
bool sp_text_starts_with(const char *text, const char *start);

/* An id as a file name: [A-Za-z0-9._:-] stay (not a leading '.'), all else is
 * %XX; over 200 bytes it is cut and gets a digest-like suffix, so that two long
 * ids stay different.  "" becomes "%".  Caller frees; NULL when out of memory. */
char *sp_text_file_name(const char *id);

/* A relative path that stays inside: no leading '/', no empty, "." or ".."
 * component, no NUL, at most 1024 bytes and 16 components. */
bool sp_text_path_is_safe(const char *path);

/* Does @path lie below the directory @dir, by its words alone?  @dir itself does not. */
bool sp_text_path_is_below(const char *path, const char *dir);
