/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What has been done to this machine so far, kept so that all of it can be undone. */

#include <stdint.h>

#include "base/finding.h"
#include "base/text.h"
#include "installer-plugin/keep.h"
#include "installer-plugin/stamp.h"

struct sp_context;
struct sp_operator;

/* A device that was taken from its driver. */
struct sp_deed_release {
	char *address, *driver;
};

/* Zero-initialise.  Owned. */
struct sp_deed {
	struct sp_keep *kept; /* copies in memory */
	size_t n_kept;
	struct sp_stamp *stamps; /* as they were before the packages */
	size_t n_stamps;
	struct sp_strv placed;    /* files that are no RPM's (load_files.h) */
	struct sp_strv installed; /* NEVRAs that were not there before */
	struct sp_strv touched;   /* modules that were, or may have been, loaded; in that
				   * order */
	struct sp_strv unloaded;  /* modules that were taken out of the kernel */
	struct sp_deed_release *released;
	size_t n_released;
	uint64_t taint; /* the kernel's flags before */
};

void sp_deed_done(struct sp_deed *deed);

/* Notes that the device @address was taken from @driver; both are copied. */
SP_MUST_CHECK
int sp_deed_add_release(struct sp_deed *deed, const char *address, const char *driver,
			struct sp_error *err);

/* Undoes all of it, the last first: modules that were not in the kernel when @context
 * was read are unloaded, packages erased, files taken away, the modules and drivers of
 * before put back, the copies removed.  Goes on whatever fails; what cannot be undone is a finding
 * (left-behind).  Cannot be cancelled. */
void sp_deed_undo(struct sp_context *context, const struct sp_deed *deed,
		  struct sp_operator *op, struct sp_findings *findings);
