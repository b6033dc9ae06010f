/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Nobody is asked beforehand: most servers want nothing. */

#include "installer-plugin/login.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "installer-plugin/context.h"
#include "installer-plugin/look.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/question.h"
#include "installer-plugin/server.h"
#include "repo/location.h"

/* What the operator gave; wiped. */
struct login {
	char *user, *password;
};

static void wipe(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

static void login_done(struct login *login)
{
	wipe(&login->user);
	wipe(&login->password);
}

/* ---- the question ---------------------------------------------------------------------- */

static struct json_object *field(const char *key, const char *label, const char *value,
				 bool secret)
{
	struct json_object *json = sp_json_object();

	sp_json_set_string(json, "key", key);
	sp_json_set_string(json, "label", label);
	sp_json_set_string(json, "value", value ? value : "");
	sp_json_set_bool(json, "secret", secret);
	return json;
}

static struct json_object *make_question(const struct sp_location *location,
					 const char *shown)
{
	struct json_object *json = sp_question_new("form", "Name and Password");
	struct json_object *fields = sp_json_array();

	sp_question_set_taken(
		json, "text",
		sp_text_format(location->user ? "'%s' refuses this name and password."
					      : "'%s' asks for a name and a password.",
			       shown));
	sp_json_append(fields, field("user", "Name:", location->user, false));
	sp_json_append(fields, field("password", "Password:", NULL, true));
	sp_json_set(json, "fields", fields);
	return json;
}

static int ask(struct sp_operator *op, const char *where, const char *shown,
	       struct login *login, enum sp_answer *ret_answer, struct sp_error *err)
{
	SP_AUTO(sp_location_done) struct sp_location location = { 0 };
	SP_AUTO(sp_json_freep) struct json_object *reply = NULL;
	const struct json_object *values;
	const char *user, *password;
	int r = sp_location_parse(where, &location, err);

	if (r == 0)
		r = sp_operator_ask(op, make_question(&location, shown), ret_answer,
				    &reply, err);
	values = r == 0 ? sp_json_get(reply, "values") : NULL;
	user = sp_json_get_string(values, "user");
	password = sp_json_get_string(values, "password");
	if (r < 0 || *ret_answer != SP_ANSWER_NEXT || !user || !*user)
		return r;
	login->user = strdup(user);
	login->password = strdup(password ? password : "");
	return login->user && login->password ? 0 : sp_error_nomem(err);
}

/* ---- the answer, as part of a location ----------------------------------------------------- */

/* @shown has no credentials. */
static char *with_login(const char *shown, const struct login *login)
{
	const char *host = strstr(shown, "://");
	SP_AUTO(sp_str_freep)
	char *protocol = host ? strndup(shown, (size_t)(host - shown)) : NULL;

	if (!host)
		return strdup(shown);
	return protocol ? sp_server_location(protocol, host + 3, login->user,
					     login->password)
			: NULL;
}

/* Which of them the operator wrote that is shown so; NULL: none. */
static char **location_at(struct sp_strv *locations, const char *shown)
{
	for (size_t i = 0; i < locations->n; i++) {
		SP_AUTO(sp_location_done) struct sp_location location = { 0 };
		SP_AUTO(sp_str_freep) char *text = NULL;
		struct sp_error ignored = SP_ERROR_INIT;

		if (sp_location_parse(locations->items[i], &location, &ignored) == 0)
			text = sp_location_display(&location);
		if (text && !strcmp(text, shown))
			return &locations->items[i];
	}
	return NULL;
}

int sp_login_look(struct sp_context *context, struct sp_strv *locations,
		  struct sp_operator *op, struct sp_look *look, struct sp_error *err)
{
	int r = sp_look_at(context, locations, op, look, err);

	while (r == 0 && look->locked) {
		SP_AUTO(login_done) struct login login = { 0 };
		enum sp_answer answer = SP_ANSWER_BACK;
		char **where = location_at(locations, look->locked);
		char *url;

		if (!where)
			return 0;
		sp_operator_busy(op, NULL);
		r = ask(op, *where, look->locked, &login, &answer, err);
		if (r < 0 || !login.user)
			return r;
		url = with_login(look->locked, &login);
		if (!url)
			return sp_error_nomem(err);
		wipe(where);
		*where = url;
		sp_look_done(look);
		sp_operator_busy(op, "Looking once more");
		r = sp_look_at(context, locations, op, look, err);
	}
	return r;
}
