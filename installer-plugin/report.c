/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The same report twice, for a person and for a program: neither says more than the
 * other. */

#include "installer-plugin/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/outcome.h"
#include "repo/pack.h"

enum { SCHEMA = 1 };

void sp_report_init(struct sp_report *report, const char *command)
{
	report->command = command;
	report->body = sp_json_object();
}

void sp_report_done(struct sp_report *report)
{
	sp_json_freep(&report->body);
	free(report->reason);
	sp_strbuf_done(&report->text);
	sp_findings_done(&report->findings);
	*report = (struct sp_report){ 0 };
}

void sp_report_fail(struct sp_report *report, const char *about,
		    const struct sp_error *cause)
{
	struct sp_error ignored = SP_ERROR_INIT;

	if (sp_findings_add_error(&report->findings, about, cause, &ignored) < 0)
		report->exit = SP_EXIT_FAILED;
	report->exit = sp_outcome_worse(report->exit, sp_error_exit_code(cause->code));
}

void sp_report_add_packs(struct sp_report *report, const struct sp_pack_list *packs)
{
	report->n_packs = packs->n;
	sp_json_set(report->body, "packs",
		    report->is_read ? sp_pack_list_to_json(packs) : sp_json_array());
}

struct json_object *sp_report_to_json(struct sp_report *report)
{
	struct json_object *json = sp_json_object();
	const char *key;

	sp_findings_sort(&report->findings);
	sp_json_set_string(json, "suppack", SP_VERSION);
	sp_json_set_int(json, "schema", SCHEMA);
	sp_json_set_string(json, "command", report->command);
	sp_json_set_string(json, "outcome", sp_outcome_name(report->exit));
	sp_json_set_int(json, "exit", report->exit);
	for (size_t i = 0; (key = sp_json_key_at(report->body, i)); i++)
		sp_json_set(json, key, sp_json_ref(sp_json_get(report->body, key)));
	sp_json_set(json, "findings", sp_findings_to_json(&report->findings));
	return json;
}

/* The refusal that the exit code comes from. */
static const char *find_reason(const struct sp_report *report)
{
	if (report->reason && report->reason_exit == report->exit)
		return report->reason;
	for (size_t i = 0; i < report->findings.n; i++)
		if (sp_finding_weight(report->findings.items[i].code) ==
			    SP_WEIGHT_REFUSAL &&
		    sp_finding_exit_code(report->findings.items[i].code) == report->exit)
			return report->findings.items[i].text;
	return sp_outcome_text(report->exit);
}

int sp_report_take_outcome(struct sp_report *report, const struct sp_report *part,
			   const char *place, struct sp_error *err)
{
	int worse = sp_outcome_worse(report->exit, part->exit);

	if (worse == report->exit)
		return 0;
	free(report->reason);
	report->reason = sp_text_format("%s: %s", place, find_reason(part));
	report->reason_exit = worse;
	report->exit = worse;
	return report->reason ? 0 : sp_error_nomem(err);
}

static void print_line(const struct sp_report *report)
{
	fprintf(stderr, "suppack: %s (exit code %d)\n", find_reason(report),
		report->exit);
}

static int print_json(struct sp_report *report)
{
	SP_AUTO(sp_json_freep) struct json_object *json = sp_report_to_json(report);
	SP_AUTO(sp_str_freep) char *text = sp_json_print(json, true);

	if (report->one_line && report->exit)
		print_line(report);
	if (!text || puts(text) < 0 || fflush(stdout) != 0)
		return SP_EXIT_FAILED;
	return report->exit;
}

static void print_finding(FILE *out, const struct sp_finding *finding, bool advise)
{
	const char *mark = sp_finding_weight(finding->code) == SP_WEIGHT_NOTE ? "note"
			   : sp_finding_weight(finding->code) == SP_WEIGHT_WARNING
				   ? "warning"
				   : "refused";

	fprintf(out, "%s: %s [%s]\n", mark, finding->text, finding->code);
	if (advise && *finding->advice)
		fprintf(out, "  %s\n", finding->advice);
}

/* Forty modules that claim no device need one piece of advice. */
static bool is_last_of_its_code(const struct sp_findings *sorted, size_t i)
{
	return i + 1 == sorted->n ||
	       strcmp(sorted->items[i].code, sorted->items[i + 1].code) != 0;
}

static int print_text(struct sp_report *report)
{
	if (report->text.text)
		fputs(report->text.text, stdout);
	sp_findings_sort(&report->findings);
	fflush(stdout);
	for (size_t i = 0; i < report->findings.n; i++) {
		const struct sp_finding *at = &report->findings.items[i];
		bool refusal = !report->one_line &&
			       sp_finding_weight(at->code) == SP_WEIGHT_REFUSAL;

		print_finding(refusal && report->exit ? stderr : stdout, at,
			      is_last_of_its_code(&report->findings, i));
	}
	if (report->exit && report->one_line)
		print_line(report);
	else if (report->exit)
		fprintf(stderr, "suppack: %s (exit code %d)\n",
			sp_outcome_text(report->exit), report->exit);
	return fflush(stdout) == 0 ? report->exit : SP_EXIT_FAILED;
}

int sp_report_print(struct sp_report *report, bool json)
{
	return json ? print_json(report) : print_text(report);
}
