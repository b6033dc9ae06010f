/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a host keeps while something is being done to it, so that a later run can finish
 * it: empty files in var/lib/suppack, there before the first change and gone after the
 * last.  The directory is gone, too, when there is nothing in it. */

#include <stdbool.h>

#include "base/text.h"

#define SP_UNFINISHED_PLACE "var/lib/suppack"
#define SP_UNFINISHED_COPIES SP_UNFINISHED_PLACE "/packs" /* verified copies of packs */

#define SP_UNFINISHED_INITRD "initrd-"    /* and the kernel: depmod and initrd are due */
#define SP_UNFINISHED_REMOVAL "removing-" /* and the name of the record */

/* Marks @what, durably.  Marked already is success. */
SP_MUST_CHECK
int sp_unfinished_mark(int root_fd, const char *what, struct sp_error *err);

/* Takes the mark away, durably; not there is success. */
SP_MUST_CHECK
int sp_unfinished_clear(int root_fd, const char *what, struct sp_error *err);

/* Those marks that begin with @beginning, without it, sorted. */
SP_MUST_CHECK
int sp_unfinished_list(int root_fd, const char *beginning, struct sp_strv *ret_rest,
		       struct sp_error *err);

/* Removes the copies of packs unless a record is still staged, halves of marks, and the place itself if it is empty then. */
SP_MUST_CHECK
int sp_unfinished_tidy(int root_fd, struct sp_error *err);
