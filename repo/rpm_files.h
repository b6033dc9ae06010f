/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The files of packages in a root: where they may be, whether they are right, what was
 * not there before, and what an unfinished transaction left.  Paths are followed within
 * the root (base/inside.h). */

#include <stdbool.h>

#include "base/finding.h"
#include "base/text.h"

struct sp_rpm_package;

/* Adds a finding `unsafe-path` for the first file that climbs out of the root or, in the
 * running installer (@installer), is not where drivers belong or has special rights. */
SP_MUST_CHECK
int sp_rpm_files_check_places(const struct sp_rpm_package *package, bool installer,
			      struct sp_findings *findings, struct sp_error *err);

/* May the running installer get a file at @path (without a leading "/", known not to
 * climb)? */
bool sp_rpm_files_may_be_in_installer(const char *path);

/* Adds "'path' is missing" and the like to @wrong for each file that is not as @package
 * says; configuration files may have any content. */
SP_MUST_CHECK
int sp_rpm_files_verify(int root_fd, const struct sp_rpm_package *package,
			struct sp_strv *wrong, struct sp_error *err);

/* Adds to @fresh the paths of @package, and of the directories on the way to them, that
 * do not exist. */
SP_MUST_CHECK
int sp_rpm_files_list_fresh(int root_fd, const struct sp_rpm_package *package,
			    struct sp_strv *fresh, struct sp_error *err);

/* Adds to @there the files of @package, no directories, that are on disk. */
SP_MUST_CHECK
int sp_rpm_files_list_there(int root_fd, const struct sp_rpm_package *package,
			    struct sp_strv *there, struct sp_error *err);

/* Adds those of @paths to @left that exist. */
SP_MUST_CHECK
int sp_rpm_files_still_there(int root_fd, const struct sp_strv *paths,
			     struct sp_strv *left, struct sp_error *err);

/* Removes what librpm writes beside @paths (absolute) before it has them whole
 * ("name;65f0c0de"), of whatever transaction. */
SP_MUST_CHECK
int sp_rpm_files_sweep(int root_fd, const struct sp_strv *paths, struct sp_error *err);

/* Removes what is at @fresh, directories only if they are empty.  What cannot be removed
 * is added to @left. */
SP_MUST_CHECK
int sp_rpm_files_remove(int root_fd, struct sp_strv *fresh, struct sp_strv *left,
			struct sp_error *err);
