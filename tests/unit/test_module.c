/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/module.h"

#include "base/json.h"
#include "support/table.h"

#include <stdlib.h>
#include <string.h>

struct row {
	const char *name; /* the path */
	const char *kernel, *module;
};

// clang-format off
static const struct row rows[] = {
	{ "lib/modules/4.19.0+1/updates/e1000e.ko.xz", "4.19.0+1", "e1000e" },
	{ "/lib/modules/4.19.0+1/updates/snd-hda-intel.ko", "4.19.0+1", "snd_hda_intel" },
	{ "./usr/lib/modules/6.1.0/kernel/a/b/c.ko.gz", "6.1.0", "c" },
	{ "/usr/lib/modules/6.1.0/x.ko.zst", "6.1.0", "x" },
	{ "./lib/modules/k/x.ko.bz2", "k", "x" },
	{ "lib/modules/k/a.b.ko", "k", "a.b" },
	{ "lib/modules/x.ko", NULL, NULL },
	{ "lib/modules/k/.ko", NULL, NULL },
	{ "lib/modules/k/x.ko.debug", NULL, NULL },
	{ "lib/modules/k/x.kob", NULL, NULL },
	{ "lib/modules/k/modules.dep", NULL, NULL },
	{ "lib/modules/../x.ko", NULL, NULL },
	{ "lib/modules/k/../x.ko", NULL, NULL },
	{ "lib/modules//x.ko", NULL, NULL },
	{ "lib/firmware/k/x.ko", NULL, NULL },
	{ "opt/lib/modules/k/x.ko", NULL, NULL },
	{ "x.ko", NULL, NULL },
	{ "", NULL, NULL },
};
// clang-format on

static void splits(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_str_freep) char *kernel = NULL;
	SP_AUTO(sp_str_freep) char *name = NULL;

	assert_int_equal(sp_module_path_split(row->name, &kernel, &name), !!row->kernel);
	assert_int_equal(sp_module_path_split(row->name, NULL, NULL), !!row->kernel);
	if (!row->kernel) {
		assert_null(kernel);
		assert_null(name);
		return;
	}
	assert_string_equal(kernel, row->kernel);
	assert_string_equal(name, row->module);
}

static const char whole[] =
	"{\"name\":\"e1000e\",\"path\":\"lib/modules/k/e1000e.ko\",\"kernel\":\"k\","
	"\"version\":null,\"srcversion\":\"ABC\",\"vermagic\":\"k SMP \","
	"\"aliases\":[\"pci:v*\",\"pci:w*\"],\"depends\":[\"ptp\"],\"softdeps\":[],"
	"\"firmware\":[\"x.bin\"],\"signed\":true,\"package\":3,"
	"\"symvers\":[\"0000001f printk\",\"deadbeef kfree\"]}";

static struct json_object *parsed(const char *text)
{
	struct sp_error err = SP_ERROR_INIT;
	struct json_object *json = NULL;

	assert_int_equal(sp_json_parse(text, strlen(text), &json, &err), 0);
	return json;
}

static void survives_json(void **state)
{
	SP_AUTO(sp_json_freep) struct json_object *json = parsed(whole);
	SP_AUTO(sp_json_freep) struct json_object *again = NULL;
	SP_AUTO(sp_json_freep) struct json_object *shorter = NULL;
	SP_AUTO(sp_str_freep) char *text = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct sp_module module = { 0 };

	(void)state;
	assert_int_equal(sp_module_from_json(json, &module, &err), 0);
	assert_string_equal(module.name, "e1000e");
	assert_null(module.version);
	assert_int_equal(module.n_symvers, 2);
	assert_int_equal(module.symvers[1].crc, 0xdeadbeef);
	assert_string_equal(module.symvers[1].name, "kfree");
	assert_int_equal(module.package, 3);
	assert_true(module.has_signature);
	again = sp_module_to_json(&module, true);
	text = sp_json_print(again, false);
	assert_string_equal(text, whole);
	shorter = sp_module_to_json(&module, false);
	assert_null(sp_json_get(shorter, "symvers"));
	sp_module_done(&module);
	assert_null(module.name);
}

struct bad_row {
	const char *name; /* the JSON */
};

// clang-format off
static const struct bad_row bad_rows[] = {
	{ "{}" }, { "[]" }, { "{\"name\":\"\"}" }, { "{\"name\":7}" },
	{ "{\"name\":\"x\",\"package\":-1}" },
	{ "{\"name\":\"x\",\"symvers\":[\"printk\"]}" },
	{ "{\"name\":\"x\",\"symvers\":[\"0000001f\"]}" },
	{ "{\"name\":\"x\",\"symvers\":[\"0000001f \"]}" },
	{ "{\"name\":\"x\",\"symvers\":[\"-000001f a\"]}" },
	{ "{\"name\":\"x\",\"symvers\":[\"0000000001f a\"]}" },
	{ "{\"name\":\"x\",\"symvers\":[\"0000001f a\",7]}" },
};
// clang-format on

static void refuses(void **state)
{
	const struct bad_row *row = *state;
	SP_AUTO(sp_json_freep) struct json_object *json = parsed(row->name);
	struct sp_error err = SP_ERROR_INIT;
	struct sp_module module = { .package = 42 };

	assert_int_equal(sp_module_from_json(json, &module, &err), -SP_ERR_FORMAT);
	assert_int_equal(module.package, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(survives_json),
	};
	int failed = table_run("module: paths", rows, splits);

	failed += table_run("module: refused", bad_rows, refuses);
	return failed + cmocka_run_group_tests_name("module", tests, NULL, NULL);
}
