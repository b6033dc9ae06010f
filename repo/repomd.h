/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* repomd.xml: which files the metadata of a pack are, and their digests.  It is what a
 * signature stands for, so everything else follows from it. */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "repo/digest.h"

enum sp_repomd_kind {
	SP_REPOMD_PRIMARY,   /* always there */
	SP_REPOMD_FILELISTS, /* may be missing */
	SP_REPOMD_GROUP,     /* comps, plain or compressed; may be missing */
	SP_REPOMD_KINDS,
};

/* One metadata file.  @path NULL: the repomd.xml has none of this kind. */
struct sp_repomd_file {
	char *path; /* below the pack's directory; safe */
	enum sp_digest_kind digest_kind;
	char digest[SP_DIGEST_HEX_SIZE]; /* of the file as it is, compressed */
	uint64_t size_bytes;             /* of the file as it is; 0: not said */
};

/* Zero-initialise. */
struct sp_repomd {
	struct sp_repomd_file files[SP_REPOMD_KINDS];
};

void sp_repomd_done(struct sp_repomd *repomd);

/* Takes the document apart.  SP_ERR_FORMAT, naming what is wrong: no such document, no
 * primary, two of one kind, a path that leads out of the pack, a digest that is missing,
 * malformed, or weaker than SHA-256.  SP_ERR_LIMIT.  Zero-initialised @ret_repomd.
 * *@ret_code (may be NULL) becomes "unsafe-path" if it failed for a path. */
SP_MUST_CHECK
int sp_repomd_parse(const char *bytes, size_t len, struct sp_repomd *ret_repomd,
		    const char **ret_code, struct sp_error *err);

/* Is @bytes the file that @file describes?  SP_ERR_DAMAGED if not. */
SP_MUST_CHECK
int sp_repomd_check(const struct sp_repomd_file *file, const void *bytes, size_t len,
		    struct sp_error *err);
