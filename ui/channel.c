/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol without screens, so that a test can hold a conversation with it. */
#include "ui/channel.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/outcome.h"

void sp_channel_done(struct sp_channel *channel)
{
	sp_lines_done(&channel->lines);
}

void sp_message_done(struct sp_message *message)
{
	sp_json_free(message->whole);
	*message = (struct sp_message){ 0 };
}

/* ---- out --------------------------------------------------------------------------- */

static int send_line(struct sp_channel *channel, struct json_object *line,
		     struct sp_error *err)
{
	int r = sp_lines_send(&channel->lines, line, err);

	sp_json_free(line);
	return r == SP_LINES_END ? SP_CHANNEL_END : r;
}

int sp_channel_greet(struct sp_channel *channel, struct sp_error *err)
{
	struct json_object *hello = sp_json_object(), *line = sp_json_object();

	sp_json_set_int(hello, "protocol", SP_CHANNEL_PROTOCOL);
	sp_json_set_string(hello, "suppack", SP_VERSION);
	sp_json_set(line, "hello", hello);
	return send_line(channel, line, err);
}

int sp_channel_answer(struct sp_channel *channel, struct json_object *answer,
		      struct sp_error *err)
{
	return send_line(channel, answer, err);
}

int sp_channel_cancel(struct sp_channel *channel, struct sp_error *err)
{
	struct json_object *line;

	if (channel->has_cancelled)
		return 0;
	channel->has_cancelled = true;
	line = sp_json_object();
	sp_json_set_bool(line, "cancel", true);
	return send_line(channel, line, err);
}

/* ---- in ---------------------------------------------------------------------------- */

static int read_hello(struct sp_channel *channel, const struct json_object *whole,
		      struct sp_error *err)
{
	const struct json_object *hello = sp_json_get(whole, "hello");
	int64_t protocol = sp_json_get_int(hello, "protocol", 0);

	if (!hello)
		return sp_error_set(err, SP_ERR_FORMAT, "the engine did not say hello");
	if (protocol != SP_CHANNEL_PROTOCOL)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "the engine speaks version %" PRId64
				    " of the protocol and these screens version %d",
				    protocol, SP_CHANNEL_PROTOCOL);
	channel->is_greeted = true;
	return 0;
}

static void read_ask(const struct json_object *value, struct sp_message *message)
{
	(void)value;
	message->kind = SP_MESSAGE_ASK;
}

static void read_busy(const struct json_object *value, struct sp_message *message)
{
	message->kind = SP_MESSAGE_BUSY;
	message->text = sp_json_text(value);
}

static void read_progress(const struct json_object *value, struct sp_message *message)
{
	int64_t done = sp_json_get_int(value, "done", 0);
	int64_t total = sp_json_get_int(value, "total", 0);

	message->kind = SP_MESSAGE_PROGRESS;
	message->text = sp_json_get_string(value, "text");
	message->total = total > 0 ? total : 0;
	message->done = done < 0 ? 0 : total > 0 && done > total ? total : done;
}

static void read_tell(const struct json_object *value, struct sp_message *message)
{
	message->kind = SP_MESSAGE_TELL;
	message->title = sp_json_get_string(value, "title");
	message->text = sp_json_get_string(value, "text");
}

static void read_end(const struct json_object *value, struct sp_message *message)
{
	message->kind = SP_MESSAGE_END;
	message->exit = (int)sp_json_get_int(value, "exit", SP_EXIT_FAILED);
	message->report = sp_json_get(value, "report");
}

/* A message is known by the one key that it has of these. */
static const struct {
	const char *key;
	void (*read)(const struct json_object *value, struct sp_message *message);
} readers[] = {
	{ "ask", read_ask },   { "busy", read_busy }, { "progress", read_progress },
	{ "tell", read_tell }, { "end", read_end },
};

static bool has_key(const struct json_object *whole, const char *key)
{
	const char *there;

	for (size_t i = 0; (there = sp_json_key_at(whole, i)); i++)
		if (strcmp(there, key) == 0)
			return true;
	return false;
}

static void sort(struct sp_message *message)
{
	message->kind = SP_MESSAGE_OTHER;
	for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
		if (has_key(message->whole, readers[i].key)) {
			readers[i].read(sp_json_get(message->whole, readers[i].key),
					message);
			return;
		}
}

int sp_channel_receive(struct sp_channel *channel, int timeout_ms,
		       struct sp_message *ret_message, struct sp_error *err)
{
	SP_AUTO(sp_message_done) struct sp_message message = { 0 };
	int r = sp_lines_receive(&channel->lines, timeout_ms, &message.whole, err);

	if (r == SP_LINES_END)
		return SP_CHANNEL_END;
	if (r == SP_LINES_TIMEOUT)
		return SP_CHANNEL_TIMEOUT;
	if (r == 0 && !channel->is_greeted)
		r = read_hello(channel, message.whole, err);
	if (r < 0)
		return r;
	sort(&message);
	if (message.kind == SP_MESSAGE_ASK)
		channel->has_cancelled = false;
	*ret_message = message;
	message.whole = NULL;
	return 0;
}
