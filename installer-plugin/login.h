/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A server that wants a name and a password: the operator is asked for them, once it has
 * said so, and the password is never on the screen, in a log or in the report. */

#include "base/error.h"

struct sp_context;
struct sp_look;
struct sp_operator;
struct sp_strv;

/* sp_look_at(), and again with name and password for as long as a server refuses without
 * them and the operator gives some.  @locations: those of that server have them then. */
SP_MUST_CHECK
int sp_login_look(struct sp_context *context, struct sp_strv *locations,
		  struct sp_operator *op, struct sp_look *look, struct sp_error *err);
