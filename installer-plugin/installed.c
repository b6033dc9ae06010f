/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is known of a root's packages, once it was read (installed_read.c). */

#include "installer-plugin/installed.h"

#include <string.h>

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
