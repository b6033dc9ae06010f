/* SPDX-License-Identifier: GPL-2.0-or-later */

/* RPM updates whatever is older, and asks nobody; but the base system's packages are the
 * product's to update. */

#include "installer-plugin/batch.h"

#include <string.h>

#include "installer-plugin/host.h"
#include "installer-plugin/installed.h"
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
