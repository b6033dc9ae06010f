/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/lines.h"

#include "base/json.h"
#include "base/process.h"
#include "base/text.h"
#include "support/table.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct row {
	const char *name;
	const char *bytes;
	const char *lines; /* what each call gives: the object, or "!" for bad format */
};

// clang-format off
static const struct row rows[] = {
	{ "nothing", "", "" },
	{ "one", "{\"a\":1}\n", "{\"a\":1};" },
	{ "two", "{\"a\":1}\n{\"b\":2}\n", "{\"a\":1};{\"b\":2};" },
	{ "the end within a line", "{\"a\":1}\n{\"b\":", "{\"a\":1};" },
	{ "the end before the line's", "{\"a\":1}", "" },
	{ "carriage returns", "{\"a\":1}\r\n", "{\"a\":1};" },
	{ "no object", "[1]\n{\"b\":2}\n", "!;{\"b\":2};" },
	{ "null", "null\n", "!;" },
	{ "no JSON", "hello\n{\"b\":2}\n", "!;{\"b\":2};" },
	{ "an empty line", "\n{\"b\":2}\n", "!;{\"b\":2};" },
	{ "two in a line", "{\"a\":1} {\"b\":2}\n{}\n", "!;{};" },
};
// clang-format on

static void read_until_end(struct sp_lines *lines, struct sp_strbuf *found)
{
	for (;;) {
		SP_AUTO(sp_json_freep) struct json_object *json = NULL;
		SP_AUTO(sp_str_freep) char *text = NULL;
		struct sp_error err = SP_ERROR_INIT;
		int r = sp_lines_receive(lines, 5000, &json, &err);

		if (r == SP_LINES_END)
			return;
		assert_true(r == 0 || r == -SP_ERR_FORMAT);
		if (r == 0)
			text = sp_json_print(json, false);
		sp_strbuf_add(found, "%s;", text ? text : "!");
	}
}

static void lines_come_out(void **state)
{
	const struct row *row = *state;
	struct sp_strbuf found = { 0 };
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	struct sp_lines lines = { .fd = ends[0] };
	assert_int_equal(send(ends[1], row->bytes, strlen(row->bytes), 0),
			 strlen(row->bytes));
	(void)close(ends[1]);
	read_until_end(&lines, &found);
	assert_string_equal(found.text ? found.text : "", row->lines);
	sp_strbuf_done(&found);
	sp_lines_done(&lines);
	(void)close(ends[0]);
}

static void arrives_in_pieces(void **state)
{
	static const char line[] = "{\"a\":1}\n";
	struct sp_error err = SP_ERROR_INIT;
	struct json_object *json = NULL;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	struct sp_lines lines = { .fd = ends[0] };
	for (size_t i = 0; i + 1 < sizeof line; i++) {
		assert_int_equal(sp_lines_receive(&lines, 0, &json, &err),
				 SP_LINES_TIMEOUT);
		assert_int_equal(send(ends[1], line + i, 1, 0), 1);
	}
	assert_int_equal(sp_lines_receive(&lines, 0, &json, &err), 0);
	assert_int_equal(sp_json_get_int(json, "a", 0), 1);
	sp_json_free(json);
	sp_lines_done(&lines);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void waits_as_long_as_told(void **state)
{
	struct sp_error err = SP_ERROR_INIT;
	struct json_object *json = NULL;
	int64_t before = sp_process_now_ms();
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	struct sp_lines lines = { .fd = ends[0] };
	assert_int_equal(sp_lines_receive(&lines, 50, &json, &err), SP_LINES_TIMEOUT);
	assert_true(sp_process_now_ms() - before >= 50);
	assert_null(json);
	sp_lines_done(&lines);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void nobody_reads(void **state)
{
	SP_AUTO(sp_json_freep) struct json_object *json = sp_json_object();
	struct sp_error err = SP_ERROR_INIT;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	struct sp_lines lines = { .fd = ends[0] };
	(void)close(ends[1]);
	assert_int_equal(sp_lines_send(&lines, json, &err), SP_LINES_END);
	assert_int_equal(sp_lines_send(&lines, NULL, &err), -SP_ERR_NOMEM);
	(void)close(ends[0]);
}

static struct json_object *message_of(size_t text_len)
{
	SP_AUTO(sp_str_freep) char *text = calloc(1, text_len + 1);
	struct json_object *json = sp_json_object();

	memset(text, 'x', text_len);
	sp_json_set_string(json, "a", text);
	return json;
}

struct sender {
	int fd;
	size_t len;
	int result;
};

static void *send_in_thread(void *data)
{
	struct sender *sender = data;
	struct sp_lines lines = { .fd = sender->fd };
	SP_AUTO(sp_json_freep) struct json_object *json = message_of(sender->len);
	struct sp_error err = SP_ERROR_INIT;

	sender->result = sp_lines_send(&lines, json, &err);
	(void)close(sender->fd);
	return NULL;
}

/* The longest line passes, even through a socket that never blocks. */
static void the_longest_line(void **state)
{
	struct sp_error err = SP_ERROR_INIT;
	struct json_object *json = NULL;
	struct sender sender = { .len = SP_LINES_MAX_BYTES - strlen("{\"a\":\"\"}") };
	pthread_t thread;
	int ends[2];

	(void)state;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends),
		0);
	struct sp_lines lines = { .fd = ends[0] };
	sender.fd = ends[1];
	assert_int_equal(pthread_create(&thread, NULL, send_in_thread, &sender), 0);
	assert_int_equal(sp_lines_receive(&lines, 10000, &json, &err), 0);
	assert_int_equal(strlen(sp_json_get_string(json, "a")), sender.len);
	sp_json_free(json);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(sender.result, 0);
	sp_lines_done(&lines);
	(void)close(ends[0]);
}

static void too_long_to_send(void **state)
{
	SP_AUTO(sp_json_freep) struct json_object *json = message_of(SP_LINES_MAX_BYTES);
	struct sp_lines lines = { .fd = -1 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_lines_send(&lines, json, &err), -SP_ERR_LIMIT);
}

static void *send_without_end(void *data)
{
	int fd = *(int *)data;
	static const char bytes[4096] = "{\"a\":\"";

	while (send(fd, bytes, sizeof bytes, MSG_NOSIGNAL) > 0)
		continue;
	return NULL;
}

static void a_line_without_end(void **state)
{
	struct sp_error err = SP_ERROR_INIT;
	struct json_object *json = NULL;
	pthread_t thread;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	struct sp_lines lines = { .fd = ends[0] };
	assert_int_equal(pthread_create(&thread, NULL, send_without_end, &ends[1]), 0);
	assert_int_equal(sp_lines_receive(&lines, 10000, &json, &err), -SP_ERR_LIMIT);
	assert_true(lines.size < 4u * SP_LINES_MAX_BYTES);
	(void)close(ends[0]);
	assert_int_equal(pthread_join(thread, NULL), 0);
	sp_lines_done(&lines);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrives_in_pieces),
		cmocka_unit_test(waits_as_long_as_told),
		cmocka_unit_test(nobody_reads),
		cmocka_unit_test(the_longest_line),
		cmocka_unit_test(too_long_to_send),
		cmocka_unit_test(a_line_without_end),
	};
	int failed = table_run("lines", rows, lines_come_out);

	return failed + cmocka_run_group_tests_name("lines: socket", tests, NULL, NULL);
}
