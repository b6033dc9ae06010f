/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a kind of tree must be able to do; for tree.c, tree_dir.c and tree_iso.c only. */

#include "repo/tree.h"

struct sp_tree_stream {
	ssize_t (*read)(struct sp_tree_stream *stream, void *buf, size_t size,
			struct sp_error *err);
	bool failed; /* a read returned < 0 */
};

/* What sp_tree_visit() was asked for. */
struct sp_tree_order {
	const char *const *paths;
	size_t n;
	sp_tree_visit_fn visit;
	void *user;
};

struct sp_tree_kind {
	int (*visit)(struct sp_tree *tree, const struct sp_tree_order *order,
		     struct sp_error *err);
	int (*open_image)(struct sp_tree *tree, const char *path,
			  struct sp_tree **ret_tree, struct sp_error *err);
	void (*free)(struct sp_tree *tree); /* the whole of it, by sp_tree_done() */

	/* Of kinds that list their files only when asked by name; may be NULL: */
	void (*find)(struct sp_tree *tree, const char *path); /* adds it if it is there */
	void (*expect)(struct sp_tree *tree, const char *path, uint64_t size_bytes,
		       uint64_t max_bytes);
	int (*check)(const struct sp_tree *tree, struct sp_error *err);
};

/* The first member of each kind's own struct. */
struct sp_tree {
	const struct sp_tree_kind *kind;
	struct sp_tree_entry *entries;
	size_t n_entries;
	bool is_cut;
};

/* Adds a copy of @path, or marks the tree as cut; a path that is unsafe or not
 * printable is left out. */
SP_MUST_CHECK
int sp_tree_add(struct sp_tree *tree, const char *path, uint64_t size_bytes,
		struct sp_error *err);
/* Visits paths[@index] in the file @fd, from its beginning; or, with @why, one that
 * cannot be read because of that. */
SP_MUST_CHECK
int sp_tree_visit_fd(const struct sp_tree_order *order, size_t index, int fd,
		     const struct sp_error *why, struct sp_error *err);
/* Frees the entries. */
void sp_tree_done(struct sp_tree *tree);
/* sp_tree_find() among what is listed. */
const struct sp_tree_entry *sp_tree_find_listed(const struct sp_tree *tree,
						const char *path);
/* Once all are added. */
void sp_tree_sort(struct sp_tree *tree);
