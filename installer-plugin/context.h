/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What every verb works with: options, the tree that is looked at, the log, and (read
 * when first asked for) the machine's devices and its kernel. */

#include <stdbool.h>

#include "installer-plugin/boot.h"
#include "installer-plugin/download.h"
#include "installer-plugin/options.h"
#include "probe/device.h"
#include "probe/kernel.h"

struct sp_accept;
struct sp_base_files;
struct sp_installed;
struct sp_log;
struct sp_operator;
struct sp_root;

struct sp_context {
	const struct sp_options *options; /* borrowed */
	struct sp_root *root;
	struct sp_log *log;
	struct sp_device_list devices;
	struct sp_kernel kernel;
	struct sp_boot boot;
	struct sp_downloads downloads;
	struct sp_installed *installed; /* NULL: not read, or nothing is installed */
	struct sp_base_files *base; /* borrowed: of the host that packs go into; NULL */
	const struct sp_accept *accept; /* borrowed: of servers' packs that it refuses no
					 * package is fetched; NULL: of all of them */
	bool for_loading;   /* what is looked at is for the kernel that runs, and of
			   * servers only what that can use is fetched */
	bool thorough;      /* what keeps no pack from being used is looked for, too */
	bool for_verifying; /* packages are verified, and not looked into */
	bool more_follow; /* other packs are installed next: sp_flow_install_end() will be
			   * called after them */
};

/* Opens the sysroot and the log.  Zero-initialised @context. */
SP_MUST_CHECK
int sp_context_init(struct sp_context *context, const struct sp_options *options,
		    struct sp_error *err);
void sp_context_done(struct sp_context *context);

/* Reads devices, kernel and its command line (again). */
SP_MUST_CHECK
int sp_context_read_machine(struct sp_context *context, struct sp_error *err);

/* Reads what RPMs are installed (again).  A database that cannot be read is a line in
 * the log: then nothing counts as installed.  < 0: cancelled, or our own failure. */
SP_MUST_CHECK
int sp_context_read_installed(struct sp_context *context, struct sp_operator *op,
			      struct sp_error *err);

/* Adds what the options accept, and what the kernel's command line does (once the machine
 * is read). */
SP_MUST_CHECK
int sp_context_accept(const struct sp_context *context, struct sp_accept *accept,
		      struct sp_error *err);

/* Is it the running machine, and not a recorded one? */
bool sp_context_is_live(const struct sp_context *context);
