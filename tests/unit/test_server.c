/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a form about a server says, as a location, and back by the location's own parser. */
#include "installer-plugin/server.h"

#include "base/cleanup.h"
#include "repo/location.h"
#include "support/table.h"

#include <stdlib.h>
#include <string.h>

struct row {
	const char *name;
	const char *protocol, *address, *user, *password;
	const char *location;
	const char *shown; /* as a location is */
};

// clang-format off
static const struct row rows[] = {
	{ "nothing but a server", "http", "h", "", "", "http://h", "http://h/" },
	{ "a path", "https", "h:8443/p/q", NULL, NULL, "https://h:8443/p/q", "https://h:8443/p/q" },
	{ "a share", "nfs", "h/p", "", "", "nfs://h/p", "h:/p" },
	{ "IPv6 with brackets", "http", "[::1]:80/p", "", "", "http://[::1]:80/p", "http://[::1]:80/p" },
	{ "IPv6 without", "http", "2001:db8::7/p", "", "", "http://[2001:db8::7]/p", "http://[2001:db8::7]/p" },
	{ "IPv6 alone", "ftp", "::1", "", "", "ftp://[::1]", "ftp://[::1]/" },
	{ "IPv6, a share", "nfs", "::1/p", "", "", "nfs://[::1]/p", "[::1]:/p" },
	{ "a colon in the path", "http", "h/a:b:c", "", "", "http://h/a:b:c", "http://h/a:b:c" },
	{ "a name", "ftp", "h/p", "joe", "", "ftp://joe@h/p", "ftp://h/p" },
	{ "a password", "http", "h/p", "joe", "pw", "http://joe:pw@h/p", "http://h/p" },
	{ "what must be encoded", "http", "h/p", "j/e@x", "a:b%2F#?", "http://j%2Fe%40x:a%3Ab%252F%23%3F@h/p", "http://h/p" },
	{ "no password without a name", "http", "h/p", "", "pw", "http://h/p", "http://h/p" },
};
// clang-format on

static void locations(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_str_freep)
	char *text =
		sp_server_location(row->protocol, row->address, row->user, row->password);
	SP_AUTO(sp_location_done) struct sp_location location = { 0 };
	SP_AUTO(sp_str_freep) char *shown = NULL;
	struct sp_error err = SP_ERROR_INIT;

	assert_string_equal(text, row->location);
	assert_int_equal(sp_location_parse(text, &location, &err), 0);
	shown = sp_location_display(&location);
	assert_string_equal(shown, row->shown);
	if (!row->user || !*row->user)
		return;
	assert_string_equal(location.user, row->user);
	assert_string_equal(location.password ? location.password : "", row->password);
}

int main(void)
{
	return table_run("server: locations", rows, locations);
}
