/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is known of a root's packages, once it was read (installed_read.c). */

#include "installer-plugin/installed.h"

#include <string.h>

#include "repo/evr.h"
#include "repo/pack.h"

void sp_installed_done(struct sp_installed *installed)
{
	for (size_t i = 0; i < installed->n; i++) {
		free(installed->items[i].name);
		free(installed->items[i].evr);
	}
	free(installed->items);
	sp_strv_done(&installed->provides);
	*installed = (struct sp_installed){ 0 };
}

/* The newest of several (kernels) stands last, and counts. */
const char *sp_installed_find(const struct sp_installed *installed, const char *name)
{
	const char *evr = NULL;

	for (size_t i = 0; installed && i < installed->n; i++)
		if (!strcmp(installed->items[i].name, name))
			evr = installed->items[i].evr;
	return evr;
}

bool sp_installed_has(const struct sp_installed *installed,
		      const struct sp_package *package)
{
	const char *have = sp_installed_find(installed, package->name);
	bool epoch = package->epoch && *package->epoch;
	SP_AUTO(sp_str_freep)
	char *evr = sp_text_format("%s%s%s-%s", epoch ? package->epoch : "",
				   epoch ? ":" : "", package->version, package->release);

	return have && evr && sp_evr_compare(have, evr) == 0;
}
