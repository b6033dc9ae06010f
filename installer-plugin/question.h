/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The questions that both flows ask, and the frame of those that each fills with rows
 * of its own, as docs/protocol.md writes them.  Each function makes one object, owned
 * by the caller; the array in @rows is taken over. */

#include <stdbool.h>

#include "base/error.h"

struct json_object;
struct sp_device;
struct sp_device_list;
struct sp_findings;
struct sp_look;
struct sp_media;
struct sp_pack;

/* What the operator typed or chose last, kept so that Back loses nothing. */
struct sp_source_memory {
	const char *typed, *chosen; /* NULL: nothing yet */
	const char *prepared;       /* packs in the installer's image; NULL: none */
	const char *protocol, *address, *user; /* of a server; NULL: none yet */
};

/* An object that asks @kind. */
struct json_object *sp_question_new(const char *kind, const char *title);

/* Sets @key to @text and frees it; null for NULL. */
void sp_question_set_taken(struct json_object *json, const char *key, char *text);

/* "0000:04:00.0 82574L Gigabit Network Connection, network: no driver".  Caller frees. */
char *sp_question_device_text(const struct sp_device *device);

/* Where to look?  @devices: those without a driver are shown; may be NULL. */
struct json_object *sp_question_source(const char *title, const struct sp_media *media,
				       const struct sp_device_list *devices,
				       const struct sp_source_memory *memory);

/* @rows: what was found.  @findings: everything that says why not.  To have all of it
 * verified is offered. */
struct json_object *sp_question_packs(const char *title, struct json_object *rows,
				      const struct sp_look *look,
				      const struct sp_findings *findings);

/* The rows of a question of packs ticked as they were in *@reply (NULL: there was none), and
 * the cursor where it was: the same question, asked once more.  The reply is consumed, and
 * is NULL then. */
void sp_question_keep_ticks(struct json_object *question, struct json_object **reply);

/* Use @pack although it is not trusted?  @code: the finding that refuses it. */
struct json_object *sp_question_trust(const struct sp_pack *pack, const char *code);

/* @rows: what will be done.  @is_risky: the default button is Back. */
struct json_object *sp_question_confirm(const char *title, const char *text,
					struct json_object *rows, bool is_risky,
					const char *button);

/* What went wrong, and what now?  @can_retry: "again" makes sense. */
struct json_object *sp_question_problem(const char *title, const char *text,
					const struct sp_findings *findings,
					bool can_retry);

/* What has come of it.  @exit: the exit code so far.
 * @rows: [{"address", "text", "ok"}] */
struct json_object *sp_question_proof(const char *title, const char *text, int exit,
				      struct json_object *rows,
				      const struct sp_findings *findings);
