/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Ranks of patterns whose soundness is known already; for alias.c only. */

#include "plan/alias.h"

/* As sp_alias_rank_n(), of a pattern for which sp_glob_is_sound() holds. */
enum sp_rank sp_rank_of_sound(const char *pattern, size_t len);
