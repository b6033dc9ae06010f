/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Bytes from a server: http, https, ftp.  Runs in a worker; never waits for ever, never takes more than it was told to, never says a password. */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* How to reach servers; the same for every file of a location.  All borrowed. */
struct sp_fetch_options {
	const char *user, *password; /* NULL: none; sent to the first host only */
	const char *ca_file;         /* NULL: the system's */
	const char *proxy;           /* NULL: curl's conventions (http_proxy, ...) */
	unsigned retries;            /* after the first try; pauses grow, with jitter */
	unsigned connect_ms;         /* 0: 10,000 */
	unsigned stall_seconds;      /* 0: 20: less than 100 bytes a second for so long */
	/* Called with bytes so far and in all (0: unknown); non-zero cancels. */
	int (*progress)(void *user_data, uint64_t done, uint64_t total);
	void *user_data;
};

/* One connection that is kept between files. */
struct sp_fetch;

/* SP_ERR_UNREACHABLE where this suppack was installed without what speaks with servers. */
SP_MUST_CHECK
int sp_fetch_new(const struct sp_fetch_options *options, struct sp_fetch **ret_fetch,
		 struct sp_error *err);
void sp_fetch_free(struct sp_fetch *fetch);
SP_DEFINE_FREEP(struct sp_fetch *, sp_fetch_free)

/* Outcome: the server says there is no such file (404, 550). */
#define SP_FETCH_ABSENT 1

/* Writes the file at @url (no credentials in it) to @fd, from where that stands.
 *
 * @expected_bytes  what it must have; 0: unknown
 * @max_bytes       more is SP_ERR_LIMIT, whatever the server announced
 *
 * After a cut the rest is asked for by range, and what came already is kept; a server
 * without ranges starts over.  Errors: SP_ERR_UNREACHABLE (with the URL and the server's
 * answer in words; sys_errno EACCES: it wants a user and a password, or others), SP_ERR_TIMEOUT, SP_ERR_LIMIT, SP_ERR_DAMAGED (wrong length),
 * SP_ERR_CANCELLED. */
SP_MUST_CHECK
int sp_fetch_file(struct sp_fetch *fetch, const char *url, int fd,
		  uint64_t expected_bytes, uint64_t max_bytes, struct sp_error *err);

/* A small file into memory: NUL behind its last byte; caller frees. */
SP_MUST_CHECK
int sp_fetch_bytes(struct sp_fetch *fetch, const char *url, size_t max_bytes,
		   char **ret_bytes, size_t *ret_len, struct sp_error *err);

/* @base joined with the relative @path, each component percent-encoded.  Caller frees. */
char *sp_fetch_url_join(const char *base, const char *path);
