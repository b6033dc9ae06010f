/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The device half of sp_upgrade_check(): used inside plan/ only. */

#include "plan/upgrade.h"

/* Fills upgrade->devices: every device that a module of an old pack claims, with its
 * fate and the evidence for it. */
SP_MUST_CHECK
int sp_upgrade_devices_find(const struct sp_upgrade_input *input,
			    struct sp_upgrade *upgrade, struct sp_error *err);
