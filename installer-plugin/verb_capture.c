/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `suppack capture`: this machine as a directory that --sysroot takes, for a question
 * about hardware that nobody else has. */

#include "installer-plugin/verb.h"

#include "base/json.h"
#include "installer-plugin/context.h"
#include "installer-plugin/log.h"
#include "installer-plugin/report.h"
#include "probe/capture.h"

#define DEFAULT_DIR "suppack-capture"

int sp_verb_capture(struct sp_context *context, struct sp_report *report,
		    struct sp_error *err)
{
	const struct sp_strv *arguments = &context->options->arguments;
	const char *dir = arguments->n ? arguments->items[0] : DEFAULT_DIR;
	int r = sp_capture_write(context->root, dir, err);

	if (r < 0)
		return r;
	sp_json_set_string(report->body, "directory", dir);
	sp_strbuf_add(&report->text,
		      "This machine is recorded in '%s': 'suppack --sysroot %s probe' "
		      "reads it.\n",
		      dir, dir);
	sp_log_line(context->log, "captured this machine in '%s'", dir);
	return 0;
}
