/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The host that packs go into, opened: --root.  What it is and has is read anew for
 * each pack, because packs change it. */

#include "base/finding.h"
#include "repo/record.h"
#include "repo/target.h"

struct sp_context;
struct sp_settle_place;

/* Zero-initialise.  Owned. */
struct sp_host {
	char *path;  /* absolute; "/" is the running system */
	int root_fd; /* of it; valid if @path is set */
	struct sp_target target;
	struct sp_record_list records;
	struct sp_findings findings; /* about what could not be read */
};

void sp_host_done(struct sp_host *host);

/* Opens what --root names and reads it.  SP_ERR_USAGE: it was not given, or is no
 * absolute path; SP_ERR_GONE: it is no directory. */
SP_MUST_CHECK
int sp_host_open(const struct sp_context *context, struct sp_host *ret_host,
		 struct sp_error *err);

/* Reads target and records again. */
SP_MUST_CHECK
int sp_host_read(struct sp_host *host, struct sp_error *err);

/* Is it the system that runs now? */
bool sp_host_is_running(const struct sp_host *host);

/* @path below the root, for what wants a name: caller frees; NULL when out of memory. */
char *sp_host_below(const struct sp_host *host, const char *path);

/* The host as what packs are to fit into; borrows from it. */
struct sp_settle_place sp_host_place(const struct sp_host *host);
