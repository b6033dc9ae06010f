/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Between the files that keep records; everything else uses record.h. */

#include <stdbool.h>

#include "base/error.h"

#define SP_RECORD_PLACE "etc/xensource/installed-repos"
#define SP_RECORD_STAGE "etc/xensource/.suppack-staged"
#define SP_RECORD_NAME "record.json"
#define SP_RECORD_MARK ".staged" /* of a staged record that is whole */

/* *@ret_found: the directory @name of the staging place is a whole staged record.  One that
 * cannot be read is an error, and not nothing: it is somebody's promise. */
SP_MUST_CHECK
int sp_record_find_mark(int stage_fd, const char *name, bool *ret_found,
			struct sp_error *err);
