/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The door for installers: suppack.so, the screens' side in somebody else's process.  One
 * function, JSON in and JSON out (docs/library.md), so that neither structs nor an
 * interpreter's version are part of the contract. */

/* Answers @request, a JSON object in UTF-8, with a JSON object: what was asked for, or
 * {"error": SENTENCE}.  Blocks as long as the operator takes; an interpreter lets its lock
 * go meanwhile.  Not for two threads at a time.
 *
 * Signal handlers, locale, umask, working directory and environment of the process stay
 * as they are (a screen of its own, "own_screen", borrows them and gives them back), and
 * nothing is written to stdout or stderr but the screen.
 *
 * The caller releases the reply with free(3).  NULL: out of memory. */
__attribute__((visibility("default"))) char *suppack_call(const char *request);
