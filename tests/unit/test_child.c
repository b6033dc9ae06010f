/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/child.h"

#include "base/process.h"
#include "support/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_ARGS = 8 };

struct row {
	const char *name;
	const char *argv[MAX_ARGS];
	unsigned deadline_ms;
	int result, status;
	const char *output; /* or the error's text */
};

#define SH "/bin/sh", "-c"

// clang-format off
static const struct row rows[] = {
	{ "output and status", { SH, "echo out; echo err >&2; exit 3" }, .status = 3,
	  .output = "out\nerr\n" },
	{ "no shell in between", { "/bin/echo", "$HOME;*" }, .output = "$HOME;*\n" },
	{ "its environment", { "/usr/bin/env" },
	  .output = "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C\nHOME=/\n" },
	{ "its directory", { "/bin/pwd" }, .output = "/\n" },
	{ "nothing on stdin", { "/bin/cat" }, .output = "" },
	{ "a signal", { SH, "kill -11 $$" }, .status = 139, .output = "" },
	{ "its own group", { SH, "test $(ps -o pgid= -p $$) = $$ || exit 1" },
	  .output = "" },
	/* The last is the directory that ls reads. */
	{ "no descriptors", { "/bin/ls", "/proc/self/fd" }, .output = "0\n1\n2\n3\n" },
	{ "no such program", { "/nonexistent/x" }, .result = -SP_ERR_IO,
	  .output = "running '/nonexistent/x': No such file or directory" },
	{ "no program", { "/etc/passwd" }, .result = -SP_ERR_IO,
	  .output = "running '/etc/passwd': Permission denied" },
	{ "the deadline", { "/bin/sleep", "60" }, .deadline_ms = 100,
	  .result = -SP_ERR_TIMEOUT, .output = "'/bin/sleep' took more than 1 s" },
	{ "a deadline while it writes", { "/usr/bin/yes" }, .deadline_ms = 100,
	  .result = -SP_ERR_TIMEOUT, .output = "'/usr/bin/yes' took more than 1 s" },
	{ "what it leaves is not waited for", { SH, "sleep 60 & echo done" },
	  .deadline_ms = 5000, .output = "done\n" },
	{ "closed output is not the end", { SH, "exec >&- 2>&-; sleep 0.2; exit 4" },
	  .status = 4, .output = "" },
};
// clang-format on

static void runs(void **state)
{
	const struct row *row = *state;
	struct sp_error err = SP_ERROR_INIT;
	struct sp_child_result result = { 0 };
	int stray = dup(0); /* without close-on-exec, as libraries leave them */

	assert_int_equal(sp_child_run(row->argv, NULL, row->deadline_ms, &result, &err),
			 row->result);
	(void)close(stray);
	if (row->result < 0) {
		assert_string_equal(err.text, row->output);
		assert_null(result.output);
		return;
	}
	assert_int_equal(result.status, row->status);
	assert_string_equal(result.output, row->output);
	free(result.output);
}

static void cuts_long_output_and_reads_it_all(void **state)
{
	static const char *const argv[] = { SH, "yes | head -c 3000000; exit 5", NULL };
	struct sp_error err = SP_ERROR_INIT;
	struct sp_child_result result = { 0 };

	(void)state;
	assert_int_equal(sp_child_run(argv, NULL, 10000, &result, &err), 0);
	assert_int_equal(result.status, 5);
	assert_int_equal(strlen(result.output), 65536);
	free(result.output);
}

static void leaves_nothing(void **state)
{
	static const char *const argv[] = { SH, "sleep 60 & echo $!; sleep 60", NULL };
	static const char *const quick[] = { SH, "sleep 60 & echo $!", NULL };
	struct sp_error err = SP_ERROR_INIT;
	struct sp_child_result result = { 0 };
	int before = dup(0), after;
	siginfo_t info;
	pid_t pid;

	(void)state;
	assert_int_equal(sp_child_run(argv, NULL, 200, &result, &err), -SP_ERR_TIMEOUT);
	assert_int_equal(sp_child_run(quick, NULL, 5000, &result, &err), 0);
	pid = (pid_t)atol(result.output);
	free(result.output);
	assert_true(pid > 1);
	for (int i = 0; i < 3000 && kill(pid, 0) == 0; i++)
		(void)usleep(10000);
	assert_int_equal(kill(pid, 0), -1);
	after = dup(0);
	assert_int_equal(after, before + 1);
	(void)close(before);
	(void)close(after);
	assert_int_equal(waitid(P_ALL, 0, &info, WEXITED | WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void goes_to_another_root(void **state)
{
	static const char *const argv[] = { "/bin/true", NULL };
	char root[] = "/tmp/test_child.XXXXXX";
	struct sp_error err = SP_ERROR_INIT;
	struct sp_child_result result = { 0 };

	(void)state;
	assert_non_null(mkdtemp(root));
	/* Nothing is there; who may not go there is told so. */
	assert_int_equal(sp_child_run(argv, root, 1000, &result, &err), -SP_ERR_IO);
	assert_int_equal(err.sys_errno, geteuid() == 0 ? ENOENT : EPERM);
	assert_int_equal(rmdir(root), 0);
}

static void speaks_over_a_socket(void **state)
{
	static const char *const argv[] = {
		"/usr/bin/perl", "-e",
		"open(my $s, '+<&=', 3); my $line = <$s>;"
		"opendir(my $d, '/proc/self/fd'); my @fds = grep { /^[0-9]/ } readdir $d;"
		"syswrite($s, 'heard ' . $line . @fds);"
		"open(my $n, '<', '/dev/null'); $line = <$s>;"
		"exit(defined $line ? 1 : 7);",
		NULL
	};
	struct sp_error err = SP_ERROR_INIT;
	char answer[64] = "";
	int pair[2], status;
	ssize_t n = 0, more;
	pid_t pid;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(sp_child_start(argv, pair[1], &pid, &err), 0);
	(void)close(pair[1]);
	assert_int_equal(write(pair[0], "hello\n", 6), 6);
	while (n < 13 &&
	       (more = read(pair[0], answer + n, sizeof answer - 1 - (size_t)n)) > 0)
		n += more;
	/* stdin, stdout, stderr, the socket, and the directory it reads. */
	assert_string_equal(answer, "heard hello\n5");
	(void)close(pair[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 7);
}

static void says_what_cannot_be_started(void **state)
{
	static const char *const argv[] = { "/nonexistent/x", NULL };
	struct sp_error err = SP_ERROR_INIT;
	int pair[2];
	pid_t pid = 0;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(sp_child_start(argv, pair[1], &pid, &err), -SP_ERR_IO);
	assert_string_equal(err.text,
			    "running '/nonexistent/x': No such file or directory");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speaks_over_a_socket),
		cmocka_unit_test(says_what_cannot_be_started),
		cmocka_unit_test(cuts_long_output_and_reads_it_all),
		cmocka_unit_test(leaves_nothing),
		cmocka_unit_test(goes_to_another_root),
	};
	int failed = table_run("child", rows, runs);

	return failed + cmocka_run_group_tests_name("child: more", tests, NULL, NULL);
}
