/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kind of medium it is, and where on it packs may be: the order of the tests is
 * what matters here, since one medium can look like several things. */
#include "repo/reader.h"

#include "base/text.h"
#include "repo/legacy.h"
#include "repo/limits.h"
#include "repo/reading.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_DEPTH = 2, MAX_BASES = 1024 };

/* ---- directories that may hold a pack -------------------------------------- */

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

/* Those of legacy media.  A list that cannot be read is none. */
static int add_legacy(const struct sp_reading *reading, struct sp_strv *bases,
		      struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	struct sp_error why = SP_ERROR_INIT;
	size_t len = 0;
	int r = sp_tree_load(reading->tree, SP_LEGACY_LIST, SP_LEGACY_LIST_MAX_BYTES,
			     &text, &len, &why);

	if (r == 0)
		r = sp_legacy_directories(text, len, bases, reading->findings, &why);
	if (r < 0 && sp_reading_is_fatal(&why)) {
		*err = why;
		return r;
	}
	if (r < 0)
		r = sp_findings_add_error(reading->findings, SP_LEGACY_LIST, &why, err);
	/* Beside a pack there is no need to ask a server for what was usual once; on a
	 * medium that lists its files it is found anyhow. */
	if (r >= 0 && (bases->n || sp_tree_find(reading->tree, "update.xml")))
		return 0;
	return r < 0 ? r : sp_legacy_directories(NULL, 0, bases, reading->findings, err);
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
		     strcmp(name, SP_LEGACY_REPOSITORY) != 0) ||
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
	int r = add_legacy(reading, bases, err);

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

static const sp_reading_fn of_medium[] = { sp_reading_source };
static const sp_reading_fn of_packs[] = { sp_reading_update, sp_reading_legacy };
static const sp_reading_fn of_others[] = { sp_reading_foreign };
static const sp_reading_fn of_rpms[] = { sp_reading_rpms };

static const struct step {
	const sp_reading_fn *readers;
	size_t n_readers;
	int (*find)(const struct sp_reading *reading, struct sp_strv *bases,
		    struct sp_error *err); /* NULL: only the root */
	bool ends; /* if it was that, nothing else is looked for */
} steps[] = {
	// clang-format off
	{ of_medium, sizeof of_medium / sizeof *of_medium, NULL,       true },
	{ of_packs,  sizeof of_packs / sizeof *of_packs,   find_bases, false },
	{ of_others, sizeof of_others / sizeof *of_others, NULL,       true },
	{ of_rpms,   sizeof of_rpms / sizeof *of_rpms,     find_rpms,  false },
	// clang-format on
};

/* The first reader that takes the directory has it. */
static int try_base(const struct sp_reading *reading, const struct step *step,
		    const char *base, struct sp_error *err)
{
	int r = 0;

	if (*reading->n_packs >= SP_LIMIT_PACKS)
		return sp_error_set(err, SP_ERR_LIMIT, "there are more than %d packs",
				    SP_LIMIT_PACKS);
	for (size_t i = 0; r == 0 && i < step->n_readers; i++)
		r = step->readers[i](reading, base, err);
	return r;
}

/* *@n: of how many things it was found out what they are. */
static int try_step(const struct sp_reading *reading, const struct step *step, size_t *n,
		    struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv bases = { 0 };
	int r = step->find ? step->find(reading, &bases, err)
			   : add_base(&bases, "", 0, err);

	for (size_t i = 0; r >= 0 && i < bases.n; i++) {
		r = try_base(reading, step, bases.items[i], err);
		*n += r == SP_READING_TAKEN;
	}
	return r < 0 ? r : 0;
}

static int read_tree(const struct sp_reading *reading, size_t *ret_n, bool *ret_ends,
		     struct sp_error *err)
{
	int r = 0;

	*ret_n = 0;
	*ret_ends = false;
	for (size_t i = 0; r == 0 && *ret_n == 0 && i < sizeof steps / sizeof steps[0];
	     i++) {
		r = try_step(reading, &steps[i], ret_n, err);
		*ret_ends = *ret_n && steps[i].ends;
	}
	return r;
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
	if (r < 0 && why.code == SP_ERR_NO_PACK)
		return say(medium, path, err, "is no ISO 9660 image");
	if (r < 0 && sp_reading_is_fatal(&why)) {
		*err = why;
		return r;
	}
	(void)sp_error_context(&why, "'%.200s'", path);
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
