/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings are built here, so that running out of memory is noticed once, at the
 * end; and text from outside is made harmless here, so that no medium can move
 * the cursor, turn a line around or leave a directory. */
#include "base/text.h"

#include "base/array.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PATH_MAX_BYTES = 1024,
	PATH_MAX_COMPONENTS = 16,
	FILE_NAME_MAX_BYTES = 200,
	FILE_NAME_KEPT_BYTES = 180, /* of a name that is cut, before its suffix */
};

/* ---- a growing string ------------------------------------------------------ */

void sp_strbuf_done(struct sp_strbuf *buf)
{
	free(buf->text);
	*buf = (struct sp_strbuf){ 0 };
}

static bool make_room(struct sp_strbuf *buf, size_t more)
{
	size_t need, size = buf->size ? buf->size : 64;
	char *text;

	if (buf->failed || __builtin_add_overflow(buf->len, more, &need) ||
	    __builtin_add_overflow(need, (size_t)1, &need)) {
		buf->failed = true;
		return false;
	}
	if (need <= buf->size)
		return true;
	while (size < need)
		if (__builtin_mul_overflow(size, (size_t)2, &size))
			size = need;
	text = realloc(buf->text, size);
	if (!text) {
		buf->failed = true;
		return false;
	}
	buf->text = text;
	buf->size = size;
	return true;
}

SP_PRINTF(2, 0)
static void add_args(struct sp_strbuf *buf, const char *fmt, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		buf->failed = true;
	else if (make_room(buf, (size_t)len))
		buf->len += (size_t)vsnprintf(buf->text + buf->len, (size_t)len + 1, fmt,
					      args);
}

void sp_strbuf_add(struct sp_strbuf *buf, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_args(buf, fmt, args);
	va_end(args);
}

void sp_strbuf_add_bytes(struct sp_strbuf *buf, const void *bytes, size_t len)
{
	if (!make_room(buf, len))
		return;
	if (len)
		memcpy(buf->text + buf->len, bytes, len);
	buf->len += len;
	buf->text[buf->len] = '\0';
}

char *sp_strbuf_take(struct sp_strbuf *buf)
{
	char *text = NULL;

	sp_strbuf_add_bytes(buf, "", 0);
	if (!buf->failed)
		text = sp_steal(buf->text);
	sp_strbuf_done(buf);
	return text;
}

char *sp_text_format(const char *fmt, ...)
{
	struct sp_strbuf buf = { 0 };
	va_list args;

	va_start(args, fmt);
	add_args(&buf, fmt, args);
	va_end(args);
	return sp_strbuf_take(&buf);
}

/* ---- a list of strings ----------------------------------------------------- */

void sp_strv_done(struct sp_strv *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct sp_strv){ 0 };
}

int sp_strv_add_n(struct sp_strv *list, const char *text, size_t len,
		  struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *copy = strndup(text, len);
	char **item = copy ? sp_array_add(&list->items, &list->n) : NULL;

	if (!item)
		return sp_error_nomem(err);
	*item = sp_steal(copy);
	return 0;
}

int sp_strv_add(struct sp_strv *list, const char *text, struct sp_error *err)
{
	return sp_strv_add_n(list, text, strlen(text), err);
}

int sp_strv_add_all(struct sp_strv *list, const struct sp_strv *from,
		    struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < from->n; i++)
		r = sp_strv_add(list, from->items[i], err);
	return r;
}

bool sp_strv_has(const struct sp_strv *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void sp_strv_sort(struct sp_strv *list)
{
	if (list->n > 1)
		qsort(list->items, list->n, sizeof *list->items, compare_strings);
}

char *sp_strv_join(const struct sp_strv *list, const char *separator)
{
	struct sp_strbuf buf = { 0 };

	for (size_t i = 0; i < list->n; i++)
		sp_strbuf_add(&buf, "%s%s", i ? separator : "", list->items[i]);
	return sp_strbuf_take(&buf);
}

/* ---- text from outside ----------------------------------------------------- */

struct range {
	uint32_t first, last;
};

/* What may stand in a string and yet must not reach a screen: it moves, hides or
 * reorders what stands beside it. */
static const struct range unprintable[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f },    { 0x00ad, 0x00ad }, { 0x061c, 0x061c },
	{ 0x180e, 0x180e }, { 0x200b, 0x200f },    { 0x202a, 0x202e }, { 0x2060, 0x206f },
	{ 0xe000, 0xf8ff }, { 0xfdd0, 0xfdef },    { 0xfeff, 0xfeff }, { 0xfff0, 0xfffb },
	{ 0xfffe, 0xffff }, { 0xe0000, 0x10ffff },
};

static const struct range blanks[] = {
	{ 0x0009, 0x000d }, { 0x0020, 0x0020 }, { 0x00a0, 0x00a0 },
	{ 0x1680, 0x1680 }, { 0x2000, 0x200a }, { 0x2028, 0x2029 },
	{ 0x202f, 0x202f }, { 0x205f, 0x205f }, { 0x3000, 0x3000 },
};

#define IS_IN(ranges, point) is_in(ranges, sizeof(ranges) / sizeof(ranges)[0], point)

static bool is_in(const struct range *ranges, size_t n, uint32_t point)
{
	for (size_t i = 0; i < n; i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}

/* The length of the well-formed sequence at @bytes, 0 if there is none. */
static size_t decode(const unsigned char *bytes, size_t len, uint32_t *ret_point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = bytes[0];
	size_t n = first < 0x80   ? 1
		   : first < 0xc2 ? 0
		   : first < 0xe0 ? 2
		   : first < 0xf0 ? 3
		   : first < 0xf5 ? 4
				  : 0;
	uint32_t point = n == 1 ? first : first & (0xffU >> (n + 1));

	if (n == 0 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (bytes[i] & 0x3f);
	}
	if (point < least[n] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*ret_point = point;
	return n;
}

struct cleaned {
	char *text;
	size_t len, size;
	size_t cut_at; /* where "..." would go */
	bool full;
};

static void put(struct cleaned *out, const void *bytes, size_t n)
{
	if (out->len + n > out->size - 1) {
		memcpy(out->text + out->cut_at, "...", 3);
		out->len = out->cut_at + 3;
		out->full = true;
		return;
	}
	memcpy(out->text + out->len, bytes, n);
	out->len += n;
	if (out->len + 3 <= out->size - 1)
		out->cut_at = out->len;
}

void sp_text_clean(const char *text, size_t len, char *ret_text, size_t size)
{
	const unsigned char *bytes = (const unsigned char *)text;
	struct cleaned out = { .text = ret_text, .size = size };
	bool blank = false;

	for (size_t i = 0, n; i < len && !out.full; i += n) {
		uint32_t point = 0;
		size_t good = decode(bytes + i, len - i, &point);

		n = good ? good : 1;
		if (good && IS_IN(blanks, point)) {
			blank = true;
			continue;
		}
		if (blank && out.len)
			put(&out, " ", 1);
		blank = false;
		if (out.full)
			break;
		if (good && !IS_IN(unprintable, point))
			put(&out, bytes + i, n);
		else
			put(&out, "?", 1);
	}
	ret_text[out.len] = '\0';
}

char *sp_text_clean_dup(const char *text)
{
	char cleaned[SP_TEXT_MAX];

	if (!text)
		return NULL;
	sp_text_clean(text, strlen(text), cleaned, sizeof cleaned);
	return strdup(cleaned);
}

bool sp_text_is_utf8(const char *text, size_t len)
{
	const unsigned char *bytes = (const unsigned char *)text;
	uint32_t point;

	for (size_t i = 0, n; i < len; i += n) {
		n = decode(bytes + i, len - i, &point);
		if (n == 0)
			return false;
	}
	return true;
}

bool sp_text_ends_with(const char *text, const char *end)
{
	size_t text_len = strlen(text), end_len = strlen(end);

	return text_len >= end_len &&
	       memcmp(text + text_len - end_len, end, end_len) == 0;
}

bool sp_text_starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool stays_in_file_name(const char *id, size_t i)
{
	char c = id[i];

	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || (c != '\0' && strchr("_:-", c)) ||
	       (c == '.' && i > 0);
}

/* FNV-1a: tells names apart, proves nothing. */
static uint64_t fingerprint(const char *id)
{
	uint64_t hash = 0xcbf29ce484222325U;

	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * 0x100000001b3U;
	return hash;
}

char *sp_text_file_name(const char *id)
{
	struct sp_strbuf name = { 0 };
	size_t kept = 0;

	for (size_t i = 0; id[i] && name.len <= FILE_NAME_MAX_BYTES; i++) {
		if (stays_in_file_name(id, i))
			sp_strbuf_add_bytes(&name, id + i, 1);
		else
			sp_strbuf_add(&name, "%%%02X", (unsigned)(unsigned char)id[i]);
		if (name.failed)
			break;
		if (name.len <= FILE_NAME_KEPT_BYTES)
			kept = name.len;
	}
	if (!name.failed && name.len > FILE_NAME_MAX_BYTES) {
		name.len = kept;
		/* "%-" is no encoding of anything: no short id has this name. */
		sp_strbuf_add(&name, "%%-%016llx", (unsigned long long)fingerprint(id));
	}
	if (!name.failed && name.len == 0)
		sp_strbuf_add(&name, "%%");
	return sp_strbuf_take(&name);
}

bool sp_text_path_is_safe(const char *path)
{
	size_t components = 0;

	if (strlen(path) > PATH_MAX_BYTES)
		return false;
	for (const char *at = path;; at++) {
		size_t len = strcspn(at, "/");

		if (len == 0 || (len == 1 && at[0] == '.') ||
		    (len == 2 && at[0] == '.' && at[1] == '.') ||
		    ++components > PATH_MAX_COMPONENTS)
			return false;
		at += len;
		if (*at == '\0')
			return true;
	}
}

bool sp_text_path_is_below(const char *path, const char *dir)
{
	return sp_text_starts_with(path, dir) && path[strlen(dir)] == '/';
}
