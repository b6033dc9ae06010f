/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which modules claim a modalias, and how exactly: an index over alias patterns, as
 * the kernel writes them ("pci:v00008086d000010D3sv*sd*bc*sc*i*", with * ? and [...]
 * as in fnmatch).  Same set of answers as libkmod's, without opening a file. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* How exact a claim is; more is better. */
enum sp_rank {
	SP_RANK_NONE,
	SP_RANK_CLASS,     /* by class only */
	SP_RANK_VENDOR,    /* vendor (and class) */
	SP_RANK_DEVICE,    /* vendor and device; on other buses: a pattern without * in
			    * the parts that name the device */
	SP_RANK_SUBSYSTEM, /* subvendor and subdevice too */
};

/* "subsystem", "device", "vendor", "class"; "none". */
const char *sp_rank_name(enum sp_rank rank);

/* How exactly @pattern names its device (whether or not it matches anything);
 * SP_RANK_NONE if it can match nothing (plan/glob.h: sound). */
enum sp_rank sp_alias_rank(const char *pattern);
/* Same, of @len bytes that need no NUL. */
enum sp_rank sp_alias_rank_n(const char *pattern, size_t len);

struct sp_alias_index;

/* An empty index; caller frees. */
SP_MUST_CHECK
int sp_alias_index_new(struct sp_alias_index **ret_index, struct sp_error *err);
void sp_alias_index_free(struct sp_alias_index *index);
SP_DEFINE_FREEP(struct sp_alias_index *, sp_alias_index_free)

/* @pattern and @module are borrowed and must outlive the index.  @tag is the caller's
 * own number for what claims.  A pattern that is not sound (plan/glob.h), as only a
 * hostile module has it, is left out and counted.
 * SP_ERR_LIMIT beyond 262,144 patterns. */
SP_MUST_CHECK
int sp_alias_index_add(struct sp_alias_index *index, const char *pattern,
		       const char *module, size_t tag, struct sp_error *err);

/* Adds every "alias PATTERN MODULE" line of a modules.alias file, with @tag.  @text is
 * kept (borrowed) and must outlive the index; it is not changed. */
SP_MUST_CHECK
int sp_alias_index_add_file(struct sp_alias_index *index, const char *text, size_t len,
			    size_t tag, struct sp_error *err);

/* How many patterns were left out. */
size_t sp_alias_index_n_ignored(const struct sp_alias_index *index);

struct sp_alias_hit {
	const char *module; /* not NUL-terminated if from a file: see module_len */
	size_t module_len;
	size_t tag;
	enum sp_rank rank;
};

/* The first call after an addition orders the index, in time linear in its size; the
 * others take time in proportion to the answer.  Not for two threads at once.
 *
 * Every claim on @modalias, each (module, tag) once with its best rank; best rank
 * first, then by module name and tag.  At most @max are stored in @hits; returns how
 * many there are in all. */
size_t sp_alias_index_find(struct sp_alias_index *index, const char *modalias,
			   struct sp_alias_hit *hits, size_t max);
