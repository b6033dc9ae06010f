/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What repomd.xml names, checked against its digests before a parser sees it. */
#include "repo/reading.h"

#include <stdlib.h>
#include <string.h>

#include "base/archive.h"
#include "base/process.h"
#include "base/text.h"
#include "repo/limits.h"
#include "repo/repodata.h"
#include "repo/repomd.h"

static const struct document {
	enum sp_repomd_kind kind;
	size_t max_bytes;
} documents[] = {
	{ SP_REPOMD_PRIMARY, SP_LIMIT_METADATA_BYTES },
	{ SP_REPOMD_FILELISTS, SP_LIMIT_METADATA_BYTES },
	{ SP_REPOMD_GROUP, SP_LIMIT_COMPS_BYTES },
};

struct place {
	struct sp_tree *tree;
	const char *base;
};

static int add_document(const struct place *place, const struct sp_repomd_file *file,
			const struct document *document, struct sp_repodata *repodata,
			struct sp_error *why)
{
	SP_AUTO(sp_str_freep) char *path = sp_reading_path(place->base, file->path);
	SP_AUTO(sp_str_freep) char *packed = NULL;
	SP_AUTO(sp_inflater_freep) struct sp_inflater *inflater = NULL;
	size_t packed_len = 0;
	int r;

	if (!path)
		return sp_error_nomem(why);
	sp_tree_expect(place->tree, path, file->size_bytes, document->max_bytes);
	r = sp_tree_load(place->tree, path, document->max_bytes, &packed, &packed_len,
			 why);
	if (r == SP_TREE_ABSENT)
		return sp_error_set(why, SP_ERR_DAMAGED, "it is not there");
	if (r == 0)
		r = sp_repomd_check(file, packed, packed_len, why);
	if (r == 0)
		r = sp_inflater_new(packed, packed_len, document->max_bytes,
				    SP_LIMIT_METADATA_RATIO, &inflater, why);
	if (r == 0)
		r = sp_repodata_add(repodata, document->kind, sp_inflater_read, inflater,
				    why);
	return r;
}

int sp_reading_documents(struct sp_tree *tree, const char *base,
			 const struct sp_repomd *repomd, struct sp_pack *pack,
			 struct sp_reading_blame_on *blame, struct sp_error *why)
{
	SP_AUTO(sp_repodata_freep) struct sp_repodata *repodata = NULL;
	const struct place place = { tree, base };
	int r = sp_repodata_new(&repodata, why);

	for (size_t i = 0; r == 0 && i < sizeof documents / sizeof documents[0]; i++) {
		const struct sp_repomd_file *file = &repomd->files[documents[i].kind];

		if (!file->path)
			continue;
		blame->file = file->path;
		r = add_document(&place, file, &documents[i], repodata, why);
	}
	if (r < 0)
		return r;
	blame->file = repomd->files[SP_REPOMD_PRIMARY].path;
	r = sp_repodata_fill(repodata, pack, &blame->code, why);
	/* What comes now takes longer, and needs none of it. */
	sp_repodata_free(sp_steal(repodata));
	sp_process_trim();
	return r;
}
