/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libc's fnmatch() backtracks without a limit, depends on the locale and needs the
 * pattern to end in a NUL; patterns here come from media and lie in the middle of
 * a file. */
#include "plan/glob.h"

#include <string.h>

static bool is_wild(char byte)
{
	return byte == '*' || byte == '?' || byte == '[';
}

/* The length of the bracket expression at the start of @at; 0 if it is unsound. */
static size_t bracket_length(const char *at, size_t len)
{
	const char *end = memchr(at, ']', len);
	size_t first = 1;

	if (len > 1 && (at[1] == '!' || at[1] == '^'))
		first = 2;
	if (!end || end < at + first + 1 || memchr(at + 1, '[', (size_t)(end - at) - 1))
		return 0;
	return (size_t)(end - at) + 1;
}

bool sp_glob_is_sound(const char *pattern, size_t len)
{
	if (len == 0 || len > SP_GLOB_MAX_BYTES)
		return false;
	for (size_t i = 0; i < len; i++) {
		size_t bracket;

		if (pattern[i] == '\\' || pattern[i] == ']' || pattern[i] == '\0')
			return false;
		if (pattern[i] != '[')
			continue;
		bracket = bracket_length(pattern + i, len - i);
		if (bracket == 0 || memchr(pattern + i, '\\', bracket))
			return false;
		i += bracket - 1;
	}
	return true;
}

void sp_glob_fold(const char *text, size_t len, char *ret_folded)
{
	bool in_bracket = false;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '[' || text[i] == ']')
			in_bracket = text[i] == '[';
		ret_folded[i] = in_bracket ? text[i] : sp_glob_fold_byte(text[i]);
	}
}

size_t sp_glob_literal_length(const char *pattern, size_t len)
{
	size_t i = 0;

	while (i < len && !is_wild(pattern[i]))
		i++;
	return i;
}

bool sp_glob_next_literal(const char *pattern, size_t len, size_t *at, size_t *ret_start,
			  size_t *ret_len)
{
	size_t i = *at;

	while (i < len && is_wild(pattern[i]))
		i += pattern[i] == '[' ? bracket_length(pattern + i, len - i) : 1;
	*ret_start = i;
	*ret_len = sp_glob_literal_length(pattern + i, len - i);
	*at = i + *ret_len;
	return *ret_len > 0;
}

static bool bracket_has(const char *at, size_t len, char byte)
{
	const char *end = at + len - 1;
	bool negated = at[1] == '!' || at[1] == '^';
	unsigned char c = (unsigned char)byte;

	for (at += negated ? 2 : 1; at < end; at++) {
		unsigned char low = (unsigned char)at[0], high = low;

		if (at + 2 < end && at[1] == '-') {
			high = (unsigned char)at[2];
			at += 2;
		}
		if (c >= low && c <= high)
			return !negated;
	}
	return negated;
}

/* How many bytes of the pattern claim @byte; 0 if they do not. */
static size_t step(const char *pattern, size_t len, char byte)
{
	size_t bracket;

	if (pattern[0] == '[') {
		bracket = bracket_length(pattern, len);
		return bracket_has(pattern, bracket, byte) ? bracket : 0;
	}
	return pattern[0] == '?' || sp_glob_fold_byte(pattern[0]) == byte;
}

/* The first place from @t on where the rest of a pattern after its star may start. */
static size_t skip_to(const char *text, size_t text_len, size_t t, char literal)
{
	char wanted = sp_glob_fold_byte(literal);

	if (!is_wild(literal))
		while (t < text_len && text[t] != wanted)
			t++;
	return t;
}

/* Only the last star is ever widened: with stars alone as variable parts, widening an
 * earlier one cannot help. */
bool sp_glob_match(const char *pattern, size_t len, const char *text, size_t text_len)
{
	size_t p = 0, t = 0, star_p = 0, star_t = 0, taken;
	bool starred = false;

	for (;;) {
		while (p < len && t < text_len && !is_wild(pattern[p]) &&
		       sp_glob_fold_byte(pattern[p]) == text[t])
			p++, t++;
		if (p < len && pattern[p] == '*') {
			if (++p == len)
				return true;
			starred = true;
			star_p = p;
			star_t = t = skip_to(text, text_len, t, pattern[p]);
			continue;
		}
		if (p == len && t == text_len)
			return true;
		taken = p < len && t < text_len ? step(pattern + p, len - p, text[t]) : 0;
		if (taken) {
			p += taken;
			t++;
			continue;
		}
		if (!starred || star_t >= text_len)
			return false;
		p = star_p;
		star_t = t = skip_to(text, text_len, star_t + 1, pattern[p]);
	}
}
