/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Long options only, each one row.  getopt_long() would take abbreviations, which is
 * how scripts break when an option is added. */

#include "installer-plugin/options.h"

#include <limits.h>
#include <string.h>

#define DEFAULT_SPOOL "/run/suppack/packs"

enum { DEFAULT_RETRIES = 3 };

enum kind { TEXT, FLAG, SECONDS, NUMBER, ACCEPT, REPLACE };

// clang-format off
static const struct option {
	const char *name, *operand, *what;
	enum kind kind;
	size_t offset;
} options_table[] = {
	{ "sysroot", "DIR", "read /sys, /proc, /lib/modules and /etc below DIR: a captured machine",
	  TEXT, offsetof(struct sp_options, sysroot) },
	{ "keys", "DIR", "trusted keys (default: etc/pki/rpm-gpg below the sysroot)",
	  TEXT, offsetof(struct sp_options, keys) },
	{ "kernel", "VERSION", "plan for this kernel (default: the running one)",
	  TEXT, offsetof(struct sp_options, kernel) },
	{ "accept", "WHAT", "use it all the same: unsigned, weak, expired, licence, older, loss, or key=FINGERPRINT; repeatable",
	  ACCEPT, 0 },
	{ "replace", "ADDRESS", "let the driver that holds this device be replaced, or 'all'; repeatable",
	  REPLACE, 0 },
	{ "root", "DIR", "the host to install into, or to look at (/ is this one)",
	  TEXT, offsetof(struct sp_options, root) },
	{ "to", "LOCATION", "check-upgrade, answerfile: the new release's repository",
	  TEXT, offsetof(struct sp_options, to) },
	{ "stage", "STAGE", "answerfile: 'upgrade', 'drivers' or 'packs'",
	  TEXT, offsetof(struct sp_options, stage) },
	{ "spool", "DIR", "where verified packs are kept (default: " DEFAULT_SPOOL ")",
	  TEXT, offsetof(struct sp_options, spool) },
	{ "timeout", "SECONDS", "give a location up after so long (default: 300)",
	  SECONDS, offsetof(struct sp_options, timeout_s) },
	{ "retries", "NUMBER", "ask a server for a file so often again (default: 3)",
	  NUMBER, offsetof(struct sp_options, retries) },
	{ "stall", "SECONDS", "give a server up that sends nothing for so long (default: 20)",
	  SECONDS, offsetof(struct sp_options, stall_s) },
	{ "ca-file", "FILE", "check https servers against these certificates (default: the system's)",
	  TEXT, offsetof(struct sp_options, ca_file) },
	{ "log", "FILE", "append the log of decisions to FILE (default: /var/log/suppack.log)",
	  TEXT, offsetof(struct sp_options, log) },
	{ "json", NULL, "print one JSON object instead of text",
	  FLAG, offsetof(struct sp_options, json) },
	{ "help", NULL, "say all of this", FLAG, offsetof(struct sp_options, help) },
	{ "version", NULL, "say the version", FLAG, offsetof(struct sp_options, version) },
};
// clang-format on

enum { N_OPTIONS = sizeof options_table / sizeof options_table[0] };

void sp_options_done(struct sp_options *options)
{
	sp_accept_done(&options->accept);
	sp_strv_done(&options->replace);
	sp_strv_done(&options->arguments);
	*options = (struct sp_options){ 0 };
}

static const struct option *option_find(const char *name, size_t len)
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (strlen(options_table[i].name) == len &&
		    !memcmp(options_table[i].name, name, len))
			return &options_table[i];
	return NULL;
}

static int take_seconds(const char *text, unsigned *ret_seconds, struct sp_error *err)
{
	char *end;
	unsigned long seconds = strtoul(text, &end, 10);

	if (*end || !*text || *text == '-' || !seconds || seconds > 86400)
		return sp_error_set(err, SP_ERR_USAGE,
				    "'%.40s' is no time limit: a number of seconds, 1 to "
				    "86400",
				    text);
	*ret_seconds = (unsigned)seconds;
	return 0;
}

static int take_number(const char *text, unsigned *ret_number, struct sp_error *err)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*end || !*text || *text == '-' || number > 100)
		return sp_error_set(err, SP_ERR_USAGE,
				    "'%.40s' is no number of retries, 0 to 100", text);
	*ret_number = (unsigned)number;
	return 0;
}

static int take_value(struct sp_options *options, const struct option *option,
		      const char *value, struct sp_error *err)
{
	void *field = (char *)options + option->offset;

	switch (option->kind) {
	case TEXT:
		*(const char **)field = value;
		return 0;
	case SECONDS:
		return take_seconds(value, field, err);
	case NUMBER:
		return take_number(value, field, err);
	case ACCEPT:
		return sp_accept_parse(&options->accept, value, err);
	case REPLACE:
		return sp_strv_add(&options->replace, value, err);
	case FLAG:
		*(bool *)field = true;
		return 0;
	}
	return 0;
}

/* Takes the option at @argv[*@at] and its operand, moving *@at to the last of them. */
static int take_option(struct sp_options *options, char *const argv[], int *at,
		       struct sp_error *err)
{
	const char *name = argv[*at] + 2;
	size_t len = strcspn(name, "=");
	const struct option *option = option_find(name, len);
	const char *value = name[len] == '=' ? name + len + 1 : NULL;

	if (!option)
		return sp_error_set(err, SP_ERR_USAGE,
				    "'--%.*s' is no option: see --help",
				    (int)(len < 60 ? len : 60), name);
	if (!option->operand && value)
		return sp_error_set(err, SP_ERR_USAGE, "'--%s' takes no value",
				    option->name);
	if (option->operand && !value) {
		value = argv[*at + 1];
		if (!value)
			return sp_error_set(err, SP_ERR_USAGE, "'--%s' needs %s",
					    option->name, option->operand);
		(*at)++;
	}
	return take_value(options, option, value, err);
}

int sp_options_parse(struct sp_options *options, int argc, char *const argv[],
		     struct sp_error *err)
{
	bool only_arguments = false;
	int r = 0;

	options->sysroot = "/";
	options->spool = DEFAULT_SPOOL;
	options->retries = DEFAULT_RETRIES;
	for (int i = 1; r == 0 && i < argc; i++) {
		if (!only_arguments && !strcmp(argv[i], "--"))
			only_arguments = true;
		else if (!only_arguments && sp_text_starts_with(argv[i], "--"))
			r = take_option(options, argv, &i, err);
		else if (!options->verb)
			options->verb = argv[i];
		else
			r = sp_strv_add(&options->arguments, argv[i], err);
	}
	return r;
}

bool sp_options_help_at(size_t index, struct sp_option_help *ret_help)
{
	const struct option *option;

	if (index >= N_OPTIONS)
		return false;
	option = &options_table[index];
	*ret_help =
		(struct sp_option_help){ option->name, option->operand, option->what };
	return true;
}
