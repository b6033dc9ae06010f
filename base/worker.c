/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parent's side: one loop over all workers, their deadlines and the operator's
 * patience.  Nothing a worker does, or fails to do, can hold it up. */
#include "base/worker.h"

#include "base/frame.h"
#include "base/json.h"
#include "base/outlet.h"
#include "base/process.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum {
	TICK_MS = 100,
	SOON_MS = 1,            /* for a worker that is about to be gone */
	GRACE_MS = 1000,        /* for the kernel to end what was killed */
	ERROR_MAX_BYTES = 8192, /* 512 bytes of text, each escaped, and their frame */
};

/* A worker that is running, or killed and not yet collected. */
struct hand {
	struct sp_worker_job *job;
	pid_t pid;
	int fd;               /* -1 once it is closed */
	bool decided, silent; /* silent: it closed the stream without an answer */
	int64_t deadline;     /* of the work; once decided, of its end */
	size_t messages;
	struct sp_frame_reader reader;
};

struct crew {
	struct sp_worker_job *jobs;
	size_t n_jobs, next_job;
	struct hand *hands;
	size_t n_hands, max_hands;
	struct pollfd *polls; /* one for each hand, and one for the patience */
	const struct sp_patience *patience;
	int patience_fd;
	int64_t last_tick;
};

// clang-format off
static const struct sp_worker_limits default_limits = {
	.deadline_ms = 60000,
	.cpu_seconds = 10,
	.memory_bytes = (size_t)256 << 20,
	.file_bytes = 1 << 20,
	.message_bytes = 4 << 20,
	.messages = 65536,
};
// clang-format on

static void complete_limits(struct sp_worker_limits *limits)
{
	const struct sp_worker_limits *other = &default_limits;

	limits->deadline_ms =
		limits->deadline_ms ? limits->deadline_ms : other->deadline_ms;
	limits->cpu_seconds =
		limits->cpu_seconds ? limits->cpu_seconds : other->cpu_seconds;
	limits->memory_bytes =
		limits->memory_bytes ? limits->memory_bytes : other->memory_bytes;
	limits->file_bytes = limits->file_bytes ? limits->file_bytes : other->file_bytes;
	limits->message_bytes =
		limits->message_bytes ? limits->message_bytes : other->message_bytes;
	limits->messages = limits->messages ? limits->messages : other->messages;
}

/* ---- results --------------------------------------------------------------- */

static void decide(struct hand *hand, int result)
{
	hand->job->result = result;
	hand->decided = true;
	hand->deadline = sp_process_now_ms() + GRACE_MS;
	sp_closep(&hand->fd);
	hand->fd = -1;
	sp_process_kill(hand->pid);
}

/* The job failed as a whole: its error is opened with what it was doing. */
SP_PRINTF(3, 4)
static void decide_failed(struct hand *hand, enum sp_code code, const char *fmt, ...)
{
	struct sp_error *error = &hand->job->error;
	char text[256];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	decide(hand, sp_error_set(error, code, "%s: %s", hand->job->what, text));
}

static void decide_stalled(struct hand *hand)
{
	decide_failed(hand, SP_ERR_TIMEOUT, "nothing more came within %u s",
		      hand->job->limits.stall_seconds);
}

static void decide_by_end(struct hand *hand, const struct sp_process_end *end)
{
	const struct sp_worker_limits *limits = &hand->job->limits;

	if (end->exited)
		decide_failed(hand, SP_ERR_WORKER,
			      "the process ended without an answer (status %d)",
			      end->status);
	else if (end->status == SIGXCPU)
		decide_failed(hand, SP_ERR_LIMIT,
			      "it took more than %u s of processor time",
			      limits->cpu_seconds);
	else if (end->status == SIGXFSZ)
		decide_failed(hand, SP_ERR_LIMIT,
			      "it wrote a file of more than %llu bytes",
			      (unsigned long long)limits->file_bytes);
	else if (end->status == SIGALRM && limits->stall_seconds)
		decide_stalled(hand);
	else if (end->status == SIGKILL)
		decide_failed(hand, SP_ERR_WORKER,
			      "the process was killed, as when memory runs out");
	else
		decide_failed(hand, SP_ERR_WORKER, "the process crashed (signal %d)",
			      end->status);
}

static void decide_by_error(struct hand *hand, const struct json_object *json)
{
	int64_t code = sp_json_get_int(json, "code", 0);
	int64_t sys_errno = sp_json_get_int(json, "errno", 0);
	const char *text = sp_json_get_string(json, "text");
	struct sp_error *error = &hand->job->error;
	char cleaned[sizeof error->text];

	if (code <= 0 || code > SP_ERR_WORKER || !text || sys_errno < 0 ||
	    sys_errno > 4095) {
		decide_failed(hand, SP_ERR_WORKER, "the process answered nonsense");
		return;
	}
	/* What memory it may have, we decided: the input asked for more. */
	if (code == SP_ERR_NOMEM) {
		decide_failed(hand, SP_ERR_LIMIT, "it needs more than %zu MiB of memory",
			      hand->job->limits.memory_bytes >> 20);
		return;
	}
	sp_text_clean(text, strlen(text), cleaned, sizeof cleaned);
	(void)sp_error_set(error, (enum sp_code)code, "%s", cleaned);
	error->sys_errno = (int)sys_errno;
	decide(hand, -(int)code);
}

/* ---- messages -------------------------------------------------------------- */

static void take_message(struct hand *hand, struct json_object *json, size_t len)
{
	struct sp_worker_job *job = hand->job;
	struct sp_error err = SP_ERROR_INIT;
	int r;

	if (!job->on_message) {
		decide_failed(hand, SP_ERR_WORKER, "the process answered nonsense");
		return;
	}
	if (len > job->limits.message_bytes) {
		decide_failed(hand, SP_ERR_LIMIT,
			      "the process sent a message of %zu bytes", len);
		return;
	}
	if (++hand->messages > job->limits.messages) {
		decide_failed(hand, SP_ERR_LIMIT, "the answer has too many parts");
		return;
	}
	r = job->on_message(job->user, json, &err);
	if (r < 0) {
		job->error = err;
		decide(hand, r);
	}
}

static void take_frame(struct hand *hand, char kind, const char *payload, size_t len)
{
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	struct sp_error err = SP_ERROR_INIT;

	if (kind == SP_OUTLET_DONE && len == 0)
		decide(hand, 0);
	else if ((kind != SP_OUTLET_MESSAGE && kind != SP_OUTLET_ERROR) ||
		 sp_json_parse(payload, len, &json, &err) < 0)
		decide_failed(hand, SP_ERR_WORKER, "the process answered nonsense");
	else if (kind == SP_OUTLET_ERROR)
		decide_by_error(hand, json);
	else
		take_message(hand, json, len);
}

/* Its end is near, but what it has mounted may hold it in the kernel. */
static void fall_silent(struct hand *hand)
{
	int64_t soon = sp_process_now_ms() + GRACE_MS;

	sp_closep(&hand->fd);
	hand->fd = -1;
	hand->silent = hand->job->limits.stall_seconds && soon < hand->deadline;
	if (hand->silent)
		hand->deadline = soon;
}

/* False when there is nothing more to read for now. */
static bool take_input(struct hand *hand)
{
	struct sp_error err = SP_ERROR_INIT;
	const char *payload = NULL;
	char kind = 0;
	size_t len = 0;
	int r = sp_frame_reader_fill(&hand->reader, hand->fd, &err);

	if (r == SP_FRAME_MORE)
		return false;
	if (r == SP_FRAME_END) {
		fall_silent(hand);
		return false;
	}
	while (r == 0 && !hand->decided) {
		r = sp_frame_reader_next(&hand->reader, &kind, &payload, &len, &err);
		if (r == 0)
			take_frame(hand, kind, payload, len);
	}
	if (r < 0)
		decide_failed(hand, err.code == SP_ERR_FORMAT ? SP_ERR_WORKER : err.code,
			      "the process sent %s", err.text);
	return !hand->decided;
}

/* ---- the loop -------------------------------------------------------------- */

/* The other workers' streams are none of this one's business. */
static void close_others(const struct crew *crew)
{
	for (size_t i = 0; i < crew->n_hands; i++)
		if (crew->hands[i].fd >= 0)
			(void)close(crew->hands[i].fd);
}

static int start_process(struct crew *crew, struct hand *hand, struct sp_error *err)
{
	pid_t parent = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return sp_error_set_errno(err, errno, "starting a process");
	hand->pid = fork();
	if (hand->pid == 0) {
		close_others(crew);
		(void)close(ends[0]);
		sp_outlet_run_job(hand->job, sp_process_above_stdio(ends[1]), parent);
	}
	(void)close(ends[1]);
	hand->fd = ends[0];
	if (hand->pid < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
		return sp_error_set_errno(err, errno, "starting a process");
	(void)setpgid(hand->pid, hand->pid);
	return 0;
}

static void start_job(struct crew *crew, struct sp_worker_job *job)
{
	struct hand hand = { .job = job, .pid = -1, .fd = -1 };
	size_t max_bytes;

	complete_limits(&job->limits);
	job->error = (struct sp_error)SP_ERROR_INIT;
	max_bytes = job->limits.message_bytes;
	hand.reader.max_bytes = max_bytes > ERROR_MAX_BYTES ? max_bytes : ERROR_MAX_BYTES;
	hand.deadline = sp_process_now_ms() + job->limits.deadline_ms;
	job->result = start_process(crew, &hand, &job->error);
	if (job->result == 0) {
		crew->hands[crew->n_hands++] = hand;
		return;
	}
	job->result = sp_error_context(&job->error, "%s", job->what);
	sp_closep(&hand.fd);
	if (hand.pid > 0)
		sp_process_end_all(hand.pid, GRACE_MS);
}

static int poll_timeout(const struct crew *crew)
{
	int64_t now = sp_process_now_ms(), wait = TICK_MS;

	for (size_t i = 0; i < crew->n_hands; i++) {
		const struct hand *hand = &crew->hands[i];
		int64_t left = hand->fd < 0 ? SOON_MS : hand->deadline - now;

		if (left < wait)
			wait = left > 0 ? left : 0;
	}
	return (int)wait;
}

static void wait_for_news(struct crew *crew)
{
	struct pollfd *patience = &crew->polls[crew->n_hands];

	for (size_t i = 0; i < crew->n_hands; i++)
		crew->polls[i] =
			(struct pollfd){ .fd = crew->hands[i].fd, .events = POLLIN };
	*patience = (struct pollfd){ .fd = crew->patience_fd, .events = POLLIN };
	if (poll(crew->polls, crew->n_hands + 1, poll_timeout(crew)) < 0)
		for (size_t i = 0; i <= crew->n_hands; i++)
			crew->polls[i].revents = 0;
}

static bool is_cancelled(struct crew *crew)
{
	short news = crew->polls[crew->n_hands].revents;
	int64_t now = sp_process_now_ms();

	if (!crew->patience || (!news && now - crew->last_tick < TICK_MS))
		return false;
	if (news & POLLNVAL)
		crew->patience_fd = -1;
	crew->last_tick = now;
	return crew->patience->tick(crew->patience->user) != 0;
}

static void serve(struct hand *hand, short news)
{
	struct sp_process_end end;

	if (news && !hand->decided)
		(void)take_input(hand);
	if (!hand->decided && sp_process_has_ended(hand->pid, &end)) {
		while (hand->fd >= 0 && take_input(hand))
			continue;
		if (!hand->decided)
			decide_by_end(hand, &end);
	}
	if (hand->decided || sp_process_now_ms() < hand->deadline)
		return;
	if (hand->silent)
		decide_stalled(hand);
	else
		decide_failed(hand, SP_ERR_TIMEOUT, "no answer within %u s",
			      (hand->job->limits.deadline_ms + 999) / 1000);
}

/* True when nothing of it is left, or nothing more can be done about it. */
static bool is_gone(struct hand *hand)
{
	if (!hand->decided)
		return false;
	return sp_process_collect(hand->pid) || sp_process_now_ms() >= hand->deadline;
}

static void serve_all(struct crew *crew)
{
	size_t kept = 0;

	for (size_t i = 0; i < crew->n_hands; i++) {
		serve(&crew->hands[i], crew->polls[i].revents);
		if (is_gone(&crew->hands[i]))
			sp_frame_reader_done(&crew->hands[i].reader);
		else
			crew->hands[kept++] = crew->hands[i];
	}
	crew->n_hands = kept;
}

static void cancel_all(struct crew *crew)
{
	for (size_t i = 0; i < crew->n_hands; i++)
		if (!crew->hands[i].decided)
			decide_failed(&crew->hands[i], SP_ERR_CANCELLED, "cancelled");
	for (; crew->next_job < crew->n_jobs; crew->next_job++) {
		struct sp_worker_job *job = &crew->jobs[crew->next_job];

		job->result = sp_error_set(&job->error, SP_ERR_CANCELLED, "%s: cancelled",
					   job->what);
	}
}

static void run(struct crew *crew, bool *ret_cancelled)
{
	*ret_cancelled = false;
	while (crew->n_hands > 0 || crew->next_job < crew->n_jobs) {
		while (crew->n_hands < crew->max_hands && crew->next_job < crew->n_jobs)
			start_job(crew, &crew->jobs[crew->next_job++]);
		wait_for_news(crew);
		if (!*ret_cancelled && is_cancelled(crew)) {
			*ret_cancelled = true;
			cancel_all(crew);
		}
		serve_all(crew);
	}
}

int sp_worker_run_all(struct sp_worker_job *jobs, size_t n, size_t at_once,
		      const struct sp_patience *patience, struct sp_error *err)
{
	struct crew crew = {
		.jobs = jobs,
		.n_jobs = n,
		.max_hands = at_once && at_once < n ? at_once : n,
		.patience = patience,
		.patience_fd = patience ? patience->fd : -1,
	};
	bool cancelled = false;

	crew.hands = calloc(n + 1, sizeof *crew.hands);
	crew.polls = calloc(n + 1, sizeof *crew.polls);
	if (crew.hands && crew.polls)
		run(&crew, &cancelled);
	for (size_t i = 0; i < n && !(crew.hands && crew.polls); i++)
		jobs[i].result = sp_error_nomem(&jobs[i].error);
	free(crew.hands);
	free(crew.polls);
	return cancelled ? sp_error_set(err, SP_ERR_CANCELLED, "cancelled") : 0;
}

int sp_worker_run(struct sp_worker_job *job, const struct sp_patience *patience,
		  struct sp_error *err)
{
	struct sp_error ignored = SP_ERROR_INIT;

	(void)!sp_worker_run_all(job, 1, 1, patience, &ignored);
	if (job->result < 0)
		*err = job->error;
	return job->result;
}
