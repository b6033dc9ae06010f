/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The kernel that modules are to be loaded into: its release, what it has of its own,
 * and what it would accept.  Read below a root, so that a recorded host answers like
 * the real one. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct sp_root;

/* Zero-initialise.  Everything is owned. */
struct sp_kernel {
	char *release;          /* "4.19.0+1": --kernel, else proc/sys/kernel/osrelease */
	char *arch;             /* "x86_64" */
	char *vermagic_flags;   /* of the system's own modules: "SMP preempt mod_unload
			       * modversions " ; NULL if it has none */
	struct sp_strv loaded;  /* module names, from proc/modules */
	struct sp_strv builtin; /* module names, from modules.builtin */
	struct sp_strv available; /* module names of modules.dep */
	bool enforces_signatures; /* module.sig_enforce or lockdown */
	char *alias_text;         /* modules.alias, whole; NULL if it has none */
	size_t alias_len;
};

void sp_kernel_done(struct sp_kernel *kernel);

/* @release  NULL: the running one (below @root).  A kernel without lib/modules is no
 * error: the lists are empty. */
SP_MUST_CHECK
int sp_kernel_read(const struct sp_root *root, const char *release,
		   struct sp_kernel *kernel, struct sp_error *err);

/* What the drivers that are built into @kernel claim, as lines of modules.alias, added to
 * @text: from modules.builtin.modinfo, which older kernels do not have. */
SP_MUST_CHECK
int sp_kernel_builtin_aliases(const struct sp_root *root, const struct sp_kernel *kernel,
			      struct sp_strbuf *text, struct sp_error *err);

/* Looks up the versions (CRCs) the kernel exports for @names, in this order:
 * lib/modules/<release>/symvers.gz|.xz, boot/symvers-<release>.gz|.xz, .../build/Module.symvers, the
 * __versions of modules that are loaded, and of others until all are known (at most
 * 200 files).  @ret_crcs and @ret_known are arrays of @n given by the caller. */
SP_MUST_CHECK
int sp_kernel_symvers(const struct sp_root *root, const struct sp_kernel *kernel,
		      const char *const names[], size_t n, uint32_t ret_crcs[],
		      bool ret_known[], struct sp_error *err);

/* Is the firmware file there: lib/firmware/updates/<release>/, lib/firmware/updates/,
 * lib/firmware/<release>/, lib/firmware/, also with .xz or .zst? */
bool sp_kernel_has_firmware(const struct sp_root *root, const struct sp_kernel *kernel,
			    const char *name);
