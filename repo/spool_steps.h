/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The steps of spool.c: which files are to be kept (spool_list.c), and keeping them
 * (spool_copy.c). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct sp_pack;
struct sp_spool_progress;
struct sp_tree;

/* A file to copy. */
struct sp_spool_item {
	char *from;          /* on the medium */
	char *to;            /* in the spool */
	char *digest;        /* it must have; NULL: none is known */
	uint64_t size_bytes; /* it must have; 0: unknown */
	uint64_t max_bytes;
	bool optional;
	bool is_done;
};

struct sp_spooling {
	struct sp_tree *tree;
	const char *base;
	const struct sp_pack *pack;
	const struct sp_spool_progress *progress;
	int fd; /* of the new directory */
	struct sp_spool_item *items;
	size_t n_items;
	uint64_t done, total;
};

/* Makes the list, and keeps what describes the pack.  SP_ERR_DAMAGED: it is not what it
 * was when it was read. */
SP_MUST_CHECK
int sp_spool_list(struct sp_spooling *keeping, struct sp_error *err);

/* Copies all that is on the list.  SP_ERR_REQUIREMENTS, with ENOSPC: there is no room;
 * SP_ERR_DAMAGED, SP_ERR_LIMIT, SP_ERR_CANCELLED. */
SP_MUST_CHECK
int sp_spool_copy(struct sp_spooling *keeping, struct sp_error *err);

/* A new file @name of the new directory, with the directories on the way. */
SP_MUST_CHECK
int sp_spool_open_new(const struct sp_spooling *keeping, const char *name, int *ret_fd,
		      struct sp_error *err);
