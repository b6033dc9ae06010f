/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Sources that an answerfile does not name: extrarepo= of the kernel's command line
 * (required, as driver-source is), and media prepared ahead (not required: what is on
 * them need not be for this machine): packs in the installer's image, and disks labelled
 * OEMDRV or SUPPACK in any spelling. */

#include "base/error.h"

struct sp_context;
struct sp_unattended;

/* Adds them to @unattended, behind its own.  Disks are not looked for where a source is
 * all of them anyway, nor on a recorded machine. */
SP_MUST_CHECK
int sp_answer_extras_add(struct sp_context *context, struct sp_unattended *unattended,
			 struct sp_error *err);
