/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all kinds of trees have in common: the list of their files, and reading one of
 * them whole. */
#include "repo/tree.h"

#include "base/array.h"
#include "base/text.h"
#include "repo/tree_kind.h"

#include <stdlib.h>
#include <string.h>

enum { STEP_BYTES = 32 << 10 };

void sp_tree_free(struct sp_tree *tree)
{
	if (tree)
		tree->kind->free(tree);
}

void sp_tree_done(struct sp_tree *tree)
{
	for (size_t i = 0; i < tree->n_entries; i++)
		free(tree->entries[i].path);
	free(tree->entries);
}

/* ---- the list -------------------------------------------------------------- */

/* It will stand in messages as it is. */
static bool is_printable(const char *path)
{
	size_t len = strlen(path);

	for (const char *at = path; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return false;
	return sp_text_is_utf8(path, len);
}

int sp_tree_add(struct sp_tree *tree, const char *path, uint64_t size_bytes,
		struct sp_error *err)
{
	struct sp_tree_entry *entry;

	if (!sp_text_path_is_safe(path) || !is_printable(path))
		return 0;
	if (tree->n_entries == SP_TREE_MAX_ENTRIES) {
		tree->is_cut = true;
		return 0;
	}
	entry = sp_array_add(&tree->entries, &tree->n_entries);
	if (!entry)
		return sp_error_nomem(err);
	entry->size_bytes = size_bytes;
	entry->path = strdup(path);
	return entry->path ? 0 : sp_error_nomem(err);
}

static int compare(const void *a, const void *b)
{
	const struct sp_tree_entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

void sp_tree_sort(struct sp_tree *tree)
{
	if (tree->n_entries)
		qsort(tree->entries, tree->n_entries, sizeof *tree->entries, compare);
}

const struct sp_tree_entry *sp_tree_entries(const struct sp_tree *tree, size_t *ret_n)
{
	*ret_n = tree->n_entries;
	return tree->entries;
}

bool sp_tree_is_cut(const struct sp_tree *tree)
{
	return tree->is_cut;
}

const struct sp_tree_entry *sp_tree_find_listed(const struct sp_tree *tree,
						const char *path)
{
	size_t low = 0, high = tree->n_entries;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(path, tree->entries[middle].path);

		if (order == 0)
			return &tree->entries[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct sp_tree_entry *sp_tree_find(struct sp_tree *tree, const char *path)
{
	const struct sp_tree_entry *entry = sp_tree_find_listed(tree, path);

	if (entry || !tree->kind->find)
		return entry;
	tree->kind->find(tree, path);
	return sp_tree_find_listed(tree, path);
}

void sp_tree_expect(struct sp_tree *tree, const char *path, uint64_t size_bytes,
		    uint64_t max_bytes)
{
	if (tree->kind->expect)
		tree->kind->expect(tree, path, size_bytes, max_bytes);
}

int sp_tree_check(const struct sp_tree *tree, struct sp_error *err)
{
	return tree->kind->check ? tree->kind->check(tree, err) : 0;
}

/* ---- reading --------------------------------------------------------------- */

ssize_t sp_tree_read(struct sp_tree_stream *stream, void *buf, size_t size,
		     struct sp_error *err)
{
	ssize_t n = stream->read(stream, buf, size, err);

	if (n < 0)
		stream->failed = true;
	return n;
}

int sp_tree_visit(struct sp_tree *tree, const char *const paths[], size_t n,
		  sp_tree_visit_fn visit, void *user, struct sp_error *err)
{
	const struct sp_tree_order order = { paths, n, visit, user };

	return n ? tree->kind->visit(tree, &order, err) : 0;
}

int sp_tree_open_image(struct sp_tree *outer, const char *path, struct sp_tree **ret_tree,
		       struct sp_error *err)
{
	return outer->kind->open_image(outer, path, ret_tree, err);
}

struct loading {
	size_t max_bytes;
	struct sp_strbuf bytes;
	bool seen;
};

static int load(void *user, size_t index, struct sp_tree_stream *stream,
		struct sp_error *err)
{
	struct loading *loading = user;
	char step[STEP_BYTES];
	ssize_t n;

	(void)index;
	loading->seen = true;
	while ((n = sp_tree_read(stream, step, sizeof step, err)) > 0) {
		if ((size_t)n > loading->max_bytes - loading->bytes.len)
			return sp_error_set(err, SP_ERR_LIMIT, "more than %zu bytes",
					    loading->max_bytes);
		sp_strbuf_add_bytes(&loading->bytes, step, (size_t)n);
		if (loading->bytes.failed)
			return sp_error_nomem(err);
	}
	return n < 0 ? -(int)err->code : 0;
}

static void loading_done(struct loading *loading)
{
	sp_strbuf_done(&loading->bytes);
}

int sp_tree_load(struct sp_tree *tree, const char *path, size_t max_bytes,
		 char **ret_bytes, size_t *ret_len, struct sp_error *err)
{
	SP_AUTO(loading_done) struct loading loading = { .max_bytes = max_bytes };
	int r = sp_tree_visit(tree, &path, 1, load, &loading, err);
	size_t len = loading.bytes.len;
	char *bytes;

	if (r < 0)
		return sp_error_context(err, "reading '%s'", path);
	if (!loading.seen)
		return SP_TREE_ABSENT;
	bytes = sp_strbuf_take(&loading.bytes);
	if (!bytes)
		return sp_error_nomem(err);
	*ret_bytes = bytes;
	*ret_len = len;
	return 0;
}
