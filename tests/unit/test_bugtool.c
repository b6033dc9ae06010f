/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a pack adds to the Server Status Report: sound as published, and wrong in every way
 * its loader fails on. */

#include "repo/bugtool.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "repo/python_regex.h"
#include "support/table.h"

#define DIR "etc/xensource/bugtool/"
#define CAPABILITY                                            \
	{                                                     \
		DIR "acme.xml", "<capability pii=\"no\"/>", 0 \
	}
#define COLLECT(inner)                                                 \
	{                                                              \
		DIR "acme/logs.xml", "<collect>" inner "</collect>", 0 \
	}

static const struct row {
	const char *name;
	struct sp_bugtool_file files[4]; /* lengths are those of the texts */
	const char *items;               /* "category kind what|detail;…" */
	const char *findings;            /* a part of each sentence, "…;…" */
} rows[] = {
	// clang-format off
	{ "as published", {
	  { DIR "xscontainer.xml", "<capability pii=\"no\" max_size=\"10737418240\" mime=\"text/plain\" checked=\"true\"/>", 0 },
	  { DIR "xscontainer/xscontainer_logs.xml", "<collect><directory pattern=\".*xscontainer\\.log\\.*[0-9]*\""
	    " negate=\"false\">/var/log</directory></collect>", 0 } },
	  "xscontainer directory /var/log|.*xscontainer\\.log\\.*[0-9]*", "" },
	{ "everything", { CAPABILITY,
	  COLLECT("<files>/var/log/a* \n /etc/a</files><list recursive=\"YES\">/opt/a</list>"
	    "<command label=\"state\">/opt/a/bin/a --state</command><command>ls</command>") },
	  "acme files /var/log/a*|;acme files /etc/a|;acme list /opt/a|;"
	  "acme command /opt/a/bin/a --state|state;acme command ls|", "" },
	{ "every attribute", { { "/" DIR "acme.xml", "<capability pii=\"if_customized\" min_size=\"-1\" min_time=\"0\""
	    " max_time=\"+5\" mime=\"application/data\" checked=\"False\" hidden=\"no\"/>", 0 },
	  COLLECT("<files>/a</files>") }, "acme files /a|", "" },
	{ "a category of the host", { { DIR "xenserver-config/acme.xml", "<collect><files>/a</files></collect>", 0 } },
	  "xenserver-config files /a|", "" },
	{ "wrong root of a category", { { DIR "acme.xml", "<capabilities/>", 0 }, COLLECT("<files>/a</files>") },
	  "acme files /a|", "begins with <capabilities>" },
	{ "wrong root of a collection", { CAPABILITY, { DIR "acme/a.xml", "<capability/>", 0 } }, "",
	  "not with <collect>" },
	{ "no XML", { CAPABILITY, { DIR "acme/a.xml", "<collect>", 0 } }, "", "cannot be read" },
	{ "entities", { CAPABILITY, { DIR "acme/a.xml", "<!DOCTYPE x [<!ENTITY a \"b\">]><collect>&a;</collect>", 0 } },
	  "", "cannot be read" },
	{ "nothing in it", { CAPABILITY, { DIR "acme/a.xml", "", 0 } }, "", "cannot be read" },
	{ "unknown pii", { { DIR "acme.xml", "<capability pii=\"perhaps\"/>", 0 }, COLLECT("<files>/a</files>") },
	  "acme files /a|", "pii=\"perhaps\"" },
	{ "size no number", { { DIR "acme.xml", "<capability max_size=\"1M\"/>", 0 }, COLLECT("<files>/a</files>") },
	  "acme files /a|", "max_size=\"1M\"" },
	{ "mime", { { DIR "acme.xml", "<capability mime=\"text/html\"/>", 0 }, COLLECT("<files>/a</files>") },
	  "acme files /a|", "mime=" },
	{ "checked", { { DIR "acme.xml", "<capability checked=\"1\"/>", 0 }, COLLECT("<files>/a</files>") },
	  "acme files /a|", "checked=" },
	{ "unknown attributes", { { DIR "acme.xml", "<capability max-size=\"1\"/>", 0 },
	  COLLECT("<files all=\"yes\">/a</files>") }, "acme files /a|", "'max-size';'all'" },
	{ "bad expression", { CAPABILITY, COLLECT("<directory pattern=\"*.log\">/var/log</directory>") },
	  "acme directory /var/log|*.log", "nothing to repeat" },
	{ "negate is neither", { CAPABILITY, COLLECT("<directory pattern=\"a\" negate=\"not\">/v</directory>") },
	  "acme directory /v|a", "negate=" },
	{ "label of a path", { CAPABILITY, COLLECT("<command label=\"../x\">id</command>") },
	  "acme command id|../x", "label=" },
	{ "no category", { COLLECT("<files>/a</files>") }, "", "no 'acme.xml'" },
	{ "no directory", { CAPABILITY }, "", "no directory 'acme'" },
	{ "directory of another", { CAPABILITY, { DIR "acmes/a.xml", "<collect/>", 0 } }, "",
	  "no directory 'acme';no 'acmes.xml'" },
	{ "category file of the host's", { { DIR "yum.xml", "<capability/>", 0 },
	  { DIR "yum/a.xml", "<collect><files>/a</files></collect>", 0 } }, "yum files /a|", "of the host itself" },
	{ "not looked at", { CAPABILITY, COLLECT("<files>/a</files>"), { DIR "acme/deep/a.xml", "<collect/>", 0 },
	  { DIR "acme/readme", "", 0 } }, "acme files /a|", "does not look;does not look" },
	{ "names nothing", { CAPABILITY, COLLECT("<files> </files>") }, "", "names nothing" },
	{ "relative paths", { CAPABILITY, COLLECT("<files>/a b</files><directory pattern=\"x\">var</directory>") },
	  "acme files /a|", "'b' in <files>;'var' in <directory>" },
	{ "unknown element", { CAPABILITY, COLLECT("<group><files>/a</files></group>") }, "acme files /a|",
	  "<group>" },
	{ "escapes", { CAPABILITY, COLLECT("<files>/a&#x9b;b</files>") }, "acme files /a?b|", "" },
	// clang-format on
};

static char *tell(const struct sp_bugtool *bugtool)
{
	struct sp_strbuf out = { 0 };

	for (size_t i = 0; i < bugtool->n; i++) {
		const struct sp_bugtool_item *item = &bugtool->items[i];

		sp_strbuf_add(&out, "%s%s %s %s|%s", i ? ";" : "", item->category,
			      sp_bugtool_kind_name(item->kind), item->what, item->detail);
	}
	return sp_strbuf_take(&out);
}

static void expect_findings(const struct sp_findings *findings, const char *want)
{
	SP_AUTO(sp_str_freep) char *copy = strdup(want);
	char *rest = NULL, *part = strtok_r(copy, ";", &rest);

	for (size_t i = 0; i < findings->n; i++) {
		if (!part || !strstr(findings->items[i].text, part))
			fail_msg("%s", findings->items[i].text);
		assert_string_equal(findings->items[i].code, "bad-report-metadata");
		part = strtok_r(NULL, ";", &rest);
	}
	if (part)
		fail_msg("nothing said '%s'", part);
}

static void checks(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_bugtool_done) struct sp_bugtool bugtool = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_str_freep) char *items = NULL;
	struct sp_bugtool_file files[4];
	struct sp_error err = SP_ERROR_INIT;
	size_t n = 0;

	for (; n < 4 && row->files[n].path; n++) {
		files[n] = row->files[n];
		files[n].len = strlen(files[n].bytes);
	}
	assert_int_equal(sp_bugtool_check(files, n, &bugtool, &findings, &err), 0);
	items = tell(&bugtool);
	assert_string_equal(items, row->items);
	expect_findings(&findings, row->findings);
}

/* ---- regular expressions ------------------------------------------------------------------- */

static const struct regex_row {
	const char *name;
	bool sound; /* as python3 -c 'import re; re.compile(…)' says */
} regex_rows[] = {
	{ "", true },
	{ ".*xscontainer\\.log\\.*[0-9]*", true },
	{ "^a|b$", true },
	{ "a*?b+?c??", true },
	{ "a{2,3}?", true },
	{ "a{,3}", true },
	{ "a{", true },
	{ "{", true },
	{ "a{x}", true },
	{ "[]a]", true },
	{ "[^]a]", true },
	{ "[a-]", true },
	{ "[\\w-]", true },
	{ "(?:a)(?P<n>b)(?=c)(?!d)(?<=e)(?<!f)", true },
	{ "(?i)a", true },
	{ "(a)\\1", true },
	{ "\\d\\.\\x41\\Z", true },
	{ "()", true },
	{ "()*", true },
	{ "]", true },
	{ "}", true },
	{ "a|*", false },
	{ "*.log", false },
	{ "+", false },
	{ "a**", false },
	{ "a*{2}", false },
	{ "(*a)", false },
	{ "(a", false },
	{ "a)", false },
	{ "[a", false },
	{ "[]", false },
	{ "[^]", false },
	{ "[z-a]", false },
	{ "\\", false },
	{ "\\q", false },
	{ "[\\q]", false },
	{ "\\x4", false },
	{ "(?", false },
	{ "(?<1>a)", false },
	{ "(?P<1>a)", false },
	{ "(?@a)", false },
	{ "{2}", false },
};

/* Python itself is asked, where there is one. */
static int ask_python(const char *pattern)
{
	static const char script[] = "import re, sys, warnings\n"
				     "warnings.simplefilter('ignore')\n"
				     "try: re.compile(sys.argv[1])\n"
				     "except re.error: sys.exit(3)\n";
	const char *const argv[] = { "python3", "-c", script, pattern, NULL };
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static void regex_is_told(void **state)
{
	const struct regex_row *row = *state;
	const char *fault = sp_python_regex_fault(row->name);
	int python = ask_python(row->name);

	if (row->sound && fault)
		fail_msg("'%s': %s", row->name, fault);
	if (!row->sound)
		assert_non_null(fault);
	if (python == 0 || python == 3)
		assert_int_equal(python == 0, row->sound);
}

/* ---- the rest --------------------------------------------------------------------------------- */

static void json_says_the_same(void **state)
{
	static const struct sp_bugtool_file files[] = {
		{ DIR "yum/a.xml", "<collect><command label=\"l\">id</command></collect>",
		  50 },
	};
	SP_AUTO(sp_bugtool_done) struct sp_bugtool bugtool = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	SP_AUTO(sp_str_freep) char *text = NULL;
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(strlen(files[0].bytes), files[0].len);
	assert_int_equal(sp_bugtool_check(files, 1, &bugtool, &findings, &err), 0);
	json = sp_bugtool_to_json(&bugtool);
	text = sp_json_print(json, false);
	assert_string_equal(text, "[{\"category\":\"yum\",\"kind\":\"command\","
				  "\"what\":\"id\",\"detail\":\"l\"}]");
}

static void too_large_is_said(void **state)
{
	static char bytes[SP_BUGTOOL_MAX_BYTES + 1];
	const struct sp_bugtool_file file = { DIR "yum/a.xml", bytes, sizeof bytes };
	SP_AUTO(sp_bugtool_done) struct sp_bugtool bugtool = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	memset(bytes, ' ', sizeof bytes);
	assert_int_equal(sp_bugtool_check(&file, 1, &bugtool, &findings, &err), 0);
	expect_findings(&findings, "more than");
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(json_says_the_same),
		cmocka_unit_test(too_large_is_said),
	};
	int failed = table_run("bugtool", rows, checks);

	failed += table_run("regular expressions", regex_rows, regex_is_told);
	return failed + cmocka_run_group_tests(others, NULL, NULL);
}
