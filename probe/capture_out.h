/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Writing into a record (probe/capture.h): files, directories and links by their path
 * in the machine.  What is there already stays as it is, so that what several devices
 * share is written once. */

#include <stddef.h>

#include "base/error.h"

struct sp_root;

struct sp_capture_out {
	const struct sp_root *root; /* the machine */
	int fd;                     /* the record */
};

/* All of @path is a directory then. */
SP_MUST_CHECK
int sp_capture_out_make_dirs(const struct sp_capture_out *out, const char *path,
			     struct sp_error *err);

/* A file at @path with @len bytes, and the directories above it. */
SP_MUST_CHECK
int sp_capture_out_write(const struct sp_capture_out *out, const char *path,
			 const void *bytes, size_t len, struct sp_error *err);

/* A link at @path to @target: both from the top, the link itself relative. */
SP_MUST_CHECK
int sp_capture_out_link(const struct sp_capture_out *out, const char *path,
			const char *target, struct sp_error *err);

/* Copies a file of at most @max_bytes from the machine; one that is not there, or cannot
 * be read, is passed over. */
SP_MUST_CHECK
int sp_capture_out_copy(const struct sp_capture_out *out, const char *path,
			size_t max_bytes, struct sp_error *err);
