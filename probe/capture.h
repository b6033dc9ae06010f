/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Records this machine, so that `--sysroot DIR` sees it elsewhere as it is here: the
 * verb `capture`.
 *
 * What is copied is listed, what is not listed stays: no serial number, no MAC or other
 * address (an interface named after one is "enx000000000001" instead), no UUID but names
 * the kernel itself gives to devices, no kernel pointer, and of the kernel's command line
 * only plain words and options known to be harmless.
 *
 *   sys/devices, sys/bus, sys/class/net, sys/block
 *                  every device with a modalias: ids, class, driver and module; the
 *                  interfaces and disks, with the way to them; links as sysfs has them
 *   proc, sys/module, sys/kernel
 *                  kernel version and architecture, loaded modules, whether it enforces
 *                  signatures
 *   lib/modules    modules.{alias,dep,builtin,builtin.modinfo,softdep}, symvers, and one
 *                  module, which shows how the kernel was configured
 *   lib/firmware   the names: files without content (at most 16,384)
 *   etc            os-release, the keys of pki/rpm-gpg, and of xensource-inventory what
 *                  says product, platform and build
 *
 * Devices, media and kernel read below the copy are those read below the machine's root,
 * if its sysfs has the links that a real one has. */

#include "base/error.h"

struct sp_root;

/* @dir  is made if it is not there, and must be empty: SP_ERR_USAGE if it is not.
 *       After a failure it may hold part of the record. */
SP_MUST_CHECK
int sp_capture_write(const struct sp_root *root, const char *dir, struct sp_error *err);
