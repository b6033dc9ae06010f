/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What repomd.xml may say of a file, and whether bytes are that file. */
#include "repo/repomd.h"
#include "support/table.h"

#include <string.h>

#define SHA256 \
	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" /* "abc" */
#define DATA(type, rest) "<data type='" type "'>" rest "</data>"
#define HREF "<location href='repodata/p'/>"
#define SUM "<checksum type='sha256'>" SHA256 "</checksum>"
#define PRIMARY(rest) "<repomd>" DATA("primary", rest) "</repomd>"

static const struct row {
	const char *name, *text;
	const char *want; /* words of the refusal; NULL: it is read */
} rows[] = {
	// clang-format off
	{ "a file", PRIMARY(HREF SUM), NULL },
	{ "with its size", PRIMARY(HREF SUM "<size>3</size>"), NULL },
	{ "of no size", PRIMARY(HREF SUM "<size>0</size>"), NULL },
	{ "capital digits", PRIMARY(HREF "<checksum type='sha256'>BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD</checksum>"), NULL },
	{ "an empty size", PRIMARY(HREF SUM "<size></size>"), "the size of 'repodata/p' is none" },
	{ "a size with a sign", PRIMARY(HREF SUM "<size>+3</size>"), "size" },
	{ "a size below zero", PRIMARY(HREF SUM "<size>-3</size>"), "size" },
	{ "a size with a unit", PRIMARY(HREF SUM "<size>3k</size>"), "size" },
	{ "a size in hexadecimal", PRIMARY(HREF SUM "<size>0x3</size>"), "size" },
	{ "a size beyond 64 bits", PRIMARY(HREF SUM "<size>18446744073709551616</size>"), "size" },
	{ "no digest", PRIMARY(HREF), "has no checksum" },
	{ "a digest without kind", PRIMARY(HREF "<checksum>" SHA256 "</checksum>"), "has no checksum" },
	{ "md5", PRIMARY(HREF "<checksum type='md5'>900150983cd24fb0d6963f7d28e17f72</checksum>"), "'md5', which proves nothing" },
	{ "sha1", PRIMARY(HREF "<checksum type='sha'>a9993e364706816aba3e25717850c26c9cd0d89d</checksum>"), "'sha', which proves nothing" },
	{ "a digit too few", PRIMARY(HREF "<checksum type='sha256'>a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad</checksum>"), "the checksum of 'repodata/p' is none" },
	{ "a digit too many", PRIMARY(HREF "<checksum type='sha256'>0" SHA256 "</checksum>"), "is none" },
	{ "other digits", PRIMARY(HREF "<checksum type='sha256'>ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad</checksum>"), "is none" },
	{ "sha512 of 64 digits", PRIMARY(HREF "<checksum type='sha512'>" SHA256 "</checksum>"), "is none" },
	{ "no digits", PRIMARY(HREF "<checksum type='sha256'></checksum>"), "is none" },
	{ "no path", PRIMARY(SUM), "'primary' has no location" },
	{ "a path without value", PRIMARY("<location/>" SUM), "'primary' has no location" },
	{ "a path that climbs", PRIMARY("<location href='../p'/>" SUM), "'../p' leads out" },
	{ "an absolute path", PRIMARY("<location href='/p'/>" SUM), "'/p' leads out" },
	{ "two of a kind", "<repomd>" DATA("primary", HREF SUM) DATA("primary", HREF SUM) "</repomd>", "two of 'primary'" },
	{ "another without kind", "<repomd><data/>" DATA("primary", HREF SUM) "</repomd>", NULL },
	{ "a bad one of no interest", "<repomd>" DATA("other", "<location href='/'/>") DATA("primary", HREF SUM) "</repomd>", NULL },
	{ "groups and compressed ones", "<repomd>" DATA("group", HREF SUM) DATA("group_gz", "x") DATA("primary", HREF SUM) "</repomd>", NULL },
	{ "no primary", "<repomd>" DATA("filelists", HREF SUM) "</repomd>", "names no list of packages" },
	{ "nothing", "<repomd/>", "names no list of packages" },
	{ "another document", "<metadata>" DATA("primary", HREF SUM) "</metadata>", "begins with <metadata>" },
	// clang-format on
};

static void is_read_as_table_says(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_repomd_done) struct sp_repomd repomd = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	const char *code = NULL;
	int r = sp_repomd_parse(row->text, strlen(row->text), &repomd, &code, &err);

	if (!row->want) {
		assert_int_equal(r, 0);
		assert_string_equal(repomd.files[SP_REPOMD_PRIMARY].path, "repodata/p");
		return;
	}
	assert_int_equal(r, -SP_ERR_FORMAT);
	if (!strstr(err.text, row->want))
		fail_msg("%s", err.text);
	assert_int_equal(code != NULL, strstr(row->want, "leads out") != NULL);
	/* A caller that does not ask for the code is told no less. */
	assert_int_equal(
		sp_repomd_parse(row->text, strlen(row->text), &repomd, NULL, &err),
		-SP_ERR_FORMAT);
}

/* ---- is it the file -------------------------------------------------------------- */

static const struct file_row {
	const char *name, *digest;
	uint64_t size;
	const char *bytes;
	const char *want;
} files[] = {
	// clang-format off
	{ "it is", SHA256, 3, "abc", NULL },
	{ "it is, of no size", SHA256, 0, "abc", NULL },
	{ "larger", SHA256, 2, "abc", "has 3 bytes and should have 2" },
	{ "smaller", SHA256, 4, "abc", "has 3 bytes and should have 4" },
	{ "another", SHA256, 3, "abd", "not the file that repomd.xml names" },
	{ "another, of no size", SHA256, 0, "abcd", "not the file that repomd.xml names" },
	{ "nothing", SHA256, 0, "", "not the file that repomd.xml names" },
	{ "no digest to compare with", "", 3, "abc", "not the file that repomd.xml names" },
	// clang-format on
};

static void is_the_file(void **state)
{
	const struct file_row *row = *state;
	struct sp_repomd_file file = { .digest_kind = SP_DIGEST_SHA256,
				       .size_bytes = row->size };
	struct sp_error err = SP_ERROR_INIT;
	int r;

	memcpy(file.digest, row->digest, strlen(row->digest) + 1);
	r = sp_repomd_check(&file, row->bytes, strlen(row->bytes), &err);
	assert_int_equal(r, row->want ? -SP_ERR_DAMAGED : 0);
	if (row->want)
		assert_non_null(strstr(err.text, row->want));
}

int main(void)
{
	return table_run("repomd", rows, is_read_as_table_says) +
	       table_run("files", files, is_the_file);
}
