/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One location, opened as a tree of files.  Runs in a worker with mounts of its own
 * (SP_WORKER_PRIVATE_MOUNTS): what it mounts is gone when the worker is, however that
 * ends.  Whatever can block in the kernel happens here and nowhere else. */

#include "base/error.h"
#include "base/finding.h"

struct sp_location;
struct sp_tree;

/* Outcome: there is nothing to read; a finding says why. */
#define SP_PLACE_NOTHING 1

/* Opens a path of any kind: a directory, an image, an RPM, a block device (mounted
 * read-only, or read as an image where the kernel has no iso9660).  What it is, is found
 * out by looking, not by its name.  Gives up the worker's privileges before a byte of
 * the content is looked at, except by libblkid.
 *
 * < 0: SP_ERR_UNREACHABLE with the path in the sentence, and others. */
SP_MUST_CHECK
int sp_place_open(const struct sp_location *location, struct sp_tree **ret_tree,
		  struct sp_findings *findings, struct sp_error *err);

/* The root of a host: the directory @path, or a partition or an image of one, mounted
 * read-only.  *@ret_dir is where it can be named by; caller frees.  SP_PLACE_NOTHING and
 * the worker's privileges: as above. */
SP_MUST_CHECK
int sp_place_open_root(const char *path, int *ret_fd, char **ret_dir,
		       struct sp_findings *findings, struct sp_error *err);
