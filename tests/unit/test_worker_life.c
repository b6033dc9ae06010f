/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a worker lives: what it may do, what it holds, and what is left of it. */
#include "base/process.h"
#include "base/worker.h"
#include "support/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Shared with the worker of one test. */
struct shared {
	long value[4];
};

static struct shared *shared;

static long effective_capabilities(void)
{
	SP_AUTO(sp_closep) int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	char text[4096] = { 0 };
	const char *line;

	if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
		return -1;
	line = strstr(text, "CapEff:");
	return line ? strtol(line + 7, NULL, 16) : -1;
}

static int looks_around(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	struct stat in, null;
	struct rlimit files, core;

	(void)arg;
	(void)outlet;
	if (fstat(0, &in) < 0 || stat("/dev/null", &null) < 0 ||
	    getrlimit(RLIMIT_NOFILE, &files) < 0 || getrlimit(RLIMIT_CORE, &core) < 0)
		return sp_error_set(err, SP_ERR_INTERNAL, "looking around");
	shared->value[0] = effective_capabilities();
	shared->value[1] = in.st_rdev == null.st_rdev && getpgrp() == getpid();
	shared->value[2] = (long)(files.rlim_cur + core.rlim_cur);
	shared->value[3] = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	return 0;
}

static void has_no_privileges_and_no_terminal(void **state)
{
	struct sp_worker_job job = { .what = "reading 'x'", .run = looks_around };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_worker_run(&job, NULL, &err), 0);
	assert_int_equal(shared->value[0], 0);
	assert_int_equal(shared->value[1], 1);
	assert_int_equal(shared->value[2], 256);
	assert_int_equal(shared->value[3], 1);
	job.flags = SP_WORKER_PRIVILEGED;
	assert_int_equal(sp_worker_run(&job, NULL, &err), 0);
	assert_int_equal(shared->value[0], effective_capabilities());
	assert_int_equal(shared->value[3], 0);
}

static int mounts(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const char *where = arg;

	(void)outlet;
	if (mount("none", where, "tmpfs", 0, "size=64k") < 0)
		return sp_error_set_errno(err, errno, "mounting");
	if (sp_worker_drop_privileges(err) < 0)
		return -SP_ERR_IO;
	shared->value[0] = effective_capabilities();
	shared->value[1] = mount("none", where, "tmpfs", 0, NULL) < 0 && errno == EPERM;
	return 0;
}

static void mounts_vanish_with_the_worker(void **state)
{
	char where[] = "/tmp/test_worker.XXXXXX";
	struct sp_worker_job job = { .what = "mounting 'x'",
				     .run = mounts,
				     .arg = where,
				     .flags = SP_WORKER_PRIVATE_MOUNTS };
	struct sp_error err = SP_ERROR_INIT;
	struct stat before, after;
	int r;

	(void)state;
	assert_non_null(mkdtemp(where));
	assert_int_equal(stat(where, &before), 0);
	r = sp_worker_run(&job, NULL, &err);
	assert_int_equal(stat(where, &after), 0);
	assert_int_equal(rmdir(where), 0);
	assert_true(before.st_dev == after.st_dev);
	/* Where we may not mount, it is mounting that says so. */
	if (r < 0) {
		assert_string_equal(err.text, "mounting: Operation not permitted");
		skip();
	}
	assert_int_equal(shared->value[0], 0);
	assert_int_equal(shared->value[1], 1);
}

static int counts_descriptors(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const int *wanted = arg;
	long n = 0;

	(void)outlet;
	(void)err;
	for (int fd = 3; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	shared->value[0] = n;
	shared->value[1] = fcntl(*wanted, F_GETFD) >= 0;
	return 0;
}

static void keeps_the_descriptors_that_are_named(void **state)
{
	int wanted = open("/dev/zero", O_RDONLY | O_CLOEXEC), other = dup(wanted);
	struct sp_worker_job job = { .what = "reading 'x'",
				     .run = counts_descriptors,
				     .arg = &wanted,
				     .fds = &wanted,
				     .n_fds = 1 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_worker_run(&job, NULL, &err), 0);
	assert_int_equal(shared->value[0], 2); /* and its way to answer */
	assert_int_equal(shared->value[1], 1);
	job.fds = NULL;
	assert_int_equal(sp_worker_run(&job, NULL, &err), 0);
	assert_true(shared->value[0] >= 3);
	(void)close(wanted);
	(void)close(other);
}

/* Hosts differ in what they leave us: no stdin, or children nobody waits for. */
static void works_in_odd_surroundings(void **state)
{
	struct sp_worker_job job = { .what = "reading 'x'", .run = says_nothing };
	struct sp_error err = SP_ERROR_INIT;
	int status = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		(void)close(0);
		(void)close(1);
		(void)close(2);
		(void)signal(SIGCHLD, SIG_IGN);
		if (sp_worker_run(&job, NULL, &err) != 0)
			_exit(1);
		job.run = crashes;
		_exit(sp_worker_run(&job, NULL, &err) == -SP_ERR_WORKER ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void leaves_no_descriptor_and_no_child(void **state)
{
	struct sp_worker_job job = { .what = "reading 'x'", .run = crashes };
	struct sp_error err = SP_ERROR_INIT;
	int before = dup(0), after;
	siginfo_t info;

	(void)state;
	assert_int_equal(sp_worker_run(&job, NULL, &err), -SP_ERR_WORKER);
	after = dup(0);
	assert_int_equal(after, before + 1);
	(void)close(before);
	(void)close(after);
	assert_int_equal(waitid(P_ALL, 0, &info, WEXITED | WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_no_privileges_and_no_terminal),
		cmocka_unit_test(mounts_vanish_with_the_worker),
		cmocka_unit_test(keeps_the_descriptors_that_are_named),
		cmocka_unit_test(works_in_odd_surroundings),
		cmocka_unit_test(leaves_no_descriptor_and_no_child),
	};

	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
