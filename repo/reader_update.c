/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pack of the modern format: the first links of the chain.  update.xml says what it
 * is, repomd.xml what it consists of; each has its own signature, and nothing in one
 * covers the other. */
#include "repo/reading.h"

#include "base/file.h"
#include "repo/digest.h"
#include "repo/keys.h"
#include "repo/limits.h"
#include "repo/repomd.h"
#include "repo/updatexml.h"
#include "repo/verifier.h"

#include <stdlib.h>
#include <string.h>

/* A file of the pack, at hand. */
struct blob {
	char *bytes;
	size_t len;
};

struct update {
	const struct sp_reading *reading;
	const char *base;
	struct sp_pack *pack;
	struct blob xml, xml_signature, repomd, repomd_signature;
};

static void update_done(struct update *update)
{
	free(update->xml.bytes);
	free(update->xml_signature.bytes);
	free(update->repomd.bytes);
	free(update->repomd_signature.bytes);
}

/* ---- files ----------------------------------------------------------------- */

/* SP_TREE_ABSENT; what else is wrong with it is @why. */
static int load(const struct update *update, const char *name, size_t max_bytes,
		struct blob *blob, struct sp_error *why)
{
	SP_AUTO(sp_str_freep) char *path = sp_reading_path(update->base, name);

	if (!path)
		return sp_error_nomem(why);
	return sp_tree_load(update->reading->tree, path, max_bytes, &blob->bytes,
			    &blob->len, why);
}

/* *@ret_sound: it is there and can be read. */
static int load_needed(const struct update *update, const char *name, size_t max_bytes,
		       struct blob *blob, bool *ret_sound, struct sp_error *err)
{
	struct sp_error why = SP_ERROR_INIT;
	int r = load(update, name, max_bytes, blob, &why);

	*ret_sound = r == 0;
	if (r == SP_TREE_ABSENT)
		return sp_findings_add(&update->pack->findings, "damaged-metadata", name,
				       err, "'%s' is not there, though the pack needs it",
				       name);
	return r < 0 ? sp_reading_blame(update->pack, "damaged-metadata", name, &why, err)
		     : 0;
}

/* ---- signatures ------------------------------------------------------------ */

static int set_trust(struct sp_trust *trust, enum sp_trust_state state,
		     const char *detail, struct sp_error *err)
{
	trust->state = state;
	trust->detail = strdup(detail);
	return trust->detail ? 0 : sp_error_nomem(err);
}

static int check_signature(const struct update *update, const char *name,
			   const struct blob *data, struct blob *signature,
			   struct sp_trust *trust, struct sp_error *err)
{
	struct sp_verifier *verifier = update->reading->options->verifier;
	SP_AUTO(sp_str_freep) char *file = sp_text_format("%s.asc", name);
	struct sp_error why = SP_ERROR_INIT;
	int r;

	if (!file)
		return sp_error_nomem(err);
	r = load(update, file, SP_LIMIT_SIGNATURE_BYTES, signature, &why);
	if (r < 0)
		return set_trust(trust, SP_TRUST_DAMAGED, why.text, err);
	if (verifier)
		return sp_verifier_check(verifier, data->bytes, data->len,
					 signature->bytes, signature->len, trust, err);
	return r == SP_TREE_ABSENT
		       ? set_trust(trust, SP_TRUST_UNSIGNED, "it has no signature", err)
		       : set_trust(trust, SP_TRUST_UNKNOWN_KEY,
				   "no key is known here that could have signed it", err);
}

static int check_signatures(struct update *update, struct sp_error *err)
{
	SP_AUTO(sp_trust_done) struct sp_trust xml = { 0 };
	SP_AUTO(sp_trust_done) struct sp_trust repomd = { 0 };
	struct sp_pack *pack = update->pack;
	SP_AUTO(sp_keys_done) struct sp_keys keys = { 0 };
	int r = sp_reading_offer_keys(update->reading, pack, &keys, err);

	if (r == 0)
		r = check_signature(update, "update.xml", &update->xml,
				    &update->xml_signature, &xml, err);
	if (r == 0)
		r = check_signature(update, "repodata/repomd.xml", &update->repomd,
				    &update->repomd_signature, &repomd, err);
	sp_reading_withdraw_keys(update->reading);
	if (r == 0)
		r = sp_trust_combine(&xml, &repomd, &pack->trust, err);
	if (r < 0)
		return r;
	return sp_reading_say_trust(pack,
				    r == SP_TRUST_KEYS_DIFFER
					    ? "keys-differ"
					    : sp_reading_trust_code(pack->trust.state),
				    err);
}

/* ---- metadata -------------------------------------------------------------- */

/* "product-version = 8.2.0": what a pack asks of the host as a whole is what its
 * control package requires, and a driver's own kernel. */
static bool is_gate(const struct sp_pack *pack, const struct sp_package *package,
		    const char *dep)
{
	static const char *const gates[] = { "product-version", "platform-version",
					     "kernel-uname-r" };

	if (pack->control && strcmp(package->name, pack->control) == 0)
		return dep[0] != '/' && !sp_text_starts_with(dep, "rpmlib(");
	for (size_t i = 0; i < sizeof gates / sizeof gates[0]; i++)
		if (sp_text_starts_with(dep, gates[i]))
			return true;
	return false;
}

static int collect_gates(struct sp_pack *pack, struct sp_error *err)
{
	for (size_t i = 0; i < pack->n_packages; i++) {
		const struct sp_package *package = &pack->packages[i];

		for (size_t d = 0; d < package->requires_.n; d++) {
			const char *dep = package->requires_.items[d];
			int r = is_gate(pack, package, dep) &&
						!sp_strv_has(&pack->requires_, dep)
					? sp_strv_add(&pack->requires_, dep, err)
					: 0;

			if (r < 0)
				return r;
		}
	}
	sp_strv_sort(&pack->requires_);
	return 0;
}

/* *@ret_sound: the packages are known. */
static int read_metadata(struct update *update, bool *ret_sound, struct sp_error *err)
{
	SP_AUTO(sp_repomd_done) struct sp_repomd repomd = { 0 };
	struct sp_error why = SP_ERROR_INIT;
	struct sp_reading_blame_on blame = { "damaged-metadata", "repodata/repomd.xml" };
	int r = sp_repomd_parse(update->repomd.bytes, update->repomd.len, &repomd,
				&blame.code, &why);

	if (r == 0)
		r = sp_reading_documents(update->reading->tree, update->base, &repomd,
					 update->pack, &blame, &why);
	*ret_sound = r == 0;
	if (r < 0)
		return sp_reading_blame(update->pack, blame.code, blame.file, &why, err);
	return collect_gates(update->pack, err);
}

/* ---- all of it ------------------------------------------------------------- */

/* What a record names the metadata by: the two documents, one after the other. */
static int digest_metadata(struct update *update, struct sp_error *err)
{
	SP_AUTO(sp_digest_freep) struct sp_digest *digest = NULL;
	char hex[SP_DIGEST_HEX_SIZE];
	int r = sp_digest_new(SP_DIGEST_SHA256, &digest, err);

	if (r < 0)
		return r;
	sp_digest_add(digest, update->xml.bytes, update->xml.len);
	if (update->repomd.bytes)
		sp_digest_add(digest, update->repomd.bytes, update->repomd.len);
	r = sp_digest_take(digest, hex, err);
	if (r < 0)
		return r;
	update->pack->metadata_digest = strdup(hex);
	return update->pack->metadata_digest ? 0 : sp_error_nomem(err);
}

/* What cannot be used at all is not looked into any further. */
static bool is_worth_reading(const struct update *update)
{
	return update->reading->options->thorough ||
	       sp_trust_can_be_accepted(update->pack->trust.state);
}

static int read_contents(struct update *update, struct sp_error *err)
{
	bool is_sound = false;
	int r;

	/* A server has to be asked for it before it is listed. */
	if (update->pack->key_file)
		(void)sp_reading_has(update->reading, update->base,
				     update->pack->key_file);
	r = check_signatures(update, err);
	if (r < 0 || !is_worth_reading(update))
		return r;
	r = read_metadata(update, &is_sound, err);
	if (r < 0 || !is_sound || update->reading->options->metadata_only)
		return r;
	r = sp_reading_leave_unread(update->reading, update->pack, err);
	if (r == 0)
		sp_reading_withhold(update->reading, update->pack);
	return r < 0 ? r
		     : sp_reading_packages(update->reading, update->base, update->pack,
					   NULL, err);
}

static int read_pack(struct update *update, struct sp_error *err)
{
	struct sp_error why = SP_ERROR_INIT;
	bool is_sound = false;
	int r = load_needed(update, "update.xml", SP_LIMIT_DESCRIPTOR_BYTES, &update->xml,
			    &is_sound, err);

	if (r < 0 || !is_sound)
		return r;
	if (sp_updatexml_read(update->xml.bytes, update->xml.len, update->pack, &why) <
	    0) {
		free(sp_steal(update->pack->id));
		return sp_reading_blame(update->pack, "damaged-metadata", "update.xml",
					&why, err);
	}
	r = load_needed(update, "repodata/repomd.xml", SP_LIMIT_REPOMD_BYTES,
			&update->repomd, &is_sound, err);
	if (r == 0)
		r = digest_metadata(update, err);
	return r == 0 && is_sound ? read_contents(update, err) : r;
}

/* A pack whose metadata is damaged has no state of trust but that. */
static int finish(struct sp_pack *pack, struct sp_error *err)
{
	if (pack->trust.detail || pack->trust.key)
		return 0;
	return set_trust(&pack->trust, SP_TRUST_DAMAGED, "its metadata cannot be read",
			 err);
}

int sp_reading_update(const struct sp_reading *reading, const char *base,
		      struct sp_error *err)
{
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	SP_AUTO(update_done)
	struct update update = {
		.reading = reading,
		.base = base,
		.pack = &pack,
	};
	int r;

	if (!sp_reading_has(reading, base, "update.xml"))
		return 0;
	r = sp_reading_place_pack(reading, base, &pack, err);
	if (r == 0)
		r = read_pack(&update, err);
	if (r == 0)
		r = finish(&pack, err);
	if (r == 0)
		r = sp_reading_end_pack(reading, &pack, err);
	return r < 0 ? r : SP_READING_TAKEN;
}
