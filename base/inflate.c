/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One compressed blob in memory: metadata of a repository, a compressed module.
 * Which decompressor may run is decided by the first bytes, and its output is
 * counted while it comes. */
#include "base/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <string.h>

enum {
	STEP_BYTES = 64 * 1024,
	RATIO_FROM_BYTES = 1 << 20, /* below, any ratio will do */
};

struct compression {
	const char *name;
	const char *magic;
	size_t magic_len;
	int (*enable)(struct archive *archive);
};

// clang-format off
static const struct compression compressions[] = {
	{ "gzip",  "\x1f\x8b", 2,             archive_read_support_filter_gzip },
	{ "xz",    "\xfd" "7zXZ", 6,          archive_read_support_filter_xz },
	{ "zstd",  "\x28\xb5\x2f\xfd", 4,     archive_read_support_filter_zstd },
	{ "bzip2", "BZh", 3,                  archive_read_support_filter_bzip2 },
};
// clang-format on

static const struct compression *find_compression(const char *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof compressions / sizeof compressions[0]; i++)
		if (len >= compressions[i].magic_len &&
		    memcmp(bytes, compressions[i].magic, compressions[i].magic_len) == 0)
			return &compressions[i];
	return NULL;
}

static void free_archive(struct archive *archive)
{
	(void)archive_read_free(archive);
}

SP_DEFINE_FREEP(struct archive *, free_archive)

static int fail_format(const struct compression *compression, struct archive *archive,
		       struct sp_error *err)
{
	const char *why = archive_error_string(archive);

	return sp_error_set(err, SP_ERR_FORMAT, "the %s data is damaged: %s",
			    compression->name, why ? why : "it ends too early");
}

/* *@ret_empty: nothing was compressed. */
static int open_blob(const struct compression *compression, struct archive *archive,
		     const char *bytes, size_t len, bool *ret_empty, struct sp_error *err)
{
	struct archive_entry *entry;
	int r;

	/* Where libarchive lacks a decompressor it would start a program instead. */
	if (compression->enable(archive) != ARCHIVE_OK)
		return sp_error_set(err, SP_ERR_INTERNAL,
				    "this system cannot decompress %s data",
				    compression->name);
	(void)archive_read_support_format_raw(archive);
	(void)archive_read_support_format_empty(archive);
	if (archive_read_open_memory(archive, bytes, len) != ARCHIVE_OK)
		return fail_format(compression, archive, err);
	r = archive_read_next_header(archive, &entry);
	/* Data that is not decompressed would come through as it is. */
	if ((r != ARCHIVE_OK && r != ARCHIVE_EOF) || archive_filter_count(archive) != 2)
		return fail_format(compression, archive, err);
	*ret_empty = r == ARCHIVE_EOF;
	return 0;
}

static size_t most_bytes(size_t len, size_t max_bytes, unsigned max_ratio)
{
	size_t most;

	if (max_ratio == 0 || __builtin_mul_overflow(len, (size_t)max_ratio, &most))
		return max_bytes;
	if (most < RATIO_FROM_BYTES)
		most = RATIO_FROM_BYTES;
	return most < max_bytes ? most : max_bytes;
}

struct output {
	char *bytes;
	size_t len, size;
};

static bool make_room(struct output *out)
{
	size_t size = out->size ? 2 * out->size : STEP_BYTES;
	char *bytes;

	if (out->len < out->size)
		return true;
	bytes = size > out->size ? realloc(out->bytes, size + 1) : NULL;
	if (!bytes)
		return false;
	out->bytes = bytes;
	out->size = size;
	return true;
}

static int inflate(const struct compression *compression, struct archive *archive,
		   size_t max_bytes, struct output *out, struct sp_error *err)
{
	la_ssize_t n;

	do {
		if (!make_room(out))
			return sp_error_nomem(err);
		n = archive_read_data(archive, out->bytes + out->len,
				      out->size - out->len);
		if (n < 0)
			return fail_format(compression, archive, err);
		out->len += (size_t)n;
		if (out->len > max_bytes)
			return sp_error_set(err, SP_ERR_LIMIT,
					    "the %s data is more than %zu bytes",
					    compression->name, max_bytes);
	} while (n > 0);
	return 0;
}

static uint32_t crc32_of(const char *bytes, size_t len)
{
	uint32_t table[256], crc = 0xffffffff;

	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320 : 0);
	}
	for (size_t i = 0; i < len; i++)
		crc = crc >> 8 ^ table[(crc ^ (unsigned char)bytes[i]) & 0xff];
	return ~crc;
}

static uint32_t little_endian(const unsigned char *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

/* libarchive stops at the end of gzip and bzip2 data, whatever follows, and does not
 * compare gzip's checksum and length. */
static int check_end(const struct compression *compression, struct archive *archive,
		     const char *bytes, size_t len, const struct output *out,
		     struct sp_error *err)
{
	const unsigned char *trailer = (const unsigned char *)bytes + len - 8;

	if (archive_filter_bytes(archive, -1) != (la_int64_t)len)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "the %s data is followed by something else",
				    compression->name);
	if (compression->enable == archive_read_support_filter_gzip &&
	    (little_endian(trailer) != crc32_of(out->bytes, out->len) ||
	     little_endian(trailer + 4) != (uint32_t)out->len))
		return sp_error_set(err, SP_ERR_FORMAT,
				    "the %s data is damaged: its checksum differs",
				    compression->name);
	return 0;
}

static int inflate_blob(const struct compression *compression, const char *bytes,
			size_t len, size_t max_bytes, struct output *out,
			struct sp_error *err)
{
	SP_AUTO(free_archivep) struct archive *archive = archive_read_new();
	bool empty = false;
	int r;

	if (!archive || !make_room(out))
		return sp_error_nomem(err);
	r = open_blob(compression, archive, bytes, len, &empty, err);
	if (r == 0 && !empty)
		r = inflate(compression, archive, max_bytes, out, err);
	if (r == 0)
		r = check_end(compression, archive, bytes, len, out, err);
	return r;
}

static int copy(const void *bytes, size_t len, size_t max_bytes, struct output *out,
		struct sp_error *err)
{
	if (len > max_bytes)
		return sp_error_set(err, SP_ERR_LIMIT, "the data is more than %zu bytes",
				    max_bytes);
	out->bytes = malloc(len + 1);
	if (!out->bytes)
		return sp_error_nomem(err);
	if (len)
		memcpy(out->bytes, bytes, len);
	out->len = len;
	return 0;
}

int sp_archive_inflate(const void *bytes, size_t len, size_t max_bytes,
		       unsigned max_ratio, char **ret_bytes, size_t *ret_len,
		       struct sp_error *err)
{
	const struct compression *compression = find_compression(bytes, len);
	struct output out = { 0 };
	int r;

	if (compression)
		r = inflate_blob(compression, bytes, len,
				 most_bytes(len, max_bytes, max_ratio), &out, err);
	else
		r = copy(bytes, len, max_bytes, &out, err);
	if (r < 0) {
		free(out.bytes);
		return r;
	}
	out.bytes[out.len] = '\0';
	*ret_bytes = out.bytes;
	*ret_len = out.len;
	return 0;
}
