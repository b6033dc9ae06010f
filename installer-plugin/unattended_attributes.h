/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The optional attributes of ours in an answerfile; for unattended.c only. */

#include "base/error.h"

struct json_object;
struct sp_unattended;
struct sp_unattended_source;

/* Where something stands, for messages. */
struct sp_unattended_place {
	unsigned line;
	const char *element;
	struct sp_error *err;
};

/* Both refuse (SP_ERR_USAGE) a value that is not allowed; the first also a name that is
 * neither ours nor the installer's, the second one that begins like ours. */
SP_MUST_CHECK
int sp_unattended_attributes_read(const struct sp_unattended_place *place,
				  const struct json_object *attributes,
				  struct sp_unattended_source *source);
SP_MUST_CHECK
int sp_unattended_attributes_read_root(const struct sp_unattended_place *place,
				       const struct json_object *attributes,
				       struct sp_unattended *unattended);
