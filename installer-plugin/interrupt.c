/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A flow has things to undo, so a signal must not end the process where it stands. */

#include "installer-plugin/interrupt.h"

#include <errno.h>
#include <sys/signalfd.h>

static const int watched[] = { SIGINT, SIGTERM, SIGHUP };

int sp_interrupt_init(struct sp_interrupt *interrupt, struct sp_error *err)
{
	sigset_t set, before;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
		struct sigaction now;

		if (sigaction(watched[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(&set, watched[i]);
	}
	if (sigprocmask(SIG_BLOCK, &set, &before) < 0)
		return sp_error_set_errno(err, errno, "watching for signals");
	interrupt->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (interrupt->fd >= 0)
		return 0;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return sp_error_set_errno(err, errno, "watching for signals");
}

bool sp_interrupt_came(struct sp_interrupt *interrupt)
{
	struct signalfd_siginfo info;

	while (interrupt->fd >= 0 &&
	       read(interrupt->fd, &info, sizeof info) == (ssize_t)sizeof info)
		interrupt->came = true;
	return interrupt->came;
}

void sp_interrupt_done(struct sp_interrupt *interrupt)
{
	if (interrupt->fd < 0)
		return;
	sp_closep(&interrupt->fd);
	interrupt->fd = -1;
}
