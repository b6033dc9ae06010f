/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The questions by their word, and what they have in common. */
#include "ui/screen.h"

#include <ctype.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

static const struct sp_screen_kind *const kinds[] = {
	&sp_screen_source,  &sp_screen_packs,    &sp_screen_trust, &sp_screen_confirm,
	&sp_screen_licence, &sp_screen_form,     &sp_screen_proof, &sp_screen_problem,
	&sp_screen_upgrade, &sp_screen_verified,
};

static const char *const words[] = {
	[SP_EVENT_NEXT] = "next",     [SP_EVENT_BACK] = "back",
	[SP_EVENT_AGAIN] = "again",   [SP_EVENT_CANCEL] = "cancel",
	[SP_EVENT_VERIFY] = "verify",
};

void sp_screen_free(struct sp_screen *screen)
{
	if (screen->typed)
		explicit_bzero(screen->typed, strlen(screen->typed));
	free(screen->typed);
	sp_address_done(&screen->address);
	sp_page_done(&screen->page);
	sp_json_free(screen->question);
	free(screen);
}

static const struct sp_screen_kind *find_kind(const char *ask)
{
	for (size_t i = 0; ask && i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i]->ask, ask) == 0)
			return kinds[i];
	return NULL;
}

int sp_screen_new(struct json_object *question, struct sp_screen **ret_screen,
		  struct sp_error *err)
{
	const struct sp_screen_kind *kind =
		find_kind(sp_json_get_string(question, "ask"));
	SP_AUTO(sp_screen_freep) struct sp_screen *screen = NULL;
	int r;

	if (!kind)
		return SP_SCREEN_UNKNOWN;
	screen = calloc(1, sizeof *screen);
	if (!screen)
		return sp_error_nomem(err);
	screen->kind = kind;
	screen->question = sp_json_ref(question);
	screen->word = words[SP_EVENT_BACK];
	r = kind->open(screen, err);
	if (r < 0)
		return r;
	*ret_screen = sp_steal(screen);
	return 0;
}

enum sp_next sp_screen_answer_with(struct sp_screen *screen, enum sp_event event)
{
	screen->word = words[event];
	return SP_NEXT_ANSWER;
}

enum sp_next sp_screen_refuse(struct sp_screen *screen, const char *notice)
{
	screen->page.notice = notice;
	return SP_NEXT_REDRAW;
}

static enum sp_next handle_as_usual(struct sp_screen *screen, enum sp_event event)
{
	if (event == SP_EVENT_TICK) {
		(void)sp_page_toggle(&screen->page);
		return SP_NEXT_STAY;
	}
	return sp_screen_answer_with(screen, event);
}

enum sp_next sp_screen_handle(struct sp_screen *screen, enum sp_event event)
{
	screen->page.notice = NULL;
	if (screen->kind->handle)
		return screen->kind->handle(screen, event);
	return handle_as_usual(screen, event);
}

struct json_object *sp_screen_answer(const struct sp_screen *screen, const char *word)
{
	struct json_object *answer = sp_json_object();

	sp_json_set_int(answer, "id", sp_json_get_int(screen->question, "id", 0));
	sp_json_set_string(answer, "answer", word ? word : screen->word);
	if (screen->kind->answer)
		screen->kind->answer(screen, answer);
	return answer;
}

const char *sp_screen_text(const struct sp_screen *screen, const char *key)
{
	const char *text = sp_json_get_string(screen->question, key);

	return text ? text : "";
}

static const char *advice_at(const struct json_object *findings, size_t index)
{
	const char *advice = sp_json_get_string(sp_json_at(findings, index), "advice");

	return advice ? advice : "";
}

/* Advice that is the same for several in a row stands below the last of them. */
static int add_finding(struct sp_screen *screen, const struct json_object *findings,
		       size_t index, struct sp_error *err)
{
	const char *text = sp_json_get_string(sp_json_at(findings, index), "text");
	const char *advice = advice_at(findings, index);
	bool is_last = index + 1 == sp_json_length(findings) ||
		       strcmp(advice, advice_at(findings, index + 1)) != 0;
	int r = sp_page_add_text(&screen->page, err, "%s- %s",
				 *screen->page.text ? "\n" : "", text ? text : "");

	if (r == 0 && is_last && *advice)
		r = sp_page_add_text(&screen->page, err, "\n  %s", advice);
	return r;
}

int sp_screen_add_findings(struct sp_screen *screen, struct sp_error *err)
{
	const struct json_object *findings = sp_json_get(screen->question, "findings");
	int r = 0;

	for (size_t i = 0; r == 0 && i < sp_json_length(findings); i++)
		r = add_finding(screen, findings, i, err);
	return r;
}

int sp_screen_open_result(struct sp_screen *screen,
			  int (*add)(struct sp_screen *screen,
				     const struct json_object *row, struct sp_error *err),
			  struct sp_error *err)
{
	const struct json_object *rows = sp_json_get(screen->question, "rows");
	int r = sp_page_set(&screen->page, sp_json_get_string(screen->question, "title"),
			    sp_screen_text(screen, "text"), err);

	for (size_t i = 0; r == 0 && i < sp_json_length(rows); i++)
		r = add(screen, sp_json_at(rows, i), err);
	if (r == 0 && sp_json_length(sp_json_get(screen->question, "findings")) > 0)
		r = sp_page_add_text(&screen->page, err, "\n");
	return r < 0 ? r : sp_screen_add_findings(screen, err);
}

char *sp_screen_sentence(const struct sp_screen *screen, const char *key)
{
	const char *text = sp_screen_text(screen, key);
	size_t len = strlen(text);
	bool is_open = len > 0 && isalnum((unsigned char)text[len - 1]);
	char *sentence = sp_text_format("%s%s", text, is_open ? "." : "");

	if (sentence)
		sentence[0] = (char)toupper((unsigned char)sentence[0]);
	return sentence;
}
