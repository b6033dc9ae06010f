/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the worker for one place does: open it, read the packs on it, send them. */

#include <stdbool.h>

#include "base/worker.h"
#include "repo/keys.h"

struct sp_accept;
struct sp_base_files;
struct sp_context;
struct sp_download;
struct sp_findings;
struct sp_location;
struct sp_options;
struct sp_pack;

/* The keys that make something trusted; read once, before workers are forked. */
struct sp_look_keys {
	struct sp_keys keys;
};

void sp_look_keys_done(struct sp_look_keys *keys);
/* From --keys, else etc/pki/rpm-gpg below the sysroot.  None there is no error: then
 * nothing is trusted. */
SP_MUST_CHECK
int sp_look_keys_read(const struct sp_context *context, struct sp_look_keys *keys,
		      struct sp_findings *findings, struct sp_error *err);

/* Everything is borrowed, and must live until the worker has ended. */
struct sp_look_task {
	const struct sp_location *location;
	const char *shown; /* the location without credentials */
	const struct sp_look_keys *keys;
	struct sp_base_files *base; /* of the host they are for; NULL: none */
	const char *scratch;        /* for gpg; removed by the engine */
	const struct sp_options *options;
	const struct sp_download *download; /* NULL: no server's */
	bool thorough;                      /* repo/reader.h */
	bool verify;                    /* packages are not looked into (repo/reader.h) */
	const struct sp_accept *accept; /* of what servers have (context.h); NULL: all */
	const char *only_kernel; /* of what servers have (repo/reader.h); NULL: all */
};

/* Is @pack signed by the key, has it the metadata that an answerfile pins? */
bool sp_look_fits_key(const struct sp_options *options, const struct sp_pack *pack);
bool sp_look_fits_digest(const struct sp_options *options, const struct sp_pack *pack);

/* A sp_worker_fn; @arg is a struct sp_look_task.  Sends what pack_message.h says. */
int sp_look_worker(void *arg, struct sp_outlet *outlet, struct sp_error *err);

/* For reading @location within the time that @options allow. */
struct sp_worker_limits sp_look_worker_limits(const struct sp_location *location,
					      const struct sp_options *options);
