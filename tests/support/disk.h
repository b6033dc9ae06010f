/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Disks of a made-up machine, as sysfs has them. */

#include "support/machine.h"

static inline void add_disk(const struct machine *machine, const char *name,
			    const char *number, const char *sectors)
{
	char path[256];

	(void)snprintf(path, sizeof path, "sys/block/%s/size", name);
	machine_write(machine, path, sectors);
	(void)snprintf(path, sizeof path, "sys/block/%s/dev", name);
	machine_write(machine, path, number);
}

static inline void add_partition(const struct machine *machine, const char *disk,
				 const char *name, const char *number,
				 const char *sectors)
{
	char below[128], path[256];

	(void)snprintf(below, sizeof below, "%s/%s", disk, name);
	add_disk(machine, below, number, sectors);
	(void)snprintf(path, sizeof path, "sys/block/%s/partition", below);
	machine_write(machine, path, name + strlen(name) - 1);
}
