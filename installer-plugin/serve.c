/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Between the protocol and the flows: whatever happens, the other side hears how it
 * ended. */

#include "installer-plugin/serve.h"

#include <string.h>

#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/context.h"
#include "installer-plugin/flow_install.h"
#include "installer-plugin/flow_load.h"
#include "installer-plugin/flow_upgrade.h"
#include "installer-plugin/log.h"
#include "installer-plugin/operator_screen.h"
#include "installer-plugin/question.h"
#include "installer-plugin/report.h"

typedef int (*flow_fn)(struct sp_context *context, struct sp_operator *op,
		       const struct sp_strv *locations, struct sp_report *report,
		       struct sp_error *err);

// clang-format off
static const struct flow {
	const char *name;
	flow_fn run;
	const char *failed; /* title of what stands on the screen then */
} flows[] = {
	{ "drivers", sp_flow_load, "Drivers Not Loaded" },
	{ "packs", sp_flow_install, "Packs Not Installed" },
	{ "upgrade", sp_flow_upgrade, "Upgrade Not Checked" },
};
// clang-format on

static const struct flow *flow_find(const char *name)
{
	for (size_t i = 0; i < sizeof flows / sizeof flows[0]; i++)
		if (!strcmp(flows[i].name, name))
			return &flows[i];
	return NULL;
}

int sp_serve_check_flow(const char *flow, struct sp_error *err)
{
	SP_AUTO(sp_strbuf_done) struct sp_strbuf names = { 0 };

	if (flow_find(flow))
		return 0;
	for (size_t i = 0; i < sizeof flows / sizeof flows[0]; i++)
		sp_strbuf_add(&names, "%s'%s'", i ? ", " : "", flows[i].name);
	return sp_error_set(err, SP_ERR_USAGE, "'%.40s' is no flow; these are: %s", flow,
			    names.text ? names.text : "");
}

/* A flow that failed of itself has asked nothing about it; a screen that only went away
 * would leave the operator without a reason. */
static void show_failure(const struct flow *flow, struct sp_operator *op,
			 const struct sp_report *report)
{
	struct sp_error err = SP_ERROR_INIT;
	enum sp_answer answer;

	(void)!sp_operator_ask(op,
			       sp_question_problem(flow->failed,
						   sp_outcome_text(report->exit),
						   &report->findings, false),
			       &answer, NULL, &err);
}

void sp_serve_flow(struct sp_context *context, const char *flow, int fd,
		   const struct sp_strv *locations, struct sp_report *report)
{
	SP_AUTO(sp_operator_freep) struct sp_operator *op = NULL;
	struct sp_error err = SP_ERROR_INIT;
	const struct flow *found = flow_find(flow);
	int r;

	report->is_read = true;
	r = sp_operator_screen_new(fd, context->log, &op, &err);

	if (r == 0)
		r = found->run(context, op, locations, report, &err);
	if (r < 0)
		sp_report_fail(report, NULL, &err);
	if (r < 0 && op && r != -SP_ERR_CANCELLED)
		show_failure(found, op, report);
	sp_log_line(context->log, "ended: exit code %d", report->exit);
	if (op)
		sp_operator_screen_end(op, sp_report_to_json(report));
}
