/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A server as a form has it, as one location. */

/* "http://joe:secret@server/path" of its parts; user and password, NULL or "" if there
 * are none, are encoded, and an IPv6 address without its brackets gets them.  Caller
 * frees, and wipes it; NULL when out of memory. */
char *sp_server_location(const char *protocol, const char *address, const char *user,
			 const char *password);
