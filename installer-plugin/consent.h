/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The operator's word that a pack may be used although it is not trusted. */

#include "base/error.h"

struct sp_accept;
struct sp_log;
struct sp_operator;
struct sp_pack;

enum {
	SP_CONSENT_REFUSED = 1, /* not this pack */
	SP_CONSENT_CANCELLED,   /* and nothing else either */
};

/* 0: @pack may be used.  Asks the operator if @accept refuses it; what is agreed to is
 * added to @accept, and either answer to the log. */
SP_MUST_CHECK
int sp_consent_ask(const struct sp_pack *pack, struct sp_accept *accept,
		   struct sp_operator *op, struct sp_log *log, struct sp_error *err);
