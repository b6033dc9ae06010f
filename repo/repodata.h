/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The packages of a pack, from its repository metadata, over libsolv, whose headers
 * appear in repodata.c, solve.c and solv_text.h only.  What is given must have been
 * checked against repomd.xml, and comes inflated; libsolv is lenient, so everything it says is
 * checked again.  Runs in a worker. */

#include <stddef.h>

#include "base/archive.h"
#include "base/error.h"
#include "repo/repomd.h"

struct sp_pack;

struct sp_repodata;

/* Holds nothing yet; caller frees. */
SP_MUST_CHECK
int sp_repodata_new(struct sp_repodata **ret_repodata, struct sp_error *err);
void sp_repodata_free(struct sp_repodata *repodata);
SP_DEFINE_FREEP(struct sp_repodata *, sp_repodata_free)

/* Takes in one document, all that @source gives: the primary first, each once.
 * SP_ERR_FORMAT if it is malformed, or what @source failed with: @repodata can only be
 * freed then. */
SP_MUST_CHECK
int sp_repodata_add(struct sp_repodata *repodata, enum sp_repomd_kind kind,
		    sp_archive_source_fn source, void *user, struct sp_error *err);

/* Fills @pack: packages (unverified, sorted by file), driver_packages, update_packages,
 * driver_disk.  Of files only those of interest are taken: modules, firmware, what
 * configures them, and what a status report reads.
 *
 * SP_ERR_FORMAT, naming the package: one without name, version, architecture, or with
 * a path that leads out of the pack, without a digest of SHA-256 or better, or two of
 * the same name and version or path.  SP_ERR_LIMIT for too many, or one too large.
 * *@ret_code (may be NULL) becomes "unsafe-path" if it failed for a path. */
SP_MUST_CHECK
int sp_repodata_fill(struct sp_repodata *repodata, struct sp_pack *pack,
		     const char **ret_code, struct sp_error *err);

/* Is the file @path of a package of interest? */
bool sp_repodata_is_of_interest(const char *path);
