/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The host that packs go into: what requirements are checked against.  Data only;
 * read by target_read.c. */

#include <stdint.h>

#include "base/finding.h"
#include "base/text.h"
#include "repo/inventory.h"

/* A pack the host has already: from our record, a legacy record, or a stamp. */
struct sp_target_pack {
	char *id;      /* "xs:main", or a uuid */
	char *label;   /* NULL if its record does not say */
	char *version; /* "" if unknown */
};

/* Zero-initialise.  Everything is owned. */
struct sp_target {
	struct sp_inventory inventory;
	char *arch;             /* "x86_64" */
	struct sp_strv kernels; /* directories of lib/modules */
	struct sp_target_pack *packs;
	size_t n_packs;
	uint64_t free_bytes; /* of the root's file system */
	uint64_t memory_mb;  /* dom0's, 0 if unknown */
};

void sp_target_done(struct sp_target *target);

/* Reads all that can be read of the root; what makes no sense is a finding.  A disk that
 * cannot be read is SP_ERR_IO: what is not known would be taken for what is not there.
 * Zero-initialised @target. */
SP_MUST_CHECK
int sp_target_read(int root_fd, struct sp_target *target, struct sp_findings *findings,
		   struct sp_error *err);
