/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which source of an answerfile each kept pack came from, so that the stage that installs
 * packs asks no server for what the stage that loaded drivers has fetched.  A small file
 * beside the copies (keep.h); it names sources without their credentials. */

#include <stdbool.h>

#include "base/error.h"

struct json_object;
struct sp_strv;

/* Notes that @paths (an array of paths below @spool) came from the source @shown.
 * @all: it holds no other pack. */
SP_MUST_CHECK
int sp_kept_sources_note(const char *spool, const char *shown,
			 const struct json_object *paths, bool all, struct sp_error *err);

/* Adds the copies that came from @shown to @paths.  *@ret_all: nothing else is there, and
 * the source itself need not be looked at.  Copies that are gone do not count. */
SP_MUST_CHECK
int sp_kept_sources_find(const char *spool, const char *shown, struct sp_strv *paths,
			 bool *ret_all, struct sp_error *err);
