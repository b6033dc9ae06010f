/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What an answerfile says about driver disks and supplemental packs: the installer's own
 * grammar and messages, and optional attributes of ours, which an installer without us
 * ignores.  Pure: what repo/answerfile.h read goes in, what to do comes out. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "plan/plan.h"

struct json_object;

enum sp_unattended_mode {
	SP_UNATTENDED_FRESH,
	SP_UNATTENDED_REINSTALL,
	SP_UNATTENDED_UPGRADE,
	SP_UNATTENDED_RESTORE,
};

/* What an upgrade may lose: pack-loss. */
enum sp_unattended_loss {
	SP_UNATTENDED_LOSS_STOP,  /* nothing */
	SP_UNATTENDED_LOSS_WARN,  /* nothing that the boot disk or the management needs */
	SP_UNATTENDED_LOSS_GO_ON, /* anything */
};

/* One <source> or <driver-source>.  Owned. */
struct sp_unattended_source {
	bool is_driver;      /* drivers are loaded from it, too */
	const char *element; /* "driver-source", …; static */
	unsigned line;       /* 0: the answerfile does not name it */
	char *location;      /* as sp_location_parse() takes it; may hold a password */
	char *shown;         /* without it */

	/* Attributes of ours, see sp_unattended_attribute_at(). */
	bool required;
	unsigned timeout_s; /* 0: the default */
	int retries;        /* < 0: the default */
	char *key;          /* NULL: any that is trusted */
	char *digest;       /* NULL: any; lower-case hexadecimal */
	char *ca_file;      /* NULL: the system's */
	char *proxy;        /* NULL: as the environment has it */
	struct sp_accept accept;
	struct sp_strv expect;  /* addresses of devices that must be bound in the end */
	struct sp_strv replace; /* addresses whose driver may be replaced, or "all" */
};

/* <driver name="ice">variant</driver> */
struct sp_unattended_driver {
	char *name, *variant;
};

/* Zero-initialise.  Owned. */
struct sp_unattended {
	enum sp_unattended_mode mode;
	enum sp_unattended_loss loss;
	struct sp_unattended_source
		*sources; /* in the order of the file, sources first */
	size_t n_sources;
	struct sp_unattended_driver *drivers;
	size_t n_drivers;
};

/* Wipes passwords. */
void sp_unattended_done(struct sp_unattended *unattended);

/* @json  what sp_answerfile_read() made
 * SP_ERR_USAGE: one sentence with line, element and attribute, and what is allowed;
 * never with a password.  Zero-initialised @ret_unattended. */
SP_MUST_CHECK
int sp_unattended_read(const struct json_object *json,
		       struct sp_unattended *ret_unattended, struct sp_error *err);

/* Adds a source that the answerfile does not name.  @element is static.  SP_ERR_USAGE if
 * @location makes no sense. */
SP_MUST_CHECK
int sp_unattended_add(struct sp_unattended *unattended, const char *element,
		      const char *location, bool required, struct sp_error *err);

/* One attribute of ours, for docs and tests. */
struct sp_unattended_attribute {
	const char *elements; /* "source, driver-source" */
	const char *name, *allowed, *otherwise, *what;
};

/* The row at @index; false past the last. */
bool sp_unattended_attribute_at(size_t index, struct sp_unattended_attribute *ret_row);
