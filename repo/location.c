/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One place where what somebody typed is taken apart, so that a password is dropped
 * from sight here and cannot turn up anywhere else. */
#include "repo/location.h"

#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_PORT = 65535 };

void sp_location_done(struct sp_location *location)
{
	if (location->password)
		explicit_bzero(location->password, strlen(location->password));
	free(location->path);
	free(location->url);
	free(location->host);
	free(location->user);
	free(location->password);
	*location = (struct sp_location){ 0 };
}

/* ---- schemes --------------------------------------------------------------- */

struct span {
	const char *at;
	size_t len;
};

typedef int (*parse_fn)(struct sp_location *location, const char *scheme,
			struct span rest, struct sp_error *err);

static int parse_file(struct sp_location *location, const char *scheme, struct span rest,
		      struct sp_error *err);
static int parse_url(struct sp_location *location, const char *scheme, struct span rest,
		     struct sp_error *err);
static int parse_nfs(struct sp_location *location, const char *scheme, struct span rest,
		     struct sp_error *err);

static const struct scheme {
	const char *name;
	parse_fn parse;
} schemes[] = {
	{ "http", parse_url },  { "https", parse_url }, { "ftp", parse_url },
	{ "file", parse_file }, { "nfs", parse_nfs },
};

static int fail(struct sp_error *err, const char *why)
{
	return sp_error_set(err, SP_ERR_USAGE, "%s", why);
}

static char *copy(struct span span)
{
	return strndup(span.at, span.len);
}

static struct span cut(struct span *span, size_t len, size_t skip)
{
	struct span head = { span->at, len };

	span->at += len + skip;
	span->len -= len + skip;
	return head;
}

static size_t find(struct span span, char c)
{
	const char *at = memchr(span.at, c, span.len);

	return at ? (size_t)(at - span.at) : span.len;
}

/* ---- paths ----------------------------------------------------------------- */

static bool has_suffix(const char *text, const char *suffix)
{
	size_t len = text ? strlen(text) : 0, n = strlen(suffix);

	return len > n && strcasecmp(text + len - n, suffix) == 0;
}

bool sp_location_is_image(const struct sp_location *location)
{
	return has_suffix(location->url ? location->url : location->path, ".iso");
}

bool sp_location_is_rpm(const struct sp_location *location)
{
	return has_suffix(location->url ? location->url : location->path, ".rpm");
}

static enum sp_location_kind kind_of(const struct sp_location *location)
{
	if (sp_location_is_image(location))
		return SP_LOCATION_IMAGE;
	if (sp_location_is_rpm(location))
		return SP_LOCATION_RPM;
	if (sp_text_starts_with(location->path, "/dev/"))
		return SP_LOCATION_DEVICE;
	return SP_LOCATION_DIRECTORY;
}

static int set_path(struct sp_location *location, struct span path, struct sp_error *err)
{
	location->path = copy(path);
	if (!location->path)
		return sp_error_nomem(err);
	location->kind = kind_of(location);
	return 0;
}

static int parse_file(struct sp_location *location, const char *scheme, struct span rest,
		      struct sp_error *err)
{
	(void)scheme;
	if (rest.len > 9 && strncasecmp(rest.at, "localhost/", 10) == 0)
		(void)cut(&rest, 9, 0);
	if (rest.len == 0 || rest.at[0] != '/')
		return fail(err, "a file:// location needs an absolute path, as in "
				 "'file:///mnt/packs'");
	return set_path(location, rest, err);
}

/* ---- servers --------------------------------------------------------------- */

static int hex_of(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* A decoded copy of "%41b"; NULL with @err set. */
static char *decoded(struct span span, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = malloc(span.len + 1);
	size_t n = 0;

	if (!text) {
		(void)sp_error_nomem(err);
		return NULL;
	}
	for (size_t i = 0; i < span.len; i++) {
		bool coded = span.at[i] == '%' && i + 2 < span.len;
		int high = coded ? hex_of(span.at[i + 1]) : -1;
		int low = coded ? hex_of(span.at[i + 2]) : -1;
		int c = high >= 0 && low >= 0 ? high << 4 | low : -1;

		if (span.at[i] == '%' && (c < 0x20 || c == 0x7f)) {
			(void)fail(err, "the credentials in the address are not encoded "
					"as they should be: write '%25' for '%'");
			explicit_bzero(text, span.len + 1);
			return NULL;
		}
		text[n++] = (char)(c >= 0 ? c : span.at[i]);
		i += c >= 0 ? 2 : 0;
	}
	text[n] = '\0';
	return sp_steal(text);
}

/* "user:password" in front of the last "@" of the authority. */
static int take_credentials(struct sp_location *location, struct span *authority,
			    struct sp_error *err)
{
	const char *at = memrchr(authority->at, '@', authority->len);
	struct span user, both;

	if (!at)
		return 0;
	both = cut(authority, (size_t)(at - authority->at), 1);
	user = cut(&both, find(both, ':'), 0);
	location->user = decoded(user, err);
	if (!location->user)
		return -(int)err->code;
	if (both.len == 0)
		return 0;
	(void)cut(&both, 0, 1);
	location->password = decoded(both, err);
	return location->password ? 0 : -(int)err->code;
}

static bool is_host(struct span host, bool in_brackets)
{
	const char *others = in_brackets ? ":.%" : ".-_";

	if (host.len == 0 || host.len > 253 || host.at[0] == '-')
		return false;
	for (size_t i = 0; i < host.len; i++)
		if (!isalnum((unsigned char)host.at[i]) && !strchr(others, host.at[i]))
			return false;
	return true;
}

static int take_port(struct sp_location *location, struct span text, struct sp_error *err)
{
	unsigned port = 0;

	if (text.len > 5)
		return fail(err, "the port in the address is no number up to 65535");
	for (size_t i = 0; i < text.len; i++) {
		if (!isdigit((unsigned char)text.at[i]))
			return fail(err,
				    "the port in the address is no number up to 65535");
		port = port * 10 + (unsigned)(text.at[i] - '0');
	}
	if (port > MAX_PORT || (text.len && port == 0))
		return fail(err, "the port in the address is no number up to 65535");
	location->port = port;
	return 0;
}

/* "host", "host:port", "[v6]", "[v6]:port". */
static int take_host(struct sp_location *location, struct span authority,
		     struct sp_error *err)
{
	bool in_brackets = authority.len && authority.at[0] == '[';
	struct span host;

	if (in_brackets) {
		size_t end = find(authority, ']');

		if (end == authority.len)
			return fail(err, "the address has a '[' without a ']'");
		(void)cut(&authority, 0, 1);
		host = cut(&authority, end - 1, 1);
	} else {
		host = cut(&authority, find(authority, ':'), 0);
	}
	if (!is_host(host, in_brackets))
		return fail(err, "the address has no valid host name");
	if (authority.len && authority.at[0] != ':')
		return fail(err, "the address has something behind its host name that is "
				 "no port");
	location->host = copy(host);
	if (!location->host)
		return sp_error_nomem(err);
	if (authority.len)
		(void)cut(&authority, 0, 1);
	return take_port(location, authority, err);
}

static char *authority_of(const struct sp_location *location)
{
	bool in_brackets = strchr(location->host, ':');
	char port[16] = "";

	if (location->port)
		(void)snprintf(port, sizeof port, ":%u", location->port);
	return sp_text_format("%s%s%s%s", in_brackets ? "[" : "", location->host,
			      in_brackets ? "]" : "", port);
}

static int parse_url(struct sp_location *location, const char *scheme, struct span rest,
		     struct sp_error *err)
{
	struct span authority = cut(&rest, find(rest, '/'), 0);
	SP_AUTO(sp_str_freep) char *shown = NULL;
	int r;

	location->kind = SP_LOCATION_URL;
	if (memchr(authority.at, '?', authority.len) || memchr(rest.at, '?', rest.len) ||
	    memchr(rest.at, '#', rest.len))
		return fail(err, "an address with '?' or '#' names no directory");
	r = take_credentials(location, &authority, err);
	if (r == 0)
		r = take_host(location, authority, err);
	if (r < 0)
		return r;
	shown = authority_of(location);
	if (!shown)
		return sp_error_nomem(err);
	location->url =
		sp_text_format("%s://%s%.*s", scheme, shown, rest.len ? (int)rest.len : 1,
			       rest.len ? rest.at : "/");
	return location->url ? 0 : sp_error_nomem(err);
}

/* Also "nfs://server:/path", which answerfiles have. */
static int parse_nfs(struct sp_location *location, const char *scheme, struct span rest,
		     struct sp_error *err)
{
	struct span authority = cut(&rest, find(rest, '/'), 0);
	int r;

	(void)scheme;
	location->kind = SP_LOCATION_NFS;
	if (rest.len == 0)
		return fail(err, "an NFS location needs a path, as in 'server:/packs'");
	if (memchr(rest.at, ',', rest.len))
		return fail(err, "the path of an NFS location must not hold a comma");
	r = take_host(location, authority, err);
	if (r < 0)
		return r;
	location->path = copy(rest);
	return location->path ? 0 : sp_error_nomem(err);
}

/* ---- all of it ------------------------------------------------------------- */

static struct span trimmed(const char *text)
{
	struct span span = { text, strlen(text) };

	while (span.len && isspace((unsigned char)span.at[0]))
		(void)cut(&span, 0, 1);
	while (span.len && isspace((unsigned char)span.at[span.len - 1]))
		span.len--;
	return span;
}

static int check_text(struct span text, struct sp_error *err)
{
	if (text.len > SP_LOCATION_MAX_BYTES)
		return fail(err, "the location is too long");
	if (!sp_text_is_utf8(text.at, text.len))
		return fail(err, "the location is no UTF-8 text");
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
			return fail(err, "the location holds a control character");
	return 0;
}

static const char *scheme_end(struct span text)
{
	size_t n = 0;

	while (n < text.len && (isalnum((unsigned char)text.at[n]) || text.at[n] == '+'))
		n++;
	return n && text.len - n >= 3 && memcmp(text.at + n, "://", 3) == 0 ? text.at + n
									    : NULL;
}

static int parse_scheme(struct sp_location *location, struct span text, size_t len,
			struct sp_error *err)
{
	struct span name = cut(&text, len, 3);

	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (strlen(schemes[i].name) == len &&
		    strncasecmp(schemes[i].name, name.at, len) == 0)
			return schemes[i].parse(location, schemes[i].name, text, err);
	return sp_error_set(
		err, SP_ERR_USAGE,
		"'%.*s://' is not supported: only http, https, ftp, file and nfs",
		len > 20 ? 20 : (int)len, name.at);
}

static bool is_nfs(struct span text)
{
	size_t colon = find(text, ':');
	const char *bracket = memchr(text.at, ']', text.len);

	if (text.len && text.at[0] == '[' && bracket)
		colon = (size_t)(bracket + 1 - text.at);
	return colon + 1 < text.len && text.at[colon] == ':' &&
	       text.at[colon + 1] == '/' && find(text, '/') > colon;
}

static int parse(struct sp_location *location, struct span text, struct sp_error *err)
{
	const char *end = scheme_end(text);
	int r = check_text(text, err);

	if (r < 0)
		return r;
	if (text.len == 0 || (text.len == 5 && strncasecmp(text.at, "local", 5) == 0)) {
		location->kind = SP_LOCATION_LOCAL;
		return 0;
	}
	if (end)
		return parse_scheme(location, text, (size_t)(end - text.at), err);
	if (is_nfs(text))
		return parse_nfs(location, "nfs", text, err);
	return set_path(location, text, err);
}

int sp_location_parse(const char *text, struct sp_location *ret_location,
		      struct sp_error *err)
{
	SP_AUTO(sp_location_done) struct sp_location location = { 0 };
	int r = parse(&location, trimmed(text), err);

	if (r < 0)
		return r;
	*ret_location = location;
	location = (struct sp_location){ 0 };
	return 0;
}

char *sp_location_display(const struct sp_location *location)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	SP_AUTO(sp_str_freep) char *server = NULL;

	switch (location->kind) {
	case SP_LOCATION_LOCAL:
		return sp_text_format("local");
	case SP_LOCATION_NFS:
		server = authority_of(location);
		text = server ? sp_text_format("%s:%s", server, location->path) : NULL;
		break;
	case SP_LOCATION_URL:
		text = strdup(location->url);
		break;
	case SP_LOCATION_DEVICE:
	case SP_LOCATION_DIRECTORY:
	case SP_LOCATION_IMAGE:
	case SP_LOCATION_RPM:
		text = strdup(location->path);
		break;
	}
	return sp_text_clean_dup(text);
}
