/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The copy of a pack that is kept in memory, below /run/suppack/packs: verified while it
 * is made, installed from, and left there for the target, so that the disk is asked for
 * once.
 */

#include <stdbool.h>

#include "base/error.h"

struct sp_accept;
struct sp_context;
struct sp_findings;
struct sp_operator;
struct sp_pack;
struct sp_pack_list;
struct sp_strv;

/* Zero-initialise. */
struct sp_keep {
	char *path;     /* "/run/suppack/packs/5ab1…-0f3a…"; absolute */
	char *name;     /* its last component */
	bool was_there; /* somebody has kept it before: not ours to remove */
};

void sp_keep_done(struct sp_keep *keep);

/* Outcome: there is no room for it (no-space, in @findings). */
#define SP_KEEP_NO_ROOM 1

/* Copies @pack from where it was found, in a worker; every package must have the size and
 * digest that its metadata gives.  Older copies of the same pack are replaced.
 *
 * < 0: SP_ERR_DAMAGED: a package is not what was verified; SP_ERR_CANCELLED; those of
 * the medium.  Nothing is left of it then, nor with SP_KEEP_NO_ROOM.
 * Zero-initialised @ret_keep. */
SP_MUST_CHECK
int sp_keep_make(struct sp_context *context, const struct sp_pack *pack,
		 struct sp_operator *op, struct sp_findings *findings,
		 struct sp_keep *ret_keep, struct sp_error *err);

/* Opens the directory of all that is kept; makes it if it is not there. */
SP_MUST_CHECK
int sp_keep_open(const struct sp_context *context, int *ret_fd, struct sp_error *err);

/* Adds the paths of all that is kept to @paths; what begins with a dot is none of it. */
SP_MUST_CHECK
int sp_keep_list(const struct sp_context *context, struct sp_strv *paths,
		 struct sp_error *err);

/* Is @pack, as it was found, such a copy? */
bool sp_keep_has(const struct sp_context *context, const struct sp_pack *pack);

/* Those of @packs that are kept were agreed to when they were: they are added to @accept. */
SP_MUST_CHECK
int sp_keep_accept(const struct sp_context *context, const struct sp_pack_list *packs,
		   struct sp_accept *accept, struct sp_error *err);

/* Removes it, unless it was there before. */
SP_MUST_CHECK
int sp_keep_remove(const struct sp_context *context, const struct sp_keep *keep,
		   struct sp_error *err);
