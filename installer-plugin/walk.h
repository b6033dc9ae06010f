/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A flow is a walk through steps: each says where to go next, and Back leads to the step
 * before with everything that was said there kept.  Of all flows. */

#include "base/error.h"

/* Takes one step of @flow.  Zero-based numbers; *@ret_next is the step's own until it says
 * where to.  < 0: the walk ends there, unless that was the operator (SP_ERR_CANCELLED). */
typedef int (*sp_walk_step)(void *flow, int *ret_next);

struct sp_walk {
	const sp_walk_step *steps;
	int end;  /* how many there are; as a step: the walk is over */
	int last; /* the step that every way to the end leads through; @end: none */
	/* The operator cancelled in the middle of @step, of which nothing is left: where
	 * to from there. */
	int (*cancelled)(void *flow, int step, int *ret_next);
};

/* Walks @flow from the step @first to the end.  < 0: as the step that failed. */
SP_MUST_CHECK
int sp_walk(const struct sp_walk *walk, void *flow, int first);
