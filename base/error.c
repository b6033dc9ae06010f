/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"

#include "base/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void mark_cut(char *text, size_t size)
{
	memcpy(text + size - sizeof "...", "...", sizeof "...");
}

SP_PRINTF(2, 0)
static void put_text(struct sp_error *err, const char *fmt, va_list args)
{
	int len = vsnprintf(err->text, sizeof err->text, fmt, args);

	if (len < 0)
		err->text[0] = '\0';
	else if ((size_t)len >= sizeof err->text)
		mark_cut(err->text, sizeof err->text);
}

int sp_error_set(struct sp_error *err, enum sp_code code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put_text(err, fmt, args);
	va_end(args);
	err->code = code;
	err->sys_errno = 0;
	return -(int)code;
}

int sp_error_set_errno(struct sp_error *err, int sys_errno, const char *fmt, ...)
{
	va_list args;
	size_t used;

	va_start(args, fmt);
	put_text(err, fmt, args);
	va_end(args);
	used = strlen(err->text);
	if (snprintf(err->text + used, sizeof err->text - used, ": %s",
		     strerror(sys_errno)) >= (int)(sizeof err->text - used))
		mark_cut(err->text, sizeof err->text);
	err->code = SP_ERR_IO;
	err->sys_errno = sys_errno;
	return -SP_ERR_IO;
}

int sp_error_context(struct sp_error *err, const char *fmt, ...)
{
	char cause[sizeof err->text];
	size_t used;
	va_list args;

	memcpy(cause, err->text, sizeof cause);
	va_start(args, fmt);
	put_text(err, fmt, args);
	va_end(args);
	used = strlen(err->text);
	if (snprintf(err->text + used, sizeof err->text - used, ": %s", cause) >=
	    (int)(sizeof err->text - used))
		mark_cut(err->text, sizeof err->text);
	return -(int)err->code;
}

int sp_error_nomem(struct sp_error *err)
{
	return sp_error_set(err, SP_ERR_NOMEM, "out of memory");
}

// clang-format off
static const unsigned char exit_codes[] = {
	[SP_ERR_INTERNAL]     = SP_EXIT_FAILED,
	[SP_ERR_NOMEM]        = SP_EXIT_FAILED,
	[SP_ERR_IO]           = SP_EXIT_FAILED,
	[SP_ERR_USAGE]        = SP_EXIT_USAGE,
	[SP_ERR_UNREACHABLE]  = SP_EXIT_UNREACHABLE,
	[SP_ERR_GONE]         = SP_EXIT_UNREACHABLE,
	[SP_ERR_NO_PACK]      = SP_EXIT_NO_PACK,
	[SP_ERR_UNTRUSTED]    = SP_EXIT_UNTRUSTED,
	[SP_ERR_FORMAT]       = SP_EXIT_DAMAGED,
	[SP_ERR_DAMAGED]      = SP_EXIT_DAMAGED,
	[SP_ERR_LIMIT]        = SP_EXIT_DAMAGED,
	[SP_ERR_TIMEOUT]      = SP_EXIT_UNREACHABLE,
	[SP_ERR_CANCELLED]    = SP_EXIT_DECLINED,
	[SP_ERR_REQUIREMENTS] = SP_EXIT_REQUIREMENTS,
	[SP_ERR_LOAD]         = SP_EXIT_LOAD_FAILED,
	[SP_ERR_TRANSACTION]  = SP_EXIT_TRANSACTION_FAILED,
	[SP_ERR_WORKER]       = SP_EXIT_DAMAGED,
};
// clang-format on

int sp_error_exit_code(enum sp_code code)
{
	size_t index = (size_t)code;

	if (index == 0 || index >= sizeof exit_codes)
		return SP_EXIT_FAILED;
	return exit_codes[index];
}
