/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* OpenPGP key files, as bytes: those of the installer image, which are trusted, and
 * those found on a medium, which are only shown.  What is in them is found out by
 * verifier.h. */

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

enum { SP_KEYS_MAX_BYTES = 64 << 10, SP_KEYS_MAX_FILES = 256 };

struct sp_key_file {
	char *name; /* of the file, for messages */
	char *bytes;
	size_t len;
};

/* Zero-initialise.  Everything is owned. */
struct sp_keys {
	struct sp_key_file *items;
	size_t n;
	struct sp_strv skipped; /* one sentence for each file that was not taken */
};

void sp_keys_done(struct sp_keys *keys);

/* Outcome: there is no such directory. */
#define SP_KEYS_ABSENT 1

/* Adds every regular file of directory @path below @dirfd (NULL: of @dirfd itself), by
 * name; hidden ones are passed over.  Links, files larger than
 * SP_KEYS_MAX_BYTES, and all beyond SP_KEYS_MAX_FILES are skipped, and said to be.
 * < 0: SP_ERR_IO, when one cannot be read. */
SP_MUST_CHECK
int sp_keys_read(int dirfd, const char *path, struct sp_keys *keys, struct sp_error *err);

/* Adds one, copied.  SP_ERR_LIMIT if it is too large, or one too many. */
SP_MUST_CHECK
int sp_keys_add_bytes(struct sp_keys *keys, const char *name, const void *bytes,
		      size_t len, struct sp_error *err);
