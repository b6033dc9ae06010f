/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kind of medium it is, and where on it packs may be: the order of the tests is
 * what matters here, since one medium can look like several things. */
#include "repo/reader.h"

#include "base/text.h"
#include "repo/limits.h"
#include "repo/reading.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_DEPTH = 2, MAX_BASES = 1024, LIST_BYTES = 64 << 10 };

/* ---- directories that may hold a pack -------------------------------------- */

static const char *const legacy_bases[] = {
	"", "packages", "packages.main", "packages.linux", "packages.site",
};

static int add_base(struct sp_strv *bases, const char *base, size_t len,
		    struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *copy = strndup(base, len);

	if (!copy)
		return sp_error_nomem(err);
	if (bases->n == MAX_BASES || sp_strv_has(bases, copy) ||
	    (*copy && !sp_text_path_is_safe(copy)))
		return 0;
	return sp_strv_add(bases, copy, err);
}

/* XS-REPOSITORY-LIST: a directory on each line.  One that cannot be read is none. */
static int add_listed(const struct sp_reading *reading, struct sp_strv *bases,
		      struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	struct sp_error ignored = SP_ERROR_INIT;
	size_t len = 0;
	int r = sp_tree_load(reading->tree, "XS-REPOSITORY-LIST", LIST_BYTES, &text, &len,
			     &ignored);

	for (char *at = r == 0 ? text : NULL; at && *at;) {
		size_t line = strcspn(at, "\n"), blanks = strspn(at, " \t\r");
		size_t end = line;

		while (end > blanks && strchr(" \t\r/", at[end - 1]))
			end--;
		if (blanks < end && add_base(bases, at + blanks, end - blanks, err) < 0)
			return -(int)err->code;
		at += line + (at[line] == '\n');
	}
	return 0;
}

static size_t depth_of(const char *path, size_t len)
{
	size_t depth = 0;

	for (size_t i = 0; i < len; i++)
		depth += path[i] == '/';
	return len ? depth + 1 : 0;
}

/* Where else one of these lies. */
static int add_found(const struct sp_reading *reading, struct sp_strv *bases,
		     struct sp_error *err)
{
	size_t n;
	const struct sp_tree_entry *entries = sp_tree_entries(reading->tree, &n);

	for (size_t i = 0; i < n; i++) {
		const char *path = entries[i].path, *slash = strrchr(path, '/');
		const char *name = slash ? slash + 1 : path;
		size_t len = slash ? (size_t)(slash - path) : 0;

		if ((strcmp(name, "update.xml") != 0 &&
		     strcmp(name, "XS-REPOSITORY") != 0) ||
		    depth_of(path, len) > MAX_DEPTH)
			continue;
		if (add_base(bases, path, len, err) < 0)
			return -(int)err->code;
	}
	return 0;
}

static int find_bases(const struct sp_reading *reading, struct sp_strv *bases,
		      struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof legacy_bases / sizeof legacy_bases[0];
	     i++)
		r = add_base(bases, legacy_bases[i], strlen(legacy_bases[i]), err);
	if (r == 0)
		r = add_listed(reading, bases, err);
	return r == 0 ? add_found(reading, bases, err) : r;
}

/* Directories that hold RPMs. */
static int find_rpms(const struct sp_reading *reading, struct sp_strv *bases,
		     struct sp_error *err)
{
	size_t n;
	const struct sp_tree_entry *entries = sp_tree_entries(reading->tree, &n);

	for (size_t i = 0; i < n; i++) {
		const char *path = entries[i].path, *slash = strrchr(path, '/');
		size_t len = slash ? (size_t)(slash - path) : 0;

		if (!sp_text_ends_with(path, ".rpm") || depth_of(path, len) > MAX_DEPTH)
			continue;
		if (add_base(bases, path, len, err) < 0)
			return -(int)err->code;
	}
	return 0;
}

/* ---- recognisers, in order ------------------------------------------------- */

enum where {
	ROOT,     /* of the medium only, and then nothing else is looked for */
	ANYWHERE, /* where packs may be */
	RPMS,     /* where RPMs are; if nothing was found so far */
};

// clang-format off
static const struct recogniser {
	enum where where;
	sp_reading_fn read;
} recognisers[] = {
	{ ROOT,     sp_reading_source },
	{ ANYWHERE, sp_reading_update },
	{ ROOT,     sp_reading_foreign },
	{ RPMS,     sp_reading_rpms },
};
// clang-format on

/* *@ret_n: how many directories were taken. */
static int try_bases(const struct sp_reading *reading,
		     const struct recogniser *recogniser, const struct sp_strv *bases,
		     size_t *ret_n, struct sp_error *err)
{
	for (size_t i = 0; i < bases->n; i++) {
		int r;

		if (*reading->n_packs >= SP_LIMIT_PACKS)
			return sp_error_set(err, SP_ERR_LIMIT,
					    "there are more than %d packs",
					    SP_LIMIT_PACKS);
		r = recogniser->read(reading, bases->items[i], err);
		if (r < 0)
			return r;
		*ret_n += r == SP_READING_TAKEN;
	}
	return 0;
}

static int try_one(const struct sp_reading *reading, const struct recogniser *recogniser,
		   size_t *n, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv bases = { 0 };
	int r = 0;

	if (recogniser->where != ANYWHERE && *n)
		return 0;
	if (recogniser->where == ROOT)
		r = add_base(&bases, "", 0, err);
	else if (recogniser->where == ANYWHERE)
		r = find_bases(reading, &bases, err);
	else
		r = find_rpms(reading, &bases, err);
	return r == 0 ? try_bases(reading, recogniser, &bases, n, err) : r;
}

/* *@ret_n: of how many things it was found out what they are. */
static int read_tree(const struct sp_reading *reading, size_t *ret_n, bool *ret_ends,
		     struct sp_error *err)
{
	*ret_n = 0;
	*ret_ends = false;
	for (size_t i = 0; i < sizeof recognisers / sizeof recognisers[0]; i++) {
		size_t before = *ret_n;
		int r = try_one(reading, &recognisers[i], ret_n, err);

		if (r < 0)
			return r;
		*ret_ends = recognisers[i].where == ROOT && *ret_n > before;
		if (*ret_ends)
			return 0;
	}
	return 0;
}

/* ---- images lying on the medium -------------------------------------------- */

static int say(const struct sp_reading *reading, const char *about, struct sp_error *err,
	       const char *text)
{
	return sp_findings_add(reading->findings, "no-pack", about, err, "'%.200s' %s",
			       about, text);
}

static int read_image(const struct sp_reading *medium, const char *path,
		      struct sp_error *err)
{
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = NULL;
	struct sp_reading reading = *medium;
	struct sp_error why = SP_ERROR_INIT;
	size_t n = 0;
	bool ends;
	int r = sp_tree_open_image(medium->tree, path, &tree, &why);

	if (r == SP_TREE_ABSENT)
		return 0;
	if (r < 0 && why.code == SP_ERR_FORMAT)
		return say(medium, path, err, "is no ISO 9660 image");
	if (r < 0)
		return sp_findings_add_error(medium->findings, path, &why, err);
	reading.tree = tree;
	reading.image = path;
	r = read_tree(&reading, &n, &ends, err);
	if (r == 0 && n == 0)
		r = say(medium, path, err, "is an image that holds no pack");
	return r;
}

static bool is_image(const char *path)
{
	size_t len = strlen(path);
	const char *slash = strrchr(path, '/');

	return len > 4 && strcasecmp(path + len - 4, ".iso") == 0 &&
	       depth_of(path, slash ? (size_t)(slash - path) : 0) <= MAX_DEPTH;
}

static int read_images(const struct sp_reading *medium, size_t *n, struct sp_error *err)
{
	size_t n_entries, n_images = 0;
	const struct sp_tree_entry *entries = sp_tree_entries(medium->tree, &n_entries);
	int r = 0;

	for (size_t i = 0; r == 0 && i < n_entries; i++) {
		if (!is_image(entries[i].path))
			continue;
		++*n;
		if (++n_images > SP_LIMIT_IMAGES)
			return sp_findings_add(
				medium->findings, "limit-exceeded", entries[i].path, err,
				"only %d images on one medium are looked at",
				SP_LIMIT_IMAGES);
		r = read_image(medium, entries[i].path, err);
	}
	return r;
}

/* ---- all of it ------------------------------------------------------------- */

static int say_nothing_found(const struct sp_reading *reading, struct sp_error *err)
{
	const char *location = reading->options->location;

	return say(
		reading, location ? location : "the medium", err,
		sp_tree_is_cut(reading->tree)
			? "holds no pack among its first files; it has too many to look "
			  "at all of them"
			: "holds no pack");
}

int sp_reader_read(struct sp_tree *tree, const struct sp_reader_options *options,
		   const struct sp_reader_sink *sink, struct sp_findings *findings,
		   struct sp_error *err)
{
	size_t n_packs = 0, n = 0;
	bool ends = false;
	const struct sp_reading reading = {
		.tree = tree,
		.options = options,
		.sink = sink,
		.findings = findings,
		.image = "",
		.n_packs = &n_packs,
	};
	int r = read_tree(&reading, &n, &ends, err);

	if (r == 0 && !ends)
		r = read_images(&reading, &n, err);
	if (r == 0 && n == 0)
		r = say_nothing_found(&reading, err);
	/* What was found before there was too much stands. */
	if (r < 0 && err->code == SP_ERR_LIMIT) {
		const struct sp_error why = *err;

		r = sp_findings_add_error(findings, options->location, &why, err);
	}
	return r;
}

int sp_reader_locate(struct sp_tree *tree, const char *directory,
		     struct sp_tree **ret_image, const char **ret_base,
		     struct sp_error *err)
{
	for (size_t len = 0; directory[len];) {
		SP_AUTO(sp_str_freep) char *path = NULL;
		int r;

		len += strcspn(directory + len, "/");
		path = strndup(directory, len);
		if (!path)
			return sp_error_nomem(err);
		len += directory[len] == '/';
		if (!sp_tree_find(tree, path))
			continue;
		r = sp_tree_open_image(tree, path, ret_image, err);
		if (r == 0)
			*ret_base = directory + len;
		return r == SP_TREE_ABSENT ? sp_error_set(err, SP_ERR_IO,
							  "'%s' is no longer there", path)
					   : r;
	}
	*ret_image = NULL;
	*ret_base = directory;
	return 0;
}
