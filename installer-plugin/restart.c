/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A module is not taken out of a running host's kernel: its disks and networks may hang
 * on it. */

#include "installer-plugin/restart.h"

#include <string.h>

#include "base/finding.h"
#include "installer-plugin/context.h"
#include "repo/pack.h"

int sp_restart_check(const struct sp_context *context, const struct sp_pack *pack,
		     struct sp_findings *findings, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < pack->modules.n; i++) {
		const struct sp_module *module = &pack->modules.items[i];

		if (sp_strv_has(&context->kernel.loaded, module->name))
			r = sp_findings_add(
				findings, "needs-restart", module->name, err,
				"the driver '%s' that runs now is the one of before "
				"'%s'",
				module->name, pack->label);
	}
	if (r == 0 && pack->guidance && strstr(pack->guidance, "restartHost"))
		r = sp_findings_add(findings, "needs-restart", pack->label, err,
				    "'%s' asks for this host to be started again",
				    pack->label);
	return r;
}
