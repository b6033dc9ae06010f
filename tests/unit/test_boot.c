/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "installer-plugin/boot.h"
#include "support/table.h"

#include <string.h>

static const struct row {
	const char *name, *text;
	const char *extrarepo, *blacklist,
		*extramodules; /* joined with blanks; NULL: "" */
	bool onecd, accepts_unsigned;
	const char *key;
	const char *want_error; /* a part of it; NULL: none */
} rows[] = {
	// clang-format off
	{ "empty", .text = "" },
	{ "nothing of ours", .text = "ro quiet console=ttyS0 onecdx xonecd extrarepox=y init=/sbin/init\n" },
	{ "one repository", "extrarepo=http://boot/a", .extrarepo = "http://boot/a" },
	{ "two, one with a comma", "extrarepo=http://boot/a,b ro extrarepo=nfs://s/p",
	  .extrarepo = "http://boot/a,b nfs://s/p" },
	{ "an '=' in it", "extrarepo=http://boot/?a=b", .extrarepo = "http://boot/?a=b" },
	{ "quoted whole", "\"extrarepo=/a b\" onecd", .extrarepo = "/a b", .onecd = true },
	{ "quoted in part", "extrarepo=\"/a b\"", .extrarepo = "/a b" },
	{ "a quote that nobody closes", "extrarepo=\"/a b", .extrarepo = "/a b" },
	{ "no value", .text = "extrarepo= blacklist= extramodules=, suppack.accept=" },
	{ "only one disc", "ro onecd quiet", .onecd = true },
	{ "modules", "blacklist=a,b extramodules=c,,d modprobe.blacklist=e",
	  .blacklist = "a b e", .extramodules = "c d" },
	{ "trust", "suppack.accept=unsigned,key=0123456789ABCDEF0123456789ABCDEF01234567",
	  .accepts_unsigned = true, .key = "0123456789ABCDEF0123456789ABCDEF01234567" },
	{ "trust nobody can give", "suppack.accept=damaged",
	  .want_error = "kernel command line, 'suppack.accept': 'damaged'" },
	// clang-format on
};

static void assert_list(const struct sp_strv *list, const char *want)
{
	SP_AUTO(sp_str_freep) char *joined = sp_strv_join(list, " ");

	assert_string_equal(joined, want ? want : "");
}

static void is_read_as_table_says(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_boot_done) struct sp_boot boot = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int r = sp_boot_parse(row->text, &boot, &err);

	if (row->want_error) {
		assert_int_equal(r, -SP_ERR_USAGE);
		assert_non_null(strstr(err.text, row->want_error));
		return;
	}
	assert_int_equal(r, 0);
	assert_list(&boot.extrarepo, row->extrarepo);
	assert_list(&boot.blacklist, row->blacklist);
	assert_list(&boot.extramodules, row->extramodules);
	assert_list(&boot.accept.keys, row->key);
	assert_int_equal(boot.onecd, row->onecd);
	assert_int_equal(boot.accept.unsigned_, row->accepts_unsigned);
}

int main(void)
{
	return table_run("boot", rows, is_read_as_table_says);
}
