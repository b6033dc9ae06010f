/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Whose each file of a host is: what a pack that puts one there is measured by. */

#include <stddef.h>

#include "base/text.h"

struct sp_context;
struct sp_host;
struct sp_operator;
struct sp_patience;

/* One file of the base system. */
struct sp_base_file {
	char *path;     /* without leading "/" */
	size_t package; /* index of its name */
};

/* Zero-initialise.  Sorted by path. */
struct sp_base_files {
	struct sp_base_file *items;
	size_t n;
	struct sp_strv packages; /* their names */
};

void sp_base_files_done(struct sp_base_files *files);

/* Reads them from @host's RPM database, in a worker.  What packs have brought is not the
 * base system's.  A host without a database has none. */
SP_MUST_CHECK
int sp_base_files_read(const struct sp_host *host, const struct sp_patience *patience,
		       struct sp_base_files *ret_files, struct sp_error *err);

/* The same of the host that --root names, put into @context for who looks at packs: what
 * would be replaced there can be told then.  Nothing without --root. */
SP_MUST_CHECK
int sp_base_files_of_root(struct sp_context *context, struct sp_operator *op,
			  struct sp_base_files *ret_files, struct sp_error *err);

/* A sp_contents_owner_fn; @context is a struct sp_base_files.  "lib/..." and
 * "usr/lib/..." are the same file. */
const char *sp_base_files_owner(void *context, const char *path);
