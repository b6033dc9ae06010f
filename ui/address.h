/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What is typed into a form about a server.  A password in an address is taken out of
 * it, so that it is not seen once the form was left.  Pure. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { SP_ADDRESS_PROTOCOLS = 4 };

/* One row of the list of protocols. */
struct sp_address_protocol {
	const char *name;    /* "http" */
	const char *text;    /* for the list */
	const char *example; /* of an address */
	bool has_login;
};

extern const struct sp_address_protocol sp_address_protocols[SP_ADDRESS_PROTOCOLS];

/* SP_ADDRESS_PROTOCOLS if @name (@len bytes, any case) is none of them. */
size_t sp_address_protocol_find(const char *name, size_t len);

/* Owned; wiped by sp_address_done(). */
struct sp_address {
	size_t protocol;
	char *host_path; /* "server/path", "[::1]:8080/" */
	char *user, *password;
};

void sp_address_done(struct sp_address *address);

/* Outcome: it begins with a scheme that is none of these. */
#define SP_ADDRESS_UNKNOWN 1

/* Takes a whole URL in host_path apart: its scheme becomes the protocol, its credentials
 * user and password, decoded. */
SP_MUST_CHECK
int sp_address_take_apart(struct sp_address *address, struct sp_error *err);

/* @text without the credentials of a URL.  Caller frees; NULL when out of memory. */
char *sp_address_without_login(const char *text);
