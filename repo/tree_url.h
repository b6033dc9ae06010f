/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A directory on a server as a tree.  A server does not list its files, so they are asked
 * for by name when somebody looks for them; each is fetched once, into a directory of
 * ours, where later trees of the same URL find it. */

#include <stdbool.h>

#include "base/error.h"
#include "repo/fetch.h"

struct sp_tree;

/* The texts are borrowed while the tree lives. */
struct sp_tree_url {
	const char *url; /* without credentials */
	int cache_fd;    /* a directory for this URL alone */
	bool use_up;     /* what metadata vouches for is read for the last time: it is
			  * removed from the cache once it was visited */
	struct sp_fetch_options fetch; /* its progress is ours: */
	/* Bytes fetched so far, and of all files of which the size is known; non-zero
	 * cancels.  May be NULL. */
	int (*progress)(void *user, uint64_t done, uint64_t total);
	void *user;
};

/* Asks for the files by which a pack is known.  < 0: the server cannot be reached or
 * refuses, or answers with a web page (SP_ERR_NO_PACK). */
SP_MUST_CHECK
int sp_tree_url_open(const struct sp_tree_url *how, struct sp_tree **ret_tree,
		     struct sp_error *err);

/* Fetches the one file that @how names, an image or an RPM, into the cache: a descriptor
 * open for reading.  Larger than @max_bytes is SP_ERR_LIMIT. */
SP_MUST_CHECK
int sp_tree_url_file(const struct sp_tree_url *how, uint64_t max_bytes, int *ret_fd,
		     struct sp_error *err);
