/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Packs in the order of what they require of one another.  Batches are a handful of
 * packs, so the plain way is good enough: take whoever has nothing left to wait for. */

#include "plan/requirements.h"

#include <stdbool.h>
#include <string.h>

#include "plan/steps.h"
#include "repo/legacy_version.h"
#include "repo/pack.h"

/* Does a requirement of @pack name @other? */
static bool requires_pack(const struct sp_pack *pack, const struct sp_pack *other)
{
	for (size_t i = 0; other->id && i < pack->requires_.n; i++) {
		const char *text = pack->requires_.items[i];
		size_t len = strcspn(text, " ");

		if (len == strlen(other->id) && !memcmp(text, other->id, len))
			return true;
	}
	return false;
}

static bool must_wait(const struct sp_pack_list *batch, const bool placed[], size_t index)
{
	for (size_t i = 0; i < batch->n; i++)
		if (i != index && !placed[i] &&
		    requires_pack(&batch->items[index], &batch->items[i]))
			return true;
	return false;
}

static size_t place_ready(const struct sp_pack_list *batch, bool placed[],
			  size_t ret_order[])
{
	size_t n = 0;
	bool moved = true;

	while (moved) {
		moved = false;
		for (size_t i = 0; i < batch->n; i++) {
			if (placed[i] || must_wait(batch, placed, i))
				continue;
			placed[i] = moved = true;
			ret_order[n++] = i;
			break; /* from the start again: keeps the batch's own order */
		}
	}
	return n;
}

int sp_requirements_order(const struct sp_pack_list *batch, size_t ret_order[],
			  struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_bool_freep) bool *placed = calloc(batch->n + 1, sizeof *placed);
	size_t n;

	if (!placed)
		return sp_error_nomem(err);
	n = place_ready(batch, placed, ret_order);
	for (size_t i = 0; i < batch->n; i++) {
		int r;

		if (placed[i])
			continue;
		ret_order[n++] = i;
		r = sp_findings_add(
			findings, "conflict", sp_step_pack_name(&batch->items[i]), err,
			"'%s' and another pack at hand require one another in a "
			"circle",
			sp_step_pack_name(&batch->items[i]));
		if (r < 0)
			return r;
	}
	return 0;
}
