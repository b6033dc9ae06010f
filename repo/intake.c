/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A medium can be exchanged between two looks at it, so there is one look: digests and
 * what will be parsed come from the same read. */
#include "repo/intake.h"

#include "base/file.h"
#include "repo/limits.h"
#include "repo/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	STEP_BYTES = 64 << 10,
	TELL_BYTES = 1 << 20,
	LEAD_BYTES = 96,
	INTRO_BYTES = 16, /* magic, version, reserved, number of tags, bytes of data */
	TAG_BYTES = 16,
};

/* Digests beside that of the whole file.  They begin where they are to. */
struct part {
	uint64_t from; /* UINT64_MAX: not known yet */
	struct sp_digest *digest;
};

struct taking {
	const struct sp_intake_wish *wish;
	struct sp_intake *intake;
	uint64_t keep; /* so many bytes are kept */
	uint64_t kept;
	bool is_sound; /* an RPM, so far */
	struct sp_digest *sha256, *wished;
	struct part header, payload;
};

void sp_intake_done(struct sp_intake *intake)
{
	if (intake->fd > 0)
		(void)close(intake->fd);
	*intake = (struct sp_intake){ 0 };
}

static void taking_done(struct taking *taking)
{
	sp_digest_free(taking->sha256);
	sp_digest_free(taking->wished);
	sp_digest_free(taking->header.digest);
	sp_digest_free(taking->payload.digest);
}

/* ---- where the headers end ------------------------------------------------- */

/* The size of the header whose first bytes are @intro; 0 if they are none's. */
static uint64_t header_bytes(const unsigned char intro[INTRO_BYTES])
{
	static const unsigned char magic[] = { 0x8e, 0xad, 0xe8, 0x01 };
	uint32_t tags, data;

	if (memcmp(intro, magic, sizeof magic) != 0)
		return 0;
	memcpy(&tags, intro + 8, sizeof tags);
	memcpy(&data, intro + 12, sizeof data);
	return INTRO_BYTES + (uint64_t)TAG_BYTES * __builtin_bswap32(tags) +
	       __builtin_bswap32(data);
}

static bool read_intro(const struct taking *taking, uint64_t at,
		       unsigned char ret_intro[INTRO_BYTES])
{
	return pread(taking->intake->fd, ret_intro, INTRO_BYTES, (off_t)at) ==
	       INTRO_BYTES;
}

static int fail_header(struct sp_error *err)
{
	return sp_error_set(err, SP_ERR_LIMIT, "its header is larger than %d bytes",
			    SP_LIMIT_HEADER_BYTES);
}

/* The header at @at was kept as far as its intro: it ends at *@ret_end. */
static int find_end(struct taking *taking, uint64_t at, uint64_t *ret_end,
		    struct sp_error *err)
{
	unsigned char intro[INTRO_BYTES];
	uint64_t bytes = read_intro(taking, at, intro) ? header_bytes(intro) : 0;

	if (bytes == 0) {
		taking->is_sound = false;
		return 0;
	}
	if (bytes > SP_LIMIT_HEADER_BYTES || at + bytes > SP_LIMIT_HEADER_BYTES)
		return fail_header(err);
	*ret_end = at + bytes;
	return 0;
}

/* Decides from what was kept what more to keep. */
static int look(struct taking *taking, struct sp_error *err)
{
	struct sp_intake *intake = taking->intake;
	uint64_t end = 0;
	int r;

	if (!taking->is_sound || intake->payload_at || taking->kept < taking->keep)
		return 0;
	r = find_end(taking, intake->header_at ? intake->header_at : LEAD_BYTES, &end,
		     err);
	if (r < 0 || !taking->is_sound)
		return r;
	if (intake->header_at == 0) {
		intake->header_at = (end + 7) / 8 * 8; /* the signatures' is padded */
		taking->keep = intake->header_at + INTRO_BYTES;
		return 0;
	}
	intake->payload_at = end;
	taking->keep = taking->wish->keep_all ? SP_LIMIT_KEPT_BYTES : end;
	return 0;
}

/* ---- taking ---------------------------------------------------------------- */

static int keep(struct taking *taking, const char *bytes, size_t n, struct sp_error *err)
{
	int r = 0;

	while (r == 0 && n && taking->kept < taking->keep) {
		uint64_t room = taking->keep - taking->kept;
		size_t step = n < room ? n : (size_t)room;

		r = sp_file_write_all(taking->intake->fd, bytes, step, err);
		taking->kept += step;
		bytes += step;
		n -= step;
		if (r == 0)
			r = look(taking, err);
	}
	return r;
}

/* Adds of @n bytes at @at those at or behind @from. */
static void add_part(struct sp_digest *digest, uint64_t from, uint64_t at,
		     const char *bytes, size_t n)
{
	uint64_t skip = at < from ? from - at : 0;

	if (digest && from && skip < n)
		sp_digest_add(digest, bytes + skip, n - (size_t)skip);
}

static int take_step(struct taking *taking, const char *bytes, size_t n,
		     struct sp_error *err)
{
	struct sp_intake *intake = taking->intake;
	uint64_t at = intake->size_bytes;
	int r;

	intake->size_bytes += n;
	if (taking->wish->size_bytes && intake->size_bytes > taking->wish->size_bytes)
		return sp_error_set(err, SP_ERR_DAMAGED,
				    "it is longer than the %llu bytes it should have",
				    (unsigned long long)taking->wish->size_bytes);
	if (intake->size_bytes > sp_limit_rpm_bytes)
		return sp_error_set(err, SP_ERR_LIMIT, "it is larger than %llu bytes",
				    (unsigned long long)sp_limit_rpm_bytes);
	r = keep(taking, bytes, n, err);
	sp_digest_add(taking->sha256, bytes, n);
	if (taking->wished)
		sp_digest_add(taking->wished, bytes, n);
	add_part(taking->header.digest, intake->header_at, at, bytes, n);
	add_part(taking->payload.digest, intake->payload_at, at, bytes, n);
	return r;
}

/* Has another TELL_BYTES gone by, and must it end here? */
static bool is_cancelled(const struct taking *taking, uint64_t before)
{
	uint64_t now = taking->intake->size_bytes;

	return taking->wish->progress && now / TELL_BYTES != before / TELL_BYTES &&
	       taking->wish->progress(taking->wish->user, now) != 0;
}

static int take_all(struct taking *taking, struct sp_tree_stream *stream,
		    struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *bytes = malloc(STEP_BYTES);
	ssize_t n = 1;
	int r = 0;

	if (!bytes)
		return sp_error_nomem(err);
	while (r == 0 && n > 0) {
		uint64_t before = taking->intake->size_bytes;

		n = sp_tree_read(stream, bytes, STEP_BYTES, err);
		if (n < 0)
			return -(int)err->code;
		r = take_step(taking, bytes, (size_t)n, err);
		if (r == 0 && is_cancelled(taking, before))
			r = sp_error_set(err, SP_ERR_CANCELLED, "reading was cancelled");
	}
	return r;
}

/* ---- judging --------------------------------------------------------------- */

static const struct {
	size_t digits;
	enum sp_digest_kind kind;
} kinds[] = {
	{ 32, SP_DIGEST_MD5 },
	{ 64, SP_DIGEST_SHA256 },
	{ 96, SP_DIGEST_SHA384 },
	{ 128, SP_DIGEST_SHA512 },
};

bool sp_intake_digest_kind(const char *hex, enum sp_digest_kind *ret_kind)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strlen(hex) == kinds[i].digits) {
			*ret_kind = kinds[i].kind;
			return true;
		}
	return false;
}

static int start_digests(struct taking *taking, struct sp_error *err)
{
	const struct sp_intake_wish *wish = taking->wish;
	enum sp_digest_kind kind = SP_DIGEST_SHA256;
	int r = sp_digest_new(SP_DIGEST_SHA256, &taking->sha256, err);

	if (r == 0 && wish->digest && sp_intake_digest_kind(wish->digest, &kind) &&
	    kind != SP_DIGEST_SHA256)
		r = sp_digest_new(kind, &taking->wished, err);
	if (r == 0 && wish->own_digests)
		r = sp_digest_new(SP_DIGEST_MD5, &taking->header.digest, err);
	if (r == 0 && wish->own_digests)
		r = sp_digest_new(SP_DIGEST_SHA256, &taking->payload.digest, err);
	return r;
}

static int take_digest(struct sp_digest *digest, char hex[SP_DIGEST_HEX_SIZE],
		       struct sp_error *err)
{
	return digest ? sp_digest_take(digest, hex, err) : 0;
}

static int finish(struct taking *taking, struct sp_error *err)
{
	struct sp_intake *intake = taking->intake;
	int r = take_digest(taking->sha256, intake->sha256, err);

	if (r == 0)
		r = take_digest(taking->wished, intake->digest, err);
	if (r == 0)
		r = take_digest(taking->header.digest, intake->body_md5, err);
	if (r == 0)
		r = take_digest(taking->payload.digest, intake->payload_sha256, err);
	if (r == 0 && !taking->wished)
		memcpy(intake->digest, intake->sha256, sizeof intake->digest);
	return r;
}

static int judge(const struct taking *taking, struct sp_error *err)
{
	const struct sp_intake_wish *wish = taking->wish;
	const struct sp_intake *intake = taking->intake;

	if (wish->size_bytes && intake->size_bytes != wish->size_bytes)
		return sp_error_set(err, SP_ERR_DAMAGED,
				    "it has %llu bytes and should have %llu",
				    (unsigned long long)intake->size_bytes,
				    (unsigned long long)wish->size_bytes);
	if (wish->digest && !sp_digest_is_equal(intake->digest, wish->digest))
		return sp_error_set(err, SP_ERR_DAMAGED,
				    "its digest is not the one that the pack names");
	if (wish->is_rpm && !intake->payload_at)
		return sp_error_set(err, SP_ERR_FORMAT, "it is no RPM package");
	if (wish->is_rpm && intake->payload_at > intake->size_bytes)
		return sp_error_set(err, SP_ERR_FORMAT, "it ends within its header");
	return 0;
}

int sp_intake_take(struct sp_tree_stream *stream, const struct sp_intake_wish *wish,
		   struct sp_intake *ret_intake, struct sp_error *err)
{
	SP_AUTO(sp_intake_done) struct sp_intake intake = { 0 };
	SP_AUTO(taking_done)
	struct taking taking = {
		.wish = wish,
		.intake = &intake,
		.keep = wish->is_rpm     ? LEAD_BYTES + INTRO_BYTES
			: wish->keep_all ? SP_LIMIT_KEPT_BYTES
					 : 0,
		.is_sound = wish->is_rpm,
	};
	int r = start_digests(&taking, err);

	if (r < 0)
		return r;
	intake.fd = memfd_create("suppack", MFD_CLOEXEC);
	if (intake.fd < 0)
		return sp_error_set_errno(err, errno, "making a memory file");
	r = take_all(&taking, stream, err);
	if (r == 0)
		r = finish(&taking, err);
	if (r == 0)
		r = judge(&taking, err);
	if (r < 0)
		return r;
	intake.has_all = taking.kept == intake.size_bytes;
	*ret_intake = intake;
	intake = (struct sp_intake){ 0 };
	return 0;
}
