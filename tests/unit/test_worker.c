/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/stall.h"
/* How a worker answers, and what its parent makes of an answer that is none. */
#include "base/worker.h"

#include "base/frame.h"
#include "base/json.h"
#include "base/process.h"
#include "support/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- what a worker may do -------------------------------------------------- */

static int send_numbers(struct sp_outlet *outlet, int n, struct sp_error *err)
{
	int r = 0;

	for (int i = 0; i < n && r == 0; i++) {
		struct json_object *message = sp_json_object();

		sp_json_set_int(message, "number", i);
		r = sp_outlet_send(outlet, message, err);
	}
	return r;
}

static int answers(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	(void)arg;
	return send_numbers(outlet, 3, err);
}

static int fails(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	(void)arg;
	(void)outlet;
	return sp_error_set_errno(err, ENOMEDIUM, "opening '/dev/sr0'");
}

static int fails_with_escapes(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	(void)arg;
	(void)outlet;
	return sp_error_set(err, SP_ERR_NO_PACK, "label \x1b[2J\n here");
}

static int answers_and_aborts(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	int r = send_numbers(outlet, 3, err);

	(void)arg;
	abort();
	return r;
}

static int leaves(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	(void)arg;
	(void)outlet;
	(void)err;
	_exit(3);
}

static int reads_for_ever(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	sp_stall_begin();
	return sleeps(arg, outlet, err);
}

/* As one does that is held in the kernel at its end. */
static int falls_silent(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	for (int fd = 3; fd < 256; fd++)
		(void)close(fd);
	return sleeps(arg, outlet, err);
}

static int reads_in_time(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char byte;

	(void)arg;
	(void)outlet;
	if (sp_stall_pread(fd, &byte, 1, 0) != 1)
		return sp_error_set_errno(err, errno, "reading");
	return alarm(0) ? sp_error_set(err, SP_ERR_INTERNAL, "it is still counted") : 0;
}

static int loops(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	volatile unsigned long n = 0;

	(void)arg;
	(void)outlet;
	(void)err;
	for (;;)
		n++;
	return 0;
}

static int eats_memory(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	(void)arg;
	(void)outlet;
	for (int i = 0; i < 4096; i++) {
		char *block = malloc(1 << 20);

		if (!block)
			return sp_error_nomem(err);
		memset(block, i, 1 << 20);
	}
	return 0;
}

static int writes_a_lot(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = memfd_create("test", MFD_CLOEXEC);
	static const char block[1 << 16];

	(void)arg;
	(void)outlet;
	for (int i = 0; i < 64; i++)
		if (write(fd, block, sizeof block) < 0)
			return sp_error_set_errno(err, errno, "writing");
	return 0;
}

static int sends_a_long_message(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	struct json_object *message = sp_json_object();
	static char text[20000];

	(void)arg;
	memset(text, 'x', sizeof text - 1);
	sp_json_set_string(message, "text", text);
	return sp_outlet_send(outlet, message, err);
}

static int sends_many_messages(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	(void)arg;
	return send_numbers(outlet, 100, err);
}

/* The worker's socket, as an opponent inside it would find it. */
static int socket_of_worker(void)
{
	int found = -1;

	for (int fd = 3; fd < 64; fd++) {
		struct stat st;

		if (fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode))
			found = fd;
	}
	return found;
}

static int put_raw(const void *bytes, size_t len)
{
	(void)!send(socket_of_worker(), bytes, len, MSG_NOSIGNAL);
	nap_ms(60000);
	return 0;
}

#define OPPONENT(name, bytes)                                                      \
	static int name(void *arg, struct sp_outlet *outlet, struct sp_error *err) \
	{                                                                          \
		(void)arg;                                                         \
		(void)outlet;                                                      \
		(void)err;                                                         \
		return put_raw(bytes, sizeof bytes - 1);                           \
	}

OPPONENT(sends_an_oversize_frame, "\x7f\xff\xff\xff"
				  "m{}")
OPPONENT(sends_no_kind, "\0\0\0\0")
OPPONENT(sends_an_unknown_kind, "\0\0\0\x03"
				"x{}")
OPPONENT(sends_broken_json, "\0\0\0\x03"
			    "m{]")
OPPONENT(sends_an_error_of_no_code, "\0\0\0\x13"
				    "e{\"code\":99,\"text\""
				    ":\"\"}")
OPPONENT(sends_done_with_payload, "\0\0\0\x03"
				  "d{}")
OPPONENT(sends_half_a_frame, "\0\0\0\x09"
			     "m{}")

/* ---- how the parent takes it ----------------------------------------------- */

struct row {
	const char *name;
	sp_worker_fn run;
	struct sp_worker_limits limits;
	int result;
	const char *text;
	int messages;
	bool needs_memory_limit;
};

// clang-format off
static const struct row rows[] = {
	{ "messages and an end", answers, .messages = 3 },
	{ "an end alone", says_nothing, .messages = 0 },
	{ "its own error, whole", fails, .result = -SP_ERR_IO,
	  .text = "opening '/dev/sr0': No medium found" },
	{ "an error is cleaned", fails_with_escapes, .result = -SP_ERR_NO_PACK,
	  .text = "label ?[2J here" },
	{ "a crash", crashes, .result = -SP_ERR_WORKER,
	  .text = "reading 'x': the process crashed (signal 11)" },
	{ "a crash after messages", answers_and_aborts, .result = -SP_ERR_WORKER,
	  .text = "reading 'x': the process crashed (signal 6)", .messages = 3 },
	{ "an exit without an answer", leaves, .result = -SP_ERR_WORKER,
	  .text = "reading 'x': the process ended without an answer (status 3)" },
	{ "the deadline", sleeps, .limits = { .deadline_ms = 100 },
	  .result = -SP_ERR_TIMEOUT, .text = "reading 'x': no answer within 1 s" },
	{ "a read that hangs", reads_for_ever, .limits = { .stall_seconds = 1 },
	  .result = -SP_ERR_TIMEOUT, .text = "reading 'x': nothing more came within 1 s" },
	{ "an end that hangs", falls_silent, .limits = { .stall_seconds = 1 },
	  .result = -SP_ERR_TIMEOUT, .text = "reading 'x': nothing more came within 1 s" },
	{ "a read in time", reads_in_time, .limits = { .stall_seconds = 20 } },
	{ "processor time", loops, .limits = { .cpu_seconds = 1 },
	  .result = -SP_ERR_LIMIT,
	  .text = "reading 'x': it took more than 1 s of processor time" },
	{ "a loop until the deadline", loops, .limits = { .deadline_ms = 50 },
	  .result = -SP_ERR_TIMEOUT, .text = "reading 'x': no answer within 1 s" },
	{ "memory", eats_memory, .limits = { .memory_bytes = 64 << 20 },
	  .result = -SP_ERR_LIMIT,
	  .text = "reading 'x': it needs more than 64 MiB of memory",
	  .needs_memory_limit = true },
	{ "a large file", writes_a_lot, .limits = { .file_bytes = 100000 },
	  .result = -SP_ERR_LIMIT,
	  .text = "reading 'x': it wrote a file of more than 100000 bytes" },
	{ "a file within the limit", writes_a_lot, .limits = { .file_bytes = 8 << 20 } },
	{ "a long message", sends_a_long_message, .limits = { .message_bytes = 10000 },
	  .result = -SP_ERR_LIMIT,
	  .text = "a part of the answer is longer than 10000 bytes" },
	{ "a long message that may be", sends_a_long_message, .messages = 1 },
	{ "many messages", sends_many_messages, .limits = { .messages = 99 },
	  .result = -SP_ERR_LIMIT, .text = "the answer has too many parts",
	  .messages = 99 },
	{ "an oversize frame", sends_an_oversize_frame, .result = -SP_ERR_LIMIT,
	  .text = "reading 'x': the process sent a message of 2147483646 bytes" },
	{ "a frame without a kind", sends_no_kind, .result = -SP_ERR_WORKER,
	  .text = "reading 'x': the process sent a message without a kind" },
	{ "an unknown kind", sends_an_unknown_kind, .result = -SP_ERR_WORKER,
	  .text = "reading 'x': the process answered nonsense" },
	{ "broken JSON", sends_broken_json, .result = -SP_ERR_WORKER,
	  .text = "reading 'x': the process answered nonsense" },
	{ "an error without a code", sends_an_error_of_no_code, .result = -SP_ERR_WORKER,
	  .text = "reading 'x': the process answered nonsense" },
	{ "an end with a payload", sends_done_with_payload, .result = -SP_ERR_WORKER,
	  .text = "reading 'x': the process answered nonsense" },
	{ "half a frame", sends_half_a_frame, .limits = { .deadline_ms = 100 },
	  .result = -SP_ERR_TIMEOUT, .text = "reading 'x': no answer within 1 s" },
};
// clang-format on

static int count_message(void *user, struct json_object *message, struct sp_error *err)
{
	int *count = user;

	(void)err;
	assert_int_equal(sp_json_length(message), 0);
	if (sp_json_get(message, "number"))
		assert_int_equal(sp_json_get_int(message, "number", -1), *count);
	++*count;
	return 0;
}

static bool is_asan(void)
{
#ifdef __SANITIZE_ADDRESS__
	return true;
#else
	return false;
#endif
}

static void takes(void **state)
{
	const struct row *row = *state;
	struct sp_error err = SP_ERROR_INIT;
	int messages = 0;
	struct sp_worker_job job = { .what = "reading 'x'",
				     .run = row->run,
				     .on_message = count_message,
				     .user = &messages,
				     .limits = row->limits };
	int64_t start = sp_process_now_ms();

	if (row->needs_memory_limit && is_asan())
		skip();
	assert_int_equal(sp_worker_run(&job, NULL, &err), row->result);
	assert_string_equal(err.text, row->text ? row->text : "");
	assert_int_equal(messages, row->messages);
	assert_true(sp_process_now_ms() - start < 30000);
}

/* ---- the rest -------------------------------------------------------------- */

static int refuse_second(void *user, struct json_object *message, struct sp_error *err)
{
	int *count = user;

	(void)message;
	if (++*count < 2)
		return 0;
	return sp_error_set(err, SP_ERR_FORMAT, "the second message is one too many");
}

static void a_refused_message_ends_the_job(void **state)
{
	int count = 0;
	struct sp_worker_job job = { .what = "reading 'x'",
				     .run = answers,
				     .on_message = refuse_second,
				     .user = &count };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_worker_run(&job, NULL, &err), -SP_ERR_FORMAT);
	assert_string_equal(err.text, "the second message is one too many");
	assert_int_equal(count, 2);
	job.on_message = NULL;
	assert_int_equal(sp_worker_run(&job, NULL, &err), -SP_ERR_WORKER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_message_ends_the_job),
	};

	return table_run("worker", rows, takes) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
