/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's sentences are UTF-8; the terminal at the other end may be a serial line
 * of forty years ago in the C locale. */
#include "ui/legible.h"

#include <langinfo.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

/* What is read most in our own sentences and in the names of hardware and people. */
struct substitute {
	uint32_t character;
	const char *text;
};

// clang-format off
static const struct substitute substitutes[] = {
	{ 0xa0, " " }, { 0xa9, "(C)" }, { 0xae, "(R)" }, { 0xb0, "deg" }, { 0xb5, "u" },
	{ 0xb7, "-" }, { 0xd7, "x" },
	{ 0xc4, "Ae" }, { 0xd6, "Oe" }, { 0xdc, "Ue" }, { 0xdf, "ss" },
	{ 0xe0, "a" }, { 0xe1, "a" }, { 0xe2, "a" }, { 0xe4, "ae" }, { 0xe5, "a" },
	{ 0xe7, "c" }, { 0xe8, "e" }, { 0xe9, "e" }, { 0xea, "e" }, { 0xed, "i" },
	{ 0xf1, "n" }, { 0xf3, "o" }, { 0xf6, "oe" }, { 0xf8, "o" }, { 0xfa, "u" },
	{ 0xfc, "ue" },
	{ 0x2010, "-" }, { 0x2011, "-" }, { 0x2012, "-" }, { 0x2013, "-" }, { 0x2014, "-" },
	{ 0x2018, "'" }, { 0x2019, "'" }, { 0x201c, "\"" }, { 0x201d, "\"" },
	{ 0x2022, "-" }, { 0x2026, "..." }, { 0x2122, "(TM)" }, { 0x2190, "<-" },
	{ 0x2192, "->" }, { 0x2194, "<->" }, { 0x2260, "!=" }, { 0x2264, "<=" },
	{ 0x2265, ">=" },
};
// clang-format on

enum { BAD_CHARACTER = 0xfffd };

bool sp_legible_is_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Takes one character off *@text, which has not ended. */
static uint32_t take_character(const char **text)
{
	const unsigned char *byte = (const unsigned char *)*text;
	size_t more = byte[0] >= 0xf0 ? 3 : byte[0] >= 0xe0 ? 2 : byte[0] >= 0xc0 ? 1 : 0;
	uint32_t character = byte[0];

	if (byte[0] >= 0x80)
		character = more ? character & (0x3fu >> more) : BAD_CHARACTER;
	*text += 1;
	for (size_t i = 1; i <= more; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return BAD_CHARACTER;
		character = character << 6 | (byte[i] & 0x3f);
		*text += 1;
	}
	return character;
}

static const char *substitute_for(uint32_t character)
{
	for (size_t i = 0; i < sizeof substitutes / sizeof substitutes[0]; i++)
		if (substitutes[i].character == character)
			return substitutes[i].text;
	return "?";
}

char *sp_legible_text(const char *text, bool is_utf8)
{
	struct sp_strbuf out = { 0 };

	for (const char *at = text ? text : ""; *at;) {
		const char *start = at;
		uint32_t character = take_character(&at);

		if (character == '\t')
			sp_strbuf_add_bytes(&out, " ", 1);
		else if (character == '\n' || (character >= ' ' && character < 0x7f))
			sp_strbuf_add_bytes(&out, start, 1);
		else if (character < 0xa0)
			sp_strbuf_add_bytes(&out, "?", 1);
		else if (!is_utf8)
			sp_strbuf_add(&out, "%s", substitute_for(character));
		else if (character == BAD_CHARACTER || wcwidth((wchar_t)character) < 0)
			sp_strbuf_add_bytes(&out, "?", 1);
		else
			sp_strbuf_add_bytes(&out, start, (size_t)(at - start));
	}
	return sp_strbuf_take(&out);
}

static size_t take_width(const char **text)
{
	int columns = wcwidth((wchar_t)take_character(text));

	return columns > 0 ? (size_t)columns : 0;
}

size_t sp_legible_width(const char *text)
{
	size_t columns = 0;

	while (*text)
		columns += take_width(&text);
	return columns;
}

/* The bytes of @text, at most @len, that fit into @columns. */
static size_t fitting(const char *text, size_t len, size_t columns)
{
	const char *at = text;
	size_t used = 0;

	while ((size_t)(at - text) < len) {
		const char *next = at;

		used += take_width(&next);
		if (used > columns)
			break;
		at = next;
	}
	return (size_t)(at - text);
}

char *sp_legible_cut(const char *text, size_t columns)
{
	size_t len = strlen(text);

	if (fitting(text, len, columns) == len)
		return sp_text_format("%s", text);
	return sp_text_format("%.*s...", (int)fitting(text, len, columns - 3), text);
}

char *sp_legible_cut_middle(const char *text, size_t columns)
{
	const char *tail = strrchr(text, ',');
	size_t tail_columns = tail ? sp_legible_width(tail) : columns;
	SP_AUTO(sp_str_freep) char *head = NULL, *cut = NULL;

	if (sp_legible_width(text) <= columns || tail_columns > columns / 2)
		return sp_legible_cut(text, columns);
	head = sp_text_format("%.*s", (int)(tail - text), text);
	cut = head ? sp_legible_cut(head, columns - tail_columns) : NULL;
	return cut ? sp_text_format("%s%s", cut, tail) : NULL;
}

/* Where to break: behind the last word that fits, in the middle of a longer one. */
static size_t break_point(const char *text, size_t len, size_t columns)
{
	size_t fits = fitting(text, len, columns), at = fits;

	if (fits == len)
		return len;
	if (text[fits] == ' ')
		return fits;
	while (at > 0 && text[at - 1] != ' ')
		at--;
	while (at > 0 && text[at - 1] == ' ')
		at--;
	if (at > 0)
		return at;
	return fits > 0 ? fits
			: len; /* a character wider than the column: let it be cut */
}

/* Takes the indentation off a line's beginning (a very deep one counts for nothing) and
 * says how far the lines after a break are indented. */
static size_t take_indent(const char **line, size_t *len, size_t columns,
			  size_t *ret_first_indent)
{
	size_t indent = 0, hanging;

	while (indent < *len && (*line)[indent] == ' ')
		indent++;
	*line += indent;
	*len -= indent;
	hanging = indent + (*len > 1 && (*line)[0] == '-' && (*line)[1] == ' ' ? 2 : 0);
	*ret_first_indent = hanging < columns / 2 ? indent : 0;
	return hanging < columns / 2 ? hanging : 0;
}

static int wrap_line(const char *line, size_t len, size_t columns, struct sp_strv *lines,
		     struct sp_error *err)
{
	size_t indent, rest_indent = take_indent(&line, &len, columns, &indent);

	do {
		size_t n = break_point(line, len, columns - indent);
		SP_AUTO(sp_str_freep)
		char *text = sp_text_format("%*s%.*s", (int)indent, "", (int)n, line);
		int r = text ? sp_strv_add(lines, text, err) : sp_error_nomem(err);

		if (r < 0)
			return r;
		while (n < len && line[n] == ' ')
			n++;
		line += n;
		len -= n;
		indent = rest_indent;
	} while (len > 0);
	return 0;
}

int sp_legible_wrap(const char *text, size_t columns, struct sp_strv *lines,
		    struct sp_error *err)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		int r = wrap_line(text, len, columns, lines, err);

		if (r < 0)
			return r;
		text += len;
		if (*text)
			text++;
	}
	return 0;
}
