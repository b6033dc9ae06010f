/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One list of files, whatever the format.  What describes the pack is small, and is kept
 * at once: the rest of the list comes out of it. */
#include "repo/spool_steps.h"

#include "base/array.h"
#include "base/file.h"
#include "base/text.h"
#include "repo/description.h"
#include "repo/limits.h"
#include "repo/pack.h"
#include "repo/reading.h"
#include "repo/repomd.h"
#include "repo/tree.h"

#include <stdlib.h>
#include <string.h>

/* ---- the list -------------------------------------------------------------- */

static int fail_nomem_or(bool ok, struct sp_error *err)
{
	return ok ? 0 : sp_error_nomem(err);
}

/* @name below the pack's directory, on both sides. */
static int add_item(struct sp_spooling *keeping, const char *name, const char *digest,
		    uint64_t size_bytes, struct sp_spool_item **ret_item,
		    struct sp_error *err)
{
	struct sp_spool_item *item = sp_array_add(&keeping->items, &keeping->n_items);

	if (!item)
		return sp_error_nomem(err);
	item->from = sp_reading_path(keeping->base, name);
	item->to = strdup(name);
	item->digest = digest ? strdup(digest) : NULL;
	item->size_bytes = size_bytes;
	item->max_bytes = sp_limit_rpm_bytes;
	keeping->total += size_bytes;
	if (item->from)
		sp_tree_expect(keeping->tree, item->from, size_bytes, item->max_bytes);
	if (ret_item)
		*ret_item = item;
	return fail_nomem_or(item->from && item->to && (item->digest || !digest), err);
}

static int add_packages(struct sp_spooling *keeping, struct sp_error *err)
{
	const struct sp_pack *pack = keeping->pack;

	for (size_t i = 0; i < pack->n_packages; i++) {
		const struct sp_package *package = &pack->packages[i];
		int r;

		if (!package->verified && !(package->unread && package->sha256))
			return sp_error_set(
				err, SP_ERR_DAMAGED,
				"'%.200s' was not found to be what it should be",
				package->file);
		r = add_item(keeping, package->file,
			     package->sha256 ? package->sha256 : package->md5,
			     package->size_bytes, NULL, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_optional(struct sp_spooling *keeping, const char *name, uint64_t max_bytes,
			struct sp_error *err)
{
	struct sp_spool_item *item;
	int r = add_item(keeping, name, NULL, 0, &item, err);

	if (r == 0) {
		item->optional = true;
		item->max_bytes = max_bytes;
	}
	return r;
}

/* A key that lies with the pack lets it be named again later. */
static int add_keys(struct sp_spooling *keeping, struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *own = sp_reading_path(
		keeping->base, keeping->pack->key_file ? keeping->pack->key_file : "");
	size_t n;
	const struct sp_tree_entry *entries;
	int r = 0;

	/* A server has to be asked for it before it is listed. */
	if (own && keeping->pack->key_file)
		(void)sp_tree_find(keeping->tree, own);
	entries = sp_tree_entries(keeping->tree, &n);

	for (size_t i = 0; r == 0 && i < n; i++) {
		const char *slash = strrchr(entries[i].path, '/');
		const char *name = slash ? slash + 1 : entries[i].path;
		struct sp_spool_item *item;

		if (!sp_reading_is_key(keeping->pack, entries[i].path))
			continue;
		for (size_t k = 0; name && k < keeping->n_items; k++)
			if (strcmp(keeping->items[k].to, name) == 0)
				name = NULL;
		if (!name)
			continue;
		r = add_item(keeping, name, NULL, entries[i].size_bytes, &item, err);
		if (r < 0)
			return r;
		free(item->from);
		item->from = strdup(entries[i].path);
		item->max_bytes = SP_LIMIT_KEY_BYTES;
		r = fail_nomem_or(item->from, err);
	}
	return r;
}

/* ---- what describes it ----------------------------------------------------- */

static int keep_bytes(const struct sp_spooling *keeping, const char *name,
		      const void *bytes, size_t len, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	int r = sp_spool_open_new(keeping, name, &fd, err);

	return r == 0 ? sp_file_write_all(fd, bytes, len, err) : r;
}

static int keep_description(const struct sp_spooling *keeping,
			    const struct sp_description *description,
			    struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < SP_DESCRIPTION_FILES; i++)
		r = keep_bytes(keeping, description->names[i], description->bytes[i],
			       description->lens[i], err);
	return r;
}

static int plan_update(struct sp_spooling *keeping, struct sp_error *err)
{
	SP_AUTO(sp_description_done) struct sp_description description = { 0 };
	SP_AUTO(sp_repomd_done) struct sp_repomd repomd = { 0 };
	int r = sp_description_load(keeping->tree, keeping->base, keeping->pack,
				    &description, err);

	if (r == 0)
		r = keep_description(keeping, &description, err);
	if (r == 0)
		r = sp_repomd_parse(description.bytes[1], description.lens[1], &repomd,
				    NULL, err);
	for (size_t i = 0; r == 0 && i < SP_REPOMD_KINDS; i++)
		if (repomd.files[i].path)
			r = add_item(keeping, repomd.files[i].path,
				     repomd.files[i].digest, repomd.files[i].size_bytes,
				     NULL, err);
	if (r == 0)
		r = add_optional(keeping, "update.xml.asc", SP_LIMIT_SIGNATURE_BYTES,
				 err);
	if (r == 0)
		r = add_optional(keeping, "repodata/repomd.xml.asc",
				 SP_LIMIT_SIGNATURE_BYTES, err);
	return r == 0 ? add_keys(keeping, err) : r;
}

static int plan_legacy(struct sp_spooling *keeping, struct sp_error *err)
{
	SP_AUTO(sp_description_done) struct sp_description description = { 0 };
	int r = sp_description_load(keeping->tree, keeping->base, keeping->pack,
				    &description, err);

	return r == 0 ? keep_description(keeping, &description, err) : r;
}

static int plan_rpms(struct sp_spooling *keeping, struct sp_error *err)
{
	return add_keys(keeping, err);
}

static int (*const plans[])(struct sp_spooling *keeping, struct sp_error *err) = {
	[SP_PACK_UPDATE] = plan_update,
	[SP_PACK_LEGACY] = plan_legacy,
	[SP_PACK_LEGACY_TEXT] = plan_legacy,
	[SP_PACK_RPMS] = plan_rpms,
};

int sp_spool_list(struct sp_spooling *keeping, struct sp_error *err)
{
	int r = plans[keeping->pack->format](keeping, err);

	return r == 0 ? add_packages(keeping, err) : r;
}
