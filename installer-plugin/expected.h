/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The packs that an upgrade is to bring to the new host.  They are agreed to before the
 * old one is overwritten and installed long after it, by another process: what was
 * agreed to lies beside the kept packs until it is seen to be there. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct sp_context;
struct sp_findings;
struct sp_host;
struct sp_pack;

struct sp_expected_pack {
	char *id, *label, *version; /* never NULL; version "" if it has none */
};

/* Zero-initialise.  Owned. */
struct sp_expected {
	struct sp_expected_pack *items;
	size_t n;
};

void sp_expected_done(struct sp_expected *expected);

/* Adds @pack, unless it is among them. */
SP_MUST_CHECK
int sp_expected_add(struct sp_expected *expected, const struct sp_pack *pack,
		    struct sp_error *err);

/* Takes @pack off again: the operator thought better of it. */
void sp_expected_drop(struct sp_expected *expected, const struct sp_pack *pack);

/* Writes @expected in the place of whatever was expected before; nothing at all is
 * expected if it is empty. */
SP_MUST_CHECK
int sp_expected_save(const struct sp_context *context, const struct sp_expected *expected,
		     struct sp_error *err);

/* Compares what is expected with what @host (read anew by the caller) has on record, the
 * same version or a newer one.  Each pack that is not there is a finding
 * (not-carried-over) in @missing, and stays expected; those that are there are not
 * expected any more. */
SP_MUST_CHECK
int sp_expected_settle(const struct sp_context *context, const struct sp_host *host,
		       struct sp_findings *missing, struct sp_error *err);
