/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Recorded machines in a directory of the test's own (tests/fixtures/make-machine), and
 * files in them.  A step that fails ends the test program: nothing after it would mean
 * anything. */

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct machine {
	char dir[PATH_MAX / 4];
};

static inline void machine_run(const char *const argv[])
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0) {
		(void)fprintf(stderr, "'%s' failed\n", argv[0]);
		abort();
	}
}

/* An empty directory of its own. */
static inline void machine_init(struct machine *machine)
{
	(void)snprintf(machine->dir, sizeof machine->dir, "%s/suppack-test.XXXXXX",
		       getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(machine->dir))
		abort();
}

/* A recorded machine; @option and @value may be NULL. */
static inline void machine_make(struct machine *machine, const char *option,
				const char *value)
{
	const char *argv[6] = { FIXTURES "/make-machine" };
	size_t n = 1;

	machine_init(machine);
	if (option)
		argv[n++] = option;
	if (value)
		argv[n++] = value;
	argv[n] = machine->dir;
	machine_run(argv);
}

static inline void machine_done(struct machine *machine)
{
	const char *const argv[] = { "rm", "-rf", "--", machine->dir, NULL };

	if (machine->dir[0])
		machine_run(argv);
	machine->dir[0] = '\0';
}

/* @path below the machine, in one of four turns of memory. */
static inline const char *machine_path(const struct machine *machine, const char *path)
{
	static char paths[4][PATH_MAX];
	static unsigned turn;
	char *out = paths[turn++ % 4];

	(void)snprintf(out, PATH_MAX, "%s/%s", machine->dir, path);
	return out;
}

static inline void machine_make_parents(const struct machine *machine, const char *path)
{
	char full[PATH_MAX];

	(void)snprintf(full, sizeof full, "%s/%s", machine->dir, path);
	for (char *slash = full + strlen(machine->dir) + 1; (slash = strchr(slash, '/'));
	     slash++) {
		*slash = '\0';
		(void)mkdir(full, 0755);
		*slash = '/';
	}
}

static inline void machine_write_bytes(const struct machine *machine, const char *path,
				       const void *bytes, size_t len)
{
	int fd;

	machine_make_parents(machine, path);
	fd = open(machine_path(machine, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		  0644);
	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) < 0)
		abort();
}

static inline void machine_write(const struct machine *machine, const char *path,
				 const char *text)
{
	machine_write_bytes(machine, path, text, strlen(text));
}

static inline void machine_link(const struct machine *machine, const char *path,
				const char *target)
{
	machine_make_parents(machine, path);
	if (symlink(target, machine_path(machine, path)) < 0)
		abort();
}
