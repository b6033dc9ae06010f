/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files with the outline of an RPM, some of which do not tell the truth about where its
 * parts end: what is kept, and which bytes each digest is made of. */
#include "repo/intake.h"
#include "repo/limits.h"
#include "repo/tree.h"
#include "support/table.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LEAD = 96, INTRO = 16, TAG = 16, MIB = 1 << 20 };

#define P(n_tags, n_data)                          \
	{                                          \
		.tags = (n_tags), .data = (n_data) \
	}
/* "Its own": the right one. */
#define OWN "own"
#define WRONG_SHA256 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* One header of the file: what its first bytes say, and what follows them. */
struct part {
	uint32_t tags, data; /* as it says */
	uint32_t bytes;      /* that are there behind the intro; 0: as many as it says */
	bool no_magic;
};

static const struct row {
	const char *name;
	struct part signatures, header;
	size_t payload; /* bytes */
	size_t cut;     /* the file ends here; 0: it does not */

	bool no_rpm; /* what is wished for is just a file */
	bool keep_all;
	int64_t size; /* wished for, this far from the right one */
	bool any_size;
	const char *digest; /* wished for; NULL: any */
	enum sp_digest_kind kind;
	uint64_t cancel_at;

	int want;         /* 0, or -code */
	const char *text; /* part of what is said */
	bool want_all;
} rows[] = {
	// clang-format off
	{ "an RPM", P(2, 40), P(3, 50), .payload = 1000 },
	{ "kept whole", P(2, 40), P(3, 50), .payload = 1000, .keep_all = true, .want_all = true },
	{ "signatures that need no padding", P(2, 48), P(3, 50), .payload = 1000 },
	{ "signatures that need the most", P(2, 41), P(3, 50), .payload = 1000 },
	{ "no signatures", P(0, 0), P(3, 50), .payload = 1000 },
	{ "an empty header", P(0, 0), P(0, 0), .payload = 1000 },
	{ "no payload", P(2, 40), P(3, 50), .payload = 0, .want_all = true },
	{ "larger than one read", P(2, 40), P(3, 50), .payload = 200000 },
	{ "headers larger than one read", P(100, 100000), P(200, 150000), .payload = 200000 },
	{ "more than is kept", P(2, 40), P(3, 50), .payload = 33 * MIB, .keep_all = true },
	{ "as much as is kept", P(0, 0), P(0, 0), .payload = SP_LIMIT_KEPT_BYTES - LEAD - 2 * INTRO,
	  .keep_all = true, .want_all = true },

	{ "sha256 is right", P(2, 40), P(3, 50), .payload = 1000, .digest = OWN, .kind = SP_DIGEST_SHA256 },
	{ "sha384 is right", P(2, 40), P(3, 50), .payload = 1000, .digest = OWN, .kind = SP_DIGEST_SHA384 },
	{ "sha512 is right", P(2, 40), P(3, 50), .payload = 1000, .digest = OWN, .kind = SP_DIGEST_SHA512 },
	{ "md5 is right", P(2, 40), P(3, 50), .payload = 1000, .digest = OWN, .kind = SP_DIGEST_MD5 },
	{ "sha256 is wrong", P(2, 40), P(3, 50), .payload = 1000, .digest = WRONG_SHA256,
	  .want = -SP_ERR_DAMAGED, .text = "digest" },
	{ "of no known kind", P(2, 40), P(3, 50), .payload = 1000, .digest = "0123",
	  .want = -SP_ERR_DAMAGED, .text = "digest" },
	{ "no digest at all", P(2, 40), P(3, 50), .payload = 1000, .digest = "",
	  .want = -SP_ERR_DAMAGED, .text = "digest" },
	{ "one byte short", P(2, 40), P(3, 50), .payload = 1000, .size = 1, .want = -SP_ERR_DAMAGED,
	  .text = "should have" },
	{ "one byte long", P(2, 40), P(3, 50), .payload = 1000, .size = -1, .want = -SP_ERR_DAMAGED,
	  .text = "longer" },
	{ "far too long is noticed at once", P(2, 40), P(3, 50), .payload = 40 * MIB, .size = -40 * MIB,
	  .want = -SP_ERR_DAMAGED, .text = "longer" },
	{ "of any size", P(2, 40), P(3, 50), .payload = 1000, .any_size = true },
	{ "a wrong digest counts before what it is", { .no_magic = true }, P(0, 0), .payload = 10,
	  .digest = WRONG_SHA256, .want = -SP_ERR_DAMAGED, .text = "digest" },

	{ "an empty file", P(0, 0), P(0, 0), .payload = 0, .cut = 1, .any_size = true,
	  .want = -SP_ERR_FORMAT },
	{ "a lead alone", P(0, 0), P(0, 0), .payload = 0, .cut = LEAD, .want = -SP_ERR_FORMAT },
	{ "cut in the first intro", P(0, 0), P(0, 0), .payload = 0, .cut = LEAD + 15,
	  .want = -SP_ERR_FORMAT },
	{ "cut in the signatures", P(2, 40), P(3, 50), .payload = 0, .cut = LEAD + INTRO + 20,
	  .want = -SP_ERR_FORMAT },
	{ "cut in the header's intro", P(2, 40), P(3, 50), .payload = 0,
	  .cut = LEAD + INTRO + 72 + 15, .want = -SP_ERR_FORMAT },
	{ "cut in the header's tags", P(2, 40), P(3, 50), .payload = 0, .cut = LEAD + INTRO + 72 + INTRO + 8,
	  .want = -SP_ERR_FORMAT, .text = "within its header" },
	{ "the header lacks its last byte", P(2, 40), P(3, 50), .payload = 0,
	  .cut = LEAD + INTRO + 72 + INTRO + 98 - 1, .want = -SP_ERR_FORMAT, .text = "within its header" },
	{ "the signatures are none", { .tags = 2, .data = 40, .no_magic = true }, P(3, 50), .payload = 1000,
	  .want = -SP_ERR_FORMAT },
	{ "the header is none", P(2, 40), { .tags = 3, .data = 50, .no_magic = true }, .payload = 1000,
	  .want = -SP_ERR_FORMAT },
	{ "signatures larger than any", { .tags = 0, .data = SP_LIMIT_HEADER_BYTES, .bytes = 8 }, P(0, 0), .payload = 9,
	  .want = -SP_ERR_LIMIT, .text = "header" },
	{ "a header larger than any", P(2, 40), { .tags = 0, .data = SP_LIMIT_HEADER_BYTES, .bytes = 8 }, .payload = 9,
	  .want = -SP_ERR_LIMIT, .text = "header" },
	{ "both together are", P(0, SP_LIMIT_HEADER_BYTES / 2), { .tags = 0, .data = SP_LIMIT_HEADER_BYTES / 2, .bytes = 8 }, .payload = 9,
	  .want = -SP_ERR_LIMIT, .text = "header" },
	{ "more tags than any", { .tags = UINT32_MAX, .data = 0, .bytes = 8 }, P(0, 0), .payload = 9,
	  .want = -SP_ERR_LIMIT, .text = "header" },
	{ "sizes that overflow 32 bits", { .tags = 0x10000000, .data = 0x10, .bytes = 8 }, P(0, 0), .payload = 9,
	  .want = -SP_ERR_LIMIT, .text = "header" },
	{ "all that can be said", { .tags = UINT32_MAX, .data = UINT32_MAX, .bytes = 8 }, P(0, 0), .payload = 9,
	  .want = -SP_ERR_LIMIT, .text = "header" },

	{ "no RPM is wished for", { .no_magic = true }, P(0, 0), .payload = 1000, .no_rpm = true },
	{ "nor one, and all of it", { .no_magic = true }, P(0, 0), .payload = 1000, .no_rpm = true,
	  .keep_all = true, .want_all = true },
	{ "an empty file may be", P(0, 0), P(0, 0), .payload = 0, .cut = 1, .any_size = true,
	  .no_rpm = true, .want_all = true },
	{ "cancelled", P(2, 40), P(3, 50), .payload = 10 * MIB, .cancel_at = 4 * MIB,
	  .want = -SP_ERR_CANCELLED },
	{ "cancelled too late", P(2, 40), P(3, 50), .payload = 1000, .cancel_at = 4 * MIB },
	// clang-format on
};

/* ---- the file --------------------------------------------------------------------- */

struct file {
	unsigned char *bytes;
	size_t len, header_at, payload_at;
};

static void file_done(struct file *file)
{
	free(file->bytes);
}

static void put_number(unsigned char *at, uint32_t number)
{
	number = __builtin_bswap32(number);
	memcpy(at, &number, sizeof number);
}

static size_t part_bytes(const struct part *part)
{
	return INTRO +
	       (part->bytes ? part->bytes : (size_t)TAG * part->tags + part->data);
}

static void put_part(unsigned char *at, const struct part *part)
{
	static const unsigned char magic[] = { 0x8e, 0xad, 0xe8, 0x01 };

	memset(at, 0, INTRO);
	if (!part->no_magic)
		memcpy(at, magic, sizeof magic);
	put_number(at + 8, part->tags);
	put_number(at + 12, part->data);
}

static void make_file(const struct row *row, struct file *file)
{
	size_t padded = (LEAD + part_bytes(&row->signatures) + 7) / 8 * 8;

	file->header_at = padded;
	file->payload_at = padded + part_bytes(&row->header);
	file->len = file->payload_at + row->payload;
	file->bytes = malloc(file->len);
	assert_non_null(file->bytes);
	for (size_t i = 0; i < file->len; i++)
		file->bytes[i] = (unsigned char)(i * 31 + i / 251);
	put_part(file->bytes + LEAD, &row->signatures);
	put_part(file->bytes + file->header_at, &row->header);
	if (row->cut)
		file->len = row->cut == 1 ? 0 : row->cut;
}

static void digest_of(enum sp_digest_kind kind, const unsigned char *bytes, size_t len,
		      char hex[SP_DIGEST_HEX_SIZE])
{
	struct sp_digest *digest = NULL;
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_digest_new(kind, &digest, &err), 0);
	sp_digest_add(digest, bytes, len);
	assert_int_equal(sp_digest_take(digest, hex, &err), 0);
	sp_digest_free(digest);
}

/* ---- taking it in ------------------------------------------------------------------ */

struct visit {
	const struct sp_intake_wish *wish;
	struct sp_intake intake;
	struct sp_error err;
	int result;
};

static int take(void *user, size_t index, struct sp_tree_stream *stream,
		struct sp_error *err)
{
	struct visit *visit = user;

	(void)index;
	(void)err;
	visit->result = sp_intake_take(stream, visit->wish, &visit->intake, &visit->err);
	return 0;
}

static void run(const struct file *file, struct visit *visit)
{
	static const char *const paths[] = { "x.rpm" };
	struct sp_tree *tree = NULL;
	struct sp_error err = SP_ERROR_INIT;
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(write(fd, file->bytes, file->len), file->len);
	assert_int_equal(sp_tree_open_file(fd, paths[0], &tree, &err), 0);
	visit->result = 1;
	assert_int_equal(sp_tree_visit(tree, paths, 1, take, visit, &err), 0);
	sp_tree_free(tree);
	(void)close(fd);
}

static int cancel(void *user, uint64_t bytes)
{
	const struct row *row = user;

	return row->cancel_at && bytes >= row->cancel_at;
}

/* ---- what came in ------------------------------------------------------------------- */

static void expect_kept(const struct row *row, const struct file *file,
			const struct sp_intake *intake)
{
	size_t wanted = row->keep_all ? SP_LIMIT_KEPT_BYTES
			: row->no_rpm ? 0
				      : file->payload_at;
	size_t want = wanted < file->len ? wanted : file->len;
	off_t len = lseek(intake->fd, 0, SEEK_END);
	unsigned char *kept = malloc(want + 1);

	assert_int_equal(len, want);
	assert_int_equal(pread(intake->fd, kept, want, 0), want);
	assert_memory_equal(kept, file->bytes, want);
	free(kept);
	assert_int_equal(intake->has_all, row->want_all);
}

static void expect_digests(const struct row *row, const struct file *file,
			   const struct sp_intake *intake)
{
	char hex[SP_DIGEST_HEX_SIZE];

	digest_of(SP_DIGEST_SHA256, file->bytes, file->len, hex);
	assert_string_equal(intake->sha256, hex);
	digest_of(row->digest ? row->kind : SP_DIGEST_SHA256, file->bytes, file->len,
		  hex);
	assert_string_equal(intake->digest, hex);
	if (row->no_rpm)
		return;
	digest_of(SP_DIGEST_MD5, file->bytes + file->header_at,
		  file->len - file->header_at, hex);
	assert_string_equal(intake->body_md5, hex);
	digest_of(SP_DIGEST_SHA256, file->bytes + file->payload_at,
		  file->len - file->payload_at, hex);
	assert_string_equal(intake->payload_sha256, hex);
}

static void expect(const struct row *row, const struct file *file, struct visit *visit)
{
	if (visit->result != row->want)
		fail_msg("%d (%s), not %d", visit->result, visit->err.text, row->want);
	if (row->text && !strstr(visit->err.text, row->text))
		fail_msg("'%s' does not say '%s'", visit->err.text, row->text);
	if (row->want < 0)
		return;
	assert_int_equal(visit->intake.size_bytes, file->len);
	assert_int_equal(visit->intake.header_at, row->no_rpm ? 0 : file->header_at);
	assert_int_equal(visit->intake.payload_at, row->no_rpm ? 0 : file->payload_at);
	expect_kept(row, file, &visit->intake);
	expect_digests(row, file, &visit->intake);
}

static void takes_in_as_table_says(void **state)
{
	const struct row *row = *state;
	struct file file = { 0 };
	char own[SP_DIGEST_HEX_SIZE];
	struct sp_intake_wish wish = {
		.digest = row->digest,
		.is_rpm = !row->no_rpm,
		.keep_all = row->keep_all,
		.own_digests = true,
		.progress = cancel,
		.user = (void *)(uintptr_t)row,
	};
	struct visit visit = { .wish = &wish };

	make_file(row, &file);
	if (row->digest && strcmp(row->digest, OWN) == 0) {
		digest_of(row->kind, file.bytes, file.len, own);
		wish.digest = own;
	}
	if (!row->any_size)
		wish.size_bytes = (uint64_t)((int64_t)file.len + row->size);
	run(&file, &visit);
	expect(row, &file, &visit);
	sp_intake_done(&visit.intake);
	file_done(&file);
}

int main(void)
{
	return table_run("intake", rows, takes_in_as_table_says);
}
