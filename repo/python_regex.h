/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Would Python's `re` compile this pattern?  Enough of its grammar to say so of patterns
 * that people write into metadata, without Python. */

/* NULL if it would; else what is wrong with it, a static phrase ("nothing to repeat"). */
const char *sp_python_regex_fault(const char *pattern);
