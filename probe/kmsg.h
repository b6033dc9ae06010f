/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the kernel says while something is done: its log, from a moment on. */

#include <stdbool.h>

#include "base/finding.h"
#include "base/text.h"

enum { SP_KMSG_MAX_LINES = 20 };

/* Opens the kernel's log at its end.  *@ret_fd is -1 where it cannot be read: then
 * there is simply nothing to tell. */
void sp_kmsg_open(int *ret_fd);

/* Adds what the kernel has said since the last call of modules @names and of firmware:
 * cleaned lines without their time.  Of more than SP_KMSG_MAX_LINES in @lines the
 * first ones are dropped. */
SP_MUST_CHECK
int sp_kmsg_collect(int fd, const struct sp_strv *names, struct sp_strv *lines,
		    struct sp_error *err);

/* Is @line about the module @name ('-' and '_' are the same), as a whole word? */
bool sp_kmsg_is_about(const char *line, const char *name);

/* The text of one record of /dev/kmsg ("6,1234,5678,-;e1000e: text\n SUBSYSTEM=pci\n"):
 * from its ';' to the end of the line.  NULL if it is no record.  *@ret_len: its length. */
const char *sp_kmsg_text(const char *record, size_t len, size_t *ret_len);

/* Adds a finding "firmware-missing" for each file that, as @lines say, the kernel asked
 * for and did not get; one that is there already is not added again. */
SP_MUST_CHECK
int sp_kmsg_report_firmware(const struct sp_strv *lines, struct sp_findings *findings,
			    struct sp_error *err);
