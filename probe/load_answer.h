/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The kernel's answers in words; for load*.c only. */

#include "probe/load.h"

/* Why the kernel refuses a module with @sys_errno: half a sentence, static. */
const char *sp_load_answer_reason(int sys_errno);

/* The errno whose words and code say best why a module was refused with @sys_errno: what
 * the kernel says in its log (@line, may be NULL) is more exact than its answer (a wrong
 * version of one symbol is EINVAL, of another ENOEXEC). */
int sp_load_answer_refine(int sys_errno, const char *line);

/* Does the kernel say in @line that a module was built against another version of one of
 * its symbols? */
bool sp_load_answer_is_version_clash(const char *line);
