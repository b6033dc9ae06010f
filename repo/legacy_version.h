/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Versions of legacy packs, and the tests packs make on them. */

#include <stdbool.h>

#include "base/error.h"

/* < 0, 0 or > 0 as @a is older than, equal to or newer than @b.  The product's own
 * rule: what follows the first '-' (the build) is ignored; the rest is split at dots;
 * arcs are compared in pairs, numbers as numbers; on a tie the longer one is newer
 * ("1.2" < "1.2.0", "1.10" > "1.9", "1.2-1" == "1.2-2").  Where that rule has no
 * answer (an arc that is no number) arcs are compared as text, numbers first. */
int sp_legacy_version_compare(const char *a, const char *b);

/* A requirement of a legacy pack, as this project writes it: "xs:main ge 6.0.0". */
struct sp_legacy_requirement {
	char *id;         /* "xs:main" */
	const char *test; /* "eq" "ne" "lt" "gt" "le" "ge": static */
	char *version;
};

void sp_legacy_requirement_done(struct sp_legacy_requirement *requirement);

/* SP_ERR_FORMAT if @text is not of that form.  Zero-initialised @ret_requirement. */
SP_MUST_CHECK
int sp_legacy_requirement_parse(const char *text,
				struct sp_legacy_requirement *ret_requirement,
				struct sp_error *err);

/* Does @version pass the test?  A missing pack (NULL) fails every test, "ne" too. */
bool sp_legacy_requirement_is_met(const struct sp_legacy_requirement *requirement,
				  const char *version);

/* "ge" → ">=" ; NULL if @test is none of the six. */
const char *sp_legacy_test_sign(const char *test);
