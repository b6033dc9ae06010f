/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a disk, a SCSI or a USB device calls itself, for people. */

#include "base/error.h"

struct sp_root;

/* Maker and model out of the sysfs directory @dir: its attributes "vendor" and "model"
 * (SCSI, NVMe), or "manufacturer" and "product" (USB), cleaned: "SanDisk Ultra Fit".
 * "ATA" is no maker, and neither is a number. *@ret_model is the caller's; NULL if
 * nothing is said. */
SP_MUST_CHECK
int sp_model_read(const struct sp_root *root, const char *dir, char **ret_model,
		  struct sp_error *err);
