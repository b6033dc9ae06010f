/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a worker ends before its time: cancelled, too late, or with its parent; what it
 * started ends with it. */
#include "base/process.h"
#include "base/worker.h"
#include "support/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Shared with the workers of one test. */
struct shared {
	pid_t worker, grandchild;
};

static struct shared *shared;

static int forks_a_child(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	pid_t pid = fork();

	(void)arg;
	(void)outlet;
	(void)err;
	if (pid == 0) {
		nap_ms(60000);
		_exit(0);
	}
	shared->worker = getpid();
	shared->grandchild = pid;
	return 0;
}

static int forks_a_child_and_crashes(void *arg, struct sp_outlet *outlet,
				     struct sp_error *err)
{
	(void)!forks_a_child(arg, outlet, err);
	(void)raise(SIGSEGV);
	return 0;
}

static int forks_a_child_and_sleeps(void *arg, struct sp_outlet *outlet,
				    struct sp_error *err)
{
	(void)!forks_a_child(arg, outlet, err);
	nap_ms(60000);
	return 0;
}

static bool is_alive(pid_t pid)
{
	char path[64], text[512] = { 0 };
	SP_AUTO(sp_closep) int fd = -1;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
		return false;
	return !strstr(text, ") Z") && !strstr(text, ") X");
}

static bool is_dead_soon(pid_t pid)
{
	for (int i = 0; i < 3000; i++) {
		if (!is_alive(pid))
			return true;
		nap_ms(10);
	}
	return false;
}

static void kills_what_a_worker_started(void **state)
{
	static const sp_worker_fn fns[] = { forks_a_child, forks_a_child_and_crashes,
					    forks_a_child_and_sleeps };
	static const int results[] = { 0, -SP_ERR_WORKER, -SP_ERR_TIMEOUT };
	static const unsigned deadlines_ms[] = { 30000, 30000, 2000 };

	(void)state;
	for (size_t i = 0; i < sizeof fns / sizeof fns[0]; i++) {
		struct sp_worker_job job = { .what = "reading 'x'",
					     .run = fns[i],
					     .limits = { .deadline_ms =
								 deadlines_ms[i] } };
		struct sp_error err = SP_ERROR_INIT;

		*shared = (struct shared){ 0 };
		assert_int_equal(sp_worker_run(&job, NULL, &err), results[i]);
		assert_true(shared->worker > 0 && shared->grandchild > 0);
		assert_true(is_dead_soon(shared->grandchild));
		assert_int_equal(kill(shared->worker, 0), -1);
	}
}

static int cancel_at_third(void *user)
{
	return ++*(int *)user >= 3;
}

static int keep_waiting(void *user)
{
	++*(int *)user;
	return 0;
}

static void is_cancelled_by_patience(void **state)
{
	struct sp_worker_job jobs[4];
	struct sp_error err = SP_ERROR_INIT;
	int ticks = 0;
	const struct sp_patience patience = { -1, cancel_at_third, &ticks };
	int64_t start = sp_process_now_ms();

	(void)state;
	for (size_t i = 0; i < 4; i++)
		jobs[i] = (struct sp_worker_job){ .what = "reading 'x'", .run = sleeps };
	jobs[0].run = says_nothing;
	assert_int_equal(sp_worker_run_all(jobs, 4, 2, &patience, &err),
			 -SP_ERR_CANCELLED);
	assert_int_equal(jobs[0].result, 0);
	for (size_t i = 1; i < 4; i++) {
		assert_int_equal(jobs[i].result, -SP_ERR_CANCELLED);
		assert_string_equal(jobs[i].error.text, "reading 'x': cancelled");
	}
	assert_int_equal(ticks, 3);
	assert_in_range(sp_process_now_ms() - start, 150, 30000);
}

static void is_cancelled_by_a_key(void **state)
{
	struct sp_worker_job job = { .what = "reading 'x'", .run = sleeps };
	struct sp_error err = SP_ERROR_INIT;
	int ends[2], ticks = 2;
	struct sp_patience patience = { .tick = cancel_at_third, .user = &ticks };
	int64_t start = sp_process_now_ms();

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	patience.fd = ends[0];
	assert_int_equal(sp_worker_run(&job, &patience, &err), -SP_ERR_CANCELLED);
	assert_in_range(sp_process_now_ms() - start, 0, 30000);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void runs_side_by_side(void **state)
{
	struct sp_worker_job jobs[6];
	struct sp_error err = SP_ERROR_INIT;
	int ticks = 0;
	const struct sp_patience patience = { -1, keep_waiting, &ticks };
	int64_t start = sp_process_now_ms();

	(void)state;
	for (size_t i = 0; i < 6; i++)
		jobs[i] = (struct sp_worker_job){ .what = "reading 'x'",
						  .run = sleeps,
						  .limits = { .deadline_ms = 400 } };
	assert_int_equal(sp_worker_run_all(jobs, 6, 3, &patience, &err), 0);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(jobs[i].result, -SP_ERR_TIMEOUT);
	assert_in_range(sp_process_now_ms() - start, 800, 10000);
	assert_in_range(ticks, 4, 12);
}

/* A program around the workers that dies without a word takes them along. */
static void workers_die_with_their_parent(void **state)
{
	struct sp_worker_job job = { .what = "reading 'x'",
				     .run = forks_a_child_and_sleeps };
	struct sp_error err = SP_ERROR_INIT;
	pid_t pid;

	(void)state;
	*shared = (struct shared){ 0 };
	pid = fork();
	if (pid == 0) {
		(void)!sp_worker_run(&job, NULL, &err);
		_exit(0);
	}
	for (int i = 0; i < 3000 && !shared->grandchild; i++)
		nap_ms(10);
	assert_true(shared->worker > 0 && is_alive(shared->worker));
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(is_dead_soon(shared->worker));
	assert_int_equal(kill(shared->grandchild, SIGKILL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kills_what_a_worker_started),
		cmocka_unit_test(is_cancelled_by_patience),
		cmocka_unit_test(is_cancelled_by_a_key),
		cmocka_unit_test(runs_side_by_side),
		cmocka_unit_test(workers_die_with_their_parent),
	};

	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
