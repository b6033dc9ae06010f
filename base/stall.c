/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/stall.h"

#include <errno.h>
#include <unistd.h>

static unsigned limit_seconds;

void sp_stall_limit(unsigned seconds)
{
	limit_seconds = seconds;
}

void sp_stall_begin(void)
{
	if (limit_seconds)
		(void)alarm(limit_seconds);
}

void sp_stall_end(void)
{
	int sys_errno = errno;

	if (limit_seconds)
		(void)alarm(0);
	errno = sys_errno;
}

ssize_t sp_stall_pread(int fd, void *buf, size_t size, off_t at)
{
	ssize_t n;

	sp_stall_begin();
	do
		n = pread(fd, buf, size, at);
	while (n < 0 && errno == EINTR);
	sp_stall_end();
	return n;
}
