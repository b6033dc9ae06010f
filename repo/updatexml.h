/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* update.xml: what a pack of the modern format says it is.  Also the stamps that hosts
 * keep of such packs, which are the same document. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct sp_pack;

/* Fills @pack: id (uuid), label, version, description, installation_bytes, guidance,
 * key_file, control, homogeneous, rolls_up.  Unknown attributes and elements are
 * ignored, as the product's own readers do.
 *
 * SP_ERR_FORMAT: no <update>, or one of uuid, name-label, version, name-description is
 * missing or malformed (a host's management agent fails on such a stamp as a whole).
 * @pack may be half filled then; its owner frees it. */
SP_MUST_CHECK
int sp_updatexml_read(const char *bytes, size_t len, struct sp_pack *pack,
		      struct sp_error *err);

/* Outcome: a newer update has taken this one's place; not an installed pack any more. */
#define SP_UPDATEXML_SUPERSEDED 1

/* A stamp (var/update/applied/<uuid>): same, without asking for a description. */
SP_MUST_CHECK
int sp_updatexml_read_stamp(const char *bytes, size_t len, struct sp_pack *pack,
			    struct sp_error *err);

/* 8-4-4-4-12 lower-case hexadecimal digits? */
bool sp_updatexml_is_uuid(const char *text);
