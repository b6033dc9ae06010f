/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The stamps of modern packs, var/update/applied/<uuid>: a script of the pack's own RPM
 * writes them, so RPM neither removes nor restores them.  A host's management agent
 * reads every one of them. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct sp_record;
struct sp_record_list;

/* What stood there, so that it can be put back.  Zero-initialise. */
struct sp_stamp {
	char *uuid;  /* NULL: this pack has none */
	char *bytes; /* NULL: there was no stamp */
	size_t len;
	bool had_place; /* there was a directory for it */
};

void sp_stamp_done(struct sp_stamp *stamp);

/* Keeps the stamp of the pack @id (nothing, if that is no uuid). */
SP_MUST_CHECK
int sp_stamp_load(int root_fd, const char *id, struct sp_stamp *ret_stamp,
		  struct sp_error *err);

/* Puts it back as it was, or takes away the one that was not there. */
SP_MUST_CHECK
int sp_stamp_restore(int root_fd, const struct sp_stamp *stamp, struct sp_error *err);

/* Tells the pack's own script that it is removed on purpose, before its RPM is erased:
 * var/update/<uuid>/.remove. */
SP_MUST_CHECK
int sp_stamp_announce_removal(int root_fd, const char *id, struct sp_error *err);

/* After it: the stamp is gone, whatever the script did, and so are those that say that
 * they were rolled up into it.  Where another pack of @records has the same id, its
 * stamp is written again, from the update.xml on record. */
SP_MUST_CHECK
int sp_stamp_remove(int root_fd, const struct sp_record *removed,
		    const struct sp_record_list *records, struct sp_error *err);
