/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Do the RPMs of these packs fit into that host, in which order do the packs go, and
 * which packages of each are installed?  Dependencies and conflicts are libsolv's
 * business (repo/solve.h); it and the host's RPM database are read in a worker. */

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct sp_pack;
struct sp_patience;

/* One pack, and what came of it. */
struct sp_settle_pack {
	const struct sp_pack *pack; /* borrowed */
	bool allow_older;
	const size_t *wanted; /* indices into its packages, borrowed; NULL: those that
			       * stand for all of the pack */
	size_t n_wanted;

	bool fits;               /* out */
	struct sp_strv problems; /* out: why not; one sentence each */
	size_t *needed;          /* out: indices of what is wanted and what that needs */
	size_t n_needed;
	struct sp_strv left_out; /* out: names of its packages that are not installed:
				  * nothing needs them, or the host has newer ones */
};

/* Zero-initialise, add the packs. */
struct sp_settle {
	struct sp_settle_pack *packs;
	size_t n;
	size_t *order; /* out: those that fit, each behind those it needs */
	size_t n_order;
};

void sp_settle_done(struct sp_settle *settle);

/* What the packs are to fit into.  All borrowed. */
struct sp_settle_place {
	const char *
		path; /* of its root, where the RPM database is; NULL: it is not at hand */
	int root_fd;
	const char *arch;
	const struct sp_strv *kernels;  /* those that it has */
	const struct sp_strv *provides; /* what its database does not say; may be NULL */
	bool known_in_part; /* a recorded machine: what no pack has is taken to be there */
};

/* Adds @pack (borrowed) with all that stands for it.  @allow_older: it may take the place of
 * newer packages. */
SP_MUST_CHECK
int sp_settle_add(struct sp_settle *settle, const struct sp_pack *pack, bool allow_older,
		  struct sp_error *err);

/* Fills in what is marked "out".  Packs may need one another, but not in a circle: each
 * is installed alone. */
SP_MUST_CHECK
int sp_settle_run(struct sp_settle *settle, const struct sp_settle_place *place,
		  const struct sp_patience *patience, struct sp_error *err);
