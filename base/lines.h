/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* JSON objects over a stream socket, one a line: how the engine and the screens speak
 * (docs/protocol.md).  Each side owns one `struct sp_lines`; neither trusts the other's
 * lengths. */

#include <stddef.h>

#include "base/error.h"

struct json_object;

enum { SP_LINES_MAX_BYTES = 1024 * 1024 }; /* one line, without its end */

/* Outcome: the other side has closed the stream, or died in the middle of a line. */
#define SP_LINES_END 1
/* Outcome: no whole line came in time. */
#define SP_LINES_TIMEOUT 2

/* Initialise with { .fd = socket }; the socket stays the caller's.  It may be blocking
 * or not.  A caller that polls @fd itself must first have had SP_LINES_TIMEOUT from
 * sp_lines_receive(): whole lines may be waiting here. */
struct sp_lines {
	int fd;
	char *bytes;
	size_t start, len, size; /* unread are bytes[start .. len) */
	size_t searched;         /* no line ends before this offset */
};

/* Frees the buffer, not the socket. */
void sp_lines_done(struct sp_lines *lines);

/* Sends @json (borrowed; NULL if building it failed) as one line, waiting as long as it
 * takes.  Outcome SP_LINES_END: nobody reads any more.  < 0: SP_ERR_NOMEM; SP_ERR_LIMIT
 * for a line too long, of which nothing is sent; SP_ERR_IO. */
SP_MUST_CHECK
int sp_lines_send(struct sp_lines *lines, struct json_object *json, struct sp_error *err);

/* Waits at most @timeout_ms (0: takes only what is there; -1: no limit) for one object;
 * the caller frees it with sp_json_free().  Outcomes SP_LINES_END, SP_LINES_TIMEOUT.
 * < 0: SP_ERR_FORMAT for a line that is no JSON object (the next line can be read),
 * SP_ERR_LIMIT for a line too long (the stream is of no more use), SP_ERR_IO. */
SP_MUST_CHECK
int sp_lines_receive(struct sp_lines *lines, int timeout_ms,
		     struct json_object **ret_json, struct sp_error *err);
