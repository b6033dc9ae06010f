/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The conversation: what the engine says decides what is shown, and while it says nothing
 * the last page stays, so that a quick step costs no flicker on a serial line. */
#include "ui/screens.h"

#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/outcome.h"
#include "base/process.h"
#include "ui/channel.h"
#include "ui/page.h"
#include "ui/screen.h"
#include "ui/terminal.h"
#include "ui/view.h"

enum {
	QUIET_MS = 300,       /* so long nothing need be said about waiting */
	TICK_MS = 1000,       /* how often the time of a wait is shown anew */
	LEAVE_MS = 10 * 1000, /* how long the engine may take to undo things */
	STUCK_SECONDS = 15,   /* when an operator who waits for that may go without */
	MOST_MESSAGES = 32,   /* that are read before keys are looked at again */
};

static const char headline[] = "suppack " SP_VERSION "   Drivers and supplemental packs";
static const char stopping_text[] = "Stopping: what is half done is undone.";
static const char stuck_text[] =
	"Stopping takes long. If you do not wait, it goes on unseen: what is half done may "
	"stay so.";
static const char moment_text[] = "One moment.";
static const char death_text[] =
	"The part of suppack that does the work ended before it was done.\n\n"
	"Drivers that were loaded by then stay loaded; what was being changed may be half "
	"done. You can start again from the beginning, or go on without.";

enum shown {
	SHOWN_LAST, /* nothing new yet: the last page still stands there, without life */
	SHOWN_WAIT, /* what the engine is doing */
	SHOWN_QUESTION, /* the engine waits for the operator */
};

struct session {
	struct sp_channel channel;
	struct sp_terminal terminal;
	struct sp_view *view;
	struct sp_screen *screen; /* the question; NULL: none is open */
	struct sp_page wait;      /* what the engine is doing */
	enum shown shown;
	int64_t quiet_until_ms; /* when a wait is worth showing */
	int64_t waiting_since_ms;
	int64_t leave_at_ms; /* 0: nobody wants to leave */
	bool is_lost;        /* the terminal is gone: nothing can be shown or typed */
	bool is_over;
	int exit;
	struct json_object *report;
	struct sp_error *err;
};

/* ---- waiting ----------------------------------------------------------------------- */

static void start_waiting(struct session *session)
{
	session->shown = SHOWN_LAST;
	session->waiting_since_ms = sp_process_now_ms();
	session->quiet_until_ms = session->waiting_since_ms + QUIET_MS;
	session->wait.done = session->wait.total = 0;
}

static bool is_stopping(const struct session *session)
{
	return session->leave_at_ms || session->channel.has_cancelled;
}

/* While things are undone nothing can be cancelled; but nobody has to wait for ever. */
static int set_wait_text(struct session *session, const char *text)
{
	const char *button = "Cancel";

	if (is_stopping(session)) {
		bool is_stuck = session->wait.waiting_seconds >= STUCK_SECONDS;

		text = is_stuck ? stuck_text : stopping_text;
		button = is_stuck ? "Do Not Wait" : NULL;
	}
	session->wait.is_waiting = true;
	session->wait.buttons[0] = (struct sp_button){ button, SP_EVENT_CANCEL };
	return sp_page_set(&session->wait, "Please Wait", text, session->err);
}

static int show_wait(struct session *session)
{
	if (session->is_lost)
		return 0;
	session->wait.waiting_seconds =
		(sp_process_now_ms() - session->waiting_since_ms) / 1000;
	if (is_stopping(session)) {
		int r = set_wait_text(session, stopping_text);

		if (r < 0)
			return r;
	}
	if (session->shown == SHOWN_WAIT)
		return sp_view_refresh(session->view, session->err);
	session->shown = SHOWN_WAIT;
	return sp_view_show(session->view, &session->wait, session->err);
}

/* What is being done has a new name or measure. */
static int update_wait(struct session *session, const struct sp_message *message)
{
	const char *text = message->text ? message->text : moment_text;
	int r;

	if (session->screen || is_stopping(session))
		return 0;
	if (strcmp(text, session->wait.text) != 0)
		session->waiting_since_ms = sp_process_now_ms();
	session->wait.done = message->done;
	session->wait.total = message->total;
	r = set_wait_text(session, text);
	return r < 0 || session->shown != SHOWN_WAIT ? r : show_wait(session);
}

/* ---- what is said once -------------------------------------------------------------- */

static void mark_leaving(struct session *session, enum sp_seen seen)
{
	session->is_lost |= seen == SP_SEEN_LOST;
	session->leave_at_ms = sp_process_now_ms() + LEAVE_MS;
}

static int show_page(struct session *session, struct sp_page *page)
{
	enum sp_seen seen = SP_SEEN_NOTHING;
	enum sp_event event;
	int r = sp_view_show(session->view, page, session->err);

	while (r == 0 && seen == SP_SEEN_NOTHING)
		r = sp_view_wait(session->view, -1, TICK_MS, &seen, &event, session->err);
	if (r == 0 && seen != SP_SEEN_EVENT)
		mark_leaving(session, seen);
	return r;
}

/* Shows the question again that was open, if one was. */
static int tell(struct session *session, const char *title, const char *text)
{
	SP_AUTO(sp_page_done) struct sp_page page = { 0 };
	int r;

	if (session->leave_at_ms)
		return 0;
	r = sp_page_set(&page, title, text, session->err);
	sp_page_add_button(&page, "Ok", SP_EVENT_NEXT);
	if (r == 0)
		r = show_page(session, &page);
	start_waiting(session);
	if (r < 0 || !session->screen || session->is_over)
		return r;
	session->shown = SHOWN_QUESTION;
	return sp_view_show(session->view, &session->screen->page, session->err);
}

static int tell_death(struct session *session)
{
	session->is_over = true;
	session->exit = SP_EXIT_FAILED;
	return tell(session, "suppack Has Stopped", death_text);
}

/* The engine said what makes no sense to us. */
static int tell_nonsense(struct session *session)
{
	struct sp_error cause = *session->err;

	session->is_over = true;
	session->exit = SP_EXIT_FAILED;
	return tell(session, "suppack Cannot Go On", cause.text);
}

/* ---- questions and answers ----------------------------------------------------------- */

/* Something went out; @r says how. */
static int sent(struct session *session, int r)
{
	return r == SP_CHANNEL_END ? tell_death(session) : r;
}

static void drop_question(struct session *session)
{
	sp_screen_freep(&session->screen);
	session->screen = NULL;
}

static int answer(struct session *session, const char *word)
{
	struct json_object *json = sp_screen_answer(session->screen, word);
	int r;

	drop_question(session);
	start_waiting(session);
	r = set_wait_text(session, moment_text);
	if (r < 0) {
		sp_json_free(json);
		return r;
	}
	return sent(session, sp_channel_answer(&session->channel, json, session->err));
}

static int answer_unknown(struct session *session, const struct sp_message *message)
{
	struct json_object *json = sp_json_object();

	sp_json_set_int(json, "id", sp_json_get_int(message->whole, "id", 0));
	sp_json_set_string(json, "answer", "unknown");
	return sent(session, sp_channel_answer(&session->channel, json, session->err));
}

static int ask(struct session *session, const struct sp_message *message)
{
	int r;

	drop_question(session);
	r = sp_screen_new(message->whole, &session->screen, session->err);
	if (r == SP_SCREEN_UNKNOWN)
		return answer_unknown(session, message);
	if (r < 0)
		return r;
	if (session->leave_at_ms)
		return answer(session, "cancel");
	session->shown = SHOWN_QUESTION;
	return sp_view_show(session->view, &session->screen->page, session->err);
}

/* ---- what the engine says ------------------------------------------------------------ */

static int end(struct session *session, const struct sp_message *message)
{
	session->is_over = true;
	session->exit = message->exit;
	session->report = message->report ? sp_json_ref(message->report) : NULL;
	return 0;
}

static int obey(struct session *session, const struct sp_message *message)
{
	switch (message->kind) {
	case SP_MESSAGE_ASK:
		return ask(session, message);
	case SP_MESSAGE_BUSY:
	case SP_MESSAGE_PROGRESS:
		return update_wait(session, message);
	case SP_MESSAGE_TELL:
		return tell(session, message->title, message->text);
	case SP_MESSAGE_END:
		return end(session, message);
	case SP_MESSAGE_OTHER:
		break;
	}
	return 0;
}

/* The first one within @timeout_ms, and more that are there then. */
static int read_messages(struct session *session, int timeout_ms)
{
	for (int n = 0; n < MOST_MESSAGES && !session->is_over; n++, timeout_ms = 0) {
		SP_AUTO(sp_message_done) struct sp_message message = { 0 };
		int r = sp_channel_receive(&session->channel, timeout_ms, &message,
					   session->err);

		if (r == SP_CHANNEL_TIMEOUT)
			return 0;
		if (r == SP_CHANNEL_END)
			return tell_death(session);
		if (r < 0)
			return tell_nonsense(session);
		r = obey(session, &message);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- what the operator does ------------------------------------------------------------ */

static int give_up(struct session *session)
{
	session->is_over = true;
	session->exit = SP_EXIT_DECLINED;
	return 0;
}

static int cancel(struct session *session)
{
	int r;

	if (session->channel.has_cancelled)
		return give_up(session);
	r = sp_channel_cancel(&session->channel, session->err);
	session->waiting_since_ms = sp_process_now_ms();
	session->wait.done = session->wait.total = 0;
	return r == 0 ? show_wait(session) : sent(session, r);
}

/* Once: the engine is asked to end. Twice: we do. That the terminal goes, too, is not a
 * second time. */
static int leave(struct session *session, enum sp_seen seen)
{
	bool was_leaving = session->leave_at_ms != 0;

	mark_leaving(session, seen);
	if (was_leaving)
		return session->is_lost ? 0 : give_up(session);
	if (session->screen)
		return answer(session, "cancel");
	return session->channel.has_cancelled ? show_wait(session) : cancel(session);
}

static int handle(struct session *session, enum sp_event event)
{
	if (!session->screen)
		return event == SP_EVENT_CANCEL ? cancel(session) : 0;
	switch (sp_screen_handle(session->screen, event)) {
	case SP_NEXT_STAY:
		return sp_view_refresh(session->view, session->err);
	case SP_NEXT_REDRAW:
		return sp_view_show(session->view, &session->screen->page, session->err);
	case SP_NEXT_ANSWER:
		return answer(session, NULL);
	case SP_NEXT_FAILED:
		break;
	}
	return sp_error_nomem(session->err);
}

static int live(struct session *session)
{
	enum sp_seen seen;
	enum sp_event event;
	int r = sp_view_wait(session->view, session->channel.lines.fd, TICK_MS, &seen,
			     &event, session->err);

	if (r < 0)
		return r;
	switch (seen) {
	case SP_SEEN_EVENT:
		return handle(session, event);
	case SP_SEEN_MESSAGE:
		return read_messages(session, 0);
	case SP_SEEN_LEAVE:
	case SP_SEEN_LOST:
		return leave(session, seen);
	case SP_SEEN_NOTHING:
		break;
	}
	return session->shown == SHOWN_WAIT ? show_wait(session) : 0;
}

/* ---- all of it ------------------------------------------------------------------------- */

static int step(struct session *session)
{
	int64_t now_ms = sp_process_now_ms();

	if (session->leave_at_ms && now_ms >= session->leave_at_ms)
		return give_up(session);
	if (session->is_lost)
		return read_messages(session, TICK_MS);
	if (session->shown != SHOWN_LAST)
		return live(session);
	if (now_ms >= session->quiet_until_ms)
		return show_wait(session);
	return read_messages(session, (int)(session->quiet_until_ms - now_ms));
}

static int converse(struct session *session)
{
	int r = sp_view_new(&session->terminal, &session->view, session->err);

	start_waiting(session);
	/* There is no last page yet, and an empty screen says nothing. */
	session->quiet_until_ms = session->waiting_since_ms;
	if (r == 0)
		r = set_wait_text(session, "Starting.");
	if (r == 0)
		r = sent(session, sp_channel_greet(&session->channel, session->err));
	while (r == 0 && !session->is_over)
		r = step(session);
	return r;
}

int sp_screens_run(int fd, const struct sp_screens_options *options, int *ret_exit,
		   struct json_object **ret_report, struct sp_error *err)
{
	struct session session = { .channel = { .lines = { .fd = fd } }, .err = err };
	int r = sp_terminal_open(&session.terminal, options->own_screen,
				 options->headline ? options->headline : headline, err);

	if (r < 0)
		return r;
	r = converse(&session);
	sp_view_freep(&session.view);
	sp_terminal_close(&session.terminal);
	drop_question(&session);
	sp_page_done(&session.wait);
	sp_channel_done(&session.channel);
	if (r < 0) {
		sp_json_free(session.report);
		return r;
	}
	*ret_exit = session.exit;
	*ret_report = session.report;
	return 0;
}
