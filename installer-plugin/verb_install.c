/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `suppack install`: the install-packs flow, answered from the options. */

#include "installer-plugin/verb.h"

#include "installer-plugin/context.h"
#include "installer-plugin/flow_install.h"
#include "installer-plugin/operator_policy.h"

int sp_verb_install(struct sp_context *context, struct sp_report *report,
		    struct sp_error *err)
{
	SP_AUTO(sp_operator_freep) struct sp_operator *op = NULL;
	const struct sp_options *options = context->options;
	int r = sp_operator_policy_new(context->log, !options->json, &op, err);

	return r < 0 ? r : sp_flow_install(context, op, &options->arguments, report, err);
}
