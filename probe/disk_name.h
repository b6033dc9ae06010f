/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which whole disk a name from somewhere else stands for: a configuration file's
 * "disk/by-id/scsi-3600…-part3", the number of a mounted file system. */

#include <sys/types.h>

#include "base/error.h"
#include "base/text.h"

struct sp_root;

/* Adds the whole disks ("sda") that @name, relative to dev/, is on or is; of a
 * multipath device or another one that is made of disks, all of them.  Nothing is added
 * if there is none of that name. */
SP_MUST_CHECK
int sp_disk_name_resolve(const struct sp_root *root, const char *name,
			 struct sp_strv *disks, struct sp_error *err);

/* The same for the block device of that number. */
SP_MUST_CHECK
int sp_disk_name_of_number(const struct sp_root *root, dev_t number,
			   struct sp_strv *disks, struct sp_error *err);
