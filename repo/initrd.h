/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Looking into an initrd: does it hold these files, and with these bytes?  One that
 * dracut makes is a cpio archive for early microcode, plain, and behind it the real one,
 * compressed.  Runs in a worker. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "repo/digest.h"

/* A file that is looked for. */
struct sp_initrd_file {
	const char *path; /* borrowed: as in the root, without leading "/"; "lib/..." and
			   * "usr/lib/..." are the same */
	bool found;       /* out */
	char sha256[SP_DIGEST_HEX_SIZE]; /* out: of what the initrd holds; "" if it is
					  * not there, or is a link */
};

/* Looks for all @n @files in the initrd @fd.  Of two with one name the later counts, as
 * it does for the kernel.  SP_ERR_FORMAT: it is no initrd, or damaged; SP_ERR_LIMIT: more
 * than 1 GiB unpacked. */
SP_MUST_CHECK
int sp_initrd_look(int fd, struct sp_initrd_file *files, size_t n, struct sp_error *err);
