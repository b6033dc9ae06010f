/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Something worth saying about a medium, a pack, a package, a module or a device:
 * a code (a row of the table in finding.c, which also gives its exit code and its
 * weight), what it is about, one sentence, and what to do about it. */

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

struct json_object;

/* What becomes of the thing it is about. */
enum sp_weight {
	SP_WEIGHT_NOTE,    /* good to know */
	SP_WEIGHT_WARNING, /* goes on, and may regret it */
	SP_WEIGHT_REFUSAL, /* the thing will not be used */
};

/* Strings are owned, but for the code. */
struct sp_finding {
	const char *code; /* of the table: static */
	char *about;      /* "/dev/sr0", "e1000e", "0000:04:00.0": cleaned text */
	char *text;       /* one sentence: cleaned text */
	char *advice;     /* what to do; "" if nothing can be done */
};

/* Zero-initialise. */
struct sp_findings {
	struct sp_finding *items;
	size_t n;
};

void sp_findings_done(struct sp_findings *findings);

/* Adds one.  @code must stand in the table (asserted).  @about may be NULL.  The
 * sentence is cleaned (base/text.h).  The advice is the table's. */
SP_MUST_CHECK
SP_PRINTF(5, 6)
int sp_findings_add(struct sp_findings *findings, const char *code, const char *about,
		    struct sp_error *err, const char *fmt, ...);

/* Adds the failure @cause as a finding: the code that stands for its kind. */
SP_MUST_CHECK
int sp_findings_add_error(struct sp_findings *findings, const char *about,
			  const struct sp_error *cause, struct sp_error *err);

/* Moves all of @from to the end of @to. */
SP_MUST_CHECK
int sp_findings_move(struct sp_findings *to, struct sp_findings *from,
		     struct sp_error *err);

/* Adds a copy of all of @from to the end of @to. */
SP_MUST_CHECK
int sp_findings_copy(struct sp_findings *to, const struct sp_findings *from,
		     struct sp_error *err);

/* Is there any with this code? */
bool sp_findings_has(const struct sp_findings *findings, const char *code);
/* The first that is a refusal, or NULL. */
const struct sp_finding *sp_findings_first_refusal(const struct sp_findings *findings);
/* The worst exit code of the refusals among them; 0 if there is none. */
int sp_findings_exit_code(const struct sp_findings *findings);

/* What the table says of @code, which must stand there (asserted).  The exit code
 * is 0 where it asks for none; the advice is static, "" if nothing can be done. */
enum sp_weight sp_finding_weight(const char *code);
int sp_finding_exit_code(const char *code);
const char *sp_finding_advice(const char *code);
/* Walks the table: the code at @index, NULL past the last (for docs and tests). */
const char *sp_finding_code_at(size_t index);

/* By code, about, text: the order of every output. */
void sp_findings_sort(struct sp_findings *findings);

/* [{"code", "about", "text", "advice"}]; caller frees. */
struct json_object *sp_findings_to_json(const struct sp_findings *findings);
/* Strict: an unknown code, or anything but an array, is SP_ERR_FORMAT; NULL holds none.
 * The advice is the table's, whatever stands there. */
SP_MUST_CHECK
int sp_findings_from_json(const struct json_object *array, struct sp_findings *findings,
			  struct sp_error *err);
