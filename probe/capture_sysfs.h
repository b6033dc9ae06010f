/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The part of a record (probe/capture.h) that is sysfs. */

#include "base/error.h"

struct sp_capture_out;

/* Writes what probe/ reads of the devices, MAC addresses replaced. */
SP_MUST_CHECK
int sp_capture_sysfs_write(const struct sp_capture_out *out, struct sp_error *err);
