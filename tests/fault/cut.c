/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cut: runs a command and stops it, or fails it, at one chosen system call of all that it
 * and its children make on the files below a directory.  Calls are counted over all
 * processes together, as a power cut would: strace counts in each by itself. */
#include "base/array.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if !defined __x86_64__
#error "how a system call is failed is known for x86-64 only"
#endif

static const char usage[] =
	"Usage: cut --under DIR [--kind write|space|read] [--trace FILE] [--ask FD]\n"
	"           [--kill N | --fail ERRNO N [--on]] -- COMMAND...\n"
	"\n"
	"Counts the calls of a kind that COMMAND makes on files below DIR:\n"
	"  write   whatever changes something there, or makes it durable\n"
	"  space   of those, what a full disk refuses\n"
	"  read    opening for reading, and reading\n"
	"--kill N        kills all of its processes before the Nth of them\n"
	"--fail ERRNO N  fails the Nth instead; with --on, all from the Nth on\n"
	"--trace FILE    writes a line for each: process, call, path\n"
	"--ask FD        writes that line to the socket FD before the call is made, and waits\n"
	"                for a byte in return: all stands still, as a power cut would leave it\n"
	"Exits as COMMAND does; with 255 if that call never came, 254 if it was killed.\n";

enum {
	EXIT_NEVER = 255,
	EXIT_KILLED = 254,
	EXIT_OWN = 253,
	PATH_BYTES = 4096,
	PAGE_BYTES = 4096,
};

/* Where a call says what file it is about. */
enum place {
	FD,   /* argument @at is a descriptor */
	PATH, /* a path */
	AT,   /* a directory's descriptor, and the path after it */
};

enum kind { WRITE = 1, SPACE = 2, READ = 4 };

struct call {
	long nr;
	const char *name;
	enum place place;
	unsigned at;
	unsigned kinds;
	enum {
		ALWAYS,
		IF_FLAGS,
		IF_HOW
	} when; /* opening: what for is asked of its flags */
};

#define CALL(name, ...)                        \
	{                                      \
		SYS_##name, #name, __VA_ARGS__ \
	}

static const struct call calls[] = {
	CALL(write, FD, 0, WRITE | SPACE, ALWAYS),
	CALL(pwrite64, FD, 0, WRITE | SPACE, ALWAYS),
	CALL(writev, FD, 0, WRITE | SPACE, ALWAYS),
	CALL(pwritev, FD, 0, WRITE | SPACE, ALWAYS),
	CALL(sendfile, FD, 0, WRITE | SPACE, ALWAYS),
	CALL(copy_file_range, FD, 2, WRITE | SPACE, ALWAYS),
	CALL(fallocate, FD, 0, WRITE | SPACE, ALWAYS),
	CALL(ftruncate, FD, 0, WRITE, ALWAYS),
	CALL(truncate, PATH, 0, WRITE, ALWAYS),
	CALL(creat, PATH, 0, WRITE | SPACE, ALWAYS),
	CALL(open, PATH, 0, WRITE | SPACE | READ, IF_FLAGS),
	CALL(openat, AT, 0, WRITE | SPACE | READ, IF_FLAGS),
	CALL(openat2, AT, 0, WRITE | SPACE | READ, IF_HOW),
	CALL(mkdir, PATH, 0, WRITE | SPACE, ALWAYS),
	CALL(mkdirat, AT, 0, WRITE | SPACE, ALWAYS),
	CALL(mknod, PATH, 0, WRITE | SPACE, ALWAYS),
	CALL(mknodat, AT, 0, WRITE | SPACE, ALWAYS),
	CALL(symlink, PATH, 1, WRITE | SPACE, ALWAYS),
	CALL(symlinkat, AT, 1, WRITE | SPACE, ALWAYS),
	CALL(link, PATH, 1, WRITE | SPACE, ALWAYS),
	CALL(linkat, AT, 2, WRITE | SPACE, ALWAYS),
	CALL(rename, PATH, 1, WRITE | SPACE, ALWAYS),
	CALL(renameat, AT, 2, WRITE | SPACE, ALWAYS),
	CALL(renameat2, AT, 2, WRITE | SPACE, ALWAYS),
	CALL(unlink, PATH, 0, WRITE, ALWAYS),
	CALL(unlinkat, AT, 0, WRITE, ALWAYS),
	CALL(rmdir, PATH, 0, WRITE, ALWAYS),
	CALL(chmod, PATH, 0, WRITE, ALWAYS),
	CALL(fchmod, FD, 0, WRITE, ALWAYS),
	CALL(fchmodat, AT, 0, WRITE, ALWAYS),
	CALL(chown, PATH, 0, WRITE, ALWAYS),
	CALL(lchown, PATH, 0, WRITE, ALWAYS),
	CALL(fchown, FD, 0, WRITE, ALWAYS),
	CALL(fchownat, AT, 0, WRITE, ALWAYS),
	CALL(utimensat, AT, 0, WRITE, ALWAYS),
	CALL(fsync, FD, 0, WRITE, ALWAYS),
	CALL(fdatasync, FD, 0, WRITE, ALWAYS),
	CALL(syncfs, FD, 0, WRITE, ALWAYS),
	CALL(read, FD, 0, READ, ALWAYS),
	CALL(pread64, FD, 0, READ, ALWAYS),
	CALL(readv, FD, 0, READ, ALWAYS),
	CALL(getdents64, FD, 0, READ, ALWAYS),
};

enum { N_CALLS = sizeof calls / sizeof calls[0] };

static const struct failure {
	const char *name;
	int number;
} failures[] = { { "ENOSPC", ENOSPC }, { "EIO", EIO }, { "EROFS", EROFS } };

struct cut {
	const char *under;
	enum kind kind;
	FILE *trace;
	int ask_fd; /* < 0: nobody is asked */
	unsigned long kill_at, fail_at, n;
	int failure;
	bool on;
	pid_t *pids;
	size_t n_pids;
	int status; /* of the command itself */
};

static void die(const char *what)
{
	(void)fprintf(stderr, "cut: %s: %s\n", what, strerror(errno));
	exit(EXIT_OWN);
}

/* ---- what it is about ----------------------------------------------------------------- */

static const struct call *find_call(long nr)
{
	for (size_t i = 0; i < N_CALLS; i++)
		if (calls[i].nr == nr)
			return &calls[i];
	return NULL;
}

static bool read_memory(pid_t pid, uint64_t at, void *to, size_t len)
{
	struct iovec local = { to, len };
	struct iovec remote = { (void *)(uintptr_t)at, len };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)len;
}

/* A path may end just before memory that is not there: never more than a page. */
static bool read_path(pid_t pid, uint64_t at, char path[PATH_BYTES])
{
	size_t have = 0;

	while (have < PATH_BYTES) {
		size_t part = PAGE_BYTES - (at + have) % PAGE_BYTES;

		if (part > PATH_BYTES - have)
			part = PATH_BYTES - have;
		if (!read_memory(pid, at + have, path + have, part))
			return false;
		if (memchr(path + have, '\0', part))
			return true;
		have += part;
	}
	return false;
}

static bool read_link(pid_t pid, const char *what, char path[PATH_BYTES])
{
	SP_AUTO(sp_str_freep) char *link = sp_text_format("/proc/%d/%s", pid, what);
	ssize_t n = link ? readlink(link, path, PATH_BYTES - 1) : -1;

	path[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static bool fd_path(pid_t pid, int fd, char path[PATH_BYTES])
{
	SP_AUTO(sp_str_freep) char *what = sp_text_format("fd/%d", fd);

	if (fd == AT_FDCWD)
		return read_link(pid, "cwd", path);
	return what && read_link(pid, what, path);
}

/* Dots stay in it: no path of ours has any that leads out of the directory. */
static char *path_of(pid_t pid, const struct call *call, const uint64_t args[6])
{
	char base[PATH_BYTES], path[PATH_BYTES] = "";
	bool at = call->place == AT;

	if (call->place == FD)
		return fd_path(pid, (int)args[call->at], base) ? strdup(base) : NULL;
	if (args[call->at + at] && !read_path(pid, args[call->at + at], path))
		return NULL;
	if (*path == '/')
		return read_link(pid, "root", base)
			       ? sp_text_format("%s%s", strcmp(base, "/") ? base : "",
						path)
			       : NULL;
	if (!fd_path(pid, at ? (int)args[call->at] : AT_FDCWD, base))
		return NULL;
	return sp_text_format("%s%s%s", base, *path ? "/" : "", path);
}

static unsigned kinds_of(pid_t pid, const struct call *call, const uint64_t args[6])
{
	struct open_how how = { 0 };
	uint64_t flags = args[call->place == AT ? 2 : 1];

	if (call->when == ALWAYS)
		return call->kinds;
	if (call->when == IF_HOW) {
		if (!read_memory(pid, args[2], &how, sizeof how))
			return 0;
		flags = how.flags;
	}
	if (flags & O_CREAT)
		return WRITE | SPACE;
	if (flags & O_TRUNC)
		return WRITE;
	return flags & O_PATH ? 0 : READ;
}

static bool is_under(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return path && !strncmp(path, dir, len) && (!path[len] || path[len] == '/');
}

/* ---- at a call ---------------------------------------------------------------------------- */

static char *line_of(const struct cut *cut, pid_t pid, const struct call *call,
		     const char *path)
{
	char name[PATH_BYTES] = "";
	SP_AUTO(sp_str_freep) char *comm = sp_text_format("/proc/%d/comm", pid);
	SP_AUTO(sp_closep) int fd = comm ? open(comm, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t n = fd >= 0 ? read(fd, name, sizeof name - 1) : -1;

	name[n > 0 ? n - 1 : 0] = '\0';
	return sp_text_format("%d:%s\t%s\t%s\n", pid, name, call->name,
			      path + strlen(cut->under));
}

static void tell_call(const struct cut *cut, const char *line)
{
	char go;

	if (!line)
		die("memory");
	if (cut->trace)
		(void)fputs(line, cut->trace);
	if (cut->ask_fd >= 0 && (write(cut->ask_fd, line, strlen(line)) < 0 ||
				 read(cut->ask_fd, &go, 1) != 1))
		die("asking");
}

static void fail_call(pid_t pid, int failure)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) < 0)
		return;
	regs.orig_rax = (unsigned long long)-1;
	regs.rax = (unsigned long long)-failure;
	(void)ptrace(PTRACE_SETREGS, pid, NULL, &regs);
}

/* True: this is where the power goes. */
static bool at_call(struct cut *cut, pid_t pid)
{
	struct __ptrace_syscall_info info;
	SP_AUTO(sp_str_freep) char *path = NULL;
	const struct call *call;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_SECCOMP)
		return false;
	call = find_call((long)info.seccomp.nr);
	if (!call || !(kinds_of(pid, call, (uint64_t *)info.seccomp.args) & cut->kind))
		return false;
	path = path_of(pid, call, (uint64_t *)info.seccomp.args);
	if (!is_under(path, cut->under))
		return false;
	cut->n++;
	if (cut->trace || cut->ask_fd >= 0) {
		SP_AUTO(sp_str_freep) char *line = line_of(cut, pid, call, path);

		tell_call(cut, line);
	}
	if (cut->fail_at &&
	    (cut->n == cut->fail_at || (cut->on && cut->n > cut->fail_at)))
		fail_call(pid, cut->failure);
	return cut->n == cut->kill_at;
}

/* ---- the processes ---------------------------------------------------------------------------- */

static void add_pid(struct cut *cut, pid_t pid)
{
	pid_t *slot;

	for (size_t i = 0; i < cut->n_pids; i++)
		if (cut->pids[i] == pid)
			return;
	slot = sp_array_add(&cut->pids, &cut->n_pids);
	if (!slot)
		die("memory");
	*slot = pid;
}

static void drop_pid(struct cut *cut, pid_t pid)
{
	for (size_t i = 0; i < cut->n_pids; i++)
		if (cut->pids[i] == pid)
			cut->pids[i--] = cut->pids[--cut->n_pids];
}

static void kill_all(struct cut *cut)
{
	int status;
	pid_t pid;

	for (size_t i = 0; i < cut->n_pids; i++)
		(void)kill(cut->pids[i], SIGKILL);
	/* The tracer hears of each one's end, whoever its parent is; and of those that
	 * were just being born. */
	while ((pid = waitpid(-1, &status, __WALL)) >= 0 || errno == EINTR)
		if (pid >= 0 && WIFSTOPPED(status))
			(void)kill(pid, SIGKILL);
	exit(EXIT_KILLED);
}

/* What it is to go on with: a signal, or none. */
static int at_stop(struct cut *cut, pid_t pid, int status)
{
	int event = status >> 16, signal = WSTOPSIG(status);
	unsigned long fresh;

	if (event == PTRACE_EVENT_SECCOMP && at_call(cut, pid))
		kill_all(cut);
	if ((event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
	     event == PTRACE_EVENT_CLONE) &&
	    ptrace(PTRACE_GETEVENTMSG, pid, NULL, &fresh) == 0)
		add_pid(cut, (pid_t)fresh);
	return event ? 0 : signal;
}

static void follow(struct cut *cut, pid_t command)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) >= 0 || errno == EINTR) {
		if (pid < 0)
			continue;
		if (!WIFSTOPPED(status)) {
			drop_pid(cut, pid);
			if (pid == command)
				cut->status = status;
			continue;
		}
		add_pid(cut, pid);
		/* A whole group that is stopped stays so. */
		if (status >> 16 == PTRACE_EVENT_STOP && WSTOPSIG(status) != SIGTRAP)
			(void)ptrace(PTRACE_LISTEN, pid, NULL, NULL);
		else
			(void)ptrace(PTRACE_CONT, pid, NULL,
				     (void *)(intptr_t)at_stop(cut, pid, status));
	}
}

static void install_filter(void)
{
	struct sock_filter code[N_CALLS + 3];
	struct sock_fprog program = { .len = N_CALLS + 3, .filter = code };

	code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					       offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < N_CALLS; i++)
		code[i + 1] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i].nr,
			(unsigned char)(N_CALLS - i), 0);
	code[N_CALLS + 1] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[N_CALLS + 2] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		die("seccomp");
}

static pid_t start(char *command[])
{
	int gate[2];
	pid_t pid;
	char go;

	if (pipe2(gate, O_CLOEXEC) < 0)
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		(void)close(gate[1]);
		if (read(gate[0], &go, 1) != 1)
			exit(EXIT_OWN);
		install_filter();
		(void)execvp(command[0], command);
		die(command[0]);
	}
	if (ptrace(PTRACE_SEIZE, pid, NULL,
		   (void *)(PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP |
			    PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			    PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)) < 0)
		die("ptrace");
	(void)close(gate[0]);
	if (write(gate[1], "", 1) != 1)
		die("pipe");
	(void)close(gate[1]);
	return pid;
}

/* ---- what is asked for ------------------------------------------------------------------------ */

static enum kind kind_named(const char *name)
{
	return !strcmp(name, "space") ? SPACE : !strcmp(name, "read") ? READ : WRITE;
}

static int failure_named(const char *name)
{
	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
		if (!strcmp(failures[i].name, name))
			return failures[i].number;
	return 0;
}

static bool take_options(struct cut *cut, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "under", required_argument, NULL, 'u' },
		{ "kind", required_argument, NULL, 'k' },
		{ "trace", required_argument, NULL, 't' },
		{ "ask", required_argument, NULL, 'a' },
		{ "kill", required_argument, NULL, 'K' },
		{ "fail", required_argument, NULL, 'F' },
		{ "on", no_argument, NULL, 'o' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) >= 0) {
		if (option == 'u')
			cut->under = optarg;
		else if (option == 'k')
			cut->kind = kind_named(optarg);
		else if (option == 't')
			cut->trace = fopen(optarg, "we");
		else if (option == 'a')
			cut->ask_fd = (int)strtol(optarg, NULL, 10);
		else if (option == 'K')
			cut->kill_at = strtoul(optarg, NULL, 10);
		else if (option == 'o')
			cut->on = true;
		else if (option == 'F' && optind < argc) {
			cut->failure = failure_named(optarg);
			cut->fail_at = strtoul(argv[optind++], NULL, 10);
		} else
			return false;
	}
	if (cut->ask_fd >= 0 && fcntl(cut->ask_fd, F_SETFD, FD_CLOEXEC) < 0)
		die("the socket");
	return cut->under && optind < argc && (!cut->fail_at || cut->failure);
}

int main(int argc, char *argv[])
{
	struct cut cut = { .kind = WRITE, .ask_fd = -1 };
	pid_t command;

	if (!take_options(&cut, argc, argv)) {
		(void)fputs(usage, stderr);
		return EXIT_OWN;
	}
	command = start(argv + optind);
	add_pid(&cut, command);
	follow(&cut, command);
	free(cut.pids);
	if (cut.ask_fd >= 0)
		(void)close(cut.ask_fd);
	if (cut.trace && fclose(cut.trace) != 0)
		die("the trace");
	if (cut.n < cut.kill_at || cut.n < cut.fail_at)
		return EXIT_NEVER;
	return WIFEXITED(cut.status) ? WEXITSTATUS(cut.status) : EXIT_KILLED;
}
