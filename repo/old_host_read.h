/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Reads the root of a host that is to be upgraded, of any era, mounted anywhere, without
 * writing to it or leaving it. */

#include <stddef.h>

#include "base/finding.h"

struct sp_module;
struct sp_old_host;
struct sp_strv;

/* One package of the old host's rpm database.  Borrowed. */
struct sp_old_rpm {
	const char *name, *evr;          /* "1:2.0-3" */
	const struct sp_strv *files;     /* its files below lib/modules at least, with or
				      * without the leading '/'; NULL: not known */
	const struct sp_strv *requires_; /* as rpm writes them ("name >= 1.0"); NULL */
};

/* Reads what the module @fd says (probe/modinfo.h). */
typedef int (*sp_old_host_module_fn)(int fd, const char *path,
				     struct sp_module *ret_module, struct sp_error *err);

struct sp_old_host_input {
	int root_fd;
	sp_old_host_module_fn read_module;
	const struct sp_old_rpm *rpms; /* NULL: the database could not be read */
	size_t n_rpms;
};

/* What a database is, by the names of its files. */
enum sp_old_rpmdb {
	SP_OLD_RPMDB_NONE,
	SP_OLD_RPMDB_SQLITE, /* rpmdb.sqlite */
	SP_OLD_RPMDB_NDB,    /* Packages.db */
	SP_OLD_RPMDB_BDB,    /* Packages: Berkeley DB, up to rpm 4.15 */
};

/* The format of the rpm database below @root_fd (var/lib/rpm, usr/lib/sysimage/rpm). */
enum sp_old_rpmdb sp_old_host_rpmdb(int root_fd);
/* "SQLite", "ndb", "Berkeley DB"; "none". */
const char *sp_old_rpmdb_name(enum sp_old_rpmdb format);

/* Fills @host (zero-initialised): the inventory; the packs, from records of every era
 * merged by id and label, from the rpm database, and from modules below updates/, extra/
 * and override/ that nothing else accounts for; their modules, with aliases (of several
 * kernels the newest one's); what the boot disk and the management interface are called.
 * What cannot be read is a finding (damaged-record, no-inventory, unreadable-rpmdb), and
 * the rest is read all the same; a stamp that might be a pack or a hotfix is one too
 * (hotfix-or-pack).
 *
 * Limits: 4,096 records, 256 kernels, 2,048 modules; what is beyond is a finding.
 * SP_ERR_GONE: the root went away while it was read; else fails only when memory
 * does. */
SP_MUST_CHECK
int sp_old_host_read(const struct sp_old_host_input *input, struct sp_old_host *host,
		     struct sp_findings *findings, struct sp_error *err);
