/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "repo/digest.h"
#include "base/child.h"
#include "base/file.h"
#include "base/text.h"
#include "support/table.h"

#include <string.h>
#include <unistd.h>

static const struct row {
	const char *name, *program; /* of coreutils, asked for the right answer */
	enum sp_digest_kind kind;
	size_t len;
} rows[] = {
	// clang-format off
	{ "sha256 of nothing",     "/usr/bin/sha256sum", SP_DIGEST_SHA256, 0 },
	{ "sha256 of one byte",    "/usr/bin/sha256sum", SP_DIGEST_SHA256, 1 },
	{ "sha256 of a block - 1", "/usr/bin/sha256sum", SP_DIGEST_SHA256, 63 },
	{ "sha256 of a block",     "/usr/bin/sha256sum", SP_DIGEST_SHA256, 64 },
	{ "sha256 of one buffer",  "/usr/bin/sha256sum", SP_DIGEST_SHA256, 128 << 10 },
	{ "sha256 of more",        "/usr/bin/sha256sum", SP_DIGEST_SHA256, (1 << 20) + 7 },
	{ "md5",                   "/usr/bin/md5sum",    SP_DIGEST_MD5,    300001 },
	{ "sha384",                "/usr/bin/sha384sum", SP_DIGEST_SHA384, 300001 },
	{ "sha512",                "/usr/bin/sha512sum", SP_DIGEST_SHA512, 300001 },
	// clang-format on
};

static char *fill(size_t len)
{
	char *bytes = malloc(len + 1);
	unsigned x = 1;

	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++) {
		x = x * 1103515245u + 12345u;
		bytes[i] = (char)(x >> 16);
	}
	return bytes;
}

static char *ask_program(const char *program, int fd)
{
	SP_AUTO(sp_str_freep) char *path = NULL;
	const char *argv[] = { program, NULL, NULL };
	struct sp_child_result result = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	path = sp_text_format("/proc/%d/fd/%d", (int)getpid(), fd);
	argv[1] = path;
	assert_int_equal(sp_child_run(argv, NULL, 10000, &result, &err), 0);
	assert_int_equal(result.status, 0);
	result.output[strcspn(result.output, " ")] = '\0';
	return result.output;
}

static void agrees_with_coreutils(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_str_freep) char *bytes = fill(row->len);
	SP_AUTO(sp_str_freep) char *want = NULL;
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error err = SP_ERROR_INIT;
	char got[SP_DIGEST_HEX_SIZE] = "", one[65] = "";
	uint64_t n = 0;

	assert_int_equal(sp_file_sealed("test", bytes, row->len, &fd, &err), 0);
	want = ask_program(row->program, fd);
	assert_int_equal(lseek(fd, (off_t)row->len, SEEK_SET), row->len);
	assert_int_equal(sp_digest_fd(fd, row->kind, row->len, got, &n, &err), 0);
	assert_string_equal(got, want);
	assert_int_equal(n, row->len);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), row->len);
	assert_true(sp_digest_is_equal(got, want));
	if (row->kind != SP_DIGEST_SHA256)
		return;
	assert_int_equal(sp_digest_sha256_hex(bytes, row->len, one, &err), 0);
	assert_string_equal(one, want);
}

static void a_limit_holds(void **state)
{
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error err = SP_ERROR_INIT;
	char got[SP_DIGEST_HEX_SIZE];

	(void)state;
	assert_int_equal(sp_file_sealed("test", "1234", 4, &fd, &err), 0);
	assert_int_equal(sp_digest_fd(fd, SP_DIGEST_SHA256, 3, got, NULL, &err),
			 -SP_ERR_LIMIT);
	assert_int_equal(sp_digest_fd(fd, SP_DIGEST_SHA256, 4, got, NULL, &err), 0);
	assert_int_equal(sp_digest_fd(-1, SP_DIGEST_SHA256, 4, got, NULL, &err),
			 -SP_ERR_IO);
}

static void parts_make_the_whole(void **state)
{
	SP_AUTO(sp_digest_freep) struct sp_digest *digest = NULL;
	struct sp_error err = SP_ERROR_INIT;
	char got[SP_DIGEST_HEX_SIZE], want[65];

	(void)state;
	assert_int_equal(sp_digest_new(SP_DIGEST_SHA256, &digest, &err), 0);
	sp_digest_add(digest, "ab", 2);
	sp_digest_add(digest, "", 0);
	sp_digest_add(digest, "c", 1);
	assert_int_equal(sp_digest_take(digest, got, &err), 0);
	assert_int_equal(sp_digest_sha256_hex("abc", 3, want, &err), 0);
	assert_string_equal(got, want);
	assert_int_equal(sp_digest_take(digest, got, &err), -SP_ERR_INTERNAL);
}

static void names_are_those_of_metadata(void **state)
{
	enum sp_digest_kind kind = SP_DIGEST_MD5;

	(void)state;
	for (int k = SP_DIGEST_MD5; k <= SP_DIGEST_SHA512; k++) {
		const char *name = sp_digest_kind_name((enum sp_digest_kind)k);

		assert_true(sp_digest_kind_parse(name, &kind));
		assert_int_equal(kind, k);
	}
	assert_false(sp_digest_kind_parse("sha1", &kind));
	assert_false(sp_digest_kind_parse("sha", &kind));
	assert_false(sp_digest_is_equal("ab", NULL));
	assert_false(sp_digest_is_equal("", ""));
	assert_true(sp_digest_is_equal("ab", "AB"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_holds),
		cmocka_unit_test(parts_make_the_whole),
		cmocka_unit_test(names_are_those_of_metadata),
	};

	return table_run("digest", rows, agrees_with_coreutils) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
