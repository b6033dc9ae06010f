/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/channel.h"

#include "base/json.h"
#include "support/table.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HELLO "{\"hello\":{\"protocol\":1,\"suppack\":\"0.1.0\"}}\n"

struct row {
	const char *name;
	const char *lines;
	int r; /* of the last receive */
	enum sp_message_kind kind;
	const char *text;
	int64_t done, total;
	int exit;
};

// clang-format off
static const struct row rows[] = {
	{ "a hello", HELLO, 0, SP_MESSAGE_OTHER, NULL, 0, 0, 0 },
	{ "no hello", "{\"busy\":\"x\"}\n", -SP_ERR_FORMAT, 0, NULL, 0, 0, 0 },
	{ "a hello without a version", "{\"hello\":{}}\n", -SP_ERR_FORMAT, 0, NULL, 0, 0, 0 },
	{ "a later version", "{\"hello\":{\"protocol\":2}}\n", -SP_ERR_FORMAT, 0, NULL, 0, 0, 0 },
	{ "busy", HELLO "{\"busy\":\"x\"}\n", 0, SP_MESSAGE_BUSY, "x", 0, 0, 0 },
	{ "busy no more", HELLO "{\"busy\":null}\n", 0, SP_MESSAGE_BUSY, NULL, 0, 0, 0 },
	{ "progress", HELLO "{\"progress\":{\"text\":\"x\",\"done\":1,\"total\":2}}\n",
	  0, SP_MESSAGE_PROGRESS, "x", 1, 2, 0 },
	{ "too much progress", HELLO "{\"progress\":{\"text\":\"x\",\"done\":3,\"total\":2}}\n",
	  0, SP_MESSAGE_PROGRESS, "x", 2, 2, 0 },
	{ "progress backwards", HELLO "{\"progress\":{\"done\":-3,\"total\":-2}}\n",
	  0, SP_MESSAGE_PROGRESS, NULL, 0, 0, 0 },
	{ "progress of nothing", HELLO "{\"progress\":null}\n",
	  0, SP_MESSAGE_PROGRESS, NULL, 0, 0, 0 },
	{ "tell", HELLO "{\"tell\":{\"title\":\"t\",\"text\":\"x\"}}\n",
	  0, SP_MESSAGE_TELL, "x", 0, 0, 0 },
	{ "the end", HELLO "{\"end\":{\"exit\":12,\"outcome\":\"untrusted\"}}\n",
	  0, SP_MESSAGE_END, NULL, 0, 0, 12 },
	{ "an end without a code", HELLO "{\"end\":null}\n", 0, SP_MESSAGE_END, NULL, 0, 0, 1 },
	{ "a question", HELLO "{\"id\":1,\"ask\":\"trust\"}\n", 0, SP_MESSAGE_ASK, NULL, 0, 0, 0 },
	{ "of a later version", HELLO "{\"music\":true}\n", 0, SP_MESSAGE_OTHER, NULL, 0, 0, 0 },
	{ "no object", HELLO "[]\n", -SP_ERR_FORMAT, 0, NULL, 0, 0, 0 },
};
// clang-format on

/* The receipt of the last of the lines. */
static int receive_last(struct sp_channel *channel, const char *lines,
			struct sp_message *message)
{
	struct sp_error err = SP_ERROR_INIT;
	int r = 0;

	for (const char *at = lines; r == 0 && *at; at = strchr(at, '\n') + 1) {
		sp_message_done(message);
		r = sp_channel_receive(channel, 1000, message, &err);
	}
	return r;
}

static void sorts(void **state)
{
	const struct row *row = *state;
	struct sp_message message = { 0 };
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	struct sp_channel channel = { .lines = { .fd = ends[0] } };
	assert_int_equal(send(ends[1], row->lines, strlen(row->lines), 0),
			 strlen(row->lines));
	assert_int_equal(receive_last(&channel, row->lines, &message), row->r);
	assert_int_equal(message.kind, row->kind);
	assert_int_equal(message.done, row->done);
	assert_int_equal(message.total, row->total);
	assert_int_equal(message.exit, row->exit);
	if (row->text)
		assert_string_equal(message.text, row->text);
	else
		assert_null(message.text);
	sp_message_done(&message);
	sp_channel_done(&channel);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void expect_line(int fd, const char *line)
{
	char bytes[256] = "";

	assert_int_equal(recv(fd, bytes, strlen(line), MSG_WAITALL), strlen(line));
	assert_string_equal(bytes, line);
}

static void ask(struct sp_channel *channel, int engine)
{
	static const char question[] = "{\"id\":1,\"ask\":\"trust\"}\n";
	struct sp_message message = { 0 };

	assert_int_equal(send(engine, question, strlen(question), 0), strlen(question));
	assert_int_equal(receive_last(channel, "\n", &message), 0);
	assert_int_equal(message.kind, SP_MESSAGE_ASK);
	sp_message_done(&message);
}

static void speaks(void **state)
{
	struct sp_channel channel = { .is_greeted = true };
	struct sp_error err = SP_ERROR_INIT;
	struct json_object *answer = sp_json_object();
	struct sp_message message = { 0 };
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	channel.lines.fd = ends[0];
	assert_int_equal(sp_channel_greet(&channel, &err), 0);
	expect_line(ends[1], "{\"hello\":{\"protocol\":1,\"suppack\":\"");
	expect_line(ends[1], "0.1.0\"}}\n");
	/* Once between two questions. */
	assert_int_equal(sp_channel_cancel(&channel, &err), 0);
	assert_int_equal(sp_channel_cancel(&channel, &err), 0);
	ask(&channel, ends[1]);
	sp_json_set_string(answer, "answer", "back");
	assert_int_equal(sp_channel_answer(&channel, answer, &err), 0);
	assert_int_equal(sp_channel_cancel(&channel, &err), 0);
	expect_line(ends[1],
		    "{\"cancel\":true}\n{\"answer\":\"back\"}\n{\"cancel\":true}\n");
	assert_int_equal(sp_channel_receive(&channel, 0, &message, &err),
			 SP_CHANNEL_TIMEOUT);
	(void)close(ends[1]);
	assert_int_equal(sp_channel_receive(&channel, 0, &message, &err), SP_CHANNEL_END);
	assert_int_equal(sp_channel_greet(&channel, &err), SP_CHANNEL_END);
	sp_channel_done(&channel);
	(void)close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(speaks) };
	int failed = table_run("channel", rows, sorts);

	return failed + cmocka_run_group_tests_name("channel: out", tests, NULL, NULL);
}
