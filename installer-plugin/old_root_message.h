/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* How an old host reaches the engine from the worker that read it:
 *
 *   {"host": {…}}     what it is, and what its disks and interfaces are called
 *   {"pack": {…}}     one pack without its modules
 *   {"module": {…}}   of the pack before it
 *   {"finding": […]}
 */

#include "base/error.h"

struct json_object;
struct sp_findings;
struct sp_old_host;
struct sp_outlet;

/* In the worker.  @host's modules are given back while they are sent. */
SP_MUST_CHECK
int sp_old_root_message_send(struct sp_outlet *outlet, struct sp_old_host *host,
			     const struct sp_findings *findings, struct sp_error *err);

/* In the engine: takes one message in, strictly.  < 0: it is none of these, or makes no
 * sense. */
SP_MUST_CHECK
int sp_old_root_message_take(const struct json_object *message, struct sp_old_host *host,
			     struct sp_findings *findings, struct sp_error *err);

/* {"product_brand": …, "product_version": …, …} of its inventory, as reports have it. */
struct json_object *sp_old_root_inventory_to_json(const struct sp_old_host *host);
