/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What is fetched from servers: where it is kept while the command runs, and how each
 * location is reached, which those that only know its name without credentials ask
 * here. */

#include <stdbool.h>

#include "base/error.h"
#include "installer-plugin/scratch.h"

struct sp_location;

/* One location.  Owned by the list. */
struct sp_download {
	char *shown;    /* the location without credentials */
	char *location; /* with them */
	char *cache;    /* a directory of its own, below the scratch directory */
};

/* Zero-initialise. */
struct sp_downloads {
	struct sp_scratch scratch;
	struct sp_download *items;
	size_t n;
	bool keep; /* what was fetched is still good: the same is looked at again */
};

/* Removes all that was fetched, wipes what was secret. */
void sp_downloads_done(struct sp_downloads *downloads);

/* Makes an empty cache for @location, as @text wrote it; of one that needs none, nothing.
 * What it held is gone, unless @downloads->keep: a server that is looked at anew is asked
 * anew. */
SP_MUST_CHECK
int sp_downloads_begin(struct sp_downloads *downloads, const struct sp_location *location,
		       const char *text, struct sp_error *err);

/* NULL if it was never begun. */
const struct sp_download *sp_downloads_find(const struct sp_downloads *downloads,
					    const char *shown);
