/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a pack puts into the host without RPM (repo/placing.h), in workers whose root is
 * the host's. */

#include <stdbool.h>

#include "base/error.h"

struct sp_findings;
struct sp_host;
struct sp_install;
struct sp_operator;
struct sp_record;

/* Fills @record's `placed` and `installed_modules`, without touching anything, and gives
 * modules the paths where they will be.  @record has its directory already.  What is in the way is a refusal
 * among @findings, and outcome SP_INSTALL_FAILED. */
SP_MUST_CHECK
int sp_install_files_list(const struct sp_install *install, struct sp_record *record,
			  struct sp_findings *findings, struct sp_error *err);

/* Puts them there; what was put stays when it fails. */
SP_MUST_CHECK
int sp_install_files_put(const struct sp_install *install, const struct sp_record *record,
			 struct sp_error *err);

/* When all else has worked: what an older version of the pack had is given up. */
SP_MUST_CHECK
int sp_install_files_settle(const struct sp_install *install,
			    const struct sp_record *record, struct sp_error *err);

/* Takes back what was put there for @record, which is not in its place yet. */
SP_MUST_CHECK
int sp_install_files_undo(const struct sp_host *host, struct sp_operator *op,
			  const struct sp_record *record, struct sp_findings *findings,
			  struct sp_error *err);

/* Removes what the pack on @record has placed. */
SP_MUST_CHECK
int sp_install_files_remove(const struct sp_host *host, struct sp_operator *op,
			    const struct sp_record *record, struct sp_findings *findings,
			    struct sp_error *err);
