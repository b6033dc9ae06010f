/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* <selected-multiversion-drivers>: which variant of a driver the host uses, told to the
 * host's own driver-tool. */

#include "base/error.h"

struct sp_context;
struct sp_report;
struct sp_unattended;

/* In the host that --root names.  "variants" of the report has a row for each: "driver",
 * "variant", "chosen"; one that could not be chosen is a finding (variant-not-chosen), as
 * the installer goes on then, too. */
SP_MUST_CHECK
int sp_variants_choose(struct sp_context *context, const struct sp_unattended *unattended,
		       struct sp_report *report, struct sp_error *err);
