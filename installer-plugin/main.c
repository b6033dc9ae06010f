/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The command: options, a verb, its report. */

#include <locale.h>
#include <stdio.h>

#include "base/outcome.h"
#include "installer-plugin/arguments.h"
#include "installer-plugin/context.h"
#include "installer-plugin/options.h"
#include "installer-plugin/report.h"
#include "installer-plugin/verb.h"

static int print_help(void)
{
	struct sp_option_help option;
	const struct sp_verb *verb;

	printf("usage: suppack [OPTION]... VERB [ARGUMENT]...\n\nVerbs:\n");
	for (size_t i = 0; (verb = sp_verb_at(i)); i++)
		if (!verb->is_hidden)
			printf("  %s%s%s\n      %s\n", verb->name,
			       *verb->arguments ? " " : "", verb->arguments, verb->what);
	printf("\nOptions:\n");
	for (size_t i = 0; sp_options_help_at(i, &option); i++)
		printf("  --%s%s%s\n      %s\n", option.name, option.operand ? " " : "",
		       option.operand ? option.operand : "", option.what);
	printf("\nExit codes, locations and examples: man suppack\n");
	return fflush(stdout) == 0 ? SP_EXIT_DONE : SP_EXIT_FAILED;
}

static int check_usage(const struct sp_options *options, const struct sp_verb **ret_verb,
		       struct sp_error *err)
{
	const struct sp_verb *verb;

	if (!options->verb)
		return sp_error_set(err, SP_ERR_USAGE, "no verb was given: see --help");
	verb = sp_verb_find(options->verb);
	if (!verb)
		return sp_error_set(err, SP_ERR_USAGE, "'%.40s' is no verb: see --help",
				    options->verb);
	if (options->arguments.n < verb->min_arguments)
		return sp_error_set(err, SP_ERR_USAGE, "'%s' needs %s", verb->name,
				    verb->arguments);
	if (options->arguments.n > verb->max_arguments)
		return sp_error_set(err, SP_ERR_USAGE, "'%s' takes no '%.80s'",
				    verb->name,
				    options->arguments.items[verb->max_arguments]);
	*ret_verb = verb;
	return 0;
}

static int run_verb(const struct sp_options *options, const struct sp_verb *verb)
{
	SP_AUTO(sp_context_done) struct sp_context context = { 0 };
	SP_AUTO(sp_report_done) struct sp_report report = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int r;

	sp_report_init(&report, verb->name);
	report.is_read = options->json;
	r = sp_context_init(&context, options, &err);
	if (r == 0)
		r = verb->run(&context, &report, &err);
	if (r < 0)
		sp_report_fail(&report, NULL, &err);
	if (verb->is_silent && r == 0)
		return report.exit;
	return sp_report_print(&report, options->json);
}

static int refuse_usage(const struct sp_options *options, const struct sp_error *err)
{
	SP_AUTO(sp_report_done) struct sp_report report = { 0 };

	sp_report_init(&report, options->verb ? options->verb : "");
	sp_report_fail(&report, NULL, err);
	return sp_report_print(&report, options->json);
}

int main(int argc, char *argv[])
{
	SP_AUTO(sp_arguments_freep) char **taken = NULL;
	SP_AUTO(sp_options_done) struct sp_options options = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	const struct sp_verb *verb = NULL;
	int r;

	setlocale(LC_CTYPE, "");
	r = sp_arguments_take(argc, argv, &taken, &err);
	if (r == 0)
		r = sp_options_parse(&options, argc, taken, &err);
	if (r == 0)
		r = sp_arguments_expand(&options.arguments, &err);
	if (r == 0 && options.help)
		return print_help();
	if (r == 0 && options.version) {
		printf("suppack %s\n", SP_VERSION);
		return SP_EXIT_DONE;
	}
	if (r == 0)
		r = check_usage(&options, &verb, &err);
	if (r < 0 || !verb)
		return refuse_usage(&options, &err);
	return run_verb(&options, verb);
}
