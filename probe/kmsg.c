/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An errno says that a module was refused; which symbol was missing, or which firmware,
 * only the kernel's log says. */
#include "probe/kmsg.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	RECORD_BYTES = 8192, /* CONSOLE_EXT_LOG_MAX: no record is longer */
	MAX_RECORDS = 4096,  /* in one call: a driver may talk without end */
};

void sp_kmsg_open(int *ret_fd)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0 && lseek(fd, 0, SEEK_END) < 0)
		sp_closep(&fd), fd = -1;
	*ret_fd = fd;
}

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static bool is_same_name(const char *text, const char *name)
{
	for (; *name; text++, name++)
		if (*text != *name && !(*text == '-' && *name == '_') &&
		    !(*text == '_' && *name == '-'))
			return false;
	return !is_word_byte(*text);
}

bool sp_kmsg_is_about(const char *line, const char *name)
{
	if (!*name)
		return false;
	for (const char *at = line; *at; at++)
		if ((at == line || !is_word_byte(at[-1])) && is_same_name(at, name))
			return true;
	return false;
}

const char *sp_kmsg_text(const char *record, size_t len, size_t *ret_len)
{
	const char *text = memchr(record, ';', len);
	const char *end;

	if (!text)
		return NULL;
	text++;
	end = memchr(text, '\n', len - (size_t)(text - record));
	*ret_len = end ? (size_t)(end - text) : len - (size_t)(text - record);
	return text;
}

static bool is_wanted(const char *line, const struct sp_strv *names)
{
	if (strstr(line, "firmware"))
		return true;
	for (size_t i = 0; i < names->n; i++)
		if (sp_kmsg_is_about(line, names->items[i]))
			return true;
	return false;
}

static void drop_first(struct sp_strv *lines)
{
	char *first = lines->items[0];

	memmove(lines->items, lines->items + 1, (lines->n - 1) * sizeof *lines->items);
	lines->items[--lines->n] = NULL;
	free(first);
}

static int take_record(const char *record, size_t len, const struct sp_strv *names,
		       struct sp_strv *lines, struct sp_error *err)
{
	char line[SP_TEXT_MAX];
	size_t text_len;
	const char *text = sp_kmsg_text(record, len, &text_len);

	if (!text)
		return 0;
	sp_text_clean(text, text_len, line, sizeof line);
	if (!is_wanted(line, names))
		return 0;
	while (lines->n >= SP_KMSG_MAX_LINES)
		drop_first(lines);
	return sp_strv_add(lines, line, err);
}

int sp_kmsg_collect(int fd, const struct sp_strv *names, struct sp_strv *lines,
		    struct sp_error *err)
{
	char record[RECORD_BYTES];
	int r = 0;

	for (int i = 0; fd >= 0 && i < MAX_RECORDS && r == 0; i++) {
		ssize_t len = read(fd, record, sizeof record);

		/* EPIPE: the log was faster, and the next record is there. */
		if (len < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (len <= 0)
			break;
		r = take_record(record, (size_t)len, names, lines, err);
	}
	return r;
}

/* ---- firmware -------------------------------------------------------------------- */

/* How kernels word it: Linux, and Debian's. */
static const struct wording {
	const char *before, *after;
} wordings[] = {
	{ "Direct firmware load for ", " failed with error" },
	{ "firmware: failed to load ", " (" },
};

static char *find_firmware(const char *line)
{
	for (size_t i = 0; i < sizeof wordings / sizeof wordings[0]; i++) {
		const char *start = strstr(line, wordings[i].before), *end;

		if (!start)
			continue;
		start += strlen(wordings[i].before);
		end = strstr(start, wordings[i].after);
		if (end && end > start)
			return strndup(start, (size_t)(end - start));
	}
	return NULL;
}

static bool is_reported(const struct sp_findings *findings, const char *file)
{
	for (size_t i = 0; i < findings->n; i++)
		if (strcmp(findings->items[i].code, "firmware-missing") == 0 &&
		    strcmp(findings->items[i].about, file) == 0)
			return true;
	return false;
}

int sp_kmsg_report_firmware(const struct sp_strv *lines, struct sp_findings *findings,
			    struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; i < lines->n && r == 0; i++) {
		SP_AUTO(sp_str_freep) char *file = find_firmware(lines->items[i]);

		if (file && !is_reported(findings, file))
			r = sp_findings_add(findings, "firmware-missing", file, err,
					    "the kernel asked for the firmware file '%s' "
					    "and did not get it",
					    file);
	}
	return r;
}
