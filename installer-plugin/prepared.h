/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Packs that somebody has put where we look without being asked: in the installer's own
 * image, by a second initrd of a network boot. */

#include "base/error.h"

struct sp_root;

#define SP_PREPARED_PLACE "suppack"

/* Where they are, "/suppack" below @root; NULL: none are there.  Caller frees. */
SP_MUST_CHECK
int sp_prepared_find(const struct sp_root *root, char **ret_path, struct sp_error *err);
