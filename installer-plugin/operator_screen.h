/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The operator behind screens: questions and notices as lines of JSON over a socket
 * (docs/protocol.md).  What comes back is checked; a side that goes away, breaks the
 * protocol or says nothing sensible has cancelled. */

#include "installer-plugin/operator.h"

struct json_object;
struct sp_log;

/* Exchanges hellos over the stream socket @fd (borrowed).  SP_ERR_INTERNAL if the other
 * side speaks another version.  @log: borrowed.  SIGTERM counts as cancel from now on,
 * until it is freed; SIGINT is the screens' business. */
SP_MUST_CHECK
int sp_operator_screen_new(int fd, struct sp_log *log, struct sp_operator **ret_op,
			   struct sp_error *err);

/* The last line: how it ended, with the whole @report (consumed; has "exit" and
 * "outcome"). */
void sp_operator_screen_end(struct sp_operator *op, struct json_object *report);
