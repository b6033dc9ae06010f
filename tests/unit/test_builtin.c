/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/builtin.h"

#include "base/module.h"
#include "support/table.h"

#include <stdlib.h>
#include <string.h>

static void knows_its_files(void **state)
{
	static const struct {
		const char *path, *kernel; /* NULL: none of them */
	} rows[] = {
		{ "lib/modules/6.6.9+1/modules.builtin", "6.6.9+1" },
		{ "/lib/modules/6.6.9+1/modules.builtin.modinfo", "6.6.9+1" },
		{ "/usr/lib/modules/4.19.0+1/modules.builtin", "4.19.0+1" },
		{ "lib/modules/6.6.9+1/modules.builtin.bin", NULL },
		{ "lib/modules/6.6.9+1/kernel/modules.builtin", NULL },
		{ "lib/modules//modules.builtin", NULL },
		{ "lib/modules/modules.builtin", NULL },
		{ "etc/modules.builtin", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		SP_AUTO(sp_str_freep) char *kernel = NULL;

		assert_int_equal(sp_builtin_is_file(rows[i].path, &kernel),
				 rows[i].kernel != NULL);
		if (rows[i].kernel)
			assert_string_equal(kernel, rows[i].kernel);
		assert_int_equal(sp_builtin_is_file(rows[i].path, NULL),
				 rows[i].kernel != NULL);
	}
}

static void reads_names(void **state)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	SP_AUTO(sp_str_freep) char *all = NULL;
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_builtin_read_names("kernel/drivers/ata/ahci.ko\n\n"
					       "kernel/drivers/x/no-module.txt\n"
					       "kernel/sound/snd-hda-intel.ko",
					       &names, &err),
			 0);
	all = sp_strv_join(&names, " ");
	assert_string_equal(all, "ahci snd_hda_intel");
}

static const struct row {
	const char *name, *bytes;
	size_t len;
	const char *want; /* "module alias alias, module alias" */
} rows[] = {
#define BYTES(text) (text), sizeof(text) - 1
	// clang-format off
	{ "aliases of several", BYTES("ahci.license=GPL\0ahci.alias=pci:a\0ahci.alias=pci:b\0"
				      "ahci.file=drivers/ata/ahci\0nvme.alias=pci:c\0"),
	  "ahci pci:a pci:b, nvme pci:c" },
	{ "none", BYTES("ext4.license=GPL\0ext4.softdep=pre: crc32c\0"), "" },
	{ "empty", BYTES(""), "" },
	{ "cut off", BYTES("ahci.alias=pci:a\0nvme.alias=pc"), "ahci pci:a" },
	{ "no name", BYTES(".alias=pci:a\0alias=pci:b\0"), "" },
	{ "not one word", BYTES("x.alias=pci:a y\0x.alias=pci:a\nalias pci:* y\0x.alias=\xff\0"), "" },
	{ "other keys that look like it", BYTES("x.aliases=pci:a\0x.noalias=pci:a\0"), "" },
	// clang-format on
};

static void reads_aliases(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_module_list_done) struct sp_module_list modules = { 0 };
	SP_AUTO(sp_strbuf_done) struct sp_strbuf got = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(
		sp_builtin_read_aliases(row->bytes, row->len, "lib/x", &modules, &err),
		0);
	for (size_t i = 0; i < modules.n; i++) {
		SP_AUTO(sp_str_freep)
		char *aliases = sp_strv_join(&modules.items[i].aliases, " ");

		assert_string_equal(modules.items[i].path, "lib/x");
		sp_strbuf_add(&got, "%s%s %s", i ? ", " : "", modules.items[i].name,
			      aliases);
	}
	assert_string_equal(got.text ? got.text : "", row->want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_its_files),
		cmocka_unit_test(reads_names),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return table_run("builtin", rows, reads_aliases) + failed;
}
