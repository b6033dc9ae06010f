/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What of a pack the host has in another version.  RPM updates whatever is older, and asks
 * nobody; but the base system's packages are the product's to update. */

#include "installer-plugin/batch.h"

#include <string.h>

#include "installer-plugin/host.h"
#include "installer-plugin/installed.h"
#include "repo/evr.h"
#include "repo/legacy_version.h"
#include "repo/pack.h"

static bool is_of_packs(const struct sp_record_list *records, const char *name)
{
	for (size_t i = 0; i < records->n; i++)
		if (sp_strv_has(&records->items[i].brought, name))
			return true;
	return false;
}

static int say(const struct sp_pack *pack, const struct sp_package *package,
	       const char *had, struct sp_findings *findings, struct sp_error *err)
{
	return sp_findings_add(findings, "replaces-base-file", package->name, err,
			       "'%.100s' brings '%.100s' %s-%s in place of the base "
			       "system's own %s",
			       pack->label, package->name, package->version,
			       package->release, had);
}

int sp_batch_say_base(const struct sp_batch_input *input, const struct sp_pack *pack,
		      struct sp_findings *findings, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < pack->n_packages; i++) {
		const struct sp_package *package = &pack->packages[i];
		const char *had = sp_installed_find(input->installed, package->name);

		if (had && package->version && *package->version &&
		    !is_of_packs(&input->host->records, package->name))
			r = say(pack, package, had, findings, err);
	}
	return r;
}

/* ---- newer ones --------------------------------------------------------------------------- */

/* The package whose version tells which of two packs is newer: the one that stands for
 * the pack, or else each of them. */
static bool speaks_for(const struct sp_pack *pack, const struct sp_package *package)
{
	return !pack->update_packages.n ||
	       sp_strv_has(&pack->update_packages, package->name);
}

static int newer_package(const struct sp_batch_input *input, const struct sp_pack *pack,
			 const char **ret_had, char **ret_ours, struct sp_error *err)
{
	for (size_t i = 0; i < pack->n_packages; i++) {
		const struct sp_package *package = &pack->packages[i];
		const char *had = sp_installed_find(input->installed, package->name);
		SP_AUTO(sp_str_freep) char *ours = NULL;

		if (!had || !package->version || !speaks_for(pack, package))
			continue;
		ours = sp_text_format("%s%s%s-%s", package->epoch ? package->epoch : "",
				      package->epoch && *package->epoch ? ":" : "",
				      package->version, package->release);
		if (!ours)
			return sp_error_nomem(err);
		if (sp_evr_compare(had, ours) <= 0)
			continue;
		*ret_ours = sp_steal(ours);
		*ret_had = had;
		return 0;
	}
	return 0;
}

/* Legacy packs have versions of their own, and may hold no RPM. */
static int newer_legacy(const struct sp_batch_input *input, const struct sp_pack *pack,
			const char **ret_had, char **ret_ours, struct sp_error *err)
{
	const struct sp_target *target = &input->host->target;

	for (size_t i = 0; i < target->n_packs; i++) {
		const char *had = target->packs[i].version;

		if (strcmp(target->packs[i].id, pack->id) != 0 || !had ||
		    sp_legacy_version_compare(had, pack->version) <= 0)
			continue;
		*ret_ours = strdup(pack->version);
		*ret_had = had;
		return *ret_ours ? 0 : sp_error_nomem(err);
	}
	return 0;
}

int sp_batch_newer_there(const struct sp_batch_input *input, const struct sp_pack *pack,
			 const char **ret_had, char **ret_ours, struct sp_error *err)
{
	bool legacy =
		pack->format == SP_PACK_LEGACY || pack->format == SP_PACK_LEGACY_TEXT;
	int r = newer_package(input, pack, ret_had, ret_ours, err);

	return r == 0 && legacy && !*ret_had
		       ? newer_legacy(input, pack, ret_had, ret_ours, err)
		       : r;
}
