/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `suppack check-upgrade`: what an upgrade of the host in --root would lose.  Changes
 * nothing, asks nobody. */

#include "installer-plugin/verb.h"

#include "base/outcome.h"
#include "installer-plugin/context.h"
#include "installer-plugin/operator_policy.h"
#include "installer-plugin/report.h"
#include "installer-plugin/study.h"

int sp_verb_check_upgrade(struct sp_context *context, struct sp_report *report,
			  struct sp_error *err)
{
	SP_AUTO(sp_study_done) struct sp_study study = { 0 };
	SP_AUTO(sp_operator_freep) struct sp_operator *op = NULL;
	int r = sp_operator_policy_new(context->log, false, &op, err);

	if (r == 0)
		r = sp_study_begin(&study, context, op, err);
	context->accept = &study.accept;
	if (r == 0)
		r = sp_study_look(&study, &context->options->arguments, err);
	context->accept = NULL;
	if (r == 0)
		r = sp_study_judge(&study, err);
	if (r == 0)
		r = sp_study_report(&study, report, err);
	report->exit = sp_outcome_worse(report->exit, study.look.exit);
	return r;
}
