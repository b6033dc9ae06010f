/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of others (depmod, dracut) are run here and nowhere else: never through
 * a shell, never for longer than allowed, never with our descriptors. */
#include "base/child.h"

#include "base/process.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	OUTPUT_MAX_BYTES = 64 * 1024,
	LOOK_EVERY_MS = 100, /* whether it has ended, though its output is open */
	SOON_MS = 5,
	GRACE_MS = 2000,
	DEFAULT_DEADLINE_MS = 60000,
	FREE_FD = SP_CHILD_SOCKET + 1, /* from here on the program's own do not collide */
};

/* ---- in the child ---------------------------------------------------------- */

struct program {
	const char *const *argv;
	const char *root; /* NULL: ours */
	int socket;       /* becomes SP_CHILD_SOCKET; -1: none */
};

/* A program with a socket hears that we have gone, and may have things to undo. */
static int give_socket(const struct program *program)
{
	if (program->socket < 0)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, 0) < 0 ||
	    dup2(program->socket, SP_CHILD_SOCKET) < 0 ||
	    fcntl(SP_CHILD_SOCKET, F_SETFD, 0) < 0)
		return errno;
	return 0;
}

/* Returns the errno of what failed. */
static int become(const struct program *program, pid_t parent, int output, int failure)
{
	static const char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static const int kept[] = { SP_CHILD_SOCKET };
	const char *const env[] = { path, "LC_ALL=C", "HOME=/", NULL };
	int failed = sp_process_set_apart(parent, output);

	if (!failed)
		failed = give_socket(program);
	if (failed)
		return failed;
	if ((program->root && chroot(program->root) < 0) || chdir("/") < 0)
		return errno;
	/* Ours would be closed by exec; libraries are not that careful with theirs. */
	sp_process_close_others(kept, program->socket >= 0, failure);
	/* execve() changes neither; its type is older than const. */
	(void)execve(program->argv[0], (char **)(uintptr_t)program->argv,
		     (char **)(uintptr_t)env);
	return errno;
}

/* ---- in the parent --------------------------------------------------------- */

struct run {
	pid_t pid;
	int output;  /* its stdout and stderr; -1 once closed */
	int failure; /* tells why it could not be started */
	struct sp_strbuf text;
};

static void run_done(struct run *run)
{
	if (run->pid > 0)
		sp_process_end_all(run->pid, GRACE_MS);
	sp_closep(&run->output);
	sp_closep(&run->failure);
	sp_strbuf_done(&run->text);
}

SP_DEFINE_FREEP(struct run *, run_done)

/* @fd, or a duplicate that no descriptor of the program's own will take the place of. */
static int above_socket(int fd)
{
	return fd >= FREE_FD ? fd : fcntl(fd, F_DUPFD_CLOEXEC, FREE_FD);
}

/* What it prints is read here, unless it has a socket to speak over. */
static int open_output(struct run *run, const struct program *program, int *ret_output)
{
	int pair[2];

	if (program->socket >= 0)
		return 0;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return -1;
	run->output = pair[0];
	*ret_output = pair[1];
	return fcntl(run->output, F_SETFL, O_NONBLOCK);
}

static int start(struct run *run, const struct program *program, struct sp_error *err)
{
	SP_AUTO(sp_closep) int output = -1, failure = -1;
	pid_t parent = getpid();
	int pair[2], failed;

	if (open_output(run, program, &output) < 0 || pipe2(pair, O_CLOEXEC) < 0)
		return sp_error_set_errno(err, errno, "running '%s'", program->argv[0]);
	run->failure = pair[0];
	failure = pair[1];
	run->pid = fork();
	if (run->pid == 0) {
		failure = above_socket(failure);
		failed = become(program, parent, above_socket(output), failure);
		(void)!write(failure, &failed, sizeof failed);
		_exit(127);
	}
	if (run->pid < 0)
		return sp_error_set_errno(err, errno, "running '%s'", program->argv[0]);
	(void)setpgid(run->pid, run->pid);
	return 0;
}

static int fail_deadline(const char *program, unsigned allowed_ms, struct sp_error *err)
{
	return sp_error_set(err, SP_ERR_TIMEOUT, "'%s' took more than %u s", program,
			    (allowed_ms + 999) / 1000);
}

/* Waits until the program runs in the child's place (0), could not (its errno), or
 * @until has passed (-1: a file system can hang). */
static int check_started(const struct run *run, int64_t until)
{
	struct pollfd news = { .fd = run->failure, .events = POLLIN };
	int failed = 0, r;
	int64_t left;

	do {
		left = until - sp_process_now_ms();
		r = poll(&news, 1, left > 0 ? (int)left : 0);
	} while (r < 0 && errno == EINTR);
	if (r == 0)
		return -1;
	return read(run->failure, &failed, sizeof failed) == sizeof failed ? failed : 0;
}

/* False when there is nothing more to read for now. */
static bool take_output(struct run *run)
{
	char bytes[4096];
	ssize_t n = read(run->output, bytes, sizeof bytes);
	size_t room = OUTPUT_MAX_BYTES - run->text.len;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		sp_closep(&run->output);
		run->output = -1;
		return false;
	}
	/* The rest is read all the same, so that it never waits for us. */
	sp_strbuf_add_bytes(&run->text, bytes, (size_t)n < room ? (size_t)n : room);
	return true;
}

static int watch(struct run *run, int64_t until, struct sp_process_end *ret_end)
{
	while (!sp_process_has_ended(run->pid, ret_end)) {
		struct pollfd news = { .fd = run->output, .events = POLLIN };
		int64_t left = until - sp_process_now_ms();
		int64_t wait = run->output < 0 ? SOON_MS : LOOK_EVERY_MS;

		if (left <= 0)
			return -SP_ERR_TIMEOUT;
		if (poll(&news, 1, (int)(left < wait ? left : wait)) > 0)
			(void)take_output(run);
	}
	/* A grandchild may write for ever: what fits a pipe is enough. */
	for (int i = 0; i < 256 && run->output >= 0 && take_output(run); i++)
		continue;
	return 0;
}

int sp_child_run(const char *const argv[], const char *root, unsigned deadline_ms,
		 struct sp_child_result *ret_result, struct sp_error *err)
{
	const struct program program = { argv, root, -1 };
	struct run run = { .pid = -1, .output = -1, .failure = -1 };
	SP_AUTO(run_donep) struct run *owned = &run;
	unsigned allowed_ms = deadline_ms ? deadline_ms : DEFAULT_DEADLINE_MS;
	int64_t until = sp_process_now_ms() + allowed_ms;
	struct sp_process_end end = { 0 };
	char *output;
	int r;

	r = start(owned, &program, err);
	if (r < 0)
		return r;
	r = check_started(owned, until);
	if (r > 0)
		return sp_error_set_errno(err, r, "running '%s'", argv[0]);
	if (r < 0 || watch(owned, until, &end) < 0)
		return fail_deadline(argv[0], allowed_ms, err);
	output = sp_strbuf_take(&owned->text);
	if (!output)
		return sp_error_nomem(err);
	ret_result->status = end.exited ? end.status & 0xff : 128 + end.status;
	ret_result->output = output;
	return 0;
}

int sp_child_start(const char *const argv[], int socket_fd, pid_t *ret_pid,
		   struct sp_error *err)
{
	SP_AUTO(sp_closep) int socket = fcntl(socket_fd, F_DUPFD_CLOEXEC, FREE_FD);
	const struct program program = { argv, NULL, socket };
	struct run run = { .pid = -1, .output = -1, .failure = -1 };
	SP_AUTO(run_donep) struct run *owned = &run;
	int r;

	if (socket < 0)
		return sp_error_set_errno(err, errno, "running '%s'", argv[0]);
	r = start(owned, &program, err);
	if (r < 0)
		return r;
	r = check_started(owned, sp_process_now_ms() + DEFAULT_DEADLINE_MS);
	if (r < 0)
		return fail_deadline(argv[0], DEFAULT_DEADLINE_MS, err);
	if (r > 0)
		return sp_error_set_errno(err, r, "running '%s'", argv[0]);
	*ret_pid = run.pid;
	run.pid = -1;
	return 0;
}
