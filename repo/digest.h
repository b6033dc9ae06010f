/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Digests of bytes and files, in lower-case hexadecimal as metadata writes them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum sp_digest_kind {
	SP_DIGEST_MD5, /* legacy packs only: against damage, never against an opponent */
	SP_DIGEST_SHA256,
	SP_DIGEST_SHA384,
	SP_DIGEST_SHA512,
};

enum { SP_DIGEST_HEX_SIZE = 129 }; /* the longest in hexadecimal, with its NUL */

/* "md5", "sha256", ...: what metadata calls it. */
const char *sp_digest_kind_name(enum sp_digest_kind kind);
/* False for a name that is none of these; sha1 is none: nothing rests on it. */
bool sp_digest_kind_parse(const char *name, enum sp_digest_kind *ret_kind);

/* One digest being made. */
struct sp_digest;

/* Begins one; caller frees. */
SP_MUST_CHECK
int sp_digest_new(enum sp_digest_kind kind, struct sp_digest **ret_digest,
		  struct sp_error *err);
void sp_digest_free(struct sp_digest *digest);
SP_DEFINE_FREEP(struct sp_digest *, sp_digest_free)

/* Takes in @len more bytes. */
void sp_digest_add(struct sp_digest *digest, const void *bytes, size_t len);
/* The digest of all that was added; once only: nothing can be added after it. */
SP_MUST_CHECK
int sp_digest_take(struct sp_digest *digest, char ret_hex[SP_DIGEST_HEX_SIZE],
		   struct sp_error *err);

/* Of @len bytes at hand. */
SP_MUST_CHECK
int sp_digest_sha256_hex(const void *bytes, size_t len, char ret_hex[65],
			 struct sp_error *err);

/* Of all of the file @fd, from its first byte to its end, wherever it stands; it stays
 * there.  @ret_bytes (may be NULL): how many they were.  SP_ERR_IO when it cannot be
 * read; SP_ERR_LIMIT when it has more than @max_bytes. */
SP_MUST_CHECK
int sp_digest_fd(int fd, enum sp_digest_kind kind, uint64_t max_bytes,
		 char ret_hex[SP_DIGEST_HEX_SIZE], uint64_t *ret_bytes,
		 struct sp_error *err);

/* Is @hex (any case, may be NULL) the digest @is? */
bool sp_digest_is_equal(const char *is, const char *hex);
