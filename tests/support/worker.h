/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What workers of several tests do. */

#include "base/worker.h"
#include "support/table.h"

#include <signal.h>
#include <time.h>

static inline void nap_ms(long ms)
{
	const struct timespec pause = { .tv_sec = ms / 1000,
					.tv_nsec = ms % 1000 * 1000000 };
	(void)nanosleep(&pause, NULL);
}

static inline int says_nothing(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	(void)arg;
	(void)outlet;
	(void)err;
	return 0;
}

static inline int crashes(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	(void)arg;
	(void)outlet;
	(void)err;
	(void)raise(SIGSEGV);
	return 0;
}

static inline int sleeps(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	(void)arg;
	(void)outlet;
	(void)err;
	nap_ms(60000);
	return 0;
}
