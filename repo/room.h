/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* How much may be unpacked into a system that runs from memory. */

#include <stdint.h>

/* In bytes: what the file system of @root has free, if it has a size of its own, and never
 * more than half of the free memory, of which the rest of the installation needs some. */
uint64_t sp_room_free_bytes(const char *root);
