/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/finding.h"

#include "base/file.h"
#include "base/json.h"
#include "base/outcome.h"
#include "support/table.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static bool is_kebab_case(const char *code)
{
	size_t len = strlen(code);

	return len > 0 && strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789-") == len &&
	       code[0] != '-' && code[len - 1] != '-' && !strstr(code, "--");
}

static void every_code_is_told_apart(void **state)
{
	size_t n = 0;

	(void)state;
	for (const char *code; (code = sp_finding_code_at(n)); n++) {
		assert_true(is_kebab_case(code));
		for (size_t i = 0; i < n; i++)
			assert_string_not_equal(code, sp_finding_code_at(i));
	}
	assert_true(n >= 60);
	assert_null(sp_finding_code_at(n + 1));
}

static void every_code_has_an_exit_code_and_advice(void **state)
{
	(void)state;
	for (size_t i = 0; sp_finding_code_at(i); i++) {
		const char *code = sp_finding_code_at(i);
		const char *advice = sp_finding_advice(code);
		int exit = sp_finding_exit_code(code);

		if (exit != SP_EXIT_FAILED)
			assert_string_not_equal(sp_outcome_name(exit), "failed");
		if (sp_finding_weight(code) == SP_WEIGHT_NOTE) {
			assert_int_equal(exit, SP_EXIT_DONE);
			continue;
		}
		if (sp_finding_weight(code) == SP_WEIGHT_REFUSAL)
			assert_int_not_equal(exit, SP_EXIT_DONE);
		assert_in_range(strlen(advice), 20, 120);
		assert_true(isupper((unsigned char)advice[0]));
		assert_true(sp_text_ends_with(advice, "."));
	}
}

struct row {
	const char *name;
	enum sp_weight weight;
	int exit;
};

#define REFUSED(code, exit)                   \
	{                                     \
		code, SP_WEIGHT_REFUSAL, exit \
	}
#define WARNED(code, exit)                    \
	{                                     \
		code, SP_WEIGHT_WARNING, exit \
	}
#define NOTED(code)                     \
	{                               \
		code, SP_WEIGHT_NOTE, 0 \
	}

/* What other rooms count on. */
// clang-format off
static const struct row rows[] = {
	REFUSED("internal-error", 1), REFUSED("unreachable", 10), REFUSED("not-there", 10), REFUSED("timed-out", 10),
	REFUSED("read-error", 10), REFUSED("no-medium", 10), REFUSED("device-vanished", 10),
	REFUSED("no-pack", 11), REFUSED("foreign-rhel-driver-disk", 11),
	REFUSED("foreign-suse-driver-update", 11), REFUSED("foreign-debian-medium", 11),
	REFUSED("installation-source", 11), REFUSED("ambiguous-filesystem", 11),
	REFUSED("unknown-filesystem", 11), REFUSED("unsigned", 12),
	REFUSED("unknown-key", 12), REFUSED("weak-signature", 12),
	REFUSED("expired-key", 12), REFUSED("revoked-key", 12),
	REFUSED("bad-signature", 12), REFUSED("keys-differ", 12),
	REFUSED("damaged-metadata", 13), REFUSED("damaged-package", 13),
	REFUSED("missing-package", 13), REFUSED("damaged-module", 13),
	REFUSED("unsafe-path", 13), REFUSED("limit-exceeded", 13),
	REFUSED("nevra-mismatch", 13), REFUSED("worker-died", 13),
	REFUSED("requirement-missing", 14), REFUSED("conflict", 14),
	REFUSED("no-space", 14), WARNED("older-than-installed", 14),
	REFUSED("wrong-architecture", 15), REFUSED("wrong-kernel", 15),
	REFUSED("symbol-mismatch", 15), REFUSED("vermagic-flags", 15),
	WARNED("firmware-missing", 15), REFUSED("claims-no-device", 15),
	REFUSED("not-a-driver-disk", 15), REFUSED("no-modules", 15),
	NOTED("already-installed"), NOTED("driver-in-place"), NOTED("ambiguous-drivers"),
	REFUSED("load-unknown-symbol", 16), REFUSED("load-bad-module", 16),
	REFUSED("load-crc-mismatch", 16), REFUSED("load-key-rejected", 16),
	REFUSED("load-forbidden", 16), REFUSED("load-failed", 16),
	REFUSED("load-missing-module", 16),
	REFUSED("not-bound", 17), REFUSED("interface-missing", 17),
	REFUSED("declined", 18), REFUSED("would-lose", 19),
	REFUSED("not-carried-over", 19),
	REFUSED("transaction-failed", 20), REFUSED("scriptlet-failed", 20),
	WARNED("left-behind", 20), NOTED("accepted-unsigned"), NOTED("accepted-key"),
	NOTED("accepted-weak"), NOTED("accepted-expired"), NOTED("signed-rpm"),
	NOTED("kernel-tainted"), NOTED("module-other-kernel"),
};
// clang-format on

static void weighs(void **state)
{
	const struct row *row = *state;

	assert_int_equal(sp_finding_weight(row->name), row->weight);
	assert_int_equal(sp_finding_exit_code(row->name), row->exit);
}

static void adds_cleaned_text(void **state)
{
	struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_findings_add(&findings, "no-pack", "/dev/\x1bsr0", &err,
					 "label\n'%s'", "\x1b[2J"),
			 0);
	assert_int_equal(sp_findings_add(&findings, "unsigned", NULL, &err, "x"), 0);
	assert_string_equal(findings.items[0].about, "/dev/?sr0");
	assert_string_equal(findings.items[0].text, "label '?[2J'");
	assert_string_equal(findings.items[0].advice, sp_finding_advice("no-pack"));
	assert_string_equal(findings.items[1].about, "");
	assert_true(sp_findings_has(&findings, "unsigned"));
	assert_false(sp_findings_has(&findings, "conflict"));
	sp_findings_done(&findings);
	assert_int_equal(findings.n, 0);
}

static void only_refusals_decide_the_exit_code(void **state)
{
	struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_findings_exit_code(&findings), 0);
	assert_int_equal(sp_findings_add(&findings, "left-behind", "x", &err, "x"), 0);
	assert_int_equal(sp_findings_add(&findings, "signed-rpm", "x", &err, "x"), 0);
	assert_null(sp_findings_first_refusal(&findings));
	assert_int_equal(sp_findings_exit_code(&findings), 0);
	assert_int_equal(sp_findings_add(&findings, "conflict", "x", &err, "x"), 0);
	assert_int_equal(sp_findings_add(&findings, "unsigned", "x", &err, "x"), 0);
	assert_string_equal(sp_findings_first_refusal(&findings)->code, "conflict");
	assert_int_equal(sp_findings_exit_code(&findings), 14);
	assert_int_equal(sp_findings_add(&findings, "internal-error", "x", &err, "x"), 0);
	assert_int_equal(sp_findings_exit_code(&findings), 1);
	sp_findings_done(&findings);
}

/* A failure told as a finding ends the command as the failure itself would, but for a
 * system call's: as a finding it is about a medium. */
static void every_failure_is_a_finding(void **state)
{
	struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT, cause = SP_ERROR_INIT;

	(void)state;
	for (int code = SP_ERR_INTERNAL; code <= SP_ERR_WORKER; code++) {
		(void)sp_error_set(&cause, (enum sp_code)code, "cause %d", code);
		assert_int_equal(sp_findings_add_error(&findings, "x", &cause, &err), 0);
		assert_int_equal(sp_findings_exit_code(&findings),
				 code == SP_ERR_IO
					 ? SP_EXIT_UNREACHABLE
					 : sp_error_exit_code((enum sp_code)code));
		assert_string_equal(findings.items[0].text, cause.text);
		sp_findings_done(&findings);
	}
	cause.code = (enum sp_code)99;
	assert_int_equal(sp_findings_add_error(&findings, "x", &cause, &err), 0);
	assert_true(sp_findings_has(&findings, "internal-error"));
	sp_findings_done(&findings);
}

static void sorts_and_moves(void **state)
{
	struct sp_findings from = { 0 }, to = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_findings_add(&to, "unsigned", "b", &err, "1"), 0);
	assert_int_equal(sp_findings_add(&from, "unsigned", "a", &err, "2"), 0);
	assert_int_equal(sp_findings_add(&from, "conflict", "c", &err, "3"), 0);
	assert_int_equal(sp_findings_add(&from, "unsigned", "a", &err, "1"), 0);
	assert_int_equal(sp_findings_move(&to, &from, &err), 0);
	assert_int_equal(from.n, 0);
	assert_int_equal(to.n, 4);
	assert_int_equal(sp_findings_copy(&from, &to, &err), 0);
	assert_int_equal(from.n, 4);
	assert_int_equal(to.n, 4);
	assert_string_equal(from.items[3].text, to.items[3].text);
	assert_string_equal(from.items[3].advice, to.items[3].advice);
	sp_findings_sort(&to);
	assert_string_equal(to.items[0].code, "conflict");
	assert_string_equal(to.items[1].text, "1");
	assert_string_equal(to.items[1].about, "a");
	assert_string_equal(to.items[2].text, "2");
	assert_string_equal(to.items[3].about, "b");
	sp_findings_done(&to);
	sp_findings_done(&from);
}

static void survives_json(void **state)
{
	struct sp_findings findings = { 0 }, read = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	struct json_object *json;

	(void)state;
	assert_int_equal(sp_findings_add(&findings, "no-pack", "sr0", &err, "é"), 0);
	json = sp_findings_to_json(&findings);
	assert_int_equal(sp_findings_from_json(json, &read, &err), 0);
	assert_int_equal(read.n, 1);
	assert_string_equal(read.items[0].code, "no-pack");
	assert_string_equal(read.items[0].about, "sr0");
	assert_string_equal(read.items[0].text, "é");
	sp_json_set_string(sp_json_at(json, 0), "code", "made-up");
	assert_int_equal(sp_findings_from_json(json, &read, &err), -SP_ERR_FORMAT);
	sp_json_set_string(sp_json_at(json, 0), "code", "no-pack");
	sp_json_set_int(sp_json_at(json, 0), "text", 1);
	assert_int_equal(sp_findings_from_json(json, &read, &err), -SP_ERR_FORMAT);
	assert_int_equal(read.n, 1);
	sp_json_free(json);
	json = sp_json_object();
	assert_int_equal(sp_findings_from_json(json, &read, &err), -SP_ERR_FORMAT);
	sp_json_free(json);
	sp_findings_done(&findings);
	sp_findings_done(&read);
}

/* docs/findings.md has a row for each, and for nothing else. */
static void every_code_is_documented(void **state)
{
	static const char *const weights[] = { "note", "warning", "refusal" };
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_str_freep) char *docs = NULL;
	SP_AUTO(sp_closep) int fd = open(DOCS "/findings.md", O_RDONLY | O_CLOEXEC);
	size_t len, n = 0, n_rows = 0;

	(void)state;
	assert_int_equal(sp_file_read_all(fd, 1 << 20, &docs, &len, &err), 0);
	for (const char *code; (code = sp_finding_code_at(n)); n++) {
		SP_AUTO(sp_str_freep)
		char *row = sp_text_format("\n| `%s` | %s | %d | %s |\n", code,
					   weights[sp_finding_weight(code)],
					   sp_finding_exit_code(code),
					   sp_finding_advice(code));

		if (!strstr(docs, row))
			fail_msg("docs/findings.md has no row%s", row);
	}
	for (const char *at = docs; (at = strstr(at, "\n| `")); at++)
		n_rows++;
	assert_int_equal(n_rows, n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_is_documented),
		cmocka_unit_test(every_code_is_told_apart),
		cmocka_unit_test(every_code_has_an_exit_code_and_advice),
		cmocka_unit_test(adds_cleaned_text),
		cmocka_unit_test(only_refusals_decide_the_exit_code),
		cmocka_unit_test(every_failure_is_a_finding),
		cmocka_unit_test(sorts_and_moves),
		cmocka_unit_test(survives_json),
	};
	int failed = table_run("finding: codes", rows, weighs);

	return failed + cmocka_run_group_tests_name("finding", tests, NULL, NULL);
}
