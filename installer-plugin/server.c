/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Everything behind the form takes locations, and nothing else. */

#include "installer-plugin/server.h"

#include <string.h>

#include "base/text.h"

static void add_encoded(struct sp_strbuf *url, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";

	for (; *text; text++)
		if (strchr(plain, *text))
			sp_strbuf_add_bytes(url, text, 1);
		else
			sp_strbuf_add(url, "%%%02X", (unsigned char)*text);
}

/* "2001:db8::7" has more colons than "server:80". */
static bool is_bare_ipv6(const char *host, size_t len)
{
	const char *first = memchr(host, ':', len);
	size_t before = first ? (size_t)(first - host) + 1 : len;

	return *host != '[' && first && memchr(first + 1, ':', len - before);
}

char *sp_server_location(const char *protocol, const char *address, const char *user,
			 const char *password)
{
	size_t len = strcspn(address, "/");
	bool in_brackets = is_bare_ipv6(address, len);
	struct sp_strbuf url = { 0 };

	sp_strbuf_add(&url, "%s://", protocol);
	if (user && *user) {
		add_encoded(&url, user);
		if (password && *password) {
			sp_strbuf_add(&url, ":");
			add_encoded(&url, password);
		}
		sp_strbuf_add(&url, "@");
	}
	sp_strbuf_add(&url, "%s", in_brackets ? "[" : "");
	sp_strbuf_add_bytes(&url, address, len);
	sp_strbuf_add(&url, "%s%s", in_brackets ? "]" : "", address + len);
	return sp_strbuf_take(&url);
}
