/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One pack into the host: the verified copy → its record, staged → one transaction,
 * proved → the record in its place.  Whatever happens on the way, even death at any
 * moment: afterwards, or after recover.h has been at it, the host has all of the pack and
 * its record, or is as it was. */

#include <stdbool.h>

#include "base/error.h"

struct sp_context;
struct sp_findings;
struct sp_host;
struct sp_installed;
struct sp_operator;
struct sp_pack;
struct sp_package;
struct sp_record;
struct sp_strv;

/* What is to be done.  Everything is borrowed. */
struct sp_install {
	struct sp_context *context;
	struct sp_host *host;
	struct sp_operator *op;
	const struct sp_installed
		*installed; /* what the host's RPM database had before */
	const struct sp_pack *pack;
	const char *kept;     /* the copy: absolute path of its directory */
	const char *decision; /* what allowed it: "trusted", "accepted-unsigned", ... */
	const char *title;    /* for the progress: "Installing 'x' (1 of 2)" */
	bool allow_downgrade;
	bool again; /* a run that died has begun it: scriptlets of what is there already
		     * may not have run, and what becomes of the staged record after a
		     * failure is the caller's to say */
	bool rerun; /* an update to it has failed: the same for its scriptlets */
	const struct sp_strv *left_out; /* names of its packages that are not installed */
};

/* Outcomes. */
#define SP_INSTALL_FAILED 1 /* @findings say why, and what of it is there all the same */

#define SP_INSTALL_STAYS 2

/* Is @package one that RPM installs? */
bool sp_install_is_rpm(const struct sp_package *package);

/* Installs it.  @findings: also notes of a success.
 * < 0: our own failure, or SP_ERR_CANCELLED; nothing of it is there then, either. */
SP_MUST_CHECK
int sp_install_pack(const struct sp_install *install, struct sp_findings *findings,
		    struct sp_error *err);

/* After a failure, and when all of its packages that could go are gone: takes back the rest
 * of @record, which is staged; or SP_INSTALL_STAYS: some of it is all that there is, and it
 * is on record as what is there (remains.h). */
SP_MUST_CHECK
int sp_install_take_back(const struct sp_install *install, const struct sp_record *record,
			 const char *why, struct sp_findings *findings,
			 struct sp_error *err);

/* The second half of it, for a run that was interrupted: @record is staged; @install's
 * pack is the one on it. */
SP_MUST_CHECK
int sp_install_finish(const struct sp_install *install, const struct sp_record *record,
		      struct sp_findings *findings, struct sp_error *err);
