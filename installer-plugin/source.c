/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One question, and the memory of how it was answered. */

#include "installer-plugin/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/prepared.h"
#include "installer-plugin/question.h"
#include "installer-plugin/server.h"
#include "probe/media.h"
#include "repo/location.h"

enum { SETTLE_MS = 1000, LATE_MEDIA_MS = 5000 };

void sp_source_done(struct sp_source *source)
{
	sp_strv_done(&source->locations);
	free(source->typed);
	free(source->chosen);
	free(source->prepared);
	free(source->protocol);
	free(source->address);
	free(source->user);
	*source = (struct sp_source){ 0 };
}

static int list_media(const struct sp_source *source, struct sp_context *context,
		      struct sp_operator *op, struct sp_media *media,
		      struct sp_error *err)
{
	struct sp_patience patience = sp_operator_patience(op);
	int r;

	sp_operator_busy(op, "Looking for media");
	/* The first screen comes at once; who looks again waits for what comes late. */
	r = sp_media_wait(context->root, source->was_asked ? SETTLE_MS : 0, LATE_MEDIA_MS,
			  &patience, media, err);
	if (r == 0)
		r = sp_media_survey(context->root, media, &patience, err);
	sp_operator_busy(op, NULL);
	return r;
}

static struct json_object *make_question(const struct sp_source *source,
					 enum sp_source_goal goal,
					 const struct sp_context *context,
					 const struct sp_media *media)
{
	const struct sp_source_memory memory = {
		.typed = source->typed,
		.chosen = source->chosen,
		.prepared = source->prepared,
		.protocol = source->protocol,
		.address = source->address,
		.user = source->user,
	};

	if (goal == SP_SOURCE_OF_PACKS)
		return sp_question_source("Supplemental Packs", media, NULL, &memory);
	return sp_question_source("Load Driver", media, &context->devices, &memory);
}

/* Whatever the answer was: what was typed and chosen comes with each. */
static int remember(struct sp_source *source, const struct json_object *reply,
		    struct sp_error *err)
{
	const char *typed = sp_json_get_string(reply, "typed");
	const char *chosen = sp_json_get_string(reply, "location");

	free(source->typed);
	free(source->chosen);
	source->typed = typed ? strdup(typed) : NULL;
	source->chosen = chosen ? strdup(chosen) : NULL;
	return (typed && !source->typed) || (chosen && !source->chosen)
		       ? sp_error_nomem(err)
		       : 0;
}

static int set_text(char **to, const struct json_object *json, const char *key,
		    struct sp_error *err)
{
	const char *text = sp_json_get_string(json, key);

	free(*to);
	*to = strdup(text ? text : "");
	return *to ? 0 : sp_error_nomem(err);
}

/* All but the password. */
static int remember_server(struct sp_source *source, const struct json_object *server,
			   struct sp_error *err)
{
	int r = set_text(&source->protocol, server, "protocol", err);

	if (r == 0)
		r = set_text(&source->address, server, "address", err);
	return r < 0 ? r : set_text(&source->user, server, "user", err);
}

static void wipe(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
}

static int take_server(struct sp_source *source, const struct json_object *server,
		       struct sp_error *err)
{
	SP_AUTO(wipe) char *where = NULL;
	int r = remember_server(source, server, err);

	if (r < 0)
		return r;
	where = sp_server_location(source->protocol, source->address, source->user,
				   sp_json_get_string(server, "password"));
	sp_strv_done(&source->locations);
	return where ? sp_strv_add(&source->locations, where, err) : sp_error_nomem(err);
}

/* A password that was typed is used, and not shown again. */
static int hide_password(struct sp_source *source, struct sp_error *err)
{
	SP_AUTO(sp_location_done) struct sp_location location = { 0 };
	struct sp_error ignored = SP_ERROR_INIT;

	if (!source->typed || sp_location_parse(source->typed, &location, &ignored) < 0 ||
	    (!location.user && !location.password))
		return 0;
	wipe(&source->typed);
	source->typed = sp_location_display(&location);
	return source->typed ? 0 : sp_error_nomem(err);
}

static int take_location(struct sp_source *source, const struct json_object *reply,
			 struct sp_error *err)
{
	const struct json_object *server = sp_json_get(reply, "server");
	const char *where = source->chosen;

	if (server)
		return take_server(source, server, err);

	if (!where || !*where)
		where = source->typed;
	sp_strv_done(&source->locations);
	return sp_strv_add(&source->locations, where && *where ? where : "local", err);
}

/* extrarepo= is what is typed at first; a password in it is not for the screen. */
static int offer_repository(struct sp_source *source, const struct sp_context *context,
			    struct sp_error *err)
{
	const struct sp_strv *extra = &context->boot.extrarepo;
	SP_AUTO(sp_location_done) struct sp_location location = { 0 };
	struct sp_error ignored = SP_ERROR_INIT;

	if (source->typed || !extra->n ||
	    sp_location_parse(extra->items[0], &location, &ignored) < 0 ||
	    location.user || location.password)
		return 0;
	source->typed = strdup(extra->items[0]);
	return source->typed ? 0 : sp_error_nomem(err);
}

static int look_prepared(struct sp_source *source, const struct sp_context *context,
			 struct sp_error *err)
{
	int r = source->was_asked ? 0 : offer_repository(source, context, err);

	free(source->prepared);
	source->prepared = NULL;
	return r < 0 ? r : sp_prepared_find(context->root, &source->prepared, err);
}

int sp_source_ask(struct sp_source *source, enum sp_source_goal goal,
		  struct sp_context *context, struct sp_operator *op,
		  struct sp_error *err)
{
	SP_AUTO(sp_media_done) struct sp_media media = { 0 };
	SP_AUTO(sp_json_freep) struct json_object *reply = NULL;
	enum sp_answer answer;
	int r = list_media(source, context, op, &media, err);

	if (r < 0)
		return r;
	r = look_prepared(source, context, err);
	if (r < 0)
		return r;
	source->was_asked = true;
	r = sp_operator_ask(op, make_question(source, goal, context, &media), &answer,
			    &reply, err);
	if (r == 0 && reply)
		r = remember(source, reply, err);
	if (r == 0 && answer == SP_ANSWER_NEXT)
		r = take_location(source, reply, err);
	if (r == 0)
		r = hide_password(source, err);
	if (r < 0)
		return r;
	return answer == SP_ANSWER_NEXT    ? SP_SOURCE_CHOSEN
	       : answer == SP_ANSWER_AGAIN ? SP_SOURCE_AGAIN
					   : SP_SOURCE_DECLINED;
}
