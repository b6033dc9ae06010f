/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two rooms need the same framing, the engine's and the screens', and a difference
 * between the two would show as a hang in front of an operator. */
#include "base/lines.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "base/json.h"
#include "base/process.h"

enum { FILL_BYTES = 16 * 1024 };

void sp_lines_done(struct sp_lines *lines)
{
	free(lines->bytes);
	*lines = (struct sp_lines){ .fd = lines->fd };
}

static int wait_until_writable(int fd, struct sp_error *err)
{
	struct pollfd writable = { .fd = fd, .events = POLLOUT };

	if (poll(&writable, 1, -1) < 0 && errno != EINTR)
		return sp_error_set_errno(err, errno, "waiting to send a message");
	return 0;
}

static int send_all(int fd, const char *bytes, size_t len, struct sp_error *err)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
		int r = 0;

		if (n >= 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			r = wait_until_writable(fd, err);
		} else if (errno == EPIPE || errno == ECONNRESET) {
			return SP_LINES_END;
		} else if (errno != EINTR) {
			r = sp_error_set_errno(err, errno, "sending a message");
		}
		if (r < 0)
			return r;
	}
	return 0;
}

int sp_lines_send(struct sp_lines *lines, struct json_object *json, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = json ? sp_json_print(json, false) : NULL;
	size_t len;

	if (!text)
		return sp_error_nomem(err);
	len = strlen(text);
	if (len > SP_LINES_MAX_BYTES)
		return sp_error_set(err, SP_ERR_LIMIT, "a message of %zu bytes", len);
	text[len] =
		'\n'; /* in place of the NUL: one send, never half a line without cause */
	return send_all(lines->fd, text, len + 1, err);
}

/* Room for FILL_BYTES behind the unread bytes, which move to the front. */
static int make_room(struct sp_lines *lines, struct sp_error *err)
{
	size_t unread = lines->len - lines->start, size;
	char *bytes;

	if (lines->start) {
		memmove(lines->bytes, lines->bytes + lines->start, unread);
		lines->searched -= lines->start;
		lines->start = 0;
		lines->len = unread;
	}
	if (unread + FILL_BYTES <= lines->size)
		return 0;
	size = 2 * lines->size +
	       FILL_BYTES; /* unread is limited, so this cannot overflow */
	bytes = realloc(lines->bytes, size);
	if (!bytes)
		return sp_error_nomem(err);
	lines->bytes = bytes;
	lines->size = size;
	return 0;
}

/* Takes in what is there: 0 also if that is nothing. */
static int fill(struct sp_lines *lines, struct sp_error *err)
{
	int r = make_room(lines, err);
	ssize_t n;

	if (r < 0)
		return r;
	n = read(lines->fd, lines->bytes + lines->len, FILL_BYTES);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	/* A socket whose other end died with unread data says so this way. */
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return SP_LINES_END;
	if (n < 0)
		return sp_error_set_errno(err, errno, "receiving a message");
	lines->len += (size_t)n;
	return 0;
}

static int parse(const char *line, size_t len, struct json_object **ret_json,
		 struct sp_error *err)
{
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	int r = sp_json_parse(line, len, &json, err);

	if (r < 0)
		return sp_error_context(err, "a message that cannot be read");
	if (!sp_json_is_object(json))
		return sp_error_set(err, SP_ERR_FORMAT, "a message that is no object");
	*ret_json = sp_steal(json);
	return 0;
}

/* The next line at hand; SP_LINES_TIMEOUT if there is none. */
static int take(struct sp_lines *lines, struct json_object **ret_json,
		struct sp_error *err)
{
	const char *line = lines->bytes + lines->start, *end = NULL;
	size_t len;

	if (lines->len > lines->searched)
		end = memchr(lines->bytes + lines->searched, '\n',
			     lines->len - lines->searched);
	lines->searched = lines->len;
	len = end ? (size_t)(end - line) : lines->len - lines->start;
	if (len > SP_LINES_MAX_BYTES)
		return sp_error_set(err, SP_ERR_LIMIT, "a message of more than %d bytes",
				    SP_LINES_MAX_BYTES);
	if (!end)
		return SP_LINES_TIMEOUT;
	lines->start += len + 1;
	lines->searched = lines->start;
	return parse(line, len, ret_json, err);
}

/* Waits until @deadline_ms (-1: none) for something to read. */
static int wait_until_readable(int fd, int64_t deadline_ms, struct sp_error *err)
{
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	int64_t left = deadline_ms < 0 ? -1 : deadline_ms - sp_process_now_ms();
	int n;

	if (deadline_ms >= 0 && left < 0)
		left = 0;
	n = poll(&readable, 1, (int)left);
	if (n < 0 && errno != EINTR)
		return sp_error_set_errno(err, errno, "waiting for a message");
	return n == 0 ? SP_LINES_TIMEOUT : 0;
}

int sp_lines_receive(struct sp_lines *lines, int timeout_ms,
		     struct json_object **ret_json, struct sp_error *err)
{
	int64_t deadline_ms = timeout_ms < 0 ? -1 : sp_process_now_ms() + timeout_ms;

	for (;;) {
		int r = take(lines, ret_json, err);

		if (r != SP_LINES_TIMEOUT)
			return r;
		r = wait_until_readable(lines->fd, deadline_ms, err);
		if (r == 0)
			r = fill(lines, err);
		if (r != 0)
			return r;
	}
}
