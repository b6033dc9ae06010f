/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* An opened medium as a tree of regular files, whatever it is: a mounted directory, an
 * ISO 9660 image or device (read without mounting: kernels without iso9660 exist), or
 * one file alone.  Links, devices, FIFOs and names that are unsafe are not there.
 *
 * Files are visited in the order in which the medium stores them, each read once from
 * its beginning: a CD does not like to be sent back and forth.  Memory does not depend
 * on the size of files.  Everything here runs in a worker.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum {
	SP_TREE_MAX_ENTRIES = 16384, /* listed; more are left out: sp_tree_is_cut() */
	SP_TREE_MAX_DEPTH = 8,
};

struct sp_tree_entry {
	char *path; /* below the root, safe (base/text.h), printable */
	uint64_t size_bytes;
};

struct sp_tree;

/* NULL is allowed. */
void sp_tree_free(struct sp_tree *tree);
SP_DEFINE_FREEP(struct sp_tree *, sp_tree_free)

/* ---- opening; descriptors stay the caller's (a duplicate is kept) ---------- */

/* The directory @dirfd and what is below it on the same file system, as far as that is
 * listed: nearest first. */
SP_MUST_CHECK
int sp_tree_open_dir(int dirfd, struct sp_tree **ret_tree, struct sp_error *err);

/* The ISO 9660 image in @fd, a file or block device, read through libarchive.
 * SP_ERR_NO_PACK if it is none, SP_ERR_FORMAT if it is damaged. */
SP_MUST_CHECK
int sp_tree_open_iso(int fd, struct sp_tree **ret_tree, struct sp_error *err);

/* One file, seekable, under the name @name (a safe path). */
SP_MUST_CHECK
int sp_tree_open_file(int fd, const char *name, struct sp_tree **ret_tree,
		      struct sp_error *err);

/* Outcome: there is no such file. */
#define SP_TREE_ABSENT 1

/* The ISO 9660 image that lies on @outer as @path, without a copy of it.  @outer must
 * live as long as *@ret_tree. */
SP_MUST_CHECK
int sp_tree_open_image(struct sp_tree *outer, const char *path, struct sp_tree **ret_tree,
		       struct sp_error *err);

/* ---- looking --------------------------------------------------------------- */

/* All files, sorted by path. */
const struct sp_tree_entry *sp_tree_entries(const struct sp_tree *tree, size_t *ret_n);
/* Were there more files, or deeper ones, than are listed? */
bool sp_tree_is_cut(const struct sp_tree *tree);
/* NULL if it is not there; of a tree that was cut only what is listed.  A server is asked
 * for the file (tree_url.h), and what was returned before is not valid any more. */
const struct sp_tree_entry *sp_tree_find(struct sp_tree *tree, const char *path);

/* What signed metadata says of a file, before it is visited: what it must have (0:
 * unknown), and at most.  A server that sends more or less is stopped at that. */
void sp_tree_expect(struct sp_tree *tree, const char *path, uint64_t size_bytes,
		    uint64_t max_bytes);

/* Was every sp_tree_find() answered?  < 0: the server went away, and this is how. */
SP_MUST_CHECK
int sp_tree_check(const struct sp_tree *tree, struct sp_error *err);

/* ---- reading --------------------------------------------------------------- */

/* One file while it is visited. */
struct sp_tree_stream;

/* The next up to @size bytes: how many, 0 at the end, < 0 if the medium cannot be read
 * (SP_ERR_IO) or the image is damaged (SP_ERR_FORMAT). */
SP_MUST_CHECK
ssize_t sp_tree_read(struct sp_tree_stream *stream, void *buf, size_t size,
		     struct sp_error *err);

/* One visit: to the file paths[@index].  < 0 ends all visits. */
typedef int (*sp_tree_visit_fn)(void *user, size_t index, struct sp_tree_stream *stream,
				struct sp_error *err);

/* Visits each of the @n @paths that is there, once, in the order of the medium.  What
 * sp_tree_read() says is the visitor's to judge: one file that cannot be read does not
 * keep the others from being visited.  Returns what a visitor returned if that was
 * < 0, or SP_ERR_FORMAT, SP_ERR_IO when the medium itself fails. */
SP_MUST_CHECK
int sp_tree_visit(struct sp_tree *tree, const char *const paths[], size_t n,
		  sp_tree_visit_fn visit, void *user, struct sp_error *err);

/* A small file into memory: NUL behind its last byte; caller frees.  Returns
 * SP_TREE_ABSENT; SP_ERR_LIMIT when it is larger than @max_bytes. */
SP_MUST_CHECK
int sp_tree_load(struct sp_tree *tree, const char *path, size_t max_bytes,
		 char **ret_bytes, size_t *ret_len, struct sp_error *err);
