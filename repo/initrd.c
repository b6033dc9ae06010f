/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Plain parts are walked here, because where one ends the next begins, and libarchive
 * does not say where that is; a compressed part is libarchive's. */

#include "repo/initrd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/archive.h"
#include "base/text.h"

#define TRAILER "TRAILER!!!"

enum {
	HEADER_BYTES = 110, /* "070701", then 13 numbers of 8 hexadecimal digits */
	NAME_MAX_BYTES = 4096,
	CHUNK_BYTES = 64 << 10,
	PARTS_MAX = 16,
	MAX_BYTES = 1 << 30,
};

struct look {
	int fd;
	struct sp_initrd_file *files;
	size_t n;
	uint64_t offset; /* of the next byte of the stream */
};

/* ---- names ------------------------------------------------------------------------ */

static const char *plain_path(const char *path)
{
	while (*path == '/' || (path[0] == '.' && path[1] == '/'))
		path += *path == '/' ? 1 : 2;
	return sp_text_starts_with(path, "usr/lib/") ? path + strlen("usr/") : path;
}

static struct sp_initrd_file *file_find(struct look *look, const char *path)
{
	for (size_t i = 0; i < look->n; i++)
		if (!strcmp(plain_path(look->files[i].path), plain_path(path)))
			return &look->files[i];
	return NULL;
}

/* ---- a plain part ------------------------------------------------------------------- */

static ssize_t read_at(int fd, void *buf, size_t size, uint64_t at, struct sp_error *err)
{
	size_t got = 0;
	ssize_t n = 1;

	while (got < size && n > 0) {
		n = pread(fd, (char *)buf + got, size - got, (off_t)(at + got));
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			return sp_error_set_errno(err, errno, "reading the initrd");
		else
			got += (size_t)n;
	}
	return (ssize_t)got;
}

struct member {
	uint64_t data_at, next_at, size;
	unsigned mode;
	char name[NAME_MAX_BYTES + 1];
};

static int truncated(struct sp_error *err)
{
	return sp_error_set(err, SP_ERR_FORMAT, "the initrd ends too early");
}

/* The number of 8 digits at @index of the header. */
static int number(const char *header, int index, uint64_t *ret, struct sp_error *err)
{
	char digits[9] = { 0 };
	char *end;

	memcpy(digits, header + 6 + index * 8, 8);
	*ret = strtoull(digits, &end, 16);
	if (*end || digits[0] == '-' || digits[0] == '+' || digits[0] == ' ')
		return sp_error_set(err, SP_ERR_FORMAT, "the initrd is damaged");
	return 0;
}

static uint64_t align4(uint64_t n)
{
	return (n + 3) & ~(uint64_t)3;
}

enum { MODE = 1, FILE_SIZE = 6, NAME_SIZE = 11 };

static int member_read(int fd, uint64_t at, struct member *member, struct sp_error *err)
{
	char header[HEADER_BYTES];
	uint64_t mode, name_size;
	ssize_t n = read_at(fd, header, sizeof header, at, err);
	int r = n < 0 ? (int)n : n < HEADER_BYTES ? truncated(err) : 0;

	if (r == 0)
		r = number(header, MODE, &mode, err);
	if (r == 0)
		r = number(header, FILE_SIZE, &member->size, err);
	if (r == 0)
		r = number(header, NAME_SIZE, &name_size, err);
	if (r < 0)
		return r;
	if (!name_size || name_size > NAME_MAX_BYTES)
		return sp_error_set(err, SP_ERR_FORMAT, "the initrd is damaged");
	n = read_at(fd, member->name, name_size, at + HEADER_BYTES, err);
	if (n < (ssize_t)name_size)
		return n < 0 ? (int)n : truncated(err);
	member->name[name_size] = '\0';
	member->mode = (unsigned)mode;
	member->data_at = align4(at + HEADER_BYTES + name_size);
	member->next_at = align4(member->data_at + member->size);
	return 0;
}

static int digest_member(int fd, const struct member *member, struct sp_initrd_file *file,
			 struct sp_error *err)
{
	SP_AUTO(sp_digest_freep) struct sp_digest *digest = NULL;
	SP_AUTO(sp_str_freep) char *chunk = malloc(CHUNK_BYTES);
	int r = chunk ? sp_digest_new(SP_DIGEST_SHA256, &digest, err)
		      : sp_error_nomem(err);

	for (uint64_t done = 0; r == 0 && done < member->size;) {
		uint64_t left = member->size - done;
		size_t want = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
		ssize_t n = read_at(fd, chunk, want, member->data_at + done, err);

		if (n < (ssize_t)want)
			return n < 0 ? (int)n : truncated(err);
		sp_digest_add(digest, chunk, want);
		done += want;
	}
	return r < 0 ? r : sp_digest_take(digest, file->sha256, err);
}

static bool is_plain(const char *magic)
{
	return !memcmp(magic, "070701", 6) || !memcmp(magic, "070702", 6);
}

/* Walks the plain part at look->offset, and leaves that behind it. */
static int walk_plain(struct look *look, struct sp_error *err)
{
	struct member member;

	for (;;) {
		struct sp_initrd_file *file;
		int r = member_read(look->fd, look->offset, &member, err);

		if (r < 0)
			return r;
		look->offset = member.next_at;
		if (!strcmp(member.name, TRAILER))
			return 0;
		file = file_find(look, member.name);
		if (!file)
			continue;
		file->found = true;
		file->sha256[0] = '\0';
		if ((member.mode & 0170000) == 0100000)
			r = digest_member(look->fd, &member, file, err);
		if (r < 0)
			return r;
	}
}

/* ---- a compressed part ---------------------------------------------------------------- */

static ssize_t read_stream(void *user, void *buf, size_t size, struct sp_error *err)
{
	struct look *look = user;
	ssize_t n = read_at(look->fd, buf, size, look->offset, err);

	if (n > 0)
		look->offset += (uint64_t)n;
	return n;
}

static int digest_entry(struct sp_archive *archive, struct sp_initrd_file *file,
			struct sp_error *err)
{
	SP_AUTO(sp_digest_freep) struct sp_digest *digest = NULL;
	SP_AUTO(sp_str_freep) char *chunk = malloc(CHUNK_BYTES);
	ssize_t n;
	int r = chunk ? sp_digest_new(SP_DIGEST_SHA256, &digest, err)
		      : sp_error_nomem(err);

	if (r < 0)
		return r;
	while ((n = sp_archive_read(archive, chunk, CHUNK_BYTES, err)) > 0)
		sp_digest_add(digest, chunk, (size_t)n);
	return n < 0 ? (int)n : sp_digest_take(digest, file->sha256, err);
}

static int walk_compressed(struct look *look, struct sp_error *err)
{
	SP_AUTO(sp_archive_freep) struct sp_archive *archive = NULL;
	struct sp_archive_entry entry;
	int r = sp_archive_open_stream(read_stream, look, SP_ARCHIVE_CPIO, MAX_BYTES,
				       &archive, err);

	while (r == 0 && (r = sp_archive_next(archive, &entry, err)) == 0) {
		struct sp_initrd_file *file = file_find(look, entry.path);

		if (!file)
			continue;
		file->found = true;
		file->sha256[0] = '\0';
		if (entry.type == SP_ARCHIVE_FILE)
			r = digest_entry(archive, file, err);
	}
	return r < 0 ? r : 0;
}

/* ---- all of it --------------------------------------------------------------------------- */

#define NO_MORE 1

/* Past the zeros between two parts. */
static int next_part(struct look *look, char magic[6], struct sp_error *err)
{
	char bytes[512];
	ssize_t n;

	while ((n = read_at(look->fd, bytes, sizeof bytes, look->offset, err)) > 0)
		for (ssize_t i = 0; i < n; i++, look->offset++)
			if (bytes[i]) {
				n = read_at(look->fd, magic, 6, look->offset, err);
				return n < 0 ? (int)n : n < 6 ? NO_MORE : 0;
			}
	return n < 0 ? (int)n : NO_MORE;
}

int sp_initrd_look(int fd, struct sp_initrd_file *files, size_t n, struct sp_error *err)
{
	struct look look = { .fd = fd, .files = files, .n = n };
	char magic[6];
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		files[i].found = false;
		files[i].sha256[0] = '\0';
	}
	for (int part = 0; part < PARTS_MAX; part++) {
		r = next_part(&look, magic, err);
		if (r == NO_MORE && part == 0)
			return sp_error_set(err, SP_ERR_FORMAT, "the initrd is empty");
		if (r != 0)
			return r < 0 ? r : 0;
		if (!is_plain(magic))
			return walk_compressed(&look, err);
		r = walk_plain(&look, err);
		if (r < 0)
			return r;
	}
	return sp_error_set(err, SP_ERR_LIMIT, "the initrd has more parts than any");
}
