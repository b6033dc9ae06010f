/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a host will keep about a pack, known before the pack is installed. */

#include "repo/record.h"

struct sp_install;

/* Fills @record (zero-initialised) for the pack of @install: identity, decision,
 * packages and which of them are there for packs' sake, modules, devices of this machine
 * that they claim, the metadata files as they are in the copy. */
SP_MUST_CHECK
int sp_install_record_make(const struct sp_install *install, struct sp_record *record,
			   struct sp_error *err);
