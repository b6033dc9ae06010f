/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The verbs of the command: one file each, all in one table (verb.c). */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct sp_context;
struct sp_report;

/* Does the work and fills @report (its exit code, too).  < 0: our own failure or one
 * that ended the verb; main makes it the report's outcome. */
typedef int (*sp_verb_fn)(struct sp_context *context, struct sp_report *report,
			  struct sp_error *err);

struct sp_verb {
	const char *name;      /* "plan" */
	const char *arguments; /* "LOCATION..." */
	const char *what;      /* for --help */
	size_t min_arguments, max_arguments;
	sp_verb_fn run;
	bool is_silent; /* has its own output (screens, a protocol): print no report */
	bool is_hidden; /* not for people: left out of --help */
};

/* NULL if there is none of that name. */
const struct sp_verb *sp_verb_find(const char *name);
/* NULL past the last. */
const struct sp_verb *sp_verb_at(size_t index);

/* Each a sp_verb_fn, of the verb of its name. */
int sp_verb_probe(struct sp_context *context, struct sp_report *report,
		  struct sp_error *err);
int sp_verb_inspect(struct sp_context *context, struct sp_report *report,
		    struct sp_error *err);
int sp_verb_check(struct sp_context *context, struct sp_report *report,
		  struct sp_error *err);
int sp_verb_verify(struct sp_context *context, struct sp_report *report,
		   struct sp_error *err);
int sp_verb_plan(struct sp_context *context, struct sp_report *report,
		 struct sp_error *err);
int sp_verb_check_upgrade(struct sp_context *context, struct sp_report *report,
			  struct sp_error *err);
int sp_verb_load(struct sp_context *context, struct sp_report *report,
		 struct sp_error *err);
int sp_verb_install(struct sp_context *context, struct sp_report *report,
		    struct sp_error *err);
int sp_verb_remove(struct sp_context *context, struct sp_report *report,
		   struct sp_error *err);
int sp_verb_list(struct sp_context *context, struct sp_report *report,
		 struct sp_error *err);
int sp_verb_ui(struct sp_context *context, struct sp_report *report,
	       struct sp_error *err);
int sp_verb_serve(struct sp_context *context, struct sp_report *report,
		  struct sp_error *err);
int sp_verb_answerfile(struct sp_context *context, struct sp_report *report,
		       struct sp_error *err);
int sp_verb_capture(struct sp_context *context, struct sp_report *report,
		    struct sp_error *err);
