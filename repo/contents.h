/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a pack's files would do to a host, told from their names and modes before any of
 * them is there.  Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/finding.h"

enum {
	SP_CONTENTS_LARGE_MIB = 100, /* control domains have root file systems of 4 to
				      * 18 GiB, with logs and updates on them */
	SP_CONTENTS_MAX_SAID = 8,    /* files named for each kind of finding */
};

/* One file of a package.  Borrowed. */
struct sp_contents_file {
	const char *path;    /* "/usr/bin/acme" or "usr/bin/acme" */
	const char *package; /* the package it is in: its name */
	const char *user;    /* its owner's name; NULL: not known */
	const char
		*capabilities; /* as rpm writes them ("= cap_net_raw+ep"); NULL or "" */
	mode_t mode;           /* with its type */
	uint64_t size_bytes;
};

/* The package of the base system that owns @path (without a leading '/'), or NULL. */
typedef const char *(*sp_contents_owner_fn)(void *context, const char *path);

struct sp_contents {
	const char *pack; /* what it is called in sentences */
	const struct sp_contents_file *files;
	size_t n;
	sp_contents_owner_fn owner; /* NULL: not asked */
	void *context;              /* of @owner */
};

/* Adds a finding for each file that replaces one of the base system (of another package
 * than its own name), belongs to a kernel or hypervisor, runs with the rights of another
 * user (set-id bits of a file, capabilities), is a device node or other special file, or
 * starts something at boot or by the clock; and one if all files together are large.
 * Paths that climb, are not clean, or lead through a link that the pack itself brings
 * are refusals (unsafe-path).  Of each kind SP_CONTENTS_MAX_SAID are named, then how
 * many more there are. */
SP_MUST_CHECK
int sp_contents_check(const struct sp_contents *contents, struct sp_findings *findings,
		      struct sp_error *err);
