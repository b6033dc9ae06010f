/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Files, safely: nothing here follows a link out of the directory it was given,
 * blocks on a FIFO, or writes half a file. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* Outcome: there is no such file (or a component on the way is missing). */
#define SP_FILE_ABSENT 1

/* Opens the regular file @path below directory @dirfd for reading: component by
 * component, no links, no "..", non-blocking, close-on-exec.
 * Returns SP_FILE_ABSENT, or < 0 (SP_ERR_IO; SP_ERR_FORMAT if it is no regular file
 * or the path is unsafe). */
SP_MUST_CHECK
int sp_file_open_beneath(int dirfd, const char *path, int *ret_fd, struct sp_error *err);

/* Same for a directory (O_RDONLY|O_DIRECTORY). */
SP_MUST_CHECK
int sp_file_open_dir_beneath(int dirfd, const char *path, int *ret_fd,
			     struct sp_error *err);

/* Reads all of @fd from where it stands, at most @max_bytes (more is SP_ERR_LIMIT).
 * *@ret_bytes has a NUL behind its last byte; caller frees. */
SP_MUST_CHECK
int sp_file_read_all(int fd, size_t max_bytes, char **ret_bytes, size_t *ret_len,
		     struct sp_error *err);

/* The two above, below @dirfd.  SP_FILE_ABSENT if it is not there. */
SP_MUST_CHECK
int sp_file_load(int dirfd, const char *path, size_t max_bytes, char **ret_bytes,
		 size_t *ret_len, struct sp_error *err);

/* Writes all of it, going on after short writes and EINTR. */
SP_MUST_CHECK
int sp_file_write_all(int fd, const void *bytes, size_t len, struct sp_error *err);

/* Creates or replaces @name in @dirfd, atomically and durably: ".name.new", write,
 * fsync, rename, fsync of the directory. */
SP_MUST_CHECK
int sp_file_replace(int dirfd, const char *name, const void *bytes, size_t len,
		    mode_t mode, struct sp_error *err);

/* mkdir -p below @dirfd without following links; 0 if it is there already. */
SP_MUST_CHECK
int sp_file_make_dirs(int dirfd, const char *path, mode_t mode, struct sp_error *err);

/* Removes the tree @name below @dirfd, without following links or leaving its
 * file system.  Absent is success. */
SP_MUST_CHECK
int sp_file_remove_tree(int dirfd, const char *name, struct sp_error *err);

/* A memory file for @bytes that nobody can change any more (sealed), positioned at
 * its start. */
SP_MUST_CHECK
int sp_file_sealed(const char *name, const void *bytes, size_t len, int *ret_fd,
		   struct sp_error *err);
