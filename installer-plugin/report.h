/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a verb has to say in the end, for people or as one JSON object (docs/json.md):
 * the outcome, the findings, and whatever arrays the verb adds. */

#include <stdio.h>

#include "base/finding.h"

struct json_object;
struct sp_pack_list;

/* Zero-initialise, then sp_report_init(). */
struct sp_report {
	const char *command; /* the verb: static */
	int exit;
	struct json_object *body; /* "devices", "packs", "matches", "proof", ... */
	bool is_read;   /* @body will be printed or sent; else no pack is put into
				   * it, whose JSON takes five times what the pack does */
	size_t n_packs; /* how many there are, put into it or not */
	bool one_line;  /* on stderr: nobody watches, and a log is kept */
	char *reason;   /* that line, if the exit code is still @reason_exit */
	int reason_exit;
	struct sp_strbuf text; /* what people read, before the findings */
	struct sp_findings findings;
};

void sp_report_init(struct sp_report *report, const char *command);
void sp_report_done(struct sp_report *report);

/* Makes the failure @cause the report's outcome, as a finding about @about (may be
 * NULL). Never fails: what cannot be kept is left out. */
void sp_report_fail(struct sp_report *report, const char *about,
		    const struct sp_error *cause);

/* Takes the outcome of @part, a report of its own about @place, into @report: if it is the
 * worst so far, its first refusal is what stderr will say. */
SP_MUST_CHECK
int sp_report_take_outcome(struct sp_report *report, const struct sp_report *part,
			   const char *place, struct sp_error *err);

/* "packs", as they were found. */
void sp_report_add_packs(struct sp_report *report, const struct sp_pack_list *packs);

/* The whole object; the report is used up.  Caller frees. */
struct json_object *sp_report_to_json(struct sp_report *report);

/* Prints it to stdout, refusals also to stderr (text form only), and returns the exit
 * code.  @json as asked for on the command line. */
int sp_report_print(struct sp_report *report, bool json);
