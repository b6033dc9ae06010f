/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a host says it is: etc/xensource-inventory, lines of KEY='value'. */

#include "base/error.h"

/* Strings are owned, and NULL where the file does not say. */
struct sp_inventory {
	char *product_brand, *product_version, *platform_name, *platform_version;
	char *build_number, *primary_disk, *management_interface, *installation_uuid;
	char *dom0_mem; /* MiB, as written */
};

void sp_inventory_done(struct sp_inventory *inventory);

/* Outcome: the root has no inventory. */
#define SP_INVENTORY_ABSENT 1

/* Reads it below @root_fd (64 KiB at most); lines that are none of ours are skipped,
 * values are cleaned text.  Zero-initialised @ret_inventory. */
SP_MUST_CHECK
int sp_inventory_read(int root_fd, struct sp_inventory *ret_inventory,
		      struct sp_error *err);

/* The same from text, for tests and captured hosts. */
SP_MUST_CHECK
int sp_inventory_parse(const char *text, size_t len, struct sp_inventory *ret_inventory,
		       struct sp_error *err);
