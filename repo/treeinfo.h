/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* .treeinfo: what an installation source says it is. */

#define SP_TREEINFO_PATH ".treeinfo"

/* "XenServer 9.0.0", from the text of that file; "" if it does not say.  Cleaned; caller
 * frees; NULL when out of memory. */
char *sp_treeinfo_product(const char *text);
