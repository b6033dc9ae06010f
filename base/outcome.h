/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* How a command, a flow or one location ended: the exit codes, the same for
 * every verb and for the unattended flow (docs/reference: "Exit codes"). */

enum sp_exit {
	SP_EXIT_DONE = 0,
	SP_EXIT_FAILED = 1, /* our own failure */
	SP_EXIT_USAGE = 2,  /* usage, or an answerfile that is wrong */
	SP_EXIT_UNREACHABLE = 10,
	SP_EXIT_NO_PACK = 11,
	SP_EXIT_UNTRUSTED = 12,
	SP_EXIT_DAMAGED = 13,
	SP_EXIT_REQUIREMENTS = 14,
	SP_EXIT_NOT_FOR_THIS_MACHINE = 15,
	SP_EXIT_LOAD_FAILED = 16,
	SP_EXIT_NOT_BOUND = 17,
	SP_EXIT_DECLINED = 18,
	SP_EXIT_WOULD_LOSE = 19,
	SP_EXIT_TRANSACTION_FAILED = 20,
};

/* The word for @exit in JSON and logs: "done", "failed", "unreachable", ...
 * Never NULL; "failed" for a number that is no exit code of ours. */
const char *sp_outcome_name(int exit);

/* One sentence for people: "a location could not be reached". */
const char *sp_outcome_text(int exit);

/* The worse of two: our own failure is worst, then the greater number; 0 is best. */
int sp_outcome_worse(int a, int b);
