/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the worker for one place does when its packages are verified once more.  It sends
 *
 *   {"fetched": N}     bytes that have come from a server so far
 *   {"progress": …}    bytes of packages read, of this place
 *   {"pack": …}, …     each pack as it is now (pack_message.h), without its modules
 */

#include "installer-plugin/look_worker.h"

struct sp_pack;

/* Everything is borrowed, and must live until the worker has ended. */
struct sp_verify_task {
	struct sp_look_task place;
	struct sp_pack **packs; /* that lie there; the worker changes its copy of them */
	size_t n_packs;
	bool fetch; /* what was left on the server, too */
};

/* A sp_worker_fn; @arg is a struct sp_verify_task. */
int sp_verify_worker(void *arg, struct sp_outlet *outlet, struct sp_error *err);

/* For verifying @bytes at @location within the time that @options allow; if they name
 * none, as long as a poor drive needs. */
struct sp_worker_limits sp_verify_worker_limits(const struct sp_location *location,
						const struct sp_options *options,
						uint64_t bytes);
