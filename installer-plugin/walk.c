/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Cancelling is an answer like others, wherever it comes. */

#include "installer-plugin/walk.h"

static int take(const struct sp_walk *walk, void *flow, int step, int *ret_next)
{
	int r;

	*ret_next = step;
	r = walk->steps[step](flow, ret_next);
	return r == -SP_ERR_CANCELLED ? walk->cancelled(flow, step, ret_next) : r;
}

int sp_walk(const struct sp_walk *walk, void *flow, int first)
{
	int step = first, r = 0;

	while (r == 0 && step != walk->end) {
		int next;

		r = take(walk, flow, step, &next);
		step = next == walk->end && step != walk->last ? walk->last : next;
	}
	return r;
}
