/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order matters here: a group is killed while its leader is still a zombie,
 * because afterwards the number may belong to somebody else. */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COLLECT_EVERY_MS = 2, MOST_DESCRIPTORS = 4096 };

int64_t sp_process_now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int sp_process_above_stdio(int fd)
{
	return fd > STDERR_FILENO ? fd : fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

static void reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		(void)sigaction(number, &action, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int set_stdio(int stdout_fd)
{
	int null_fd = sp_process_above_stdio(open("/dev/null", O_RDWR | O_CLOEXEC));

	if (null_fd < 0)
		return errno;
	if (stdout_fd < 0)
		stdout_fd = null_fd;
	if (dup2(stdout_fd, STDOUT_FILENO) < 0 || dup2(stdout_fd, STDERR_FILENO) < 0 ||
	    dup2(null_fd, STDIN_FILENO) < 0)
		return errno;
	(void)close(null_fd);
	return 0;
}

int sp_process_set_apart(pid_t parent, int stdout_fd)
{
	(void)setpgid(0, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return errno;
	if (getppid() != parent)
		return ESRCH;
	reset_signals();
	return set_stdio(stdout_fd);
}

void sp_process_close_others(const int *kept, size_t n, int also)
{
	long most = sysconf(_SC_OPEN_MAX);

	if (most < 0 || most > MOST_DESCRIPTORS)
		most = MOST_DESCRIPTORS;
	for (int fd = STDERR_FILENO + 1; fd < most; fd++) {
		bool keep = fd == also;

		for (size_t i = 0; i < n; i++)
			keep = keep || fd == kept[i];
		if (!keep)
			(void)close(fd);
	}
}

bool sp_process_has_ended(pid_t pid, struct sp_process_end *ret_end)
{
	siginfo_t info = { 0 };
	int r;

	do
		r = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
	while (r < 0 && errno == EINTR);
	if (r < 0) {
		*ret_end = (struct sp_process_end){ .exited = true, .status = -1 };
		return true;
	}
	if (info.si_pid == 0)
		return false;
	ret_end->exited = info.si_code == CLD_EXITED;
	ret_end->status = info.si_status;
	return true;
}

void sp_process_kill(pid_t pid)
{
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
}

bool sp_process_collect(pid_t pid)
{
	pid_t got = waitpid(pid, NULL, WNOHANG);

	return got == pid || (got < 0 && errno != EINTR);
}

void sp_process_end_all(pid_t pid, unsigned patience_ms)
{
	const struct timespec pause = { .tv_nsec = COLLECT_EVERY_MS * 1000000L };
	int64_t until = sp_process_now_ms() + patience_ms;

	sp_process_kill(pid);
	while (!sp_process_collect(pid) && sp_process_now_ms() < until)
		(void)nanosleep(&pause, NULL);
}

void sp_process_trim(void)
{
#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
}
