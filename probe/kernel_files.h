/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The files of a kernel's own modules, as modules.dep names them. */

#include <stddef.h>

#include "base/error.h"

struct sp_kernel;
struct sp_root;

/* Returned by a callback: no more of them. */
#define SP_KERNEL_FILES_ENOUGH 1

/* @fd    open for reading, at its start; borrowed
 * @path  relative to the root: "lib/modules/4.19.0+1/kernel/x.ko" */
typedef int (*sp_kernel_files_fn)(void *user, int fd, const char *path,
				  struct sp_error *err);

/* Calls @fn for each that is there, first those of modules that are loaded, at most
 * @max_files times, until it returns SP_KERNEL_FILES_ENOUGH or < 0 (which is passed
 * up).  A kernel without modules.dep has none. */
SP_MUST_CHECK
int sp_kernel_files_each(const struct sp_root *root, const struct sp_kernel *kernel,
			 size_t max_files, sp_kernel_files_fn fn, void *user,
			 struct sp_error *err);
