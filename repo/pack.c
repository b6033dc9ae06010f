/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Packs as data: given back, named, compared. Their JSON form is in pack_json.c. */

#include "repo/pack.h"

#include <string.h>

#include "base/outcome.h"

static const char *const format_names[] = {
	[SP_PACK_UPDATE] = "update",
	[SP_PACK_LEGACY] = "legacy",
	[SP_PACK_LEGACY_TEXT] = "legacy-text",
	[SP_PACK_RPMS] = "rpms",
};

const char *sp_pack_format_name(enum sp_pack_format format)
{
	return format_names[format];
}

void sp_package_done(struct sp_package *package)
{
	char *texts[] = { package->name,    package->epoch,  package->version,
			  package->release, package->arch,   package->type,
			  package->file,    package->sha256, package->md5,
			  package->summary, package->root,   package->kernel,
			  package->options, package->signer, package->signature };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		free(texts[i]);
	sp_strv_done(&package->requires_);
	sp_strv_done(&package->provides);
	sp_strv_done(&package->conflicts);
	sp_strv_done(&package->obsoletes);
	sp_strv_done(&package->files);
	*package = (struct sp_package){ 0 };
}

static void texts_done(struct sp_pack *pack)
{
	char *texts[] = {
		pack->id,       pack->label,     pack->version,         pack->description,
		pack->location, pack->directory, pack->metadata_digest, pack->control,
		pack->key_file, pack->guidance,  pack->product
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		free(texts[i]);
}

void sp_pack_done(struct sp_pack *pack)
{
	texts_done(pack);
	sp_trust_done(&pack->trust);
	sp_strv_done(&pack->driver_packages);
	sp_strv_done(&pack->update_packages);
	sp_strv_done(&pack->requires_);
	sp_strv_done(&pack->rolls_up);
	for (size_t i = 0; i < pack->n_packages; i++)
		sp_package_done(&pack->packages[i]);
	free(pack->packages);
	sp_module_list_done(&pack->modules);
	sp_bugtool_done(&pack->report);
	sp_findings_done(&pack->findings);
	*pack = (struct sp_pack){ 0 };
}

void sp_pack_list_done(struct sp_pack_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		sp_pack_done(&list->items[i]);
	free(list->items);
	*list = (struct sp_pack_list){ 0 };
}

char *sp_package_nevra(const struct sp_package *package)
{
	bool epoch = package->epoch && *package->epoch;

	if (!package->version || !*package->version) /* a legacy file: only a name */
		return package->name ? strdup(package->name) : NULL;
	return sp_text_format("%s-%s%s%s-%s.%s", package->name,
			      epoch ? package->epoch : "", epoch ? ":" : "",
			      package->version, package->release ? package->release : "",
			      package->arch ? package->arch : "");
}

static bool is_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool sp_pack_is_same(const struct sp_pack *a, const struct sp_pack *b)
{
	return a->format == b->format && is_equal(a->id, b->id) &&
	       is_equal(a->label, b->label) && is_equal(a->version, b->version) &&
	       is_equal(a->metadata_digest, b->metadata_digest);
}

char *sp_pack_title(const struct sp_pack *pack)
{
	const char *name = pack->label && *pack->label ? pack->label
			   : pack->id                  ? pack->id
						       : "pack";
	const char *version = pack->version ? pack->version : "";

	return sp_text_format("%s%s%s", name, *version ? " " : "", version);
}

char *sp_pack_place(const struct sp_pack *pack)
{
	const char *location = pack->location ? pack->location : "";
	const char *below = pack->directory ? pack->directory : "";
	bool is_joined = !*location || !*below || sp_text_ends_with(location, "/");

	return sp_text_format("%s%s%s", location, is_joined ? "" : "/", below);
}

static bool is_damaged(const struct sp_pack *pack)
{
	int exit = sp_findings_exit_code(&pack->findings);

	return exit && exit != SP_EXIT_UNTRUSTED;
}

bool sp_pack_is_better_copy(const struct sp_pack *a, const struct sp_pack *b)
{
	if (is_damaged(a) != is_damaged(b))
		return is_damaged(b);
	return a->trust.state < b->trust.state;
}
