/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Modules into the kernel and devices to their drivers, in privileged workers: a
 * driver's own start may hang or die, and then it does so alone. */

#include "base/finding.h"
#include "probe/bind.h"
#include "probe/load.h"

struct sp_context;
struct sp_deed;
struct sp_machine_plan;
struct sp_operator;

/* Outcome: it did not work; @findings say why. */
#define SP_DRIVE_FAILED 1

/* Indexes and loads what @made says, in its order: an older module of the same name is
 * taken out of the kernel first, and a device that is to be replaced is taken from its
 * driver.  *@deed: what was done, whatever the outcome.  *@ret_result (zero-initialised)
 * is filled as far as it is known.  Cancelling waits for the module in hand. */
SP_MUST_CHECK
int sp_drive_load(const struct sp_machine_plan *made, struct sp_operator *op,
		  struct sp_deed *deed, struct sp_load_result *ret_result,
		  struct sp_findings *findings, struct sp_error *err);

/* What is seen of the devices. */
struct sp_drive_watch {
	int kmsg_fd; /* of sp_kmsg_open(), from before anything was loaded; -1: none */
	struct sp_bind_proofs proofs;
};

/* Waits until the devices of @made are bound and what they are for has appeared.
 * SP_DRIVE_FAILED if no device of them works; a finding for each that does not, and for
 * each firmware file that the kernel asked for until then and did not get.
 * @watch's proofs are filled. */
SP_MUST_CHECK
int sp_drive_wait(const struct sp_machine_plan *made, struct sp_operator *op,
		  struct sp_drive_watch *watch, struct sp_findings *findings,
		  struct sp_error *err);

/* The way back, in two parts, between which the packages are erased.  What cannot be
 * undone is a finding.  Nothing can cancel them. */
SP_MUST_CHECK
int sp_drive_unload(struct sp_context *context, const struct sp_deed *deed,
		    struct sp_operator *op, struct sp_findings *findings,
		    struct sp_error *err);
SP_MUST_CHECK
int sp_drive_restore(struct sp_context *context, const struct sp_deed *deed,
		     struct sp_operator *op, struct sp_findings *findings,
		     struct sp_error *err);
