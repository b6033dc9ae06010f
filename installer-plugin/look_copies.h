/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One pack met at two places: a damaged copy must not hide a sound one. */

#include "base/error.h"

struct sp_look;
struct sp_pack;

#define SP_LOOK_KNOWN 1

/* Has @look this pack already?  Then the better of the two copies is kept there, the
 * other one is in @pack, and if one was worse, a warning of @look names both places.
 * Outcome SP_LOOK_KNOWN; 0: it is new, and nothing was done. */
SP_MUST_CHECK
int sp_look_take_copy(struct sp_look *look, struct sp_pack *pack, struct sp_error *err);
