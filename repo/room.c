/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A RAM disk tells librpm nothing: a ramfs has no size, and the root of an initramfs is
 * not found among the mounts. */
#include "repo/room.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/statvfs.h>

enum { MEMORY_SHARE = 2 };

/* UINT64_MAX if the system does not say. */
static uint64_t free_memory(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long kib = 0;
	char line[128];
	bool found = false;

	while (file && !found && fgets(line, sizeof line, file))
		found = sscanf(line, "MemAvailable: %llu kB", &kib) == 1;
	if (file)
		(void)fclose(file);
	return found ? kib * 1024 : UINT64_MAX;
}

uint64_t sp_room_free_bytes(const char *root)
{
	uint64_t memory = free_memory() / MEMORY_SHARE, disk;
	struct statvfs fs;

	if (statvfs(root, &fs) < 0 || fs.f_blocks == 0)
		return memory;
	disk = (uint64_t)fs.f_bavail * fs.f_frsize;
	return disk < memory ? disk : memory;
}
