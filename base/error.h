/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Why an operation failed, in words the operator can read.
 *
 * Contract for every `int f(..., struct sp_error *err)`:
 *   0    success;  *err untouched, every `ret_` parameter set
 *   < 0  failure;  *err set, no `ret_` parameter touched
 *   > 0  an expected outcome this function documents by name; *err untouched
 *
 * A caller passes a negative code up unchanged (after sp_error_context());
 * a positive one never leaves the function that received it.
 */

#include "base/cleanup.h"

/* What kind of failure it was.  Each code belongs to one exit code of the
 * command (base/outcome.h): the table is in error.c. */
enum sp_code {
	SP_ERR_INTERNAL = 1, /* our bug, or this system is not as it must be */
	SP_ERR_NOMEM,
	SP_ERR_IO,          /* sys_errno says which */
	SP_ERR_USAGE,       /* the command line or the answerfile is wrong */
	SP_ERR_UNREACHABLE, /* a location could not be opened, or took too long */
	SP_ERR_GONE,        /* a medium, file or directory is not there, or no longer */
	SP_ERR_NO_PACK,     /* it was opened, and holds no pack */
	SP_ERR_UNTRUSTED,   /* a signature does not hold, or there is none */
	SP_ERR_FORMAT,      /* input is not what its format promises */
	SP_ERR_DAMAGED,     /* a digest or a size does not hold */
	SP_ERR_LIMIT,       /* larger, deeper or more than we accept */
	SP_ERR_TIMEOUT,     /* a deadline passed */
	SP_ERR_CANCELLED,   /* by the operator */
	SP_ERR_REQUIREMENTS,
	SP_ERR_LOAD,        /* the kernel refused a module */
	SP_ERR_TRANSACTION, /* an RPM transaction failed and was undone */
	SP_ERR_WORKER,      /* a worker died: crash or kill */
};

/* Plain value: no allocation, no destructor, reporting cannot itself fail.
 * Over-long text is cut and ends in "...". */
struct sp_error {
	enum sp_code code;
	int sys_errno; /* 0 when no system call was involved */
	char text[512];
};

// clang-format off
#define SP_ERROR_INIT { 0 }
// clang-format on

/* Fills @err and returns -@code, so that `return sp_error_set(...)` reads. */
SP_PRINTF(3, 4)
int sp_error_set(struct sp_error *err, enum sp_code code, const char *fmt, ...);

/* Same, for a failed system call: code SP_ERR_IO, text ": strerror" added. */
SP_PRINTF(3, 4)
int sp_error_set_errno(struct sp_error *err, int sys_errno, const char *fmt, ...);

/* "out of memory", SP_ERR_NOMEM. */
int sp_error_nomem(struct sp_error *err);

/* Prefixes "what we were doing: " and returns the code already in @err. */
SP_PRINTF(2, 3)
int sp_error_context(struct sp_error *err, const char *fmt, ...);

/* The exit code (base/outcome.h) that a failure with @code ends the command with. */
int sp_error_exit_code(enum sp_code code);
