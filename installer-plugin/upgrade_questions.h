/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The questions of the upgrade flow.  Each function makes one object, owned by the
 * caller. */

#include <stdbool.h>

#include "base/error.h"

struct json_object;
struct sp_findings;
struct sp_strv;
struct sp_study;

/* These packs, these fates: go on? */
struct json_object *sp_upgrade_question_packs(const struct sp_study *study,
					      const struct sp_findings *findings);

/* Sets @ret_chosen (one for each of @study's packs at hand) where @reply has it ticked; a
 * reply without any keeps what was ticked at first. */
SP_MUST_CHECK
int sp_upgrade_question_chosen(const struct json_object *reply,
			       const struct sp_study *study, bool ret_chosen[],
			       struct sp_error *err);

/* Go on although the boot disk or the management interface loses its driver? */
struct json_object *sp_upgrade_question_stop(const struct sp_study *study);
