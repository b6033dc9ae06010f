/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digests as librpm's crypto library makes them: it is there in any case, and fast. */
#include "repo/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <rpm/rpmcrypto.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { READ_BYTES = 128 << 10 };

struct sp_digest {
	DIGEST_CTX context; /* NULL once it was taken, or has failed */
};

static const struct kind {
	const char *name;
	int algorithm;
} kinds[] = {
	[SP_DIGEST_MD5] = { "md5", RPM_HASH_MD5 },
	[SP_DIGEST_SHA256] = { "sha256", RPM_HASH_SHA256 },
	[SP_DIGEST_SHA384] = { "sha384", RPM_HASH_SHA384 },
	[SP_DIGEST_SHA512] = { "sha512", RPM_HASH_SHA512 },
};

const char *sp_digest_kind_name(enum sp_digest_kind kind)
{
	return kinds[kind].name;
}

bool sp_digest_kind_parse(const char *name, enum sp_digest_kind *ret_kind)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].name, name) == 0) {
			*ret_kind = (enum sp_digest_kind)i;
			return true;
		}
	return false;
}

int sp_digest_new(enum sp_digest_kind kind, struct sp_digest **ret_digest,
		  struct sp_error *err)
{
	SP_AUTO(sp_digest_freep) struct sp_digest *digest = calloc(1, sizeof *digest);

	if (!digest)
		return sp_error_nomem(err);
	if (rpmInitCrypto() == 0)
		digest->context = rpmDigestInit(kinds[kind].algorithm, RPMDIGEST_NONE);
	if (!digest->context)
		return sp_error_set(err, SP_ERR_INTERNAL,
				    "this system's crypto library cannot make %s digests",
				    kinds[kind].name);
	*ret_digest = sp_steal(digest);
	return 0;
}

void sp_digest_free(struct sp_digest *digest)
{
	if (!digest)
		return;
	if (digest->context)
		(void)rpmDigestFinal(digest->context, NULL, NULL, 0);
	free(digest);
}

void sp_digest_add(struct sp_digest *digest, const void *bytes, size_t len)
{
	if (!digest->context || len == 0 ||
	    rpmDigestUpdate(digest->context, bytes, len) == 0)
		return;
	(void)rpmDigestFinal(digest->context, NULL, NULL, 0);
	digest->context = NULL;
}

int sp_digest_take(struct sp_digest *digest, char ret_hex[SP_DIGEST_HEX_SIZE],
		   struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *hex = NULL;
	DIGEST_CTX context = sp_steal(digest->context);
	void *data = NULL;
	size_t len;

	if (!context)
		return sp_error_set(err, SP_ERR_INTERNAL, "a digest could not be made");
	if (rpmDigestFinal(context, &data, NULL, 1) != 0 || !data)
		return sp_error_nomem(err);
	hex = data;
	len = strlen(hex);
	if (len == 0 || len >= SP_DIGEST_HEX_SIZE)
		return sp_error_set(err, SP_ERR_INTERNAL, "a digest has no right length");
	memcpy(ret_hex, hex, len + 1);
	return 0;
}

int sp_digest_sha256_hex(const void *bytes, size_t len, char ret_hex[65],
			 struct sp_error *err)
{
	SP_AUTO(sp_digest_freep) struct sp_digest *digest = NULL;
	char hex[SP_DIGEST_HEX_SIZE];
	int r = sp_digest_new(SP_DIGEST_SHA256, &digest, err);

	if (r < 0)
		return r;
	sp_digest_add(digest, bytes, len);
	r = sp_digest_take(digest, hex, err);
	if (r == 0)
		memcpy(ret_hex, hex, 65);
	return r;
}

static int add_file(struct sp_digest *digest, int fd, uint64_t max_bytes,
		    uint64_t *ret_bytes, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *bytes = malloc(READ_BYTES);
	uint64_t at = 0;
	ssize_t n = 1;

	if (!bytes)
		return sp_error_nomem(err);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	while (n != 0) {
		n = pread(fd, bytes, READ_BYTES, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sp_error_set_errno(err, errno, "reading");
		at += (uint64_t)n;
		if (at > max_bytes)
			return sp_error_set(err, SP_ERR_LIMIT, "more than %llu bytes",
					    (unsigned long long)max_bytes);
		sp_digest_add(digest, bytes, (size_t)n);
	}
	*ret_bytes = at;
	return 0;
}

int sp_digest_fd(int fd, enum sp_digest_kind kind, uint64_t max_bytes,
		 char ret_hex[SP_DIGEST_HEX_SIZE], uint64_t *ret_bytes,
		 struct sp_error *err)
{
	SP_AUTO(sp_digest_freep) struct sp_digest *digest = NULL;
	uint64_t bytes = 0;
	int r = sp_digest_new(kind, &digest, err);

	if (r == 0)
		r = add_file(digest, fd, max_bytes, &bytes, err);
	if (r == 0)
		r = sp_digest_take(digest, ret_hex, err);
	if (r == 0 && ret_bytes)
		*ret_bytes = bytes;
	return r;
}

bool sp_digest_is_equal(const char *is, const char *hex)
{
	return hex && *hex && strcasecmp(is, hex) == 0;
}
