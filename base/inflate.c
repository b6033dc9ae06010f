/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One compressed blob in memory: metadata of a repository, a compressed module.
 * Which decompressor may run is decided by the first bytes, and its output is
 * counted while it comes; what is more than that is read piece by piece and never
 * whole in memory. */
#include "base/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdlib.h>
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

struct sp_inflater {
	const struct compression *compression; /* NULL: it comes as it is */
	struct archive *archive;
	const char *bytes;
	size_t len, max_bytes;
	size_t done; /* how much came out */
	uint32_t crc, crc_table[256];
	bool at_end, checked;
};

void sp_inflater_free(struct sp_inflater *inflater)
{
	if (!inflater)
		return;
	if (inflater->archive)
		free_archive(inflater->archive);
	free(inflater);
}

/* ---- gzip's checksum --------------------------------------------------------- */

static void crc_init(struct sp_inflater *inflater)
{
	inflater->crc = 0xffffffff;
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t value = i;

		for (int bit = 0; bit < 8; bit++)
			value = value >> 1 ^ (value & 1 ? 0xedb88320 : 0);
		inflater->crc_table[i] = value;
	}
}

static bool is_gzip(const struct sp_inflater *inflater)
{
	return inflater->compression->enable == archive_read_support_filter_gzip;
}

static void crc_add(struct sp_inflater *inflater, const unsigned char *bytes, size_t len)
{
	uint32_t crc = inflater->crc;

	for (size_t i = 0; i < len; i++)
		crc = crc >> 8 ^ inflater->crc_table[(crc ^ bytes[i]) & 0xff];
	inflater->crc = crc;
}

static uint32_t little_endian(const unsigned char *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

/* ---- piece by piece ---------------------------------------------------------- */

/* libarchive stops at the end of gzip and bzip2 data, whatever follows, and does not
 * compare gzip's checksum and length. */
static int check_end(const struct sp_inflater *inflater, struct sp_error *err)
{
	const unsigned char *trailer =
		(const unsigned char *)inflater->bytes + inflater->len - 8;
	const char *name = inflater->compression->name;

	if (archive_filter_bytes(inflater->archive, -1) != (la_int64_t)inflater->len)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "the %s data is followed by something else", name);
	if (is_gzip(inflater) && (little_endian(trailer) != ~inflater->crc ||
				  little_endian(trailer + 4) != (uint32_t)inflater->done))
		return sp_error_set(err, SP_ERR_FORMAT,
				    "the %s data is damaged: its checksum differs", name);
	return 0;
}

static ssize_t end(struct sp_inflater *inflater, struct sp_error *err)
{
	inflater->at_end = true;
	if (inflater->checked)
		return 0;
	inflater->checked = true;
	return check_end(inflater, err);
}

static ssize_t read_compressed(struct sp_inflater *inflater, void *buf, size_t size,
			       struct sp_error *err)
{
	la_ssize_t n =
		inflater->at_end ? 0 : archive_read_data(inflater->archive, buf, size);

	if (n < 0)
		return fail_format(inflater->compression, inflater->archive, err);
	if ((size_t)n > inflater->max_bytes - inflater->done)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "the %s data is more than %zu bytes",
				    inflater->compression->name, inflater->max_bytes);
	inflater->done += (size_t)n;
	if (is_gzip(inflater))
		crc_add(inflater, buf, (size_t)n);
	return n ? n : end(inflater, err);
}

ssize_t sp_inflater_read(void *user, void *buf, size_t size, struct sp_error *err)
{
	struct sp_inflater *inflater = user;
	size_t left = inflater->len - inflater->done;

	if (size == 0)
		return 0;
	if (inflater->compression)
		return read_compressed(inflater, buf, size, err);
	if (size > left)
		size = left;
	if (size)
		memcpy(buf, inflater->bytes + inflater->done, size);
	inflater->done += size;
	return (ssize_t)size;
}

int sp_inflater_new(const void *bytes, size_t len, size_t max_bytes, unsigned max_ratio,
		    struct sp_inflater **ret_inflater, struct sp_error *err)
{
	SP_AUTO(sp_inflater_freep)
	struct sp_inflater *inflater = calloc(1, sizeof *inflater);
	int r = 0;

	if (!inflater)
		return sp_error_nomem(err);
	inflater->compression = find_compression(bytes, len);
	inflater->bytes = bytes;
	inflater->len = len;
	inflater->max_bytes = max_bytes;
	if (!inflater->compression && len > max_bytes)
		return sp_error_set(err, SP_ERR_LIMIT, "the data is more than %zu bytes",
				    max_bytes);
	if (inflater->compression) {
		inflater->max_bytes = most_bytes(len, max_bytes, max_ratio);
		crc_init(inflater);
		inflater->archive = archive_read_new();
		r = inflater->archive
			    ? open_blob(inflater->compression, inflater->archive, bytes,
					len, &inflater->at_end, err)
			    : sp_error_nomem(err);
	}
	if (r == 0)
		*ret_inflater = sp_steal(inflater);
	return r;
}

/* ---- all of it ---------------------------------------------------------------- */

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

int sp_archive_inflate(const void *bytes, size_t len, size_t max_bytes,
		       unsigned max_ratio, char **ret_bytes, size_t *ret_len,
		       struct sp_error *err)
{
	SP_AUTO(sp_inflater_freep) struct sp_inflater *inflater = NULL;
	struct output out = { 0 };
	ssize_t n = sp_inflater_new(bytes, len, max_bytes, max_ratio, &inflater, err);

	if (n < 0)
		return (int)n;
	do {
		n = make_room(&out) ? sp_inflater_read(inflater, out.bytes + out.len,
						       out.size - out.len, err)
				    : sp_error_nomem(err);
		out.len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	if (n < 0) {
		free(out.bytes);
		return (int)n;
	}
	out.bytes[out.len] = '\0';
	*ret_bytes = out.bytes;
	*ret_len = out.len;
	return 0;
}
