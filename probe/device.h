/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The devices of this machine, or of a recorded one: PCI functions, and devices on
 * other buses that say a modalias.  All read below a root (probe/root.h). */

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct json_object;
struct sp_root;

/* By PCI class; devices of other buses are OTHER. */
enum sp_device_kind {
	SP_DEVICE_OTHER,
	SP_DEVICE_STORAGE, /* 01, 0c04 Fibre Channel, 0805 SD host */
	SP_DEVICE_NETWORK, /* 02, 0c06 InfiniBand, 0d wireless */
	SP_DEVICE_DISPLAY, /* 03 */
	SP_DEVICE_BRIDGE,  /* 06: never counted as lacking a driver */
	SP_DEVICE_USB,     /* 0c03 controllers */
	SP_DEVICE_SERIAL,  /* 0c, the rest */
};

/* Strings are owned; those that may be missing are NULL. */
struct sp_device {
	char *bus;      /* "pci", "usb", "virtio", "acpi", ... */
	char *address;  /* "0000:04:00.0"; on other buses the name in sysfs */
	char *modalias; /* without its newline; never NULL */
	char *name;     /* for people, from pci.ids: "Intel Corporation 82574L Gigabit
			 * Network Connection"; of SCSI and USB, what it calls itself;
			 * NULL if unknown */
	char *driver;   /* bound driver ("e1000e"), NULL: none */
	char *module;   /* module of that driver, NULL: built in, or none bound */
	uint32_t vendor, device, subvendor, subdevice; /* PCI; else 0 */
	uint32_t class_code;                           /* 24 bits: 0x020000 */
	uint8_t revision;
	enum sp_device_kind kind;
	struct sp_strv interfaces; /* network interfaces behind it: "eth0" */
	struct sp_strv disks;      /* whole disks behind it: "sda", "nvme0n1", "sr0" */
};

struct sp_device_list {
	struct sp_device *items;
	size_t n;
};

void sp_device_done(struct sp_device *device);
void sp_device_list_done(struct sp_device_list *list);

/* Every PCI function, by address, then the devices of other buses with a modalias,
 * by bus and address (at most 4,096 in all; no processors and memory, for which nobody
 * makes driver disks).  A device that goes away while it is read is left out; a machine
 * without PCI has an empty list.  Zero-initialised @list; after a failure it holds
 * nothing. */
SP_MUST_CHECK
int sp_device_list_read(const struct sp_root *root, struct sp_device_list *list,
			struct sp_error *err);

/* By address; NULL if it is not there. */
const struct sp_device *sp_device_find(const struct sp_device_list *list,
				       const char *address);

/* Has no driver though one would be expected, that is, a storage, network, display or
 * USB device: bridges, memory controllers and the like, and devices of other buses, do
 * not count. */
bool sp_device_is_orphan(const struct sp_device *device);

/* Of a PCI class code, 24 bits: 0x020000 is a network device. */
enum sp_device_kind sp_device_kind_of(uint32_t class_code);
/* "storage", "network", ... */
const char *sp_device_kind_name(enum sp_device_kind kind);

/* For people: "Intel Corporation 82574L Gigabit Network Connection, network"; of another
 * bus than PCI with the bus in place of the kind.  Caller frees; NULL: no memory. */
char *sp_device_title(const struct sp_device *device);

/* One device as in the command's JSON (docs/json.md).  Ids, class and revision are
 * hexadecimal strings of 4, 6 and 2 digits, null for a device of another bus. */
struct json_object *sp_device_to_json(const struct sp_device *device);
/* All of them, in their order. */
struct json_object *sp_device_list_to_json(const struct sp_device_list *list);
