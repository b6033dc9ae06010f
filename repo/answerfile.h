/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* An answerfile of the host installer, as far as packs are concerned: the elements that
 * name sources and drivers, and the top element, without judging what they say.  Runs in
 * a worker: the file may have come over the network. */

#include <stddef.h>

#include "base/error.h"

struct json_object;

/* @bytes at most SP_XML_MAX_BYTES.  *@ret_json is
 *
 *         {"root": ELEMENT, "elements": [ELEMENT...]}
 *
 * in the order of the file, wherever below the top element they stand, as the installer
 * finds them; an ELEMENT is {"name", "line", "text", "attributes": {NAME: VALUE...}}.
 * Elements: "source", "driver-source", and "driver" of the first
 * "selected-multiversion-drivers".  Addresses have their passwords: to be kept from logs.
 *
 * SP_ERR_USAGE: it is not XML, or not under the limits of repo/xml.h. */
SP_MUST_CHECK
int sp_answerfile_read(const char *bytes, size_t len, struct json_object **ret_json,
		       struct sp_error *err);
