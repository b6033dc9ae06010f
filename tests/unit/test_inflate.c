/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything inflated here was deflated by the real tools, while the test runs. */
#include "base/archive.h"

#include "base/text.h"
#include "support/made.h"

static const char make_blobs[] =
	"cd $1; seq 1 400 >plain; : >empty\n"
	"for f in plain empty; do gzip -nk $f; xz -k $f; zstd -qk $f; bzip2 -k $f; done\n"
	"head -c 6000000 /dev/zero >zeros; for c in gzip xz 'zstd -q' bzip2; do $c -k "
	"zeros; done; rm zeros\n"
	"cat plain.gz plain.gz >twice.gz";

struct blob_row {
	const char *name; /* the file */
	const char *plain;
	int garbage_result; /* with something behind it */
};

// clang-format off
static const struct blob_row blob_rows[] = {
	{ "plain.gz", "plain", -SP_ERR_FORMAT }, { "plain.xz", "plain", -SP_ERR_FORMAT },
	{ "plain.zst", "plain", -SP_ERR_FORMAT }, { "plain.bz2", "plain", -SP_ERR_FORMAT },
	{ "empty.gz", "empty", -SP_ERR_FORMAT }, { "empty.xz", "empty", -SP_ERR_FORMAT },
	{ "empty.zst", "empty", -SP_ERR_FORMAT }, { "empty.bz2", "empty", -SP_ERR_FORMAT },
	{ "plain", "plain", 0 }, { "empty", "empty", 0 },
};
// clang-format on

static int inflate(const char *bytes, size_t len, size_t max_bytes)
{
	SP_AUTO(sp_str_freep) char *out = NULL;
	struct sp_error err = SP_ERROR_INIT;
	size_t out_len;

	return sp_archive_inflate(bytes, len, max_bytes, 0, &out, &out_len, &err);
}

/* In pieces of any size it is the same, and the end stays the end. */
static void assert_pieces(const char *bytes, size_t len, const char *plain,
			  size_t plain_len)
{
	SP_AUTO(sp_inflater_freep) struct sp_inflater *inflater = NULL;
	struct sp_error err = SP_ERROR_INIT;
	char piece[777];
	size_t done = 0;
	ssize_t n;

	assert_int_equal(sp_inflater_new(bytes, len, LIMIT, 100, &inflater, &err), 0);
	while ((n = sp_inflater_read(inflater, piece, sizeof piece, &err)) > 0) {
		assert_true((size_t)n <= plain_len - done);
		assert_memory_equal(piece, plain + done, (size_t)n);
		done += (size_t)n;
	}
	assert_int_equal(n, 0);
	assert_int_equal(done, plain_len);
	assert_int_equal(sp_inflater_read(inflater, piece, sizeof piece, &err), 0);
}

static void inflates(void **state)
{
	const struct blob_row *row = *state;
	SP_AUTO(sp_str_freep) char *out = NULL;
	struct sp_error err = SP_ERROR_INIT;
	size_t len, plain_len, out_len;
	SP_AUTO(sp_str_freep) char *bytes = load(row->name, &len);
	SP_AUTO(sp_str_freep) char *plain = load(row->plain, &plain_len);
	SP_AUTO(sp_str_freep) char *longer = calloc(1, len + 16);

	assert_int_equal(sp_archive_inflate(bytes, len, LIMIT, 100, &out, &out_len, &err),
			 0);
	assert_int_equal(out_len, plain_len);
	assert_memory_equal(out, plain, plain_len + 1);
	assert_int_equal(inflate(bytes, len, plain_len), 0);
	if (plain_len > 0)
		assert_int_equal(inflate(bytes, len, plain_len - 1), -SP_ERR_LIMIT);
	assert_pieces(bytes, len, plain, plain_len);
	memcpy(longer, bytes, len);
	memcpy(longer + len, "something behind", 16);
	assert_int_equal(inflate(longer, len + 16, LIMIT), row->garbage_result);
}

/* Cut anywhere behind its magic it is refused; with a bit turned over it is refused
 * too, where the format can tell (few bits say nothing about the content). */
static void refuses_damage(void **state)
{
	static const char *const names[] = { "plain.gz", "plain.xz", "plain.zst",
					     "plain.bz2" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t len, accepted = 0;
		SP_AUTO(sp_str_freep) char *bytes = load(names[i], &len);

		for (size_t cut = 6; cut < len;
		     cut += cut < 40 || cut > len - 40 ? 1 : 7) {
			SP_AUTO(sp_str_freep) char *shorter = malloc(cut);

			memcpy(shorter, bytes, cut);
			assert_int_equal(inflate(shorter, cut, LIMIT), -SP_ERR_FORMAT);
		}
		for (size_t at = 12; at < len; at += 5) {
			bytes[at] = (char)(bytes[at] ^ 0x10);
			accepted += inflate(bytes, len, LIMIT) == 0;
			bytes[at] = (char)(bytes[at] ^ 0x10);
		}
		assert_true(accepted <= 2);
	}
}

static void refuses_bombs_by_ratio_and_by_size(void **state)
{
	static const char *const names[] = { "zeros.gz", "zeros.xz", "zeros.zst",
					     "zeros.bz2" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		SP_AUTO(sp_str_freep) char *out = NULL;
		struct sp_error err = SP_ERROR_INIT;
		size_t len, out_len;
		SP_AUTO(sp_str_freep) char *bytes = load(names[i], &len);

		assert_int_equal(sp_archive_inflate(bytes, len, 8000000, 100, &out,
						    &out_len, &err),
				 -SP_ERR_LIMIT);
		assert_int_equal(inflate(bytes, len, 5999999), -SP_ERR_LIMIT);
		assert_int_equal(inflate(bytes, len, 6000000), 0);
	}
}

static void refuses_gzip_of_two_members(void **state)
{
	size_t len;
	SP_AUTO(sp_str_freep) char *bytes = load("twice.gz", &len);

	(void)state;
	assert_int_equal(inflate(bytes, len, LIMIT), -SP_ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_damage),
		cmocka_unit_test(refuses_bombs_by_ratio_and_by_size),
		cmocka_unit_test(refuses_gzip_of_two_members),
	};
	int failed;

	if (made_open() || make(make_blobs))
		return 1;
	failed = table_run("archive: blobs", blob_rows, inflates);
	return failed + cmocka_run_group_tests_name("inflate", tests, NULL, made_close);
}
