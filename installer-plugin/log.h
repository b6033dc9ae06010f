/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The log of decisions: append-only, one line each, with its time, without secrets.
 * What was found, chosen, refused and why, for support afterwards.  Never on stdout or
 * stderr; a log that cannot be written is no reason to fail. */

#include "base/cleanup.h"

struct sp_findings;
struct sp_log;
struct sp_pack_list;

/* @path NULL: /var/log/suppack.log.  Never NULL: a log that cannot be opened, or for
 * which there is no memory, swallows its lines. */
struct sp_log *sp_log_new(const char *path);
void sp_log_free(struct sp_log *log);
SP_DEFINE_FREEP(struct sp_log *, sp_log_free)

/* One line; cleaned, at most 1,000 bytes. */
SP_PRINTF(2, 3)
void sp_log_line(struct sp_log *log, const char *fmt, ...);

/* Copies the end of it to var/log/suppack-installer.log of the host @root_fd, for what
 * runs from memory. */
void sp_log_copy(const struct sp_log *log, int root_fd);

/* Each finding as a line: "finding CODE (about): text". */
void sp_log_findings(struct sp_log *log, const struct sp_findings *findings);

/* Each pack that was found: where, whose, and which bytes. */
void sp_log_packs(struct sp_log *log, const struct sp_pack_list *packs);
