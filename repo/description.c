/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was decided about a pack was decided about these bytes. */
#include "repo/description.h"

#include "repo/digest.h"
#include "repo/intake.h"
#include "repo/legacy.h"
#include "repo/limits.h"
#include "repo/pack.h"
#include "repo/reading.h"
#include "repo/tree.h"

#include <stdlib.h>

// clang-format off
static const char *const names_of[][SP_DESCRIPTION_FILES] = {
	[SP_PACK_UPDATE]      = { "update.xml", "repodata/repomd.xml" },
	[SP_PACK_LEGACY]      = { SP_LEGACY_REPOSITORY, SP_LEGACY_PACKAGES },
	[SP_PACK_LEGACY_TEXT] = { SP_LEGACY_REPOSITORY, SP_LEGACY_PACKAGES },
	[SP_PACK_RPMS]        = { NULL, NULL },
};
// clang-format on

void sp_description_done(struct sp_description *description)
{
	for (size_t i = 0; i < SP_DESCRIPTION_FILES; i++)
		free(description->bytes[i]);
	*description = (struct sp_description){ 0 };
}

static int load_one(struct sp_tree *tree, const char *base,
		    struct sp_description *description, size_t which,
		    struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *path = sp_reading_path(base, description->names[which]);
	int r;

	if (!path)
		return sp_error_nomem(err);
	r = sp_tree_load(tree, path, SP_LIMIT_REPOMD_BYTES, &description->bytes[which],
			 &description->lens[which], err);
	return r == SP_TREE_ABSENT ? sp_error_set(err, SP_ERR_DAMAGED,
						  "'%s' is no longer there", path)
				   : r;
}

static int check(const struct sp_description *description, const char *should,
		 struct sp_error *err)
{
	SP_AUTO(sp_digest_freep) struct sp_digest *digest = NULL;
	enum sp_digest_kind kind = SP_DIGEST_SHA256;
	char hex[SP_DIGEST_HEX_SIZE];
	int r;

	if (!should || !sp_intake_digest_kind(should, &kind))
		return sp_error_set(err, SP_ERR_INTERNAL, "a pack has no digest");
	r = sp_digest_new(kind, &digest, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < SP_DESCRIPTION_FILES; i++)
		sp_digest_add(digest, description->bytes[i], description->lens[i]);
	r = sp_digest_take(digest, hex, err);
	if (r < 0 || sp_digest_is_equal(hex, should))
		return r;
	return sp_error_set(err, SP_ERR_DAMAGED,
			    "the pack was changed since it was read");
}

int sp_description_load(struct sp_tree *tree, const char *base,
			const struct sp_pack *pack,
			struct sp_description *ret_description, struct sp_error *err)
{
	SP_AUTO(sp_description_done) struct sp_description description = { 0 };
	int r = 0;

	if (!names_of[pack->format][0])
		return SP_DESCRIPTION_NONE;
	for (size_t i = 0; r == 0 && i < SP_DESCRIPTION_FILES; i++) {
		description.names[i] = names_of[pack->format][i];
		r = load_one(tree, base, &description, i, err);
	}
	if (r == 0)
		r = check(&description, pack->metadata_digest, err);
	if (r < 0)
		return r;
	*ret_description = description;
	description = (struct sp_description){ 0 };
	return 0;
}
