/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What was asked for on the command line: options before or after the verb, the verb,
 * and its arguments.  Options and verbs are tables; --help and the checks of the man
 * page walk them. */

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "plan/plan.h"

struct sp_options {
	const char *sysroot; /* "/" */
	const char *keys;    /* NULL: etc/pki/rpm-gpg below the sysroot */
	const char *kernel;  /* NULL: the running one */
	const char *log;     /* NULL: the default place */
	const char *root;    /* target root; NULL */
	const char *spool;   /* where verified packs are kept */
	const char *to;      /* the new release's repository; NULL */
	const char *stage;   /* answerfile: "upgrade", "drivers" or "packs"; NULL */
	unsigned timeout_s;  /* for one location; 0: the default */
	unsigned retries;    /* of a file on a server */
	unsigned stall_s;    /* a server that sends nothing for so long; 0: the default */
	const char *ca_file; /* for https; NULL: the system's */
	const char *proxy;   /* NULL: as the environment has it */
	const char *pinned_key, *pinned_digest; /* no other pack may be used; NULL */
	bool json, help, version;
	struct sp_accept accept;
	struct sp_strv replace; /* addresses, or "all" */
	const char *verb;       /* NULL: none was given */
	struct sp_strv arguments;
};

void sp_options_done(struct sp_options *options);

/* SP_ERR_USAGE with the option or word that is wrong and what is allowed.  Texts are
 * borrowed from @argv.  Zero-initialised @options. */
SP_MUST_CHECK
int sp_options_parse(struct sp_options *options, int argc, char *const argv[],
		     struct sp_error *err);

/* One option, for --help: "sysroot", "DIR" (NULL: takes none), and what it does. */
struct sp_option_help {
	const char *name, *operand, *what;
};

/* The row at @index; false past the last. */
bool sp_options_help_at(size_t index, struct sp_option_help *ret_help);
