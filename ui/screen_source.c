/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where to look: all media, one of those seen, or somewhere that is typed in.  Typing is
 * a page of its own, so that the list needs no second cursor. */
#include <string.h>

#include "base/json.h"
#include "ui/screen.h"

enum { STEP_LIST, STEP_TYPE, STEP_PROTOCOL, STEP_SERVER, MOST_ORPHANS = 4 };

static const char typed_key[] = "typed"; /* of the last rows, which are no locations */
static const char server_key[] = "server";

/* Not a driver disk for this machine, but packs for the host that is installed. */
static bool is_for_packs(const struct sp_screen *screen)
{
	return strcmp(sp_screen_text(screen, "goal"), "packs") == 0;
}

static int add_orphans(struct sp_screen *screen, struct sp_error *err)
{
	const struct json_object *orphans = sp_json_get(screen->question, "orphans");
	size_t n = sp_json_length(orphans);
	int r;

	if (is_for_packs(screen))
		return 0;
	if (n == 0)
		return sp_page_add_text(&screen->page, err,
					"Every device of this machine has a driver.\n\n");
	r = sp_page_add_text(&screen->page, err, "Without a driver:\n");
	for (size_t i = 0; r == 0 && i < n && i < MOST_ORPHANS; i++) {
		const char *text = sp_json_text(sp_json_at(orphans, i));

		r = sp_page_add_text(&screen->page, err, "- %s\n", text ? text : "");
	}
	if (r == 0 && n > MOST_ORPHANS)
		r = sp_page_add_text(&screen->page, err, "  and %zu more\n",
				     n - MOST_ORPHANS);
	return r < 0 ? r : sp_page_add_text(&screen->page, err, "\n");
}

static int add_medium(struct sp_screen *screen, const struct json_object *medium,
		      struct sp_error *err)
{
	const char *location = sp_json_get_string(medium, "location");
	const char *text = sp_json_get_string(medium, "text");
	const char *hint = sp_json_get_string(medium, "hint");
	SP_AUTO(sp_str_freep)
	char *detail = sp_text_format("%s%s%s", location ? location : "",
				      hint && *hint ? ": " : "", hint ? hint : "");

	int r;

	if (!detail)
		return sp_error_nomem(err);
	r = sp_page_add_row(&screen->page, SP_MARK_PLAIN, text ? text : location, detail,
			    err);
	return r < 0 ? r : sp_page_set_key(&screen->page, location ? location : "", err);
}

static int add_rows(struct sp_screen *screen, struct sp_error *err)
{
	const struct json_object *media = sp_json_get(screen->question, "media");
	struct sp_page *page = &screen->page;
	int r = sp_page_add_row(page, SP_MARK_PLAIN, "Search all media",
				"Disks, CD-ROMs and USB sticks, also one that is plugged "
				"in now.",
				err);

	if (r == 0)
		r = sp_page_set_key(page, "local", err);
	for (size_t i = 0; r == 0 && i < sp_json_length(media); i++)
		r = add_medium(screen, sp_json_at(media, i), err);
	if (r == 0)
		r = sp_page_add_row(page, SP_MARK_PLAIN, "A server ...",
				    "HTTP, HTTPS, FTP or NFS.", err);
	if (r == 0)
		r = sp_page_set_key(page, server_key, err);
	if (r == 0)
		r = sp_page_add_row(page, SP_MARK_PLAIN, "Another location ...",
				    "A web or FTP address, a network share, a directory "
				    "or a file.",
				    err);
	return r < 0 ? r : sp_page_set_key(page, typed_key, err);
}

/* The cursor starts where the last choice was. */
static void find_cursor(struct sp_screen *screen)
{
	const char *chosen = sp_screen_text(screen, "chosen");

	if (!*chosen && screen->typed && *screen->typed)
		chosen = typed_key;
	if (screen->step == STEP_TYPE)
		chosen = typed_key;
	if (screen->step == STEP_PROTOCOL || (!*chosen && *screen->address.host_path))
		chosen = server_key;
	for (size_t i = 0; i < screen->page.n_rows; i++)
		if (screen->page.rows[i].key &&
		    strcmp(screen->page.rows[i].key, chosen) == 0)
			screen->page.cursor = i;
}

static int show_list(struct sp_screen *screen, struct sp_error *err)
{
	int r;

	sp_page_done(&screen->page);
	r = sp_page_set(&screen->page, sp_json_get_string(screen->question, "title"),
			NULL, err);
	if (r == 0)
		r = add_orphans(screen, err);
	if (r == 0)
		r = sp_page_add_text(&screen->page, err,
				     is_for_packs(screen)
					     ? "Any supplemental packs?  Where are they?"
					     : "Where is the driver disk?");
	if (r == 0)
		r = add_rows(screen, err);
	if (r < 0)
		return r;
	sp_page_add_button(&screen->page, "Ok", SP_EVENT_NEXT);
	sp_page_add_button(&screen->page, "Look Again", SP_EVENT_AGAIN);
	sp_page_add_button(&screen->page, "Back", SP_EVENT_BACK);
	find_cursor(screen);
	screen->step = STEP_LIST;
	return 0;
}

static int show_type(struct sp_screen *screen, struct sp_error *err)
{
	static const char examples[] =
		"for example\n"
		"  http://server/path/    https:// and ftp:// too\n"
		"  nfs://server/path\n"
		"  /dev/sdb1\n"
		"  /path/to/disk.iso      a directory or an .rpm too";
	const char *what = is_for_packs(screen) ? "Type where the packs are, "
						: "Type where the driver disk is, ";
	int r;

	sp_page_done(&screen->page);
	r = sp_page_set(&screen->page, sp_json_get_string(screen->question, "title"),
			NULL, err);
	if (r == 0)
		r = sp_page_add_text(&screen->page, err, "%s%s", what, examples);
	if (r == 0)
		r = sp_page_add_field(&screen->page, "typed", "Location:", screen->typed,
				      err);
	if (r < 0)
		return r;
	sp_page_add_button(&screen->page, "Ok", SP_EVENT_NEXT);
	sp_page_add_button(&screen->page, "Back", SP_EVENT_BACK);
	screen->step = STEP_TYPE;
	return 0;
}

/* ---- a server ---------------------------------------------------------------------- */

static const struct sp_address_protocol *protocol_of(const struct sp_screen *screen)
{
	return &sp_address_protocols[screen->address.protocol];
}

static int show_protocols(struct sp_screen *screen, struct sp_error *err)
{
	struct sp_page *page = &screen->page;
	int r;

	sp_page_done(page);
	r = sp_page_set(page, sp_json_get_string(screen->question, "title"),
			"How is the server reached?", err);
	for (size_t i = 0; r == 0 && i < SP_ADDRESS_PROTOCOLS; i++)
		r = sp_page_add_row(page, SP_MARK_PLAIN, sp_address_protocols[i].text,
				    NULL, err);
	if (r < 0)
		return r;
	page->cursor = screen->address.protocol;
	sp_page_add_button(page, "Ok", SP_EVENT_NEXT);
	sp_page_add_button(page, "Back", SP_EVENT_BACK);
	screen->step = STEP_PROTOCOL;
	return 0;
}

static int show_server(struct sp_screen *screen, struct sp_error *err)
{
	const struct sp_address_protocol *protocol = protocol_of(screen);
	struct sp_page *page = &screen->page;
	int r;

	sp_page_done(page);
	r = sp_page_set(page, sp_json_get_string(screen->question, "title"), NULL, err);
	if (r == 0)
		r = sp_page_add_text(page, err,
				     "%s: type the server and the path on it, "
				     "for example\n  %s\n  [2001:db8::7]/path",
				     protocol->text, protocol->example);
	if (r == 0 && protocol->has_login)
		r = sp_page_add_text(page, err,
				     "\nA name and a password only if the "
				     "server wants them.");
	if (r == 0)
		r = sp_page_add_field(page, "address",
				      "Address:", screen->address.host_path, err);
	if (r == 0 && protocol->has_login)
		r = sp_page_add_field(page, "user", "Name:", screen->address.user, err);
	if (r == 0 && protocol->has_login)
		r = sp_page_add_field(page, "password",
				      "Password:", screen->address.password, err);
	if (r < 0)
		return r;
	if (protocol->has_login)
		page->fields[2].secret = true;
	sp_page_add_button(page, "Ok", SP_EVENT_NEXT);
	sp_page_add_button(page, "Back", SP_EVENT_BACK);
	screen->step = STEP_SERVER;
	return 0;
}

static enum sp_next shown(int r)
{
	return r < 0 ? SP_NEXT_FAILED : SP_NEXT_REDRAW;
}

static enum sp_next handle_protocols(struct sp_screen *screen, enum sp_event event)
{
	struct sp_error err = SP_ERROR_INIT;

	if (event == SP_EVENT_TICK)
		return SP_NEXT_STAY;
	screen->address.protocol = screen->page.cursor;
	return shown(event == SP_EVENT_BACK ? show_list(screen, &err)
					    : show_server(screen, &err));
}

static bool take(char **to, const struct sp_page *page, size_t field)
{
	char *value = strdup(field < page->n_fields ? page->fields[field].value : "");

	if (!value)
		return false;
	if (*to)
		explicit_bzero(*to, strlen(*to));
	free(*to);
	*to = value;
	return true;
}

static enum sp_next handle_server(struct sp_screen *screen, enum sp_event event)
{
	struct sp_address *address = &screen->address;
	struct sp_error err = SP_ERROR_INIT;
	int r;

	if (!take(&address->host_path, &screen->page, 0) ||
	    !take(&address->user, &screen->page, 1) ||
	    !take(&address->password, &screen->page, 2))
		return SP_NEXT_FAILED;
	r = sp_address_take_apart(address, &err);
	if (r < 0)
		return SP_NEXT_FAILED;
	if (event == SP_EVENT_BACK)
		return shown(show_protocols(screen, &err));
	if (r == SP_ADDRESS_UNKNOWN)
		return sp_screen_refuse(screen, "Only HTTP, HTTPS, FTP and NFS.");
	if (!*address->host_path || *address->host_path == '/')
		return sp_screen_refuse(screen, "Type a server's address, or go back.");
	return sp_screen_answer_with(screen, event);
}

static struct json_object *server_json(const struct sp_screen *screen)
{
	const struct sp_address *address = &screen->address;
	struct json_object *json = sp_json_object();

	sp_json_set_string(json, "protocol", protocol_of(screen)->name);
	sp_json_set_string(json, "address", address->host_path);
	sp_json_set_string(json, "user", address->user);
	sp_json_set_string(json, "password", address->password);
	return json;
}

/* ---- all of it --------------------------------------------------------------------- */

static char *copy_of(const struct json_object *json, const char *key)
{
	const char *text = sp_json_get_string(json, key);

	return strdup(text ? text : "");
}

static int open_source(struct sp_screen *screen, struct sp_error *err)
{
	const struct json_object *server = sp_json_get(screen->question, "server");
	const char *protocol = sp_json_get_string(server, "protocol");
	struct sp_address *address = &screen->address;

	address->protocol =
		protocol ? sp_address_protocol_find(protocol, strlen(protocol)) : 0;
	address->protocol %= SP_ADDRESS_PROTOCOLS;
	address->host_path = copy_of(server, "address");
	address->user = copy_of(server, "user");
	address->password = strdup("");
	screen->typed = strdup(sp_screen_text(screen, "typed"));
	return screen->typed && address->host_path && address->user && address->password
		       ? show_list(screen, err)
		       : sp_error_nomem(err);
}

static enum sp_next handle_list(struct sp_screen *screen, enum sp_event event)
{
	const struct sp_row *row = sp_page_row(&screen->page);
	struct sp_error err = SP_ERROR_INIT;

	if (event == SP_EVENT_TICK)
		return SP_NEXT_STAY;
	if (event == SP_EVENT_NEXT && row && strcmp(row->key, server_key) == 0)
		return shown(show_protocols(screen, &err));
	if (event == SP_EVENT_NEXT && row && strcmp(row->key, typed_key) == 0)
		return show_type(screen, &err) < 0 ? SP_NEXT_FAILED : SP_NEXT_REDRAW;
	return sp_screen_answer_with(screen, event);
}

static enum sp_next handle_type(struct sp_screen *screen, enum sp_event event)
{
	struct sp_error err = SP_ERROR_INIT;
	/* A password in it is not seen again. */
	char *typed = event == SP_EVENT_BACK
			      ? sp_address_without_login(screen->page.fields[0].value)
			      : strdup(screen->page.fields[0].value);

	if (!typed)
		return SP_NEXT_FAILED;
	free(screen->typed);
	screen->typed = typed;
	if (event == SP_EVENT_BACK)
		return show_list(screen, &err) < 0 ? SP_NEXT_FAILED : SP_NEXT_REDRAW;
	if (typed[strspn(typed, " ")] == '\0')
		return sp_screen_refuse(screen, "Type a location, or go back.");
	return sp_screen_answer_with(screen, event);
}

static enum sp_next handle_source(struct sp_screen *screen, enum sp_event event)
{
	static enum sp_next (*const handlers[])(struct sp_screen *, enum sp_event) = {
		[STEP_LIST] = handle_list,
		[STEP_TYPE] = handle_type,
		[STEP_PROTOCOL] = handle_protocols,
		[STEP_SERVER] = handle_server,
	};

	return handlers[screen->step](screen, event);
}

/* What was typed goes with every answer, so that the engine can show it again. */
static void answer_source(const struct sp_screen *screen, struct json_object *answer)
{
	const struct sp_row *row = sp_page_row(&screen->page);

	sp_json_set_string(answer, "typed", screen->typed);
	if (screen->step == STEP_SERVER)
		sp_json_set(answer, "server", server_json(screen));
	if (screen->step == STEP_LIST && row && strcmp(row->key, typed_key) != 0 &&
	    strcmp(row->key, server_key) != 0)
		sp_json_set_string(answer, "location", row->key);
}

const struct sp_screen_kind sp_screen_source = { "source", open_source, handle_source,
						 answer_source };
