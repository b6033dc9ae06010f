/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Alias patterns: what fnmatch(pattern, text, 0) says, for the patterns that depmod
 * accepts, in bounded time and without a locale.  '-' and '_' are the same outside
 * brackets, as everywhere with module aliases.  Pure. */

#include <stdbool.h>
#include <stddef.h>

enum {
	SP_GLOB_MAX_BYTES = 512,       /* one pattern */
	SP_GLOB_MAX_TEXT_BYTES = 4096, /* one modalias: a page of sysfs */
};

/* Can be matched: 1 to SP_GLOB_MAX_BYTES bytes, brackets that close and hold something,
 * no bracket in a bracket, no backslash. */
bool sp_glob_is_sound(const char *pattern, size_t len);

/* Copies @text with every '-' outside brackets as '_'; needs @len bytes of room. */
void sp_glob_fold(const char *text, size_t len, char *ret_folded);

/* @pattern  sound
 * @text     folded
 * At most len * text_len steps. */
bool sp_glob_match(const char *pattern, size_t len, const char *text, size_t text_len);

/* How many bytes stand before the first of * ? [ . */
size_t sp_glob_literal_length(const char *pattern, size_t len);

/* The next run of literal bytes in a sound pattern, from *@at on; false if there is
 * none.  *@ret_start and *@ret_len say where it is; *@at is moved behind it. */
bool sp_glob_next_literal(const char *pattern, size_t len, size_t *at, size_t *ret_start,
			  size_t *ret_len);

/* A literal byte of a pattern, as it stands in folded text. */
static inline char sp_glob_fold_byte(char byte)
{
	return byte == '-' ? '_' : byte;
}
