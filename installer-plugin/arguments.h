/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The command line as everybody on the machine can read it, and as we do. */

#include "base/text.h"

/* Copies @argv, and hides in @argv itself whatever may be a password ("://user:…@"), so
 * that the process list does not show it any longer than it takes to get here. */
SP_MUST_CHECK
int sp_arguments_take(int argc, char *argv[], char ***ret_copy, struct sp_error *err);

/* Of such a copy, which ends with NULL.  NULL is allowed. */
void sp_arguments_freep(char ***copy);

/* Puts the lines of FILE in the place of each argument "@FILE" ("@-": of the standard
 * input), without blank ones and those that
 * begin with '#': what is secret need not be on the command line at all.
 * SP_ERR_USAGE: it cannot be read, or has none. */
SP_MUST_CHECK
int sp_arguments_expand(struct sp_strv *arguments, struct sp_error *err);
