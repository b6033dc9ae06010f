/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The two files by which a pack is known, read again: are they still what they were? */

#include <stddef.h>

#include "base/error.h"

struct sp_pack;
struct sp_tree;

enum { SP_DESCRIPTION_FILES = 2 };

/* Zero-initialise.  The bytes are owned. */
struct sp_description {
	const char *names[SP_DESCRIPTION_FILES]; /* below the pack's directory */
	char *bytes[SP_DESCRIPTION_FILES];
	size_t lens[SP_DESCRIPTION_FILES];
};

void sp_description_done(struct sp_description *description);

/* Outcome: RPMs alone have none. */
#define SP_DESCRIPTION_NONE 1

/* Loads the files that describe @pack, in directory @base of @tree.  SP_ERR_DAMAGED: one is
 * no longer there, or they are not those by which the pack was known. */
SP_MUST_CHECK
int sp_description_load(struct sp_tree *tree, const char *base,
			const struct sp_pack *pack,
			struct sp_description *ret_description, struct sp_error *err);
