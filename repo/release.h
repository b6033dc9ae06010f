/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the repository of a new release says of the drivers that it would install: the
 * modules of its kernel, and of the driver packages for it.  Runs in a worker. */

#include <stdbool.h>
#include <stddef.h>

#include "base/finding.h"
#include "base/module.h"
#include "base/text.h"

struct sp_tree;

/* Zero-initialise.  Everything is owned. */
struct sp_release {
	char *what;                    /* "XenServer 9.0.0"; "the new release" */
	char *kernel;                  /* "6.6.9+1"; NULL: it names none */
	struct sp_module_list modules; /* those that could be read, with their aliases */
	struct sp_strv names; /* of those that could not: its lists name them only */
	bool has_builtin;     /* what is built into the kernel is known: */
	struct sp_module_list builtin_modules; /* with their aliases */
	struct sp_strv builtin;                /* names, of what is not among those */
};

void sp_release_done(struct sp_release *release);

/* Outcome: there is no repository at all. */
#define SP_RELEASE_NONE 1

struct sp_release_options {
	/* probe's sp_modinfo_read(). */
	int (*read_module)(int fd, const char *path, struct sp_module *ret_module,
			   struct sp_error *err);
	const char *location; /* for messages, without credentials */
};

/* Reads the repository in @tree's root: repomd.xml, its lists, and the packages that have
 * modules of the release's own kernel, or are that kernel (package "kernel"; packages called "…-alt"
 * are installed by nobody but on request, and do not count).  What cannot be read of it
 * is a finding.  < 0: out of memory, or the medium itself cannot be read. */
SP_MUST_CHECK
int sp_release_read(struct sp_tree *tree, const struct sp_release_options *options,
		    struct sp_release *release, struct sp_findings *findings,
		    struct sp_error *err);
