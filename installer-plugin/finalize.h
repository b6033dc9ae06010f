/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What drivers need after they are installed, once for all packs: the modules indexed
 * and the initrd made anew, and then looked into.
 *
 * Each driver package would have the initrd made by a script of its own.  While packs
 * are installed a file in etc/dracut.conf.d ends dracut at once, wherever it is started
 * from; a mark (unfinished.h) says that the work is still to be done, should we die. */

#include "base/error.h"

struct sp_context;
struct sp_findings;
struct sp_host;
struct sp_operator;
struct sp_pack;

/* Before the first pack is installed or removed: keeps dracut from running. */
SP_MUST_CHECK
int sp_finalize_hold(const struct sp_host *host, struct sp_error *err);

/* Marks those kernels of the host that @pack has modules for; all of them if it has
 * firmware but no module. */
SP_MUST_CHECK
int sp_finalize_mark(const struct sp_host *host, const struct sp_pack *pack,
		     struct sp_error *err);

/* After the last: lets dracut run again; then, for each kernel that is marked, runs
 * depmod and makes the initrd anew, if there is one, and looks whether it holds the
 * modules and the firmware of the packs on record (initrd-lacks-module).  What does not
 * work is a finding (initrd-failed), and the mark stays.  @host must have been read after
 * the last pack. */
SP_MUST_CHECK
int sp_finalize_end(struct sp_context *context, const struct sp_host *host,
		    struct sp_operator *op, struct sp_findings *findings,
		    struct sp_error *err);
