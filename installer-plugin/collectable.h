/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Our own part of the host's Server Status Report: where there are packs on record,
 * files in etc/xensource/bugtool say that the records and the logs are collected. */

#include "base/error.h"

struct sp_context;
struct sp_host;

/* Puts them there, or takes them away when the last pack is gone.  The installer's own
 * log, which ends with the installer, is copied to the host's var/log first.  @host must
 * have been read after the last pack. */
SP_MUST_CHECK
int sp_collectable_update(const struct sp_context *context, const struct sp_host *host,
			  struct sp_error *err);
