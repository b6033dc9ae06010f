/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The exit codes' names and sentences: one row for each, so that the command, the
 * report and the log can never word an outcome differently. */
#include "base/outcome.h"

#include <stddef.h>

struct outcome {
	int exit;
	const char *name;
	const char *text;
};

// clang-format off
static const struct outcome outcomes[] = {
	{ SP_EXIT_FAILED, "failed",
	  "suppack itself failed" },
	{ SP_EXIT_DONE, "done",
	  "all of it was done" },
	{ SP_EXIT_USAGE, "usage",
	  "the command line or the answerfile is wrong" },
	{ SP_EXIT_UNREACHABLE, "unreachable",
	  "a location could not be reached" },
	{ SP_EXIT_NO_PACK, "no-pack",
	  "there is no pack at the location" },
	{ SP_EXIT_UNTRUSTED, "untrusted",
	  "a pack is not trusted" },
	{ SP_EXIT_DAMAGED, "damaged",
	  "a pack is damaged" },
	{ SP_EXIT_REQUIREMENTS, "requirements",
	  "the requirements of a pack are not met" },
	{ SP_EXIT_NOT_FOR_THIS_MACHINE, "not-for-this-machine",
	  "nothing there is for this machine" },
	{ SP_EXIT_LOAD_FAILED, "load-failed",
	  "a driver could not be loaded" },
	{ SP_EXIT_NOT_BOUND, "not-bound",
	  "a driver was loaded, but did not take its device" },
	{ SP_EXIT_DECLINED, "declined",
	  "the operator said no" },
	{ SP_EXIT_WOULD_LOSE, "would-lose",
	  "the upgrade would lose a driver or a pack" },
	{ SP_EXIT_TRANSACTION_FAILED, "transaction-failed",
	  "the installation of a pack failed, and the system is as it was before" },
};
// clang-format on

/* The first row stands for every number that is none of ours. */
static const struct outcome *find(int exit)
{
	for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
		if (outcomes[i].exit == exit)
			return &outcomes[i];
	return &outcomes[0];
}

const char *sp_outcome_name(int exit)
{
	return find(exit)->name;
}

const char *sp_outcome_text(int exit)
{
	return find(exit)->text;
}

int sp_outcome_worse(int a, int b)
{
	if (a == SP_EXIT_FAILED || b == SP_EXIT_FAILED)
		return SP_EXIT_FAILED;
	return a > b ? a : b;
}
