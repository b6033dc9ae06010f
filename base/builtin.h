/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The drivers that are built into a kernel: its modules.builtin and (from Linux 5.2 on)
 * modules.builtin.modinfo, which lie beside its modules.  depmod's modules.alias says
 * nothing of them. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct sp_module_list;
struct sp_strv;

/* Is @path one of the two, of any kernel ("lib/modules/<kver>/modules.builtin")?
 * *@ret_kernel (may be NULL; caller frees) is that kernel, NULL when out of memory. */
bool sp_builtin_is_file(const char *path, char **ret_kernel);

/* Adds the names of modules.builtin ("kernel/drivers/ata/ahci.ko", one a line) to @names,
 * as the kernel has them: "libahci_platform". */
SP_MUST_CHECK
int sp_builtin_read_names(const char *text, struct sp_strv *names, struct sp_error *err);

/* Adds a module with name, path and aliases for each of modules.builtin.modinfo
 * ("ahci.alias=pci:…", each with a NUL behind it) that has any.  What is no such string is
 * passed over. */
SP_MUST_CHECK
int sp_builtin_read_aliases(const char *bytes, size_t len, const char *path,
			    struct sp_module_list *modules, struct sp_error *err);
