/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What an upgrade would lose: for every pack of the old host, whether the new release
 * still drives its devices, and what to do if not.  Pure. */

#include <stdbool.h>
#include <stddef.h>

#include "base/finding.h"
#include "base/text.h"

struct json_object;
struct sp_accept;
struct sp_device_list;
struct sp_old_host;
struct sp_pack_list;
struct sp_plan;

/* What is known of a kernel's drivers.  All borrowed. */
struct sp_upgrade_kernel {
	const char *what;       /* "XenServer 9.0.0", "the running installer" */
	const char *alias_text; /* modules.alias; NULL: not known */
	size_t alias_len;
	const char *builtin_text; /* the same of what is built in; NULL: not known */
	size_t builtin_len;
	const struct sp_strv
		*names; /* of its modules whose aliases are not known; NULL */
	const struct sp_strv *builtin; /* the same of what is built in; NULL */
	bool lacks_builtin;            /* what is built in is not known at all */
};

struct sp_upgrade_input {
	const struct sp_old_host *old;
	const struct sp_device_list *devices;      /* of this machine, now */
	const struct sp_upgrade_kernel *release;   /* the new release; NULL: unknown */
	const struct sp_upgrade_kernel *installer; /* the running kernel */
	const struct sp_pack_list *at_hand;        /* packs that could be installed */
	const struct sp_accept *accept; /* what of them may be used; NULL: all */
	const struct sp_plan *plan;     /* of those packs on this machine; NULL: none */
	const struct sp_strv *boot_devices;       /* addresses: boot disk's controller */
	const struct sp_strv *storage_devices;    /* … of local storage repositories */
	const struct sp_strv *management_devices; /* … of the management interface */
	bool boot_is_guess, management_is_guess;  /* those are all that it may be */
};

enum sp_fate {
	SP_FATE_COVERED, /* the new release does it */
	SP_FATE_RENEWED, /* a pack at hand does it */
	SP_FATE_OLDER,   /* a pack at hand, but of an older version */
	SP_FATE_UNKNOWN,
	SP_FATE_LOST,
};

/* "covered", "renewed", "older", "unknown", "lost". */
const char *sp_fate_name(enum sp_fate fate);

/* One device that a pack of the old host drives. */
struct sp_upgrade_device {
	size_t pack, device; /* indices */
	const char *module;  /* borrowed */
	enum sp_fate fate;
	bool is_boot, is_storage, is_management;
	size_t renewed_by; /* index at hand if renewed; else (size_t)-1 */
	char *evidence;    /* why we think so, one sentence; owned */
};

struct sp_upgrade_pack {
	size_t pack;
	enum sp_fate fate;
	char *text;        /* one sentence; owned */
	char *advice;      /* what to do; owned */
	size_t renewed_by; /* index at hand if renewed or older: the same pack, or the
			    * one that drives its device; else (size_t)-1 */
};

struct sp_upgrade {
	struct sp_upgrade_pack *packs; /* not hidden ones' text is shown, all are here */
	size_t n_packs;
	struct sp_upgrade_device *devices;
	size_t n_devices;
	struct sp_findings findings;
	bool stop;     /* the boot disk or the management interface would lose its
			* driver: going on must be said in so many words */
	int exit_code; /* 0, or 19 */
};

void sp_upgrade_done(struct sp_upgrade *upgrade);

/* Zero-initialised @ret_upgrade. */
SP_MUST_CHECK
int sp_upgrade_check(const struct sp_upgrade_input *input, struct sp_upgrade *ret_upgrade,
		     struct sp_error *err);

/* {"packs": […], "devices": […], "stop": …}: docs/json.md. */
struct json_object *sp_upgrade_to_json(const struct sp_upgrade *upgrade,
				       const struct sp_upgrade_input *input);
