/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is not trusted, and by which key it is signed.  Going on is the operator's act:
 * Back is what Enter and F12 press. */
#include <string.h>

#include "base/json.h"
#include "ui/screen.h"

enum { FINGERPRINT_DIGITS = 40 };

/* As people compare fingerprints: in groups of four.  Of a key that is not at hand only
 * the end of its fingerprint may be known. */
static int add_key(struct sp_screen *screen, const char *key, struct sp_error *err)
{
	struct sp_strbuf groups = { 0 };
	SP_AUTO(sp_str_freep) char *text = NULL;

	for (size_t i = 0, n = strlen(key); i < n; i += 4)
		sp_strbuf_add(&groups, "%s%.4s", i ? " " : "", key + i);
	text = sp_strbuf_take(&groups);
	if (!text)
		return sp_error_nomem(err);
	return sp_page_add_text(&screen->page, err, "\n\n%s\n  %s",
				strlen(key) < FINGERPRINT_DIGITS
					? "Signed by a key whose fingerprint ends in"
					: "Signed by the key with the fingerprint",
				text);
}

static int add_signer(struct sp_screen *screen, struct sp_error *err)
{
	const char *key = sp_screen_text(screen, "key");
	const char *user_id = sp_screen_text(screen, "user_id");
	int r = 0;

	if (*key)
		r = add_key(screen, key, err);
	if (r == 0 && *user_id)
		r = sp_page_add_text(&screen->page, err, "\nwhich says it is of\n  %s",
				     user_id);
	return r;
}

static int open_trust(struct sp_screen *screen, struct sp_error *err)
{
	const char *location = sp_screen_text(screen, "location");
	SP_AUTO(sp_str_freep) char *text = sp_screen_sentence(screen, "text");
	const char *advice = sp_screen_text(screen, "advice");
	int r = sp_page_set(&screen->page, sp_json_get_string(screen->question, "title"),
			    NULL, err);

	if (r == 0)
		r = sp_page_add_text(
			&screen->page, err, "'%s'%s%s%s", sp_screen_text(screen, "pack"),
			*location ? "\nat '" : "", location, *location ? "'" : "");
	if (r == 0 && *text)
		r = sp_page_add_text(&screen->page, err, "\n\n%s", text);
	if (r == 0)
		r = add_signer(screen, err);
	if (r == 0 && *advice)
		r = sp_page_add_text(&screen->page, err, "\n\n%s", advice);
	if (r < 0)
		return r;
	sp_page_add_button(&screen->page, "Use It Anyway", SP_EVENT_NEXT);
	sp_page_add_button(&screen->page, "Back", SP_EVENT_BACK);
	screen->page.button = 1;
	return 0;
}

const struct sp_screen_kind sp_screen_trust = { "trust", open_trust, NULL, NULL };
