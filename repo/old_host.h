/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a host that is to be upgraded has: its packs from the records of every era, and
 * which of them brought which kernel modules.  Data only; read by old_host_read.c. */

#include <stdbool.h>
#include <stddef.h>

#include "base/finding.h"
#include "base/module.h"
#include "base/text.h"
#include "repo/inventory.h"

/* Where a pack is known from; one pack may be known from several. */
enum sp_old_source {
	SP_OLD_RECORD = 1, /* our record.json */
	SP_OLD_LEGACY = 2, /* XS-REPOSITORY below installed-repos, XML or text */
	SP_OLD_STAMP = 4,  /* var/update/applied/<uuid> */
	SP_OLD_RPM = 8,    /* "update-*" or "control-*" of the rpm database, or a package
			    * that owns modules and belongs to no pack */
	SP_OLD_FILE = 16,  /* a module that nothing accounts for */
};

struct sp_old_pack {
	unsigned sources; /* of enum sp_old_source */
	char *id;         /* never NULL */
	char *label;      /* never NULL: the id where there is none */
	char *version;    /* "" if unknown */
	bool hidden;      /* left out of the list, not out of the check */
	bool hotfix;      /* looks like a hotfix of the product, not a pack */
	bool is_product;  /* the product's own repository (xs:main, ...) */
	struct sp_module_list modules; /* read from the old root, with their aliases */
};

/* Zero-initialise.  Everything is owned. */
struct sp_old_host {
	struct sp_inventory inventory;
	struct sp_old_pack *packs;
	size_t n_packs;
	struct sp_strv boot_disks;      /* names that may be the boot disk's: "sda",
					    * "disk/by-id/scsi-3600…" */
	struct sp_strv storage_disks;   /* the same of its local storage repositories */
	struct sp_strv management_macs; /* lower case */
	struct sp_strv management_addresses; /* PCI addresses: "0000:03:00.0" */
	struct sp_strv management_devices;   /* "eth0" */
};

void sp_old_host_done(struct sp_old_host *host);
