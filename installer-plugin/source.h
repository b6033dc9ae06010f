/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Where to look: the operator chooses among the media that are there, or types a
 * location, and finds both again when asked again.  Of both flows. */

#include <stdbool.h>

#include "base/text.h"

struct sp_context;
struct sp_operator;

/* Zero-initialise, or begin with locations that were named already.  Owned. */
struct sp_source {
	bool was_asked; /* the operator was asked: Back leads there */
	struct sp_strv locations;
	char *typed, *chosen; /* what was answered last; NULL: nothing */
	char *prepared;       /* packs in the installer's image; NULL: none */
	/* The server of the form; its password is not kept.  NULL: none yet */
	char *protocol, *address, *user;
};

void sp_source_done(struct sp_source *source);

enum {
	SP_SOURCE_CHOSEN = 1, /* look there */
	SP_SOURCE_AGAIN,      /* ask again: for media that have come since */
	SP_SOURCE_DECLINED,   /* Back, or cancelled */
};

/* What is looked for there. */
enum sp_source_goal { SP_SOURCE_OF_DRIVERS, SP_SOURCE_OF_PACKS };

/* The outcome is one of the above; after SP_SOURCE_CHOSEN the locations are what was
 * chosen. */
SP_MUST_CHECK
int sp_source_ask(struct sp_source *source, enum sp_source_goal goal,
		  struct sp_context *context, struct sp_operator *op,
		  struct sp_error *err);
