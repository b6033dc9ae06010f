/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* An answerfile from where it lies: taken apart in a worker, judged here. */

#include "base/error.h"

struct sp_unattended;

/* SP_ERR_USAGE with @path and, where there is one, the line, the element and the attribute
 * that are wrong: also when it cannot be read.  Zero-initialised @ret_unattended. */
SP_MUST_CHECK
int sp_answer_read(const char *path, struct sp_unattended *ret_unattended,
		   struct sp_error *err);
