/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Files out of an RPM's payload, one after another, without unpacking it anywhere.
 * Runs in a worker. */

#include <stddef.h>

#include "base/archive.h"
#include "base/error.h"

struct sp_strv;

/* @fd: the file @path's content in a memory file, at its beginning; borrowed.
 * < 0 ends it all. */
typedef int (*sp_payload_file_fn)(void *user, const char *path, int fd,
				  struct sp_error *err);

/* Goes through the RPM that @source gives from its first byte, and hands over each
 * regular file that is on the list @wanted (sorted; paths without leading "/"), at most
 * @max_bytes each: beyond it SP_ERR_LIMIT.  Ends as soon as all were seen; those that
 * are not there are not missed.  SP_ERR_FORMAT if the payload is damaged. */
SP_MUST_CHECK
int sp_payload_read(sp_archive_source_fn source, void *source_user,
		    const struct sp_strv *wanted, size_t max_bytes,
		    sp_payload_file_fn on_file, void *user, struct sp_error *err);

/* Same for an RPM that is a file. */
SP_MUST_CHECK
int sp_payload_read_fd(int fd, const struct sp_strv *wanted, size_t max_bytes,
		       sp_payload_file_fn on_file, void *user, struct sp_error *err);
