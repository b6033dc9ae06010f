/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* How what a worker found reaches the engine: in pieces, so that neither side ever
 * holds a whole pack's JSON, however many packages it has.
 *
 *   {"pack": …}      a pack without its packages and modules
 *   {"package": …}   of the pack before it
 *   {"module": …}    of the pack before it
 *   {"finding": […]} about the medium
 *   {"progress": {"done": N, "total": N}}
 */

#include <stdint.h>

#include "base/error.h"

struct json_object;
struct sp_findings;
struct sp_outlet;
struct sp_pack;
struct sp_pack_list;

/* In the worker.  @pack's packages and modules are given back while they are sent. */
SP_MUST_CHECK
int sp_pack_message_send(struct sp_outlet *outlet, struct sp_pack *pack,
			 struct sp_error *err);
SP_MUST_CHECK
int sp_pack_message_send_findings(struct sp_outlet *outlet,
				  const struct sp_findings *findings,
				  struct sp_error *err);
SP_MUST_CHECK
int sp_pack_message_send_progress(struct sp_outlet *outlet, uint64_t done, uint64_t total,
				  struct sp_error *err);

/* In the engine: takes one message in.  Outcome SP_PACK_MESSAGE_PROGRESS: it was only
 * that (@ret_done, @ret_total).  < 0: it is none of these, or makes no sense. */
#define SP_PACK_MESSAGE_PROGRESS 1
SP_MUST_CHECK
int sp_pack_message_take(const struct json_object *message, struct sp_pack_list *packs,
			 struct sp_findings *findings, uint64_t *ret_done,
			 uint64_t *ret_total, struct sp_error *err);
