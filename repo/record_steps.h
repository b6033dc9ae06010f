/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Between the files that keep records; everything else uses record.h. */

#include <stdbool.h>

#define SP_RECORD_PLACE "etc/xensource/installed-repos"
#define SP_RECORD_STAGE "etc/xensource/.suppack-staged"
#define SP_RECORD_NAME "record.json"
#define SP_RECORD_MARK ".staged" /* of a staged record that is whole */

/* Is the directory @name of the staging place a whole staged record? */
bool sp_record_is_staged(int stage_fd, const char *name);
