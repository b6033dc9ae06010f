/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The engine's end of the protocol.  The screens are a process of another kind (an
 * installer's, with whatever lives in it), so nothing they say is taken on trust. */

#include "installer-plugin/operator_screen.h"

#include <signal.h>
#include <string.h>

#include "base/json.h"
#include "base/lines.h"
#include "installer-plugin/interrupt.h"
#include "installer-plugin/log.h"

enum { PROTOCOL = 1, HELLO_MS = 10000, LOOK_MS = 250 };

struct screen {
	struct sp_operator op;
	struct sp_log *log;
	struct sp_lines lines;
	struct sp_interrupt interrupt;
	bool gone;      /* nobody reads any more, or not our language */
	bool cancelled; /* since the last question */
	int64_t last_id;
};

static struct screen *screen_of(struct sp_operator *op)
{
	return (struct screen *)(void *)op;
}

static void send_line(struct screen *screen, struct json_object *line)
{
	struct sp_error err = SP_ERROR_INIT;

	if (screen->gone)
		return;
	if (sp_lines_send(&screen->lines, line, &err) == 0)
		return;
	sp_log_line(screen->log, "the screens have gone: %s",
		    err.code ? err.text : "they closed the connection");
	screen->gone = true;
}

/* One line, or NULL if none came in time or ever will. */
static struct json_object *receive_line(struct screen *screen, int timeout_ms)
{
	struct json_object *line = NULL;
	struct sp_error err = SP_ERROR_INIT;
	int r;

	if (screen->gone)
		return NULL;
	r = sp_lines_receive(&screen->lines, timeout_ms, &line, &err);
	if (r == 0)
		return line;
	if (r == SP_LINES_TIMEOUT)
		return NULL;
	sp_log_line(screen->log, "the screens have gone: %s",
		    r < 0 ? err.text : "they closed the connection");
	screen->gone = true;
	return NULL;
}

static bool is_cancelled(struct sp_operator *op)
{
	struct screen *screen = screen_of(op);
	struct json_object *line;

	while ((line = receive_line(screen, 0))) {
		if (sp_json_get_bool(line, "cancel", false))
			screen->cancelled = true;
		sp_json_free(line);
	}
	return screen->gone || screen->cancelled || sp_interrupt_came(&screen->interrupt);
}

static enum sp_answer answer_of(const struct json_object *line)
{
	const char *word = sp_json_get_string(line, "answer");

	for (int a = SP_ANSWER_NEXT; word && a <= SP_ANSWER_VERIFY; a++)
		if (!strcmp(word, sp_answer_name((enum sp_answer)a)))
			return (enum sp_answer)a;
	return SP_ANSWER_BACK; /* "unknown", too: the safe one */
}

/* Waits for the answer to question @id.  A cancel that crossed the question on its way
 * was meant for what is over by now, so it counts for nothing. */
static enum sp_answer wait_answer(struct screen *screen, int64_t id,
				  struct json_object **ret_reply)
{
	while (!screen->gone && !sp_interrupt_came(&screen->interrupt)) {
		SP_AUTO(sp_json_freep)
		struct json_object *line = receive_line(screen, LOOK_MS);
		enum sp_answer answer;

		if (!line || sp_json_get_int(line, "id", -1) != id)
			continue;
		answer = answer_of(line);
		*ret_reply = sp_steal(line);
		return answer;
	}
	return SP_ANSWER_CANCEL;
}

static int ask(struct sp_operator *op, struct json_object *question,
	       enum sp_answer *ret_answer, struct json_object **ret_reply,
	       struct sp_error *err)
{
	struct screen *screen = screen_of(op);
	const char *kind = sp_json_get_string(question, "ask");
	int64_t id = ++screen->last_id;

	(void)err;
	screen->cancelled = false;
	sp_json_set_int(question, "id", id);
	send_line(screen, question);
	*ret_reply = NULL;
	*ret_answer = wait_answer(screen, id, ret_reply);
	if (*ret_answer == SP_ANSWER_VERIFY &&
	    !sp_json_get_bool(question, "verify", false))
		*ret_answer = SP_ANSWER_BACK;
	sp_log_line(screen->log, "asked '%s': %s", kind ? kind : "",
		    sp_answer_name(*ret_answer));
	return 0;
}

static void notify(struct sp_operator *op, struct json_object *notice)
{
	send_line(screen_of(op), notice);
	sp_json_free(notice);
}

static void resume(struct sp_operator *op)
{
	screen_of(op)->cancelled = false;
}

static int poll_fd(struct sp_operator *op)
{
	return screen_of(op)->lines.fd;
}

static void screen_free(struct sp_operator *op)
{
	struct screen *screen = screen_of(op);

	sp_lines_done(&screen->lines);
	sp_interrupt_done(&screen->interrupt);
	free(screen);
}

static const struct sp_operator_ops screen_ops = { ask,    notify,  is_cancelled,
						   resume, poll_fd, screen_free };

static int exchange_hellos(struct screen *screen, struct sp_error *err)
{
	SP_AUTO(sp_json_freep) struct json_object *ours = sp_json_object();
	SP_AUTO(sp_json_freep) struct json_object *theirs = NULL;
	struct json_object *hello = sp_json_object();
	int64_t protocol;

	sp_json_set_int(hello, "protocol", PROTOCOL);
	sp_json_set_string(hello, "suppack", SP_VERSION);
	sp_json_set(ours, "hello", hello);
	send_line(screen, ours);
	theirs = receive_line(screen, HELLO_MS);
	if (!theirs)
		return sp_error_set(err, SP_ERR_INTERNAL,
				    "the screens did not answer at the other end of the "
				    "socket");
	protocol = sp_json_get_int(sp_json_get(theirs, "hello"), "protocol", -1);
	if (protocol != PROTOCOL)
		return sp_error_set(err, SP_ERR_INTERNAL,
				    "the screens speak version %lld of the protocol, and "
				    "this suppack version %d",
				    (long long)protocol, PROTOCOL);
	return 0;
}

int sp_operator_screen_new(int fd, struct sp_log *log, struct sp_operator **ret_op,
			   struct sp_error *err)
{
	SP_AUTO(sp_operator_freep) struct sp_operator *op = NULL;
	struct screen *screen = calloc(1, sizeof *screen);
	int r;

	if (!screen)
		return sp_error_nomem(err);
	*screen = (struct screen){ .op.ops = &screen_ops,
				   .log = log,
				   .lines = { .fd = fd },
				   .interrupt = SP_INTERRUPT_INIT };
	op = &screen->op;
	signal(SIGINT, SIG_IGN);
	r = sp_interrupt_init(&screen->interrupt, err);
	if (r == 0)
		r = exchange_hellos(screen, err);
	if (r == 0)
		*ret_op = sp_steal(op);
	return r;
}

void sp_operator_screen_end(struct sp_operator *op, struct json_object *report)
{
	SP_AUTO(sp_json_freep) struct json_object *line = sp_json_object();
	struct json_object *end = sp_json_object();

	sp_json_set_int(end, "exit", sp_json_get_int(report, "exit", 1));
	sp_json_set_string(end, "outcome", sp_json_get_string(report, "outcome"));
	sp_json_set(end, "report", report);
	sp_json_set(line, "end", end);
	send_line(screen_of(op), line);
}
