/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A pack off the host again: what it brought, its stamp, its record.  What the base
 * system had before it, and what another pack on record has too, stays. */

#include "base/error.h"

struct sp_context;
struct sp_findings;
struct sp_host;
struct sp_operator;
struct sp_record;

/* Outcome: it stays; @findings say why (needed-by-pack, or RPM's own reasons). */
#define SP_REMOVE_REFUSED 1

/* Removes the pack of @record, one of @host's records.  Nothing is touched if it is
 * refused.  SP_ERR_TRANSACTION: some of it could not be removed; it stays on record. */
SP_MUST_CHECK
int sp_remove_pack(struct sp_context *context, struct sp_host *host,
		   struct sp_operator *op, const struct sp_record *record,
		   struct sp_findings *findings, struct sp_error *err);

/* The second half of it, for a run that was interrupted. */
SP_MUST_CHECK
int sp_remove_finish(struct sp_context *context, struct sp_host *host,
		     struct sp_operator *op, const struct sp_record *record,
		     struct sp_findings *findings, struct sp_error *err);

/* The record that @name means: its directory, an id or a label that only one has.
 * NULL with *@ret_n: how many would fit. */
const struct sp_record *sp_remove_find(const struct sp_host *host, const char *name,
				       size_t *ret_n);
