/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a host keeps about a pack, and how it gets there whole or not at all.
 *
 * In the host's root, for every pack of any format, the directory
 *
 *         etc/xensource/installed-repos/<id>/
 *
 * holds the pack's own metadata files verbatim (so that everything that reads legacy
 * records goes on working) and record.json (docs/record.md).  It is prepared before
 * the transaction, complete and synced, as etc/xensource/.suppack-staged/<id>/, and
 * renamed into place after it: a crash in between leaves the staged directory, from
 * which, and the rpm database, the next run tells what has happened.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "repo/pack.h"

/* A metadata file kept verbatim: "update.xml", "XS-REPOSITORY", ... */
struct sp_record_file {
	char *name;
	char *bytes;
	size_t len;
};

/* One device the pack's modules drove when it was recorded. */
struct sp_record_device {
	char *address, *modalias, *name, *driver;
};

/* Zero-initialise.  Everything is owned. */
struct sp_record {
	struct sp_pack pack; /* no dependencies, no symbol versions */
	char *directory;     /* its name below installed-repos */
	char *decision;      /* "trusted", "accepted-unsigned", ...: what allowed it */
	char *plan_digest;
	char *product_brand, *product_version, *platform_version, *kernel;
	char *time;            /* "2026-11-25T03:04:05Z" */
	char *incomplete;      /* why not all of it is there; NULL: it is */
	struct sp_strv before; /* "name epoch:version-release" of what the transaction
				* replaces; only while staged */
	struct sp_strv installed_modules; /* paths in the root */
	struct sp_strv brought;  /* names of the RPMs that are there for packs' sake: what
				 * the base system had is never removed */
	struct sp_strv left_out; /* names of its RPMs that were not installed: nothing
				  * needs them, or the host had newer ones */
	struct sp_strv placed;   /* legacy packages that are no RPMs: paths in the root */
	struct sp_record_device *devices;
	size_t n_devices;
	struct sp_record_file *files;
	size_t n_files;
};

void sp_record_done(struct sp_record *record);

/* May the RPM called @name, which @record brought, be erased? */
typedef bool (*sp_record_may_go_fn)(const void *user, const struct sp_record *record,
				    const char *name);

/* Adds to @nevras each package that @record brought and @may_go lets go. */
SP_MUST_CHECK
int sp_record_list_brought(const struct sp_record *record, sp_record_may_go_fn may_go,
			   const void *user, struct sp_strv *nevras,
			   struct sp_error *err);

struct sp_record_list {
	struct sp_record *items;
	size_t n;
};

void sp_record_list_done(struct sp_record_list *list);

/* The directory name for @pack in @root: its encoded id; where another pack (another
 * label) is on record under that id, the id and the encoded label.  Published packs
 * share ids by mistake, and both must be recordable.  Caller frees. */
SP_MUST_CHECK
int sp_record_directory_choose(int root_fd, const struct sp_pack *pack, char **ret_name,
			       struct sp_error *err);

/* Writes @record (with its files) as staged, durably.  An older staged record of the
 * same directory is replaced. */
SP_MUST_CHECK
int sp_record_stage(int root_fd, const struct sp_record *record, struct sp_error *err);

/* Puts the staged record @directory in its place, atomically and durably; a record
 * that stood there is replaced by it. */
SP_MUST_CHECK
int sp_record_commit(int root_fd, const char *directory, struct sp_error *err);

/* Writes the record.json of @record anew, durably: of the one that is staged, or of the one
 * in its place. */
SP_MUST_CHECK
int sp_record_amend(int root_fd, const struct sp_record *record, bool is_staged,
		    struct sp_error *err);

/* Forgets the staged record: nothing of it was done, or all of it was undone.  Absent is
 * success. */
SP_MUST_CHECK
int sp_record_unstage(int root_fd, const char *directory, struct sp_error *err);

/* Is any record staged, half ones included? */
bool sp_record_has_staged(int root_fd);

/* Removes what an interrupted run left half: staged directories that never became whole,
 * records that were replaced or removed, the mark in one that has come into place.  Whole
 * staged records stay. */
SP_MUST_CHECK
int sp_record_tidy(int root_fd, struct sp_error *err);

/* Every record that is staged and whole: what an interrupted run left.  Empty when there is
 * nothing. */
SP_MUST_CHECK
int sp_record_list_staged(int root_fd, struct sp_record_list *list,
			  struct sp_findings *findings, struct sp_error *err);

/* Every record with a record.json, by directory.  One that cannot be read is a finding
 * (damaged-record), the others are still read.  Files are not loaded. */
SP_MUST_CHECK
int sp_record_list_read(int root_fd, struct sp_record_list *list,
			struct sp_findings *findings, struct sp_error *err);

/* Removes the record @directory (files and directory), durably; absent is success. */
SP_MUST_CHECK
int sp_record_remove(int root_fd, const char *directory, struct sp_error *err);
