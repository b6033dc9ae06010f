/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Between the files that read an old host; everything else uses old_host_read.h. */

#include "repo/host_packs.h"
#include "repo/old_host.h"
#include "repo/old_host_read.h"

struct sp_old_reading {
	const struct sp_old_host_input *input;
	struct sp_old_host *host;
	struct sp_host_packs records; /* item i is host->packs[i] */
	struct sp_findings *findings;
	struct sp_error *err;
};

/* Adds a pack; @label NULL or "" is the id.  NULL: out of memory. */
struct sp_old_pack *sp_old_host_add_pack(struct sp_old_reading *reading,
					 enum sp_old_source source, const char *id,
					 const char *label, const char *version);

/* Adds finding @code (damaged-record or another warning) about @path, unless it was
 * memory that failed. */
SP_MUST_CHECK
int sp_old_host_complain(struct sp_old_reading *reading, const char *path,
			 const struct sp_error *cause);

/* The value of KEY='value', KEY="value" or KEY=value in a file of such lines; caller
 * frees, NULL if there is none. */
char *sp_old_host_value(const char *text, const char *key);

/* Fills boot_disks and storage_disks (old_host_storage.c). */
SP_MUST_CHECK
int sp_old_host_read_storage(struct sp_old_reading *reading);

/* Finds modules, reads them, and gives each to its pack (old_host_modules.c). */
SP_MUST_CHECK
int sp_old_host_read_modules(struct sp_old_reading *reading);

/* Fills management_devices, management_macs and management_addresses (old_host_network.c). */
SP_MUST_CHECK
int sp_old_host_read_network(struct sp_old_reading *reading);
