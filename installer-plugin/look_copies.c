/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "installer-plugin/look_copies.h"

#include "base/finding.h"
#include "installer-plugin/look.h"
#include "repo/pack.h"

static struct sp_pack *find_copy(struct sp_look *look, const struct sp_pack *pack)
{
	for (size_t i = 0; i < look->packs.n; i++)
		if (sp_pack_is_same(&look->packs.items[i], pack))
			return &look->packs.items[i];
	return NULL;
}

static int say_worse_copy(struct sp_look *look, const struct sp_pack *worse,
			  const struct sp_pack *better, struct sp_error *err)
{
	const struct sp_finding *why = sp_findings_first_refusal(&worse->findings);
	SP_AUTO(sp_str_freep) char *title = sp_pack_title(worse);
	SP_AUTO(sp_str_freep) char *place = sp_pack_place(worse);
	SP_AUTO(sp_str_freep) char *other = sp_pack_place(better);

	if (!title || !place || !other)
		return sp_error_nomem(err);
	return sp_findings_add(&look->findings, "worse-copy", place, err,
			       "the copy of '%.80s' at '%.200s' is used, and not the one "
			       "at '%.200s': %s",
			       title, other, place,
			       why                   ? why->text
			       : worse->trust.detail ? worse->trust.detail
						     : "it is trusted less");
}

int sp_look_take_copy(struct sp_look *look, struct sp_pack *pack, struct sp_error *err)
{
	struct sp_pack *known = find_copy(look, pack);
	int r;

	if (!known)
		return 0;
	if (sp_pack_is_better_copy(pack, known)) {
		struct sp_pack worse = *known;

		*known = *pack;
		*pack = worse;
	} else if (!sp_pack_is_better_copy(known, pack)) {
		return SP_LOOK_KNOWN;
	}
	r = say_worse_copy(look, pack, known, err);
	return r < 0 ? r : SP_LOOK_KNOWN;
}
