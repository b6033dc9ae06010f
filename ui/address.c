/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operators paste what they were sent: a URL with all that is in it. */
#include "ui/address.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

// clang-format off
const struct sp_address_protocol sp_address_protocols[SP_ADDRESS_PROTOCOLS] = {
	{ "http",  "HTTP",                  "server/path/",          true },
	{ "https", "HTTPS",                 "server/path/",          true },
	{ "ftp",   "FTP",                   "server/path/",          true },
	{ "nfs",   "NFS, a network share",  "server/exported/path",  false },
};
// clang-format on

size_t sp_address_protocol_find(const char *name, size_t len)
{
	size_t i = 0;

	while (i < SP_ADDRESS_PROTOCOLS &&
	       (strlen(sp_address_protocols[i].name) != len ||
		strncasecmp(sp_address_protocols[i].name, name, len) != 0))
		i++;
	return i;
}

static void wipe(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

void sp_address_done(struct sp_address *address)
{
	wipe(&address->host_path);
	wipe(&address->user);
	wipe(&address->password);
}

static int hex_of(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* "%41b" decoded; what is no code stays. */
static char *decoded(const char *text, size_t len)
{
	char *copy = calloc(1, len + 1);

	for (size_t i = 0, n = 0; copy && i < len; i++) {
		int high = text[i] == '%' && i + 2 < len ? hex_of(text[i + 1]) : -1;
		int low = high >= 0 ? hex_of(text[i + 2]) : -1;
		bool is_code = low >= 0 && (high << 4 | low) >= ' ';

		copy[n++] = (char)(is_code ? high << 4 | low : text[i]);
		i += is_code ? 2 : 0;
	}
	return copy;
}

/* Where the credentials begin and the host begins; the same if there are none. */
static const char *find_host(const char *text, const char **ret_login)
{
	const char *scheme = strstr(text, "://");
	const char *begin = scheme ? scheme + 3 : text;
	const char *at = memrchr(begin, '@', strcspn(begin, "/"));

	*ret_login = begin;
	return at ? at + 1 : begin;
}

static int take_login(struct sp_address *address, const char *login, size_t len,
		      struct sp_error *err)
{
	const char *colon = memchr(login, ':', len);
	size_t user_len = colon ? (size_t)(colon - login) : len;

	wipe(&address->user);
	wipe(&address->password);
	address->user = decoded(login, user_len);
	address->password = colon ? decoded(colon + 1, len - user_len - 1) : strdup("");
	return address->user && address->password ? 0 : sp_error_nomem(err);
}

int sp_address_take_apart(struct sp_address *address, struct sp_error *err)
{
	const char *text = address->host_path + strspn(address->host_path, " ");
	const char *scheme = strstr(text, "://"), *login;
	const char *host = find_host(text, &login);
	char *rest;
	int r = 0;

	if (scheme) {
		size_t found = sp_address_protocol_find(text, (size_t)(scheme - text));

		if (found == SP_ADDRESS_PROTOCOLS)
			return SP_ADDRESS_UNKNOWN;
		address->protocol = found;
	}
	if (host > login)
		r = take_login(address, login, (size_t)(host - login) - 1, err);
	rest = r == 0 ? strdup(host) : NULL;
	if (!rest)
		return r < 0 ? r : sp_error_nomem(err);
	wipe(&address->host_path);
	address->host_path = rest;
	return 0;
}

char *sp_address_without_login(const char *text)
{
	const char *login;
	const char *host = find_host(text, &login);

	return sp_text_format("%.*s%s", (int)(login - text), text, host);
}
