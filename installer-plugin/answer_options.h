/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One source of an answerfile, for whichever stage it is used in. */

#include "installer-plugin/options.h"

struct json_object;
struct sp_unattended_source;

/* The command's options @given, as @source changes them.  Texts are borrowed from both;
 * sp_answer_options_done() frees the lists, also after a failure. */
SP_MUST_CHECK
int sp_answer_options_of(const struct sp_options *given,
			 const struct sp_unattended_source *source,
			 struct sp_options *ret_options, struct sp_error *err);
void sp_answer_options_done(struct sp_options *options);

/* Its row of the report's "sources" (docs/json.md).  @decisions is taken over; NULL:
 * none. */
struct json_object *sp_answer_options_row(const struct sp_unattended_source *source,
					  int exit, struct json_object *decisions);
