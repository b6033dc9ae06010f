/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The licences that a pack asks to be accepted: files in its RPMs whose name ends in
 * "EULA". */

#include "base/text.h"

struct sp_operator;
struct sp_pack;

/* Reads them from the copy of @pack in the directory @kept, in a worker.  *@ret_text:
 * all of them, one after another, cleaned line by line (caller frees); NULL if there is
 * none.  SP_ERR_LIMIT: more than can be shown. */
SP_MUST_CHECK
int sp_licence_read(const struct sp_pack *pack, const char *kept, struct sp_operator *op,
		    char **ret_text, struct sp_error *err);
