/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One source of an answerfile through one stage, with what its attributes say. */

#include <stdbool.h>

#include "base/error.h"
#include "installer-plugin/report.h"

struct json_object;
struct sp_context;
struct sp_operator;
struct sp_strv;
struct sp_unattended;
struct sp_unattended_source;
struct sp_answer_run;

/* What the answerfile's sources are used for. */
struct sp_answer_stage {
	const char *name;
	bool only_drivers; /* <source> is left alone */
	int (*run)(struct sp_context *context, struct sp_operator *op,
		   const struct sp_strv *locations, struct sp_report *report,
		   struct sp_error *err);
	/* After the last source, however they ended; NULL: nothing. */
	int (*end)(const struct sp_answer_run *run);
};

/* Everything is borrowed. */
struct sp_answer_run {
	struct sp_context *context;
	struct sp_report *report;
	const struct sp_answer_stage *stage;
	const struct sp_unattended *unattended;
	struct json_object *sources; /* of the report */
	struct sp_error *err;
};

/* "line 7, 'http://boot.example/x'": in the file, unless the kernel's command line or a
 * medium brought it.  Caller frees; NULL: no memory. */
char *sp_answer_place(const struct sp_unattended_source *source);

/* How one source went, until it is told.  Zero-initialise. */
struct sp_answer_part {
	struct sp_report report;
	struct json_object *decisions;
	unsigned attempts;
};

void sp_answer_part_done(struct sp_answer_part *part);

/* Runs the source, or runs it again: what was installed from it before stays in @part,
 * and what was fetched is not fetched again.  What fails of one source is no error. */
SP_MUST_CHECK
int sp_answer_source(const struct sp_answer_run *run,
		     const struct sp_unattended_source *source,
		     struct sp_answer_part *part);

/* Has the source changed the system? */
bool sp_answer_part_acted(const struct sp_answer_part *part);
/* May it go better after another source?  It lacks something, and running it again would
 * undo or repeat nothing. */
bool sp_answer_part_waits(const struct sp_answer_part *part);

/* Adds a row to the sources, and the outcome to the report.  @part is used up. */
SP_MUST_CHECK
int sp_answer_tell(const struct sp_answer_run *run,
		   const struct sp_unattended_source *source,
		   struct sp_answer_part *part);
