/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Versions of packages, compared as rpm compares them. */

/* "epoch:version-release" (epoch and release may be missing): < 0, 0 or > 0 as @a is
 * older than, the same as or newer than @b.  A missing release equals any release. */
int sp_evr_compare(const char *a, const char *b);
