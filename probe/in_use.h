/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Who would notice if a driver let go of its device: interfaces that are up, disks that
 * are mounted, swapped to, or part of something larger; modules that need a module. */

#include "base/text.h"

struct sp_root;

/* Adds a sentence for each user of the PCI device @address to @users: "interface 'eth0'
 * is up", "disk 'sda' is mounted on '/mnt'".  None: it may be taken away.  A device
 * that is not there has no users. */
SP_MUST_CHECK
int sp_in_use_device(const struct sp_root *root, const char *address,
		     struct sp_strv *users, struct sp_error *err);

/* Same for the module @name: other modules that need it, and the users of all PCI
 * devices that its drivers hold. */
SP_MUST_CHECK
int sp_in_use_module(const struct sp_root *root, const char *name, struct sp_strv *users,
		     struct sp_error *err);
