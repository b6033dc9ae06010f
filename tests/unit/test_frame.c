/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/frame.h"

#include "support/table.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct row {
	const char *name;
	const char *bytes;
	size_t len;
	int last;           /* what ends it */
	const char *frames; /* "kind:payload;" of each */
};

#define BYTES(text) text, sizeof(text) - 1

// clang-format off
static const struct row rows[] = {
	{ "nothing", BYTES(""), SP_FRAME_MORE, "" },
	{ "half a length", BYTES("\0\0"), SP_FRAME_MORE, "" },
	{ "a length alone", BYTES("\0\0\0\x03"), SP_FRAME_MORE, "" },
	{ "all but a byte", BYTES("\0\0\0\x03" "ma"), SP_FRAME_MORE, "" },
	{ "one", BYTES("\0\0\0\x03" "mab"), SP_FRAME_MORE, "m:ab;" },
	{ "no payload", BYTES("\0\0\0\x01" "d"), SP_FRAME_MORE, "d:;" },
	{ "two and a half", BYTES("\0\0\0\x02" "ma" "\0\0\0\x02" "eb" "\0\0\0\x09" "m"),
	  SP_FRAME_MORE, "m:a;e:b;" },
	{ "the longest", BYTES("\0\0\0\x09" "m12345678"), SP_FRAME_MORE, "m:12345678;" },
	{ "longer than accepted", BYTES("\0\0\0\x0a"), -SP_ERR_LIMIT, "" },
	{ "much longer", BYTES("\0\0\0\x02" "ma" "\xff\xff\xff\xff" "m"), -SP_ERR_LIMIT, "m:a;" },
	{ "without a kind", BYTES("\0\0\0\0"), -SP_ERR_FORMAT, "" },
};
// clang-format on

static int read_all(struct sp_frame_reader *reader, char *frames, struct sp_error *err)
{
	const char *payload;
	size_t len;
	char kind;
	int r;

	while ((r = sp_frame_reader_next(reader, &kind, &payload, &len, err)) == 0) {
		strncat(frames, &kind, 1);
		strcat(frames, ":");
		strncat(frames, payload, len);
		strcat(frames, ";");
	}
	return r;
}

/* In one piece, and byte by byte. */
static void takes_apart(void **state)
{
	const struct row *row = *state;

	for (size_t step = 1; step <= 1000; step *= 1000) {
		struct sp_frame_reader reader = { .max_bytes = 8 };
		struct sp_error err = SP_ERROR_INIT;
		char frames[100] = "";
		int r = SP_FRAME_MORE;

		for (size_t at = 0; at < row->len && r >= 0; at += step) {
			size_t n = row->len - at < step ? row->len - at : step;

			assert_int_equal(
				sp_frame_reader_add(&reader, row->bytes + at, n, &err),
				0);
			r = read_all(&reader, frames, &err);
		}
		assert_int_equal(r, row->last);
		assert_string_equal(frames, row->frames);
		sp_frame_reader_done(&reader);
	}
}

static void what_is_sent_arrives(void **state)
{
	struct sp_frame_reader reader = { .max_bytes = 100000 };
	struct sp_error err = SP_ERROR_INIT;
	const char *payload;
	char sent[70000];
	int ends[2], r = SP_FRAME_MORE;
	size_t len;
	char kind;

	(void)state;
	memset(sent, 'x', sizeof sent);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(sp_frame_reader_fill(&reader, ends[0], &err), SP_FRAME_MORE);
	assert_int_equal(sp_frame_send(ends[1], 'm', sent, sizeof sent, &err), 0);
	assert_int_equal(sp_frame_send(ends[1], 'd', "", 0, &err), 0);
	while (r == SP_FRAME_MORE) {
		assert_int_equal(sp_frame_reader_fill(&reader, ends[0], &err), 0);
		r = sp_frame_reader_next(&reader, &kind, &payload, &len, &err);
	}
	assert_int_equal(r, 0);
	assert_int_equal(kind, 'm');
	assert_int_equal(len, sizeof sent);
	assert_memory_equal(payload, sent, sizeof sent);
	while (sp_frame_reader_next(&reader, &kind, &payload, &len, &err) != 0)
		assert_int_equal(sp_frame_reader_fill(&reader, ends[0], &err), 0);
	assert_int_equal(kind, 'd');
	(void)close(ends[1]);
	assert_int_equal(sp_frame_reader_fill(&reader, ends[0], &err), SP_FRAME_END);
	assert_int_equal(sp_frame_send(ends[0], 'm', "x", 1, &err), -SP_ERR_IO);
	(void)close(ends[0]);
	sp_frame_reader_done(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sent_arrives),
	};
	int failed = table_run("frame", rows, takes_apart);

	return failed + cmocka_run_group_tests_name("frame: socket", tests, NULL, NULL);
}
