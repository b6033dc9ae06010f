/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The screens' end of docs/protocol.md: what comes in, sorted, and what goes out. */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/lines.h"

enum { SP_CHANNEL_PROTOCOL = 1 };

/* Initialise with { .lines = { .fd = socket } }. */
struct sp_channel {
	struct sp_lines lines;
	bool is_greeted;    /* the engine's hello has come, and suits us */
	bool has_cancelled; /* since the last question */
};

void sp_channel_done(struct sp_channel *channel);

enum sp_message_kind {
	SP_MESSAGE_ASK,      /* whole: the question */
	SP_MESSAGE_BUSY,     /* text: what has begun; NULL: it is over */
	SP_MESSAGE_PROGRESS, /* text, done, total */
	SP_MESSAGE_TELL,     /* title, text */
	SP_MESSAGE_END,      /* exit, report */
	SP_MESSAGE_OTHER,    /* a hello, or of a later version: to be ignored */
};

/* Strings and objects are borrowed from @whole. */
struct sp_message {
	enum sp_message_kind kind;
	struct json_object *whole; /* owned */
	const char *title, *text;
	int64_t done, total; /* 0 <= done <= total where total > 0 */
	int exit;
	struct json_object *report; /* NULL: none */
};

void sp_message_done(struct sp_message *message);

/* Outcome: the engine has closed its end, or died. */
#define SP_CHANNEL_END 1
/* Outcome: nothing in time. */
#define SP_CHANNEL_TIMEOUT 2

/* Our first line.  SP_CHANNEL_END if nobody is there. */
SP_MUST_CHECK
int sp_channel_greet(struct sp_channel *channel, struct sp_error *err);

/* The next message.  < 0: SP_ERR_FORMAT for a line that is none, an engine that does not
 * begin with its hello, or one of another version (the sentence says which); SP_ERR_LIMIT;
 * SP_ERR_IO.  Zero-initialised @ret_message. */
SP_MUST_CHECK
int sp_channel_receive(struct sp_channel *channel, int timeout_ms,
		       struct sp_message *ret_message, struct sp_error *err);

/* Sends an answer (consumed). */
SP_MUST_CHECK
int sp_channel_answer(struct sp_channel *channel, struct json_object *answer,
		      struct sp_error *err);

/* Asks the engine to stop what it is doing: once, until it asks again. */
SP_MUST_CHECK
int sp_channel_cancel(struct sp_channel *channel, struct sp_error *err);
