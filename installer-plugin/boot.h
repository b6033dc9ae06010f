/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the kernel's command line says about packs: the installer's own parameters, as its
 * manual has them, and a policy of trust (docs/answerfile.md). */

#include <stdbool.h>

#include "base/text.h"
#include "plan/plan.h"

struct sp_root;

/* Zero-initialise.  Owned. */
struct sp_boot {
	struct sp_strv extrarepo;    /* locations of more packs, with their passwords */
	struct sp_strv blacklist;    /* modules that are not loaded */
	struct sp_strv extramodules; /* modules to load, whatever devices there are */
	struct sp_accept accept;     /* suppack.accept= */
	bool onecd;                  /* nobody is to be asked for another medium */
};

void sp_boot_done(struct sp_boot *boot);

/* @text: words between blanks, which count for nothing within double quotes.  What is
 * none of ours is left alone; SP_ERR_USAGE: what is ours makes no sense.
 * Zero-initialised @ret_boot. */
SP_MUST_CHECK
int sp_boot_parse(const char *text, struct sp_boot *ret_boot, struct sp_error *err);

/* Of proc/cmdline below @root; as empty if there is none. */
SP_MUST_CHECK
int sp_boot_read(const struct sp_root *root, struct sp_boot *ret_boot,
		 struct sp_error *err);
