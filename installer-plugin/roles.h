/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which devices of this machine an old host could not do without: those that its boot
 * disk, its local storage and its management interface are behind. */

#include <stdbool.h>

#include "base/text.h"

struct sp_context;
struct sp_old_host;

/* Addresses.  Zero-initialise. */
struct sp_roles {
	struct sp_strv boot, storage, management;
	/* It could not be found out: all devices of the kind are among them. */
	bool boot_is_guess, management_is_guess;
};

void sp_roles_done(struct sp_roles *roles);

/* @root  where the old host is: what that is on is its boot disk, too
 * The machine must have been read.  Zero-initialised @roles. */
SP_MUST_CHECK
int sp_roles_find(const struct sp_context *context, const struct sp_old_host *old,
		  const char *root, struct sp_roles *roles, struct sp_error *err);
