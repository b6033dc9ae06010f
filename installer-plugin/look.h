/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Looking at locations: what packs are there, and for everything that is none, why.
 * Every location is opened and read by a worker of its own, all at the same time, each
 * within its limit; here only their bounded answers are put together. */

#include "base/finding.h"
#include "base/text.h"
#include "repo/pack.h"

struct sp_context;
struct sp_operator;

/* One place that was looked at. */
struct sp_look_source {
	char *location; /* without credentials */
	char *text;     /* "CD-ROM QEMU DVD-ROM, 'DRIVERS', 12 MiB"; the location */
	char *status;   /* "1 pack", "no pack", "could not be read: ..." */
};

/* Zero-initialise.  Owned. */
struct sp_look {
	struct sp_pack_list packs; /* as they were found; of the same pack its best copy,
				    * unless the context is thorough
				    * or for verifying */
	struct sp_look_source *sources;
	size_t n_sources;
	struct sp_findings findings; /* about media; those about packs are in the packs */
	char *locked; /* a location whose server wants a name and a password, or others;
		       * NULL: none */
	int exit;     /* worst of the locations that gave no pack; 0 if all gave one */
};

void sp_look_done(struct sp_look *look);

/* @locations  as written by the operator; "local" stands for all block media
 * SP_ERR_CANCELLED if the operator did; a location that cannot be used is a finding,
 * not an error. */
SP_MUST_CHECK
int sp_look_at(struct sp_context *context, const struct sp_strv *locations,
	       struct sp_operator *op, struct sp_look *look, struct sp_error *err);

/* Copies @finding of @pack, one of @look's, to the end of @to: with its place where there are
 * several packs. */
SP_MUST_CHECK
int sp_look_copy_finding(const struct sp_look *look, const struct sp_pack *pack,
			 const struct sp_finding *finding, struct sp_findings *to,
			 struct sp_error *err);

/* The findings of @look and of its packs, those about trust left out (the plan says
 * them, knowing what was accepted), copied to the end of @to. */
SP_MUST_CHECK
int sp_look_findings(const struct sp_look *look, struct sp_findings *to,
		     struct sp_error *err);
