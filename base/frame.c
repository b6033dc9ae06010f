/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boundary between a worker, which may be in an opponent's hands, and its
 * parent: so small that it can be read whole and fuzzed alone. */
#include "base/frame.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LENGTH_BYTES = 4, FILL_BYTES = 64 * 1024 };

static int send_all(int fd, const char *bytes, size_t len, struct sp_error *err)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sp_error_set_errno(err, errno, "sending a message");
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

int sp_frame_send(int fd, char kind, const char *payload, size_t len,
		  struct sp_error *err)
{
	char head[LENGTH_BYTES + 1];
	int r;

	if (len >= UINT32_MAX)
		return sp_error_set(err, SP_ERR_LIMIT, "a message is too long");
	for (size_t i = 0; i < LENGTH_BYTES; i++)
		head[i] = (char)((len + 1) >> (8 * (LENGTH_BYTES - 1 - i)) & 0xff);
	head[LENGTH_BYTES] = kind;
	r = send_all(fd, head, sizeof head, err);
	return r < 0 ? r : send_all(fd, payload, len, err);
}

void sp_frame_reader_done(struct sp_frame_reader *reader)
{
	free(reader->bytes);
	*reader = (struct sp_frame_reader){ .max_bytes = reader->max_bytes };
}

/* Room for @more bytes behind the unread ones, which move to the front. */
static int make_room(struct sp_frame_reader *reader, size_t more, struct sp_error *err)
{
	size_t unread = reader->len - reader->start, need;
	char *bytes;

	if (reader->start) {
		memmove(reader->bytes, reader->bytes + reader->start, unread);
		reader->start = 0;
		reader->len = unread;
	}
	if (__builtin_add_overflow(unread, more, &need))
		return sp_error_nomem(err);
	if (need <= reader->size)
		return 0;
	if (need < 2 * reader->size)
		need = 2 * reader->size;
	bytes = realloc(reader->bytes, need);
	if (!bytes)
		return sp_error_nomem(err);
	reader->bytes = bytes;
	reader->size = need;
	return 0;
}

int sp_frame_reader_fill(struct sp_frame_reader *reader, int fd, struct sp_error *err)
{
	int r = make_room(reader, FILL_BYTES, err);
	ssize_t n;

	if (r < 0)
		return r;
	n = read(fd, reader->bytes + reader->len, FILL_BYTES);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return SP_FRAME_MORE;
	/* A socket whose other end died with unread data says so this way. */
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return SP_FRAME_END;
	if (n < 0)
		return sp_error_set_errno(err, errno, "receiving a message");
	reader->len += (size_t)n;
	return 0;
}

int sp_frame_reader_add(struct sp_frame_reader *reader, const void *bytes, size_t len,
			struct sp_error *err)
{
	int r;

	if (len == 0)
		return 0;
	r = make_room(reader, len, err);
	if (r < 0)
		return r;
	memcpy(reader->bytes + reader->len, bytes, len);
	reader->len += len;
	return 0;
}

int sp_frame_reader_next(struct sp_frame_reader *reader, char *ret_kind,
			 const char **ret_payload, size_t *ret_len, struct sp_error *err)
{
	size_t unread = reader->len - reader->start, len = 0;
	const char *frame;

	if (unread < LENGTH_BYTES)
		return SP_FRAME_MORE;
	frame = reader->bytes + reader->start;
	for (size_t i = 0; i < LENGTH_BYTES; i++)
		len = len << 8 | (unsigned char)frame[i];
	if (len == 0)
		return sp_error_set(err, SP_ERR_FORMAT, "a message without a kind");
	if (len - 1 > reader->max_bytes)
		return sp_error_set(err, SP_ERR_LIMIT, "a message of %zu bytes", len - 1);
	if (unread - LENGTH_BYTES < len)
		return SP_FRAME_MORE;
	reader->start += LENGTH_BYTES + len;
	*ret_kind = frame[LENGTH_BYTES];
	*ret_payload = frame + LENGTH_BYTES + 1;
	*ret_len = len - 1;
	return 0;
}
