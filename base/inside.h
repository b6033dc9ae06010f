/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Roots of other systems, mounted somewhere: their links are followed as they meant
 * them (an absolute one starts at that root again, no ".." leaves it), so nothing read
 * here is ever this system's own. */

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/* Outcome of all of these: there is nothing of that name. */
#define SP_INSIDE_ABSENT 1

/* Where @path (relative to the root @root_fd) really is, free of links; "" is the root
 * itself.  Caller frees.  SP_ERR_FORMAT: links without end, or a path too long. */
SP_MUST_CHECK
int sp_inside_resolve(int root_fd, const char *path, char **ret_path,
		      struct sp_error *err);

/* Opens the regular file @path for reading. */
SP_MUST_CHECK
int sp_inside_open(int root_fd, const char *path, int *ret_fd, struct sp_error *err);

/* Reads all of the regular file @path, at most @max_bytes (more is SP_ERR_LIMIT); a NUL
 * stands behind the last byte.  Caller frees. */
SP_MUST_CHECK
int sp_inside_load(int root_fd, const char *path, size_t max_bytes, char **ret_bytes,
		   size_t *ret_len, struct sp_error *err);

/* The names in the directory @path, sorted, without "." and "..", added to @ret_names.
 * More than @max of them is SP_ERR_LIMIT. */
SP_MUST_CHECK
int sp_inside_list(int root_fd, const char *path, size_t max, struct sp_strv *ret_names,
		   struct sp_error *err);
