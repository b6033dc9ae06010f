/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which pack could bring the firmware that the kernel did not get. */

struct sp_findings;
struct sp_pack_list;

/* Adds to each finding "firmware-missing" about a file which of @packs has that file, and
 * where it lies; or that none has.  Without memory for that the words stay as they are. */
void sp_firmware_name_packs(const struct sp_pack_list *packs,
			    struct sp_findings *findings);
