/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One location, opened as a tree of files.  Runs in a worker with mounts of its own
 * (SP_WORKER_PRIVATE_MOUNTS): what it mounts is gone when the worker is, however that
 * ends.  Whatever can block in the kernel happens here and nowhere else. */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/finding.h"

struct sp_download;
struct sp_options;
struct sp_location;
struct sp_tree;

/* How places on servers are reached; all borrowed while the tree lives. */
struct sp_place_how {
	const struct sp_options *options;   /* retries, certificates, proxy */
	const struct sp_download *download; /* NULL: the place is no server's */
	bool use_up; /* packages are read for the last time (repo/tree_url.h) */
	int (*progress)(void *user, uint64_t done, uint64_t total); /* may be NULL */
	void *user;
};

/* Outcome: there is nothing to read; a finding says why. */
#define SP_PLACE_NOTHING 1

/* Opens a path of any kind: a directory, an image, an RPM, a block device (mounted
 * read-only, or read as an image where the kernel has no iso9660).  What it is, is found
 * out by looking, not by its name.  Gives up the worker's privileges before a byte of
 * the content is looked at, except by libblkid.  Of a server's directory only what is
 * looked for is fetched; an image or an RPM there is fetched whole.  By NFS it is read where
 * it lies: the directory around it is mounted.
 *
 * < 0: SP_ERR_GONE with the path in the sentence, and others. */
SP_MUST_CHECK
int sp_place_open(const struct sp_location *location, const struct sp_place_how *how,
		  struct sp_tree **ret_tree, struct sp_findings *findings,
		  struct sp_error *err);

/* The root of a host: the directory @path, or a partition or an image of one, mounted
 * read-only.  *@ret_dir is where it can be named by; caller frees.  SP_PLACE_NOTHING and
 * the worker's privileges: as above. */
SP_MUST_CHECK
int sp_place_open_root(const char *path, int *ret_fd, char **ret_dir,
		       struct sp_findings *findings, struct sp_error *err);

/* ---- is it still there ------------------------------------------------------- */

/* A descriptor for sp_place_check(), to be taken before sp_place_open(), which drops
 * privileges; -1 if the place is no block device, or is not there. */
int sp_place_hold(const struct sp_location *location);

/* SP_ERR_GONE if the block device @held can no longer be read: what was found on
 * it is worth nothing then.  @held may be -1. */
SP_MUST_CHECK
int sp_place_check(int held, const struct sp_location *location, struct sp_error *err);
