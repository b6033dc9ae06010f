/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What is wrong or unwise in a pack, for whoever made it: what needs no host to be told,
 * beside what reading the pack found already. */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct sp_pack;
struct sp_pack_list;

enum { SP_CHECK_SOON_DAYS = 90 };

struct sp_check {
	const char *kernel;       /* the one that modules should be for; NULL: any */
	bool enforces_signatures; /* does it take signed modules only? */
	int64_t now;              /* seconds since 1970 */
};

/* Adds to each pack's findings what there is to say of it; of one that could not be read
 * only what is known of it.  The packs are those of one run: firmware may come from
 * another one. */
SP_MUST_CHECK
int sp_check_packs(const struct sp_check *check, struct sp_pack_list *packs,
		   struct sp_error *err);

/* ---- for check*.c only ------------------------------------------------------------- */

/* What there is to say of its modules. */
SP_MUST_CHECK
int sp_check_modules(const struct sp_check *check, const struct sp_pack_list *packs,
		     struct sp_pack *pack, struct sp_error *err);
/* Of its packages, as those who install them find them. */
SP_MUST_CHECK
int sp_check_packages(struct sp_pack *pack, struct sp_error *err);
