/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A file of a server that is gone may hold its reader for minutes, whatever the mount was
 * told.  In a worker whose limits say so (base/worker.h: stall_seconds), a system call on
 * such a file that does not come back in time ends the worker, and the kernel lets it go:
 * a signal that is not handled does that, a handler would wait with the call.  Everywhere
 * else none of this does anything. */

#include <stddef.h>
#include <sys/types.h>

/* For base/outlet.c.  0: none. */
void sp_stall_limit(unsigned seconds);

/* From here on time is counted, anew each time, until sp_stall_end(). */
void sp_stall_begin(void);
void sp_stall_end(void);

/* pread() under that limit, again after a signal. */
ssize_t sp_stall_pread(int fd, void *buf, size_t size, off_t at);
