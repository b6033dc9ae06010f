/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What takes effect only when the running host is started again. */

#include "base/error.h"

struct sp_context;
struct sp_findings;
struct sp_pack;

/* After @pack was installed into, or removed from, the running system: a finding
 * (needs-restart) for each of its modules that is in the kernel already in whatever
 * version it was loaded, and one if the pack itself asks for a restart. */
SP_MUST_CHECK
int sp_restart_check(const struct sp_context *context, const struct sp_pack *pack,
		     struct sp_findings *findings, struct sp_error *err);
