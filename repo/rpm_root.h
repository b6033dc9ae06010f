/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* librpm, opened on a root: what packages it has, what a package file is, installing and
 * erasing (rpm_run.h), as plain data.  For transaction.c and rpmdb.c, in their workers:
 * librpm keeps its configuration, its log and its database in the process. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/finding.h"
#include "base/text.h"

struct sp_package;

/* One file of a package. */
struct sp_rpm_file {
	char *path; /* absolute */
	mode_t mode;
	uint64_t size_bytes;
	char *digest;    /* of a regular file, hex */
	int digest_kind; /* enum sp_digest_kind; < 0: none of these */
	char *link;      /* of a symbolic link: where it leads */
	bool config;     /* may be changed after installation */
	bool present;    /* it is meant to be on disk */
};

struct sp_rpm_package {
	char *name, *evr, *arch; /* evr: "1:2.0-3" */
	char *nevra;             /* as sp_package_nevra() writes it */
	char *header_digest;     /* "": not known */
	uint64_t installed_bytes;
	struct sp_rpm_file *files;
	size_t n_files;
	struct sp_strv provides, requires_;
};

/* Zero-initialise. */
struct sp_rpm_packages {
	struct sp_rpm_package *items;
	size_t n;
};

void sp_rpm_packages_done(struct sp_rpm_packages *packages);

/* What librpm says meanwhile.  May be NULL. */
struct sp_rpm_listener {
	void (*log)(void *user, const char *line);
	/* Of package @index of the job. */
	void (*progress)(void *user, size_t index, uint64_t done, uint64_t total);
	void *user;
};

struct sp_rpm_root;

/* Configures librpm for @root, whose database is at @dbpath in it. @listener is
 * borrowed.  Once in a process. */
SP_MUST_CHECK
int sp_rpm_root_open(const char *root, const char *dbpath,
		     const struct sp_rpm_listener *listener,
		     struct sp_rpm_root **ret_root, struct sp_error *err);
void sp_rpm_root_close(struct sp_rpm_root *root);
SP_DEFINE_FREEP(struct sp_rpm_root *, sp_rpm_root_close)

/* The first error that librpm logged since it was opened, or since it was last told to
 * forget, cleaned; NULL: none. */
const char *sp_rpm_root_first_error(const struct sp_rpm_root *root);
void sp_rpm_root_forget_error(struct sp_rpm_root *root);

enum sp_rpm_what {
	SP_RPM_FILES = 1,
	SP_RPM_DEPENDENCIES = 2,
	SP_RPM_MODULES = 4, /* of the files, those that are kernel modules; paths only */
};

/* Adds the installed packages of @name (NULL: all) to @packages.  SP_ERR_DAMAGED if the
 * database cannot be read; a root without one has none. */
SP_MUST_CHECK
int sp_rpm_root_list(struct sp_rpm_root *root, const char *name, unsigned what,
		     struct sp_rpm_packages *packages, struct sp_error *err);

/* Adds what the package file @fd is, with its files, to @packages.  SP_ERR_DAMAGED if it
 * is none that can be installed. */
SP_MUST_CHECK
int sp_rpm_root_read(struct sp_rpm_root *root, int fd, struct sp_rpm_packages *packages,
		     struct sp_error *err);

/* ---- for rpm_run.c ---------------------------------------------------------- */

struct rpmts_s;
struct headerToken_s;

/* A transaction set on the root, with no keys, that checks all digests; the caller frees
 * it with librpm.  NULL when out of memory. */
struct rpmts_s *sp_rpm_root_new_set(const struct sp_rpm_root *root);
/* Tells the listener: of package @index of @done of @total; one line, cleaned. */
void sp_rpm_root_progress(const struct sp_rpm_root *root, size_t index, uint64_t done,
			  uint64_t total);
void sp_rpm_root_log(const struct sp_rpm_root *root, const char *line);
int sp_rpm_root_fd(const struct sp_rpm_root *root);
/* "name-[epoch:]version-release.arch"; caller frees; NULL when out of memory. */
char *sp_rpm_root_nevra(struct headerToken_s *header);
