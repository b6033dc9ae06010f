/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the parts of the reader share; for reader*.c and reading.c only. */

#include "base/error.h"
#include "base/finding.h"
#include "repo/pack.h"
#include "repo/reader.h"
#include "repo/tree.h"

/* One medium, or an image lying on one, being read. */
struct sp_reading {
	struct sp_tree *tree;
	const struct sp_reader_options *options;
	const struct sp_reader_sink *sink;
	struct sp_findings *findings;
	const char *image; /* path of the image, "" for the medium itself */
	size_t *n_packs;   /* on the whole medium */
};

/* Path of @name below directory @base ("": the root); caller frees, NULL when out of
 * memory. */
char *sp_reading_path(const char *base, const char *name);
bool sp_reading_has(const struct sp_reading *reading, const char *base, const char *name);
/* How the directory @base is called in messages and in packs: "drivers.iso/pack".
 * Caller frees; NULL when out of memory. */
char *sp_reading_directory(const struct sp_reading *reading, const char *base);

/* A fresh pack from directory @base: format, location, directory.  Zero-initialised
 * @pack. */
SP_MUST_CHECK
int sp_reading_begin_pack(const struct sp_reading *reading, const char *base,
			  enum sp_pack_format format, struct sp_pack *pack,
			  struct sp_error *err);
/* Makes what it lacks empty, and hands it over. */
SP_MUST_CHECK
int sp_reading_end_pack(const struct sp_reading *reading, struct sp_pack *pack,
			struct sp_error *err);

/* Adds @cause, which came of file @file of @pack, to its findings as @code (NULL: the
 * code of its kind).  Failures that are nobody's fault (memory, our own) go up
 * instead. */
SP_MUST_CHECK
int sp_reading_blame(struct sp_pack *pack, const char *code, const char *file,
		     const struct sp_error *cause, struct sp_error *err);

/* ---- packages.c of the reader (reader_packages.c) --------------------------- */

/* Reads all packages of @pack from @base in the order of the medium: size, digest,
 * header against what @pack says of them, and the modules.  What is wrong becomes
 * findings. */
SP_MUST_CHECK
int sp_reading_packages(const struct sp_reading *reading, const char *base,
			struct sp_pack *pack, struct sp_error *err);

/* ---- recognisers: 0: not this kind; SP_READING_TAKEN: it is, and was read ----- */

#define SP_READING_TAKEN 1

typedef int (*sp_reading_fn)(const struct sp_reading *reading, const char *base,
			     struct sp_error *err);

int sp_reading_source(const struct sp_reading *reading, const char *base,
		      struct sp_error *err);
int sp_reading_update(const struct sp_reading *reading, const char *base,
		      struct sp_error *err);
int sp_reading_foreign(const struct sp_reading *reading, const char *base,
		       struct sp_error *err);
int sp_reading_rpms(const struct sp_reading *reading, const char *base,
		    struct sp_error *err);
