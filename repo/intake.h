/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One RPM taken in from a medium, which is read once: its digest made of the very bytes
 * of which what is needed later is kept in a memory file. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "repo/digest.h"

struct sp_tree_stream;

struct sp_intake_wish {
	uint64_t size_bytes; /* it must have; 0: unknown */
	const char *digest;  /* it must have, in hexadecimal; its length says which kind:
			      * 32 MD5, 64 SHA-256, 96 SHA-384, 128 SHA-512; NULL: unknown */
	bool is_rpm;         /* else nothing is looked for in it */
	bool keep_all;       /* keep what follows an RPM's header too, or the whole of
			      * another file, up to SP_LIMIT_KEPT_BYTES */
	bool own_digests;    /* make those that an RPM's header names, too */
	/* Called now and then with the bytes so far; non-zero cancels.  May be NULL. */
	int (*progress)(void *user, uint64_t bytes);
	void *user;
};

/* Zero-initialise. */
struct sp_intake {
	int fd;       /* what is kept, from the file's first byte; the intake's */
	bool has_all; /* that is the whole file */
	uint64_t size_bytes;
	char sha256[SP_DIGEST_HEX_SIZE];
	uint64_t header_at, payload_at;          /* offsets; 0: no RPM */
	char payload_sha256[SP_DIGEST_HEX_SIZE]; /* of what follows the header */
	char body_md5[SP_DIGEST_HEX_SIZE];       /* of the header and what follows */
	char digest[SP_DIGEST_HEX_SIZE];         /* of the kind wished for */
};

void sp_intake_done(struct sp_intake *intake);

/* Which kind of digest is @hex, by its length?  False if none. */
bool sp_intake_digest_kind(const char *hex, enum sp_digest_kind *ret_kind);

/* Reads @stream to its end.
 * SP_ERR_DAMAGED: another size or digest than wished for; SP_ERR_FORMAT: that is right,
 * and it is no RPM; SP_ERR_LIMIT: too large, or its header is; SP_ERR_IO; SP_ERR_CANCELLED.  The message
 * says what is wrong, not with which file.  Zero-initialised @ret_intake. */
SP_MUST_CHECK
int sp_intake_take(struct sp_tree_stream *stream, const struct sp_intake_wish *wish,
		   struct sp_intake *ret_intake, struct sp_error *err);
