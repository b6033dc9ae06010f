/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Names of PCI devices for people, from pci.ids.
 *
 * Not by libpci: it took 13 ms and 2.5 MiB to look up one name (pciutils 3.9.0; this
 * takes 2 ms and no more than a line of memory at a time), links libudev, and ends the
 * process when memory runs out. */

#include "base/error.h"

struct sp_device_list;
struct sp_root;

/* Gives every PCI device of @list that has no name one, from the first of
 * usr/share/hwdata/pci.ids and usr/share/misc/pci.ids below @root, else of the running
 * system: vendor and device, cleaned; "Intel Corporation device 10d3" if only the
 * vendor is known, nothing if not even that.  A missing or broken file gives no names
 * and no error. */
SP_MUST_CHECK
int sp_pci_names_fill(const struct sp_root *root, struct sp_device_list *list,
		      struct sp_error *err);
