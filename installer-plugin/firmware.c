/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The kernel names a file; an operator has packs. */

#include "installer-plugin/firmware.h"

#include <stdlib.h>
#include <string.h>

#include "base/finding.h"
#include "plan/plan.h"
#include "repo/pack.h"

static char *explain(const struct sp_finding *finding, const struct sp_pack *pack)
{
	SP_AUTO(sp_str_freep) char *title = pack ? sp_pack_title(pack) : NULL;

	if (!pack)
		return sp_text_format("%s; no pack at hand has it", finding->text);
	return sp_text_format("%s; '%s' in '%s' has it", finding->text,
			      title ? title : "", pack->location);
}

void sp_firmware_name_packs(const struct sp_pack_list *packs,
			    struct sp_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		struct sp_finding *finding = &findings->items[i];
		char *text;

		if (strcmp(finding->code, "firmware-missing") != 0 || !finding->about)
			continue;
		text = explain(finding, sp_plan_firmware_pack(packs, finding->about));
		if (!text)
			return;
		free(finding->text);
		finding->text = text;
	}
}
