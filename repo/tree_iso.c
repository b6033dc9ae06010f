/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An ISO 9660 image as a tree.  The reader below (base/archive.h) goes through it from
 * its beginning to its end; so it is listed once, and then gone through once for each
 * set of files that is asked for. */
#include "repo/tree_kind.h"

#include "base/archive.h"
#include "base/stall.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_NESTING = 2 };

/* Another name for a file, without content of its own in the archive. */
struct other_name {
	char *path, *target;
};

struct tree_iso {
	struct sp_tree tree;
	int fd; /* the image; -1: it lies on */
	struct tree_iso *outer;
	char *path; /* as this file */
	unsigned nesting;
	struct other_name *names;
	size_t n_names;
};

static void free_iso(struct sp_tree *tree)
{
	struct tree_iso *iso = (struct tree_iso *)tree;

	sp_tree_done(tree);
	for (size_t i = 0; i < iso->n_names; i++) {
		free(iso->names[i].path);
		free(iso->names[i].target);
	}
	free(iso->names);
	if (iso->fd >= 0)
		(void)close(iso->fd);
	free(iso->path);
	free(iso);
}

/* ---- one way through the image --------------------------------------------- */

struct pass {
	struct sp_archive *outer, *archive;
};

static void pass_done(struct pass *pass)
{
	sp_archive_free(pass->archive);
	sp_archive_free(pass->outer);
}

static int open_outer(const struct tree_iso *iso, struct pass *pass, struct sp_error *err)
{
	struct sp_archive_entry entry = { 0 };
	int r = sp_archive_open_fd(iso->outer->fd, SP_ARCHIVE_ISO, UINT64_MAX,
				   &pass->outer, err);

	while (r == 0) {
		r = sp_archive_next(pass->outer, &entry, err);
		if (r == 0 && strcmp(entry.path, iso->path) == 0)
			return sp_archive_open_inner(pass->outer, SP_ARCHIVE_ISO,
						     UINT64_MAX, &pass->archive, err);
	}
	return r < 0 ? r
		     : sp_error_set(err, SP_ERR_IO, "'%s' is no longer there", iso->path);
}

static int open_pass(const struct tree_iso *iso, struct pass *pass, struct sp_error *err)
{
	if (iso->outer)
		return open_outer(iso, pass, err);
	return sp_archive_open_fd(iso->fd, SP_ARCHIVE_ISO, UINT64_MAX, &pass->archive,
				  err);
}

/* ---- listing --------------------------------------------------------------- */

static int add_other_name(struct tree_iso *iso, const struct sp_archive_entry *entry,
			  struct sp_error *err)
{
	const struct sp_tree_entry *entries = iso->tree.entries;
	struct other_name *name;

	/* The target came before; it is mostly the one just before. */
	for (size_t i = iso->tree.n_entries; i-- > 0;) {
		if (strcmp(entries[i].path, entry->link_target) != 0)
			continue;
		name = realloc(iso->names, (iso->n_names + 1) * sizeof *name);
		if (!name)
			return sp_error_nomem(err);
		iso->names = name;
		name = &iso->names[iso->n_names++];
		name->path = strdup(entry->path);
		name->target = strdup(entry->link_target);
		if (!name->path || !name->target)
			return sp_error_nomem(err);
		return sp_tree_add(&iso->tree, entry->path, entries[i].size_bytes, err);
	}
	return 0;
}

static int list_all(struct tree_iso *iso, struct sp_error *err)
{
	SP_AUTO(pass_done) struct pass pass = { 0 };
	struct sp_archive_entry entry;
	int r = open_pass(iso, &pass, err);

	while (r == 0) {
		r = sp_archive_next(pass.archive, &entry, err);
		if (r == 0 && entry.type == SP_ARCHIVE_FILE)
			r = sp_tree_add(&iso->tree, entry.path, entry.size, err);
		if (r == 0 && entry.type == SP_ARCHIVE_HARD_LINK)
			r = add_other_name(iso, &entry, err);
	}
	sp_tree_sort(&iso->tree);
	return r == SP_ARCHIVE_END ? 0 : r;
}

/* ---- visiting -------------------------------------------------------------- */

struct iso_stream {
	struct sp_tree_stream stream;
	struct sp_archive *archive;
};

static ssize_t read_entry(struct sp_tree_stream *stream, void *buf, size_t size,
			  struct sp_error *err)
{
	return sp_archive_read(((struct iso_stream *)stream)->archive, buf, size, err);
}

/* One path of the order. */
struct stop {
	const char *content; /* where that stands in the archive; NULL: was visited */
};

struct tour {
	const struct tree_iso *iso;
	const struct sp_tree_order *order;
	struct stop *stops;
	size_t left;
};

static void tour_done(struct tour *tour)
{
	free(tour->stops);
}

/* Where the content of @path stands in the archive. */
static const char *content_of(const struct tree_iso *iso, const char *path)
{
	for (size_t i = 0; i < iso->n_names; i++)
		if (strcmp(iso->names[i].path, path) == 0)
			return iso->names[i].target;
	return path;
}

/* The first path still to visit whose content is the entry at @path. */
static size_t find_stop(const struct tour *tour, const char *path)
{
	size_t i = 0;

	while (i < tour->order->n &&
	       (!tour->stops[i].content || strcmp(tour->stops[i].content, path) != 0))
		i++;
	return i;
}

/* *@ret_go_on: another way through may reach more of them. */
static int go_through(struct tour *tour, bool *ret_go_on, struct sp_error *err)
{
	SP_AUTO(pass_done) struct pass pass = { 0 };
	struct sp_archive_entry entry;
	int r = open_pass(tour->iso, &pass, err);

	*ret_go_on = false;
	while (r == 0 && tour->left) {
		struct iso_stream iso = { .stream = { .read = read_entry } };
		size_t i;

		r = sp_archive_next(pass.archive, &entry, err);
		i = r == 0 && entry.type == SP_ARCHIVE_FILE ? find_stop(tour, entry.path)
							    : tour->order->n;
		if (i == tour->order->n)
			continue;
		iso.archive = pass.archive;
		tour->stops[i].content = NULL;
		tour->left--;
		*ret_go_on = true;
		r = tour->order->visit(tour->order->user, i, &iso.stream, err);
		/* A failed archive can only be left: the rest from the beginning. */
		if (r == 0 && iso.stream.failed)
			return 0;
	}
	return r == SP_ARCHIVE_END ? 0 : r;
}

static int plan_tour(struct tour *tour, struct sp_error *err)
{
	tour->stops = calloc(tour->order->n, sizeof *tour->stops);
	if (!tour->stops)
		return sp_error_nomem(err);
	for (size_t i = 0; i < tour->order->n; i++) {
		const char *path = tour->order->paths[i];

		if (!sp_tree_find_listed(&tour->iso->tree, path))
			continue;
		tour->stops[i].content = content_of(tour->iso, path);
		tour->left++;
	}
	return 0;
}

static int visit_iso(struct sp_tree *tree, const struct sp_tree_order *order,
		     struct sp_error *err)
{
	SP_AUTO(tour_done)
	struct tour tour = {
		.iso = (const struct tree_iso *)tree,
		.order = order,
	};
	bool go_on = true;
	int r = plan_tour(&tour, err);

	while (r == 0 && go_on && tour.left)
		r = go_through(&tour, &go_on, err);
	return r;
}

/* ---- opening --------------------------------------------------------------- */

static int open_iso(struct tree_iso *iso, struct sp_tree **ret_tree,
		    struct sp_error *err);

static int open_inner(struct sp_tree *tree, const char *path, struct sp_tree **ret_tree,
		      struct sp_error *err)
{
	struct tree_iso *outer = (struct tree_iso *)tree, *iso;

	if (!sp_tree_find(tree, path))
		return SP_TREE_ABSENT;
	if (outer->nesting + 1 >= MAX_NESTING)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "'%s' is an image within an image within an image",
				    path);
	iso = calloc(1, sizeof *iso);
	if (!iso)
		return sp_error_nomem(err);
	iso->fd = -1;
	iso->outer = outer;
	iso->nesting = outer->nesting + 1;
	iso->path = strdup(content_of(outer, path));
	return open_iso(iso, ret_tree, err);
}

static const struct sp_tree_kind kind = {
	.visit = visit_iso,
	.open_image = open_inner,
	.free = free_iso,
};

/* Takes @iso over. */
static int open_iso(struct tree_iso *iso, struct sp_tree **ret_tree, struct sp_error *err)
{
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = (struct sp_tree *)iso;
	int r;

	tree->kind = &kind;
	if (iso->fd < 0 && !iso->path)
		return sp_error_nomem(err);
	r = list_all(iso, err);
	if (r == 0)
		*ret_tree = sp_steal(tree);
	return r;
}

/* What begins like one, and cannot be read, is a damaged one: worth saying. */
static int check_mark(int fd, struct sp_error *err)
{
	enum { MARK_AT = 0x8001 };
	char mark[5] = "";
	ssize_t n = sp_stall_pread(fd, mark, sizeof mark, MARK_AT);

	if (n < 0)
		return sp_error_set_errno(err, errno, "reading the image");
	if (n != sizeof mark || memcmp(mark, "CD001", sizeof mark) != 0)
		return sp_error_set(err, SP_ERR_NO_PACK, "it is no ISO 9660 image");
	return 0;
}

int sp_tree_open_iso(int fd, struct sp_tree **ret_tree, struct sp_error *err)
{
	struct tree_iso *iso;
	int r = check_mark(fd, err);

	if (r < 0)
		return r;
	iso = calloc(1, sizeof *iso);
	if (!iso)
		return sp_error_nomem(err);
	iso->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (iso->fd < 0) {
		int error = errno;

		free(iso);
		return sp_error_set_errno(err, error, "opening the image");
	}
	return open_iso(iso, ret_tree, err);
}
