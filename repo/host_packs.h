/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The packs a host has on record, of every era: record.json, XS-REPOSITORY and stamps,
 * merged where they speak of one pack. */

#include <stdbool.h>
#include <stddef.h>

#include "base/finding.h"
#include "base/text.h"

/* One pack.  Everything is owned. */
struct sp_host_pack {
	unsigned sources; /* of enum sp_old_source (repo/old_host.h) */
	char *id;         /* never NULL */
	char *label;      /* NULL if no record says */
	char *version;    /* never NULL; "" if unknown */
	bool hidden;
	struct sp_strv modules;  /* paths in the root; "${…}" may stand for the
				  * kernel (legacy) */
	struct sp_strv packages; /* names of its RPMs */
};

/* Zero-initialise. */
struct sp_host_packs {
	struct sp_host_pack *items;
	size_t n;
};

void sp_host_packs_done(struct sp_host_packs *packs);

/* The pack of that id and label; where one of them is not known, of that id.  NULL:
 * none. */
struct sp_host_pack *sp_host_packs_find(const struct sp_host_packs *packs, const char *id,
					const char *label);

/* Reads everything below @root_fd, without ever leaving it; superseded stamps are
 * skipped.  Each record that cannot be read is a finding (damaged-record), and the others
 * are still read.  Fails only when memory does. */
SP_MUST_CHECK
int sp_host_packs_read(int root_fd, struct sp_host_packs *packs,
		       struct sp_findings *findings, struct sp_error *err);
