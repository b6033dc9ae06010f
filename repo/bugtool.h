/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a pack adds to the host's Server Status Report (xen-bugtool): XML files below
 * etc/xensource/bugtool, one for each category and a directory of collections beside it.
 * A wrong one makes the whole report fail, for every category, at the worst moment. */

#include <stddef.h>

#include "base/finding.h"

struct json_object;

#define SP_BUGTOOL_DIRECTORY "etc/xensource/bugtool"

enum { SP_BUGTOOL_MAX_BYTES = 64 * 1024, SP_BUGTOOL_MAX_ITEMS = 4096 };

/* One file of the pack below that directory.  Borrowed. */
struct sp_bugtool_file {
	const char *path; /* "etc/xensource/bugtool/acme/logs.xml"; a leading '/' is
			   * skipped */
	const char *bytes;
	size_t len;
};

enum sp_bugtool_kind {
	SP_BUGTOOL_FILES,      /* files, by pattern of the shell */
	SP_BUGTOOL_LIST,       /* a listing of a directory */
	SP_BUGTOOL_DIRECTORY_, /* files of a directory, by regular expression */
	SP_BUGTOOL_COMMAND,    /* what a command prints */
};

/* One thing a report would collect.  Owned, cleaned. */
struct sp_bugtool_item {
	char *category;
	enum sp_bugtool_kind kind;
	char *what;   /* the path or the command line */
	char *detail; /* the regular expression, or the name of the output; "" */
};

/* Zero-initialise. */
struct sp_bugtool {
	struct sp_bugtool_item *items; /* in the order of files and elements */
	size_t n;
};

void sp_bugtool_done(struct sp_bugtool *bugtool);

/* "files", "list", "directory", "command". */
const char *sp_bugtool_kind_name(enum sp_bugtool_kind kind);

/* Reads all @n files of a pack.  What the report would fail on, skip or take for
 * something else is a finding (bad-report-metadata) about the file: no XML, a wrong root
 * element, values, attributes and elements that mean nothing, a regular expression that
 * does not compile, a category without its file or without its directory.  Fails only
 * when memory does.  Runs in a worker: the bytes are the pack's. */
SP_MUST_CHECK
int sp_bugtool_check(const struct sp_bugtool_file *files, size_t n,
		     struct sp_bugtool *bugtool, struct sp_findings *findings,
		     struct sp_error *err);

/* [{"category": …, "kind": …, "what": …, "detail": …}] */
struct json_object *sp_bugtool_to_json(const struct sp_bugtool *bugtool);
/* Strict, for what a worker sent; NULL holds none.  Zero-initialised @bugtool, to be
 * freed after a failure too. */
SP_MUST_CHECK
int sp_bugtool_from_json(const struct json_object *array, struct sp_bugtool *bugtool,
			 struct sp_error *err);
