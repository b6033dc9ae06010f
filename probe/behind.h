/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the operator would miss without a device: the network interfaces and the whole
 * disks below it in the device tree, through host adapters, SCSI, ATA, NVMe, USB, MMC
 * and virtio alike. */

#include "base/text.h"

/* Adds the names of interfaces ("eth0") and disks ("sda", "nvme0n1", "sr0") below the
 * open sysfs directory @device_fd of a device on @bus, sorted.  What is behind another
 * device of the same bus is that one's, not this one's.  At most 16 levels and 4,096
 * directories are looked at; what cannot be read is passed over. */
SP_MUST_CHECK
int sp_behind_read(int device_fd, const char *bus, struct sp_strv *interfaces,
		   struct sp_strv *disks, struct sp_error *err);

/* The whole disk that @name of sys/block stands for: one path of a multipath NVMe
 * namespace ("nvme0c1n1") is part of disk "nvme0n1"; all others are themselves.
 * Caller frees; NULL when out of memory. */
char *sp_behind_disk_name(const char *name);
