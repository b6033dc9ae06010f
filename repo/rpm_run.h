/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One transaction of librpm on a root (rpm_root.h): what it did, told as it is.  For
 * transaction.c, in its worker. */

#include <stdbool.h>
#include <stddef.h>

#include "base/finding.h"
#include "base/text.h"

struct sp_rpm_root;

struct sp_rpm_job {
	const int *fds; /* package files to install */
	size_t n_fds;
	const struct sp_strv *erase;    /* NEVRAs; NULL: none */
	const struct sp_strv *provided; /* excuses for missing requirements; NULL: none */
	bool files_provide;             /* a file that is in the root excuses too */
	bool no_requirements;           /* do not ask for them at all */
	bool test_only, no_scripts, allow_downgrade;
	bool no_disk_check; /* where statvfs() knows no sizes */
	/* Called once all but the last checks are passed, before any change. */
	int (*before)(void *user, struct sp_error *err);
	void *user;
};

/* Outcomes; findings say why. */
#define SP_RPM_RUN_REFUSED 1 /* nothing was changed */
#define SP_RPM_RUN_FAILED 2  /* on the way: something may have been changed */

/* Does @job.  SP_RPM_RUN_FAILED also when librpm thinks that all is well, but has logged
 * an error or seen a scriptlet fail.  What scriptlets print is logged: standard output
 * and standard error of this process are theirs from now on. */
SP_MUST_CHECK
int sp_rpm_run(struct sp_rpm_root *root, const struct sp_rpm_job *job,
	       struct sp_findings *findings, struct sp_error *err);
