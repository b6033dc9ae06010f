/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RPMs without a pack around them: those of one directory are taken as one pack, whose
 * trust is that of the least trusted of them. */
#include "repo/reading.h"

#include "base/array.h"
#include "base/text.h"
#include "repo/digest.h"
#include "repo/limits.h"

#include <stdlib.h>
#include <string.h>

/* ---- which ----------------------------------------------------------------- */

/* The name of a file right below directory @base; NULL if it is elsewhere. */
static const char *name_below(const char *path, const char *base)
{
	size_t len = strlen(base);
	const char *name = path + len + (len > 0);

	if (len && (strncmp(path, base, len) != 0 || path[len] != '/'))
		return NULL;
	return strchr(name, '/') ? NULL : name;
}

static int add_rpm(struct sp_pack *pack, const char *name, uint64_t size_bytes,
		   struct sp_error *err)
{
	struct sp_package *package;

	if (pack->n_packages == SP_LIMIT_PACKAGES)
		return sp_error_set(err, SP_ERR_LIMIT, "there are more than %d packages",
				    SP_LIMIT_PACKAGES);
	package = sp_array_add(&pack->packages, &pack->n_packages);
	if (!package)
		return sp_error_nomem(err);
	package->name = strdup(name); /* until its header is read */
	package->file = strdup(name);
	package->type = strdup("rpm");
	package->epoch = strdup("");
	package->version = strdup("");
	package->release = strdup("");
	package->arch = strdup("");
	package->size_bytes = size_bytes;
	if (!package->name || !package->file || !package->type || !package->epoch ||
	    !package->version || !package->release || !package->arch)
		return sp_error_nomem(err);
	return 0;
}

static int find_rpms(const struct sp_reading *reading, const char *base,
		     struct sp_pack *pack, struct sp_error *err)
{
	size_t n;
	const struct sp_tree_entry *entries = sp_tree_entries(reading->tree, &n);
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		const char *name = name_below(entries[i].path, base);

		if (name && sp_text_ends_with(name, ".rpm"))
			r = add_rpm(pack, name, entries[i].size_bytes, err);
	}
	return r;
}

/* ---- what they are together ------------------------------------------------ */

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* One RPM is known by its own name; several by the place they lie in. */
static int name_pack(struct sp_pack *pack, struct sp_error *err)
{
	const struct sp_package *first = &pack->packages[0];
	bool is_one = pack->n_packages == 1;
	const char *place = *pack->directory ? pack->directory : pack->location;

	pack->id = is_one ? sp_package_nevra(first) : strdup(*place ? place : "rpms");
	pack->label = strdup(is_one ? first->name : last_part(pack->id ? pack->id : ""));
	pack->version = is_one && *first->version
				? sp_text_format("%s-%s", first->version, first->release)
				: strdup("");
	pack->description = is_one && first->summary
				    ? strdup(first->summary)
				    : sp_text_format("%zu packages", pack->n_packages);
	return pack->id && pack->label && pack->version && pack->description
		       ? 0
		       : sp_error_nomem(err);
}

/* Over the names and digests of all of them. */
static int digest_pack(struct sp_pack *pack, struct sp_error *err)
{
	SP_AUTO(sp_digest_freep) struct sp_digest *digest = NULL;
	char hex[SP_DIGEST_HEX_SIZE];
	int r = sp_digest_new(SP_DIGEST_SHA256, &digest, err);

	for (size_t i = 0; r == 0 && i < pack->n_packages; i++) {
		const struct sp_package *package = &pack->packages[i];
		const char *sha256 = package->sha256 ? package->sha256 : "";

		sp_digest_add(digest, package->file, strlen(package->file) + 1);
		sp_digest_add(digest, sha256, strlen(sha256) + 1);
	}
	if (r == 0)
		r = sp_digest_take(digest, hex, err);
	if (r < 0)
		return r;
	pack->metadata_digest = strdup(hex);
	return pack->metadata_digest ? 0 : sp_error_nomem(err);
}

/* One that could not be read says nothing about who made it. */
static int judge(struct sp_pack *pack, struct sp_reading_signers *signers,
		 struct sp_error *err)
{
	if (signers->n_rpms == 0) {
		pack->trust.state = SP_TRUST_UNSIGNED;
		pack->trust.detail = strdup("no package of it could be read");
		return pack->trust.detail ? 0 : sp_error_nomem(err);
	}
	pack->trust = signers->worst;
	signers->worst = (struct sp_trust){ 0 };
	return sp_reading_say_trust(pack, sp_reading_trust_code(pack->trust.state), err);
}

static int read_pack(const struct sp_reading *reading, const char *base,
		     struct sp_pack *pack, struct sp_error *err)
{
	SP_AUTO(sp_reading_signers_done) struct sp_reading_signers signers = { 0 };
	int r = sp_reading_place_pack(reading, base, pack, err);

	pack->format = SP_PACK_RPMS;
	if (r == 0 && !reading->options->metadata_only)
		r = sp_reading_packages(reading, base, pack, &signers, err);
	if (r == 0)
		r = name_pack(pack, err);
	if (r == 0)
		r = digest_pack(pack, err);
	if (r == 0)
		r = judge(pack, &signers, err);
	return r == 0 ? sp_reading_end_pack(reading, pack, err) : r;
}

int sp_reading_rpms(const struct sp_reading *reading, const char *base,
		    struct sp_error *err)
{
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	int r = find_rpms(reading, base, &pack, err);

	if (r < 0 || pack.n_packages == 0)
		return r;
	r = read_pack(reading, base, &pack, err);
	return r < 0 ? r : SP_READING_TAKEN;
}
