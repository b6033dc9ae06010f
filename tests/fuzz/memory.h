/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What every target needs: its input as a file, and files of a root it may write. */

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Says that a promise of a header does not hold. */
#define FUZZ_PROMISE(what)                \
	do {                              \
		if (!(what))              \
			__builtin_trap(); \
	} while (0)

static inline int fuzz_file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size ||
	    lseek(fd, 0, SEEK_SET) < 0)
		abort();
	return fd;
}

static inline int fuzz_remove(const char *path, const struct stat *st, int type,
			      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void fuzz_remove_root(void);

/* A directory that lasts as long as the target. */
static inline const char *fuzz_root(void)
{
	static char dir[64];

	if (!dir[0]) {
		(void)snprintf(dir, sizeof dir, "%s/suppack-fuzz.XXXXXX",
			       access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
		if (!mkdtemp(dir) || atexit(fuzz_remove_root) != 0)
			abort();
	}
	return dir;
}

static inline void fuzz_remove_root(void)
{
	(void)nftw(fuzz_root(), fuzz_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* Replaces file @path of the root. */
static inline void fuzz_write(const char *path, const uint8_t *data, size_t size)
{
	char full[PATH_MAX];
	int fd;

	(void)snprintf(full, sizeof full, "%s/%s", fuzz_root(), path);
	for (char *slash = full + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(full, 0700);
		*slash = '/';
	}
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd) < 0)
		abort();
}
