/* SPDX-License-Identifier: GPL-2.0-or-later */

/* rpm's own comparison, so that "newer" means here what it means to the transaction. */

#include "repo/evr.h"

#include <stdlib.h>
#include <string.h>

#include <rpm/rpmver.h>

#include "base/cleanup.h"

static void ver_freep(rpmver *version)
{
	rpmverFree(*version);
}

int sp_evr_compare(const char *a, const char *b)
{
	SP_AUTO(ver_freep) rpmver left = rpmverParse(a);
	SP_AUTO(ver_freep) rpmver right = rpmverParse(b);

	if (!left || !right) /* not an EVR at all: any fixed order will do */
		return strcmp(a, b);
	return rpmverCmp(left, right);
}
