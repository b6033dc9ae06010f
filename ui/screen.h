/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A question of the engine as a pure model: what it looks like, what a key press does to
 * it, and what is answered in the end.  No newt, no I/O, no clock: a test drives it with
 * events and reads its fields.  One kind of question is one file, screen_<kind>.c. */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "ui/address.h"
#include "ui/page.h"

struct json_object;
struct sp_screen;

/* What happens after an event. */
enum sp_next {
	SP_NEXT_STAY,   /* the same page; marks of rows may have changed */
	SP_NEXT_REDRAW, /* another page, or the same with a notice */
	SP_NEXT_ANSWER, /* the answer is ready: sp_screen_answer() */
	SP_NEXT_FAILED, /* out of memory */
};

struct sp_screen_kind {
	const char *ask; /* the protocol's word */
	/* Fills the page in from the question. */
	int (*open)(struct sp_screen *screen, struct sp_error *err);
	/* NULL: NEXT, BACK and AGAIN are answers, the space bar ticks. */
	enum sp_next (*handle)(struct sp_screen *screen, enum sp_event event);
	/* Adds what the answer carries; NULL: nothing. */
	void (*answer)(const struct sp_screen *screen, struct json_object *answer);
};

struct sp_screen {
	const struct sp_screen_kind *kind;
	struct json_object *question; /* owned */
	struct sp_page page;
	const char *word;          /* the answer: "next", "back", "again", "verify" */
	int step;                  /* of kinds with several pages */
	char *typed;               /* of kinds that keep a text between pages */
	struct sp_address address; /* the same, of a server */
};

void sp_screen_free(struct sp_screen *screen);
SP_DEFINE_FREEP(struct sp_screen *, sp_screen_free)

/* Outcome: a question of a kind that we do not know. */
#define SP_SCREEN_UNKNOWN 1

/* The screen for @question (a reference is taken).  Keys that are missing or of the
 * wrong type count as empty: an engine's mistake must not cost an operator the screen. */
SP_MUST_CHECK
int sp_screen_new(struct json_object *question, struct sp_screen **ret_screen,
		  struct sp_error *err);

/* What the operator did; says whether the screen stays, moves to another of its pages, or is
 * over, with the answer's word in @word. */
enum sp_next sp_screen_handle(struct sp_screen *screen, enum sp_event event);

/* {"id": N, "answer": WORD, ...}; caller frees.  @word NULL: the screen's own. */
struct json_object *sp_screen_answer(const struct sp_screen *screen, const char *word);

/* ---- for the kinds --------------------------------------------------------------- */

/* A string of the question; "" if it is not there. */
const char *sp_screen_text(const struct sp_screen *screen, const char *key);

/* The usual end: @event becomes the answer's word. */
enum sp_next sp_screen_answer_with(struct sp_screen *screen, enum sp_event event);

/* Stays, and says why: @notice is static. */
enum sp_next sp_screen_refuse(struct sp_screen *screen, const char *notice);

/* The same as a sentence: a capital at its beginning, a full stop at its end.  Caller
 * frees; NULL when out of memory. */
char *sp_screen_sentence(const struct sp_screen *screen, const char *key);

/* Puts the question's findings behind the page's text, each with its advice. */
SP_MUST_CHECK
int sp_screen_add_findings(struct sp_screen *screen, struct sp_error *err);

/* What came of something: fills the page with title, text, a line for each row by @add, and
 * the findings. */
SP_MUST_CHECK
int sp_screen_open_result(struct sp_screen *screen,
			  int (*add)(struct sp_screen *screen,
				     const struct json_object *row, struct sp_error *err),
			  struct sp_error *err);

/* Adds the question's rows, its findings below a @heading (static), and to the answer
 * the keys of what is ticked. */
SP_MUST_CHECK
int sp_screen_add_rows(struct sp_screen *screen, struct sp_error *err);
SP_MUST_CHECK
int sp_screen_add_finding_rows(struct sp_screen *screen, const char *heading,
			       struct sp_error *err);
void sp_screen_answer_ticked(const struct sp_screen *screen, struct json_object *answer);

extern const struct sp_screen_kind sp_screen_source, sp_screen_packs, sp_screen_trust,
	sp_screen_confirm, sp_screen_licence, sp_screen_form, sp_screen_proof,
	sp_screen_problem, sp_screen_upgrade, sp_screen_verified;
