/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What fetch.c finds in fetch.so, the module that is linked to libcurl and is loaded by
 * whoever fetches something: with it come thirty libraries, twice as many as all others
 * bring, and a medium that lies here needs none of them. */

#include <stdint.h>

#include "base/error.h"

struct sp_fetch_options;
struct sp_fetch_session; /* one connection that is kept between files */

/* As in fetch.h. */
struct sp_fetch_module {
	const char *version; /* of suppack: both are of one building */
	int (*begin)(const struct sp_fetch_options *options,
		     struct sp_fetch_session **ret_session, struct sp_error *err);
	void (*end)(struct sp_fetch_session *session);
	int (*file)(struct sp_fetch_session *session, const char *url, int fd,
		    uint64_t expected_bytes, uint64_t max_bytes, struct sp_error *err);
};

/* The only name that fetch.so exports. */
__attribute__((
	visibility("default"))) extern const struct sp_fetch_module sp_fetch_module;
