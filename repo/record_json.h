/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* record.json, both ways; its schema is docs/record.md. */

#include "base/error.h"

struct json_object;
struct sp_record;

/* Caller frees. */
struct json_object *sp_record_json_make(const struct sp_record *record);

/* Strict about what it understands, silent about keys it does not know (a newer
 * suppack may have written them).  Zero-initialised @ret_record. */
SP_MUST_CHECK
int sp_record_json_read(const struct json_object *json, struct sp_record *ret_record,
			struct sp_error *err);
