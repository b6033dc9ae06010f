/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A verified pack kept in a directory of our own, so that the medium is asked for once
 * and nobody can exchange anything between looking at it and using it.  What is kept can
 * be read as a pack again (reader.h).  Runs in a worker. */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct sp_pack;
struct sp_tree;

struct sp_spool_progress {
	/* @done of @total bytes, about each MiB; non-zero cancels.  NULL: nobody asks. */
	int (*tell)(void *user, uint64_t done, uint64_t total);
	void *user;
};

/* The name a pack is kept by: its id, made safe, and some of its metadata's digest,
 * since published packs share ids by mistake.  Caller frees; NULL when out of memory. */
char *sp_spool_name(const struct sp_pack *pack);

/* Copies @pack, as it was read from @tree, into the directory sp_spool_name() below
 * @dirfd: what describes it, its signatures and the keys that came with it, and every
 * package.  Each file is read once, and its size and digest are those found when the
 * pack was read, or it is not kept: SP_ERR_DAMAGED, naming the file, or that the pack was
 * changed.  Packages that were not verified then are SP_ERR_DAMAGED too, but for
 * those that were not read at all (unread), of which the digest is checked now.
 *
 * The directory (0700, files 0600) appears under its name when all of it is there, in
 * place of an older one of that name; after a failure nothing of it is left.
 * SP_ERR_REQUIREMENTS with sys_errno ENOSPC: there is not enough room, asked for before
 * anything is written where the file system can say. */
SP_MUST_CHECK
int sp_spool_keep(struct sp_tree *tree, const struct sp_pack *pack, int dirfd,
		  const struct sp_spool_progress *progress, struct sp_error *err);
