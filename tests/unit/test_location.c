/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "repo/location.h"
#include "support/table.h"

#include <stdlib.h>
#include <string.h>

static const struct row {
	const char *name, *text;
	enum sp_location_kind kind;
	const char *path, *url, *host;
	unsigned port;
	const char *user, *password, *display;
} rows[] = {
	// clang-format off
	{ "nothing",          "",                  SP_LOCATION_LOCAL, .display = "local" },
	{ "blanks",           "  \t ",             SP_LOCATION_LOCAL, .display = "local" },
	{ "local",            "local",             SP_LOCATION_LOCAL, .display = "local" },
	{ "Local",            " Local ",           SP_LOCATION_LOCAL, .display = "local" },
	{ "device",           "/dev/sr0",          SP_LOCATION_DEVICE, "/dev/sr0", .display = "/dev/sr0" },
	{ "device by label",  "/dev/disk/by-label/DRIVERS", SP_LOCATION_DEVICE, "/dev/disk/by-label/DRIVERS",
	  .display = "/dev/disk/by-label/DRIVERS" },
	{ "directory",        "/mnt/packs/",       SP_LOCATION_DIRECTORY, "/mnt/packs/", .display = "/mnt/packs/" },
	{ "relative",         "packs/good",        SP_LOCATION_DIRECTORY, "packs/good", .display = "packs/good" },
	{ "with a colon",     "./a:b/c",           SP_LOCATION_DIRECTORY, "./a:b/c", .display = "./a:b/c" },
	{ "image",            "/tmp/d.iso",        SP_LOCATION_IMAGE, "/tmp/d.iso", .display = "/tmp/d.iso" },
	{ "IMAGE",            "/tmp/D.ISO",        SP_LOCATION_IMAGE, "/tmp/D.ISO", .display = "/tmp/D.ISO" },
	{ "a file '.iso'",    ".iso",              SP_LOCATION_DIRECTORY, ".iso", .display = ".iso" },
	{ "rpm",              "x-1-1.x86_64.rpm",  SP_LOCATION_RPM, "x-1-1.x86_64.rpm", .display = "x-1-1.x86_64.rpm" },
	{ "file URL",         "file:///mnt/a",     SP_LOCATION_DIRECTORY, "/mnt/a", .display = "/mnt/a" },
	{ "file localhost",   "FILE://localhost/a.iso", SP_LOCATION_IMAGE, "/a.iso", .display = "/a.iso" },
	{ "http",             "http://h.example/a/b", SP_LOCATION_URL, .url = "http://h.example/a/b", .host = "h.example",
	  .display = "http://h.example/a/b" },
	{ "no path",          "https://h",         SP_LOCATION_URL, .url = "https://h/", .host = "h", .display = "https://h/" },
	{ "scheme in capitals", "HTTP://h/",       SP_LOCATION_URL, .url = "http://h/", .host = "h", .display = "http://h/" },
	{ "port",             "http://h:8080/x.iso", SP_LOCATION_URL, .url = "http://h:8080/x.iso", .host = "h", .port = 8080,
	  .display = "http://h:8080/x.iso" },
	{ "credentials",      "http://joe:s3cret@h/x", SP_LOCATION_URL, .url = "http://h/x", .host = "h",
	  .user = "joe", .password = "s3cret", .display = "http://h/x" },
	{ "user alone",       "ftp://joe@h/x",     SP_LOCATION_URL, .url = "ftp://h/x", .host = "h", .user = "joe",
	  .display = "ftp://h/x" },
	{ "encoded",          "ftp://a%40b:p%3a%2F%25@h/x", SP_LOCATION_URL, .url = "ftp://h/x", .host = "h",
	  .user = "a@b", .password = "p:/%", .display = "ftp://h/x" },
	{ "@ in the password", "http://joe:a@b@h/x", SP_LOCATION_URL, .url = "http://h/x", .host = "h",
	  .user = "joe", .password = "a@b", .display = "http://h/x" },
	{ "@ in the path",    "http://h/a@b",      SP_LOCATION_URL, .url = "http://h/a@b", .host = "h", .display = "http://h/a@b" },
	{ "empty password",   "http://joe:@h/x",   SP_LOCATION_URL, .url = "http://h/x", .host = "h",
	  .user = "joe", .password = "", .display = "http://h/x" },
	{ "IPv6",             "http://[2001:db8::1]:81/x", SP_LOCATION_URL, .url = "http://[2001:db8::1]:81/x",
	  .host = "2001:db8::1", .port = 81, .display = "http://[2001:db8::1]:81/x" },
	{ "nfs URL",          "nfs://server/packs", SP_LOCATION_NFS, "/packs", .host = "server", .display = "server:/packs" },
	{ "nfs URL, colon",   "nfs://server:/packs", SP_LOCATION_NFS, "/packs", .host = "server", .display = "server:/packs" },
	{ "nfs URL, port",    "nfs://server:12049/p", SP_LOCATION_NFS, "/p", .host = "server", .port = 12049,
	  .display = "server:12049:/p" },
	{ "nfs",              "server:/packs",     SP_LOCATION_NFS, "/packs", .host = "server", .display = "server:/packs" },
	{ "nfs, IPv6",        "[fe80::1]:/packs",  SP_LOCATION_NFS, "/packs", .host = "fe80::1", .display = "[fe80::1]:/packs" },
	// clang-format on
};

static void same(const char *is, const char *should)
{
	if (!should)
		assert_null(is);
	else
		assert_string_equal(is ? is : "(null)", should);
}

static void is_taken_apart(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_location_done) struct sp_location location = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_str_freep) char *display = NULL;

	assert_int_equal(sp_location_parse(row->text, &location, &err), 0);
	assert_int_equal(location.kind, row->kind);
	same(location.path, row->path);
	same(location.url, row->url);
	same(location.host, row->host);
	assert_int_equal(location.port, row->port);
	same(location.user, row->user);
	same(location.password, row->password);
	display = sp_location_display(&location);
	same(display, row->display);
}

static const struct bad_row {
	const char *name, *text, *says;
} bad_rows[] = {
	// clang-format off
	{ "unknown scheme",     "smb://h/x",              "'smb://' is not supported" },
	{ "scheme of a helper", "ext+sh://x",             "'ext+sh://' is not supported" },
	{ "no host",            "http:///x",              "no valid host" },
	{ "host with a blank",  "http://a b/x",           "no valid host" },
	{ "host like an option", "http://-oProxy/x",      "no valid host" },
	{ "newline",            "http://h/x\ngpgcheck=0", "control character" },
	{ "escape",             "/mnt/\x1b[2J",           "control character" },
	{ "no UTF-8",           "/mnt/\xff",              "no UTF-8" },
	{ "port too large",     "http://h:65536/",        "port" },
	{ "port no number",     "http://h:8o/",           "port" },
	{ "port zero",          "http://h:0/",            "port" },
	{ "query",              "http://h/x?a=b",         "'?'" },
	{ "query for a path",   "http://h?x",             "'?'" },
	{ "half a code",        "http://s3cret:s3cret%4@h/", "not encoded" },
	{ "coded newline",      "http://joe:s3cret%0a@h/",   "not encoded" },
	{ "coded NUL",          "http://joe:s3cret%00x@h/",  "not encoded" },
	{ "open bracket",       "http://[::1/x",          "without a ']'" },
	{ "after the bracket",  "http://[::1]x/",         "no port" },
	{ "relative file URL",  "file://packs/x",         "absolute path" },
	{ "nfs without path",   "nfs://server",           "needs a path" },
	{ "nfs options",        "server:/x,suid",         "comma" },
	{ "nfs host",           "a;b:/x",                 "host name" },
	// clang-format on
};

static void is_refused(void **state)
{
	const struct bad_row *row = *state;
	SP_AUTO(sp_location_done) struct sp_location location = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_location_parse(row->text, &location, &err), -SP_ERR_USAGE);
	assert_non_null(strstr(err.text, row->says));
	assert_null(strstr(err.text, "s3cret"));
	assert_null(location.path);
}

static void too_long_is_refused(void **state)
{
	SP_AUTO(sp_location_done) struct sp_location location = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	char text[SP_LOCATION_MAX_BYTES + 2];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_int_equal(sp_location_parse(text, &location, &err), -SP_ERR_USAGE);
	text[SP_LOCATION_MAX_BYTES] = '\0';
	assert_int_equal(sp_location_parse(text, &location, &err), 0);
}

int main(void)
{
	const struct CMUnitTest others[] = { cmocka_unit_test(too_long_is_refused) };
	int failed = table_run("location", rows, is_taken_apart);

	failed += table_run("location refused", bad_rows, is_refused);
	return failed + cmocka_run_group_tests(others, NULL, NULL);
}
