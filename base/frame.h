/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Messages over a byte stream: four bytes of length (big-endian, of what follows),
 * one byte that says of what kind it is, and the payload.  What comes in is not
 * trusted: lengths are checked before any room is made. */

#include <stddef.h>

#include "base/error.h"

/* Outcome: no whole frame is there yet. */
#define SP_FRAME_MORE 1
/* Outcome: the other side has closed the stream. */
#define SP_FRAME_END 2

/* Sends one frame over the socket @fd, waiting as long as it takes.  < 0: SP_ERR_IO
 * if the other side is gone, SP_ERR_LIMIT if @len does not fit the length field. */
SP_MUST_CHECK
int sp_frame_send(int fd, char kind, const char *payload, size_t len,
		  struct sp_error *err);

/* Takes a stream apart.  Zero-initialise, and set @max_bytes, the greatest payload
 * that is accepted. */
struct sp_frame_reader {
	size_t max_bytes;
	char *bytes;
	size_t start, len, size; /* unread are bytes[start .. len) */
};

void sp_frame_reader_done(struct sp_frame_reader *reader);

/* Takes in what can be read from @fd at once, at most 64 KiB.  SP_FRAME_MORE if there
 * is nothing now, SP_FRAME_END at its end. */
SP_MUST_CHECK
int sp_frame_reader_fill(struct sp_frame_reader *reader, int fd, struct sp_error *err);

/* Same, of @len bytes at hand. */
SP_MUST_CHECK
int sp_frame_reader_add(struct sp_frame_reader *reader, const void *bytes, size_t len,
			struct sp_error *err);

/* The next whole frame; its payload is borrowed until the reader is used again.
 * SP_FRAME_MORE if there is none; < 0: SP_ERR_LIMIT for a longer payload than
 * accepted, SP_ERR_FORMAT for a frame without a kind. */
SP_MUST_CHECK
int sp_frame_reader_next(struct sp_frame_reader *reader, char *ret_kind,
			 const char **ret_payload, size_t *ret_len, struct sp_error *err);
