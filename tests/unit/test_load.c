/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All of loading that needs no kernel to load into; the rest is proved in the virtual
 * host. */
#include "probe/load.h"
#include "probe/load_answer.h"
#include "probe/root.h"
#include "support/machine.h"
#include "support/table.h"

#include "base/json.h"

#include <elf.h>
#include <errno.h>

#define KERNEL "4.19.0+1"
#define MODULES "lib/modules/" KERNEL

static const struct answer_row {
	const char *name;
	int sys_errno;
	const char *code;
} answer_rows[] = {
	{ "unknown symbol", ENOENT, "load-unknown-symbol" },
	{ "bad module", ENOEXEC, "load-bad-module" },
	{ "symbol versions", EINVAL, "load-crc-mismatch" },
	{ "bad signature", EKEYREJECTED, "load-key-rejected" },
	{ "malformed signature", EBADMSG, "load-key-rejected" },
	{ "lockdown", EPERM, "load-forbidden" },
	{ "no device", ENODEV, "load-failed" },
	{ "anything else", EIO, "load-failed" },
	{ "a dependency", 0, "load-failed" },
};

static void knows_the_kernels_answers(void **state)
{
	const struct answer_row *row = *state;

	assert_string_equal(sp_load_code_of(row->sys_errno), row->code);
	assert_true(strlen(sp_load_answer_reason(row->sys_errno)) > 5);
}

static const struct clue_row {
	const char *name; /* the line */
	int sys_errno, refined;
} clue_rows[] = {
	{ "m: disagrees about version of symbol module_layout", ENOEXEC, EINVAL },
	{ "m: disagrees about version of symbol kfree", EINVAL, EINVAL },
	{ "m: Unknown symbol kfree (err -22)", EINVAL, EINVAL },
	{ "m: Unknown symbol kfree (err -2)", ENOENT, ENOENT },
	{ "m: version magic '4' should be '5'", ENOEXEC, ENOEXEC },
	{ "m: Unknown symbol kfree (err -2)", EPERM, EPERM },
};

static void listens_to_the_log(void **state)
{
	const struct clue_row *row = *state;

	assert_int_equal(sp_load_answer_refine(row->sys_errno, row->name), row->refined);
	assert_int_equal(sp_load_answer_refine(row->sys_errno, NULL), row->sys_errno);
}

/* ---- taint ---------------------------------------------------------------------- */

static const struct taint_row {
	const char *name;
	uint64_t before, after;
	const char *text; /* NULL: no finding */
} taint_rows[] = {
	{ "as before", 4096, 4096, NULL },
	{ "less", 4096 | 1, 1, NULL },
	{ "unsigned, from outside", 0, 4096 | 8192,
	  "the kernel is tainted by the drivers: a module from outside the kernel's source, an unsigned module" },
	{ "only what is new", 8192, 8192 | 1,
	  "the kernel is tainted by the drivers: a proprietary module" },
	{ "a flag without words", 0, 1 << 5, "the kernel is tainted by the drivers" },
};

static void tells_what_tainted_the_kernel(void **state)
{
	const struct taint_row *row = *state;
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_load_report_taint(&findings, row->before, row->after, &err),
			 0);
	assert_int_equal(findings.n, row->text ? 1 : 0);
	if (row->text)
		assert_string_equal(findings.items[0].text, row->text);
}

/* ---- JSON ----------------------------------------------------------------------- */

static int parse(const char *text, struct sp_load_result *result, struct sp_error *err)
{
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;

	assert_int_equal(sp_json_parse(text, strlen(text), &json, err), 0);
	return sp_load_result_from_json(json, result, err);
}

static void travels_as_json(void **state)
{
	static const char text[] =
		"{\"steps\":[{\"module\":\"ptp\",\"state\":\"loaded\",\"optional\":false,"
		"\"code\":null,\"errno\":0},{\"module\":\"e1000e\",\"state\":\"refused\",\"optional\":true,"
		"\"code\":\"load-crc-mismatch\",\"errno\":8}],\"findings\":[],\"kernel_log\":[\"a\"],\"detail\":[\"b\",\"c\"]}";
	SP_AUTO(sp_load_result_done) struct sp_load_result result = { 0 };
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	SP_AUTO(sp_str_freep) char *again = NULL;
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(parse(text, &result, &err), 0);
	assert_int_equal(sp_load_result_find(&result, "ptp")->state, SP_LOAD_LOADED);
	assert_null(sp_load_result_find(&result, "ptp")->code);
	assert_string_equal(sp_load_result_find(&result, "e1000e")->code,
			    "load-crc-mismatch");
	assert_null(sp_load_result_find(&result, "igb"));
	json = sp_load_result_to_json(&result);
	again = sp_json_print(json, false);
	assert_string_equal(again, text);
}

static const struct bad_row {
	const char *name, *text;
} bad_rows[] = {
	{ "no state", "{\"steps\":[{\"module\":\"a\"}],\"findings\":[]}" },
	{ "unknown state",
	  "{\"steps\":[{\"module\":\"a\",\"state\":\"x\"}],\"findings\":[]}" },
	{ "no name", "{\"steps\":[{\"state\":\"loaded\"}],\"findings\":[]}" },
	{ "unknown code",
	  "{\"steps\":[{\"module\":\"a\",\"state\":\"refused\",\"code\":\"x\"}],\"findings\":[]}" },
	{ "unknown finding", "{\"steps\":[],\"findings\":[{\"code\":\"x\"}]}" },
};

static void refuses_bad_json(void **state)
{
	const struct bad_row *row = *state;
	struct sp_load_result result = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(parse(row->text, &result, &err), -SP_ERR_FORMAT);
	assert_null(result.steps);
}

/* ---- depmod ---------------------------------------------------------------------- */

static void make_modules(struct machine *machine)
{
	char bytes[8192];
	int fd = open(SAMPLES "/sample.ko", O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, bytes, sizeof bytes);

	assert_true(len > 0 && len < (ssize_t)sizeof bytes);
	(void)close(fd);
	machine_init(machine);
	machine_write_bytes(machine, MODULES "/updates/sample.ko", bytes, (size_t)len);
}

static void indexes_modules(void **state)
{
	struct machine machine;
	struct sp_error err = SP_ERROR_INIT;
	struct stat st;

	(void)state;
	make_modules(&machine);
	assert_int_equal(sp_load_depmod(machine.dir, KERNEL, &err), 0);
	assert_int_equal(stat(machine_path(&machine, MODULES "/modules.alias.bin"), &st),
			 0);
	machine_done(&machine);
}

static void says_that_depmod_crashed(void **state)
{
	struct machine machine;
	struct sp_error err = SP_ERROR_INIT;
	const uint16_t index = 0; /* kmod #277 */
	int fd, r;

	(void)state;
	make_modules(&machine);
	fd = open(machine_path(&machine, MODULES "/updates/sample.ko"),
		  O_WRONLY | O_CLOEXEC);
	assert_int_equal(
		pwrite(fd, &index, sizeof index, offsetof(Elf64_Ehdr, e_shstrndx)),
		sizeof index);
	(void)close(fd);
	r = sp_load_depmod(machine.dir, KERNEL, &err);
	machine_done(&machine);
	if (r == 0) /* a kmod that has been mended passes it over */
		return;
	assert_int_equal(r, -SP_ERR_DAMAGED);
	assert_string_equal(err.text,
			    "a module of kernel '" KERNEL "' made depmod crash");
}

static void says_that_depmod_failed(void **state)
{
	struct machine machine;
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	machine_init(&machine);
	assert_int_equal(sp_load_depmod(machine.dir, "9.9.9", &err), -SP_ERR_LOAD);
	assert_non_null(strstr(err.text, "kernel '9.9.9'"));
	assert_int_equal(sp_load_depmod(machine.dir, "../x", &err), -SP_ERR_USAGE);
	assert_int_equal(sp_load_depmod(machine.dir, "-a", &err), -SP_ERR_USAGE);
	machine_done(&machine);
}

/* ---- loading and unloading, as far as it goes ------------------------------------- */

static void needs_an_index(void **state)
{
	SP_AUTO(sp_load_result_done) struct sp_load_result result = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_load_module("e1000e", "0.0.0-none", &result, &err),
			 -SP_ERR_LOAD);
	assert_string_equal(
		err.text,
		"loading module 'e1000e': there is no usable module index in '/lib/modules/0.0.0-none'");
}

static const struct unload_row {
	const char *name, *module, *refcnt;
	int outcome;
	const char *user;
} unload_rows[] = {
	{ "free", "m", "0\n", 0, NULL },
	{ "counted", "m", "2\n", SP_LOAD_IN_USE, "its count of users is 2" },
	{ "built in", "m", NULL, SP_LOAD_ABSENT, NULL },
	{ "a path", "../m", "0\n", SP_LOAD_ABSENT, NULL },
	{ "empty", "", "0\n", SP_LOAD_ABSENT, NULL },
};

static void asks_before_unloading(void **state)
{
	const struct unload_row *row = *state;
	struct machine machine;
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	SP_AUTO(sp_strv_done) struct sp_strv users = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	machine_init(&machine);
	machine_write(&machine, "sys/module/m/version", "1\n");
	if (row->refcnt)
		machine_write(&machine, "sys/module/m/refcnt", row->refcnt);
	assert_int_equal(sp_root_new(machine.dir, &root, &err), 0);
	assert_int_equal(sp_load_unload(root, row->module, &users, &err), row->outcome);
	assert_int_equal(users.n, row->user ? 1 : 0);
	if (row->user)
		assert_string_equal(users.items[0], row->user);
	machine_done(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(travels_as_json),
		cmocka_unit_test(indexes_modules),
		cmocka_unit_test(says_that_depmod_crashed),
		cmocka_unit_test(says_that_depmod_failed),
		cmocka_unit_test(needs_an_index),
	};
	int failed = table_run("answers", answer_rows, knows_the_kernels_answers);

	failed += table_run("clues", clue_rows, listens_to_the_log);
	failed += table_run("taint", taint_rows, tells_what_tainted_the_kernel);
	failed += table_run("json", bad_rows, refuses_bad_json);
	failed += table_run("unload", unload_rows, asks_before_unloading);
	return failed + cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
