/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The tool is the host's, run in its root, where names from outside are its arguments
 * and nothing else. */

#include "installer-plugin/variants.h"

#include <stdlib.h>
#include <string.h>

#include "base/child.h"
#include "base/inside.h"
#include "base/json.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/host.h"
#include "installer-plugin/log.h"
#include "installer-plugin/report.h"
#include "installer-plugin/unattended.h"

enum { TOOL_MS = 60 * 1000, CPU_SECONDS = 60 };

static const char *const tools[] = { "opt/xensource/libexec/driver-tool",
				     "usr/sbin/driver-tool", "usr/bin/driver-tool",
				     "sbin/driver-tool" };

struct choosing {
	const struct sp_host *host;
	const struct sp_unattended_driver *driver;
	const char *tool; /* NULL: the host has none */
	int status;
	char *output;
};

static void choosing_done(struct choosing *choosing)
{
	free(choosing->output);
}

static const char *tool_find(const struct sp_host *host)
{
	for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++) {
		SP_AUTO(sp_closep) int fd = -1;
		struct sp_error ignored = SP_ERROR_INIT;

		if (sp_inside_open(host->root_fd, tools[i], &fd, &ignored) == 0)
			return tools[i];
	}
	return NULL;
}

static int run_tool(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct choosing *choosing = arg;
	SP_AUTO(sp_str_freep) char *tool = sp_text_format("/%s", choosing->tool);
	const char *const argv[] = { tool, "-s",
				     "-n", choosing->driver->name,
				     "-v", choosing->driver->variant,
				     NULL };
	struct sp_child_result result = { 0 };
	struct json_object *json;
	int r = tool ? sp_child_run(argv,
				    sp_host_is_running(choosing->host)
					    ? NULL
					    : choosing->host->path,
				    TOOL_MS, &result, err)
		     : sp_error_nomem(err);

	if (r < 0)
		return r;
	json = sp_json_object();
	sp_json_set_int(json, "status", result.status);
	sp_json_set_string(json, "output", result.output ? result.output : "");
	free(result.output);
	return sp_outlet_send(outlet, json, err);
}

static int take(void *user, struct json_object *message, struct sp_error *err)
{
	struct choosing *choosing = user;
	const char *output = sp_json_get_string(message, "output");

	free(choosing->output);
	choosing->status = (int)sp_json_get_int(message, "status", -1);
	choosing->output = sp_text_clean_dup(output ? output : "");
	return choosing->output ? 0 : sp_error_nomem(err);
}

/* Why it was not chosen; "": it was. */
static int run(struct choosing *choosing, char **ret_why, struct sp_error *err)
{
	struct sp_worker_job job = {
		.what = "choosing a driver's variant",
		.run = run_tool,
		.arg = choosing,
		.on_message = take,
		.user = choosing,
		.flags = SP_WORKER_PRIVATE_MOUNTS | SP_WORKER_PRIVILEGED,
		.limits = { .deadline_ms = TOOL_MS + 1000, .cpu_seconds = CPU_SECONDS },
	};
	struct sp_error cause = SP_ERROR_INIT;

	if (!choosing->tool)
		*ret_why = strdup("the host has no driver-tool");
	else if (sp_worker_run(&job, NULL, &cause) < 0)
		*ret_why = strdup(cause.text);
	else if (choosing->status)
		*ret_why = sp_text_format("driver-tool ended with status %d%s%s",
					  choosing->status, *choosing->output ? ": " : "",
					  choosing->output);
	else
		*ret_why = strdup("");
	return *ret_why ? 0 : sp_error_nomem(err);
}

static int choose(struct sp_context *context, const struct sp_host *host,
		  const struct sp_unattended_driver *driver, struct sp_report *report,
		  struct json_object *rows, struct sp_error *err)
{
	SP_AUTO(choosing_done)
	struct choosing choosing = { host, driver, tool_find(host), 0, NULL };
	SP_AUTO(sp_str_freep) char *why = NULL;
	struct json_object *row = sp_json_object();
	int r = run(&choosing, &why, err);

	sp_json_set_string(row, "driver", driver->name);
	sp_json_set_string(row, "variant", driver->variant);
	sp_json_set_bool(row, "chosen", why && !*why);
	sp_json_append(rows, row);
	if (r < 0)
		return r;
	sp_log_line(context->log, "driver '%s', variant '%s': %s", driver->name,
		    driver->variant, *why ? why : "chosen");
	return *why ? sp_findings_add(&report->findings, "variant-not-chosen",
				      driver->name, err,
				      "the variant '%.80s' of driver '%.80s' was not "
				      "chosen: %s",
				      driver->variant, driver->name, why)
		    : 0;
}

int sp_variants_choose(struct sp_context *context, const struct sp_unattended *unattended,
		       struct sp_report *report, struct sp_error *err)
{
	SP_AUTO(sp_host_done) struct sp_host host = { 0 };
	struct json_object *rows;
	int r;

	if (!unattended->n_drivers)
		return 0;
	r = sp_host_open(context, &host, err);
	rows = sp_json_array();
	for (size_t i = 0; r == 0 && i < unattended->n_drivers; i++)
		r = choose(context, &host, &unattended->drivers[i], report, rows, err);
	sp_json_set(report->body, "variants", rows);
	return r;
}
