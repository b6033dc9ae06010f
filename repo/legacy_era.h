/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Between the files that read legacy packs: the two notations, and what both have in
 * common.  Everything else uses repo/legacy.h. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct sp_pack;

/* One package as its pack writes it.  Borrowed; NULL or "" where it does not say. */
struct sp_legacy_era_package {
	const char *label, *type, *size, *md5, *root, *kernel, *options, *file;
};

/* Checks @raw and adds it to @pack, or a finding, or both. */
SP_MUST_CHECK
int sp_legacy_era_add_package(struct sp_pack *pack,
			      const struct sp_legacy_era_package *raw,
			      struct sp_error *err);

/* May @part be a part of a pack's id, so that it can be a directory's name and stand in
 * a requirement? */
bool sp_legacy_era_is_name(const char *part);

/* Each takes in one of the two files of a pack, in one of the two notations: first the
 * repository's, which says what the pack is, then the one that names its packages.
 * SP_ERR_FORMAT if it is malformed, SP_ERR_LIMIT if it is too much. */
SP_MUST_CHECK
int sp_legacy_xml_read_repository(const char *bytes, size_t len, struct sp_pack *pack,
				  struct sp_error *err);
SP_MUST_CHECK
int sp_legacy_xml_read_packages(const char *bytes, size_t len, struct sp_pack *pack,
				struct sp_error *err);
SP_MUST_CHECK
int sp_legacy_text_read_repository(const char *bytes, size_t len, struct sp_pack *pack,
				   struct sp_error *err);
SP_MUST_CHECK
int sp_legacy_text_read_packages(const char *bytes, size_t len, struct sp_pack *pack,
				 struct sp_error *err);
