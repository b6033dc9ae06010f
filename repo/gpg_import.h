/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Key files into GnuPG's private directory, all by one run of gpg: a program started for
 * each would be most of what looking at a medium takes.  For gpg_home.c. */

#include "base/error.h"

struct sp_keys;
struct sp_strv;

struct sp_gpg_importer {
	const char *program;   /* absolute path of gpg */
	const char *directory; /* its home; room for twice the key files */
	unsigned deadline_ms;  /* of one run */
};

/* Imports @keys (may be NULL); adds to @imported the primary fingerprint of every key
 * that gpg has taken.  A file that holds none, or breaks in the middle, costs no other
 * file its keys.  < 0: SP_ERR_IO, also when the disk is full, of which gpg says nothing;
 * SP_ERR_TIMEOUT. */
SP_MUST_CHECK
int sp_gpg_import(const struct sp_gpg_importer *importer, const struct sp_keys *keys,
		  struct sp_strv *imported, struct sp_error *err);
