/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The proof that a driver works: its PCI device is bound, and what the device is for
 * (an interface, a disk) has appeared.  And the change from one driver to another.
 * All below a root; on the real one call it in a privileged worker. */

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct json_object;
struct sp_patience;
struct sp_root;

enum { SP_BIND_TIMEOUT_MS = 15000 }; /* for each device */

/* A device that is waited for.  Strings are borrowed. */
struct sp_bind_want {
	const char *address; /* "0000:04:00.0" */
	const char *driver;  /* the driver it must be bound to; NULL: any */
	bool interface;      /* wait for a network interface behind it */
	bool disk;           /* wait for a disk behind it */
};

enum sp_bind_link {
	SP_BIND_LINK_UNKNOWN, /* no interface, or it is not up */
	SP_BIND_LINK_DOWN,    /* up, and no carrier */
	SP_BIND_LINK_UP,      /* at least one has carrier */
};

/* What became of it.  Strings are owned. */
struct sp_bind_proof {
	char *address;
	char *driver;              /* NULL: none */
	struct sp_strv interfaces; /* behind it now */
	struct sp_strv disks;
	enum sp_bind_link link;
	bool gone;     /* the device is not there any more */
	bool bound;    /* to the driver that was wanted */
	bool complete; /* bound, and what was waited for has appeared */
};

/* Zero-initialise. */
struct sp_bind_proofs {
	struct sp_bind_proof *items; /* one for each want, in their order */
	size_t n;
};

void sp_bind_proofs_done(struct sp_bind_proofs *proofs);

/* Asks the kernel to find a driver for those that have none, then looks every 100 ms
 * until all are complete, gone or another driver's, or @timeout_ms (0: SP_BIND_TIMEOUT_MS) have passed.
 * A device that is not complete then is an answer, not an error.
 *
 * @patience  may be NULL; its tick is called at least every 100 ms
 *
 * Errors: SP_ERR_CANCELLED, SP_ERR_NOMEM, SP_ERR_IO. */
SP_MUST_CHECK
int sp_bind_wait(const struct sp_root *root, const struct sp_bind_want *wants, size_t n,
		 unsigned timeout_ms, const struct sp_patience *patience,
		 struct sp_bind_proofs *ret_proofs, struct sp_error *err);

/* Outcome: something uses the device. */
#define SP_BIND_IN_USE 1
/* Outcome: it is not there, or has no driver. */
#define SP_BIND_ABSENT 2

/* Takes the device away from its driver.  *@ret_driver (may be NULL) names that driver;
 * caller frees.  With SP_BIND_IN_USE one sentence for each user is added to @users.
 * SP_ERR_IO if the kernel refuses. */
SP_MUST_CHECK
int sp_bind_release(const struct sp_root *root, const char *address, char **ret_driver,
		    struct sp_strv *users, struct sp_error *err);

/* Gives the device, which has no driver, to @driver: the way back from
 * sp_bind_release().  SP_ERR_LOAD if the driver does not take it. */
SP_MUST_CHECK
int sp_bind_attach(const struct sp_root *root, const char *address, const char *driver,
		   struct sp_error *err);

/* "unknown", "down", "up" */
const char *sp_bind_link_name(enum sp_bind_link link);

/* The array `proof' of docs/json.md: address, driver, appeared; also link, bound,
 * complete and gone, for a worker's message. */
struct json_object *sp_bind_proofs_to_json(const struct sp_bind_proofs *proofs);
SP_MUST_CHECK
int sp_bind_proofs_from_json(const struct json_object *array,
			     struct sp_bind_proofs *ret_proofs, struct sp_error *err);
