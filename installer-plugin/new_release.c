/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A whole kernel's modules come through here: one message for each, without what only a
 * module that is to be loaded needs. */

#include "installer-plugin/new_release.h"

#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/look_worker.h"
#include "installer-plugin/place.h"
#include "probe/modinfo.h"
#include "repo/location.h"
#include "repo/reader.h"
#include "repo/release.h"
#include "repo/tree.h"

enum {
	MODULES_MAX = 16384,
	NAMES_MAX = 65536,
};

struct reading {
	const struct sp_location *location;
	const char *shown;
	struct sp_release *release;
	struct sp_findings *findings;
	struct sp_place_how how;
};

/* ---- in the worker -------------------------------------------------------------------- */

static int send_head(struct sp_outlet *outlet, const struct sp_release *release,
		     const struct sp_findings *findings, struct sp_error *err)
{
	struct json_object *message = sp_json_object();

	sp_json_set_string(message, "what", release->what);
	sp_json_set_string(message, "kernel", release->kernel);
	sp_json_set_strv(message, "names", &release->names);
	sp_json_set_bool(message, "has_builtin", release->has_builtin);
	sp_json_set_strv(message, "builtin", &release->builtin);
	sp_json_set(message, "finding", sp_findings_to_json(findings));
	return sp_outlet_send(outlet, message, err);
}

static int send_module(struct sp_outlet *outlet, const struct sp_module *module,
		       bool is_builtin, struct sp_error *err)
{
	struct json_object *message = sp_json_object();

	sp_json_set_string(message, "module", module->name);
	sp_json_set_strv(message, "aliases", &module->aliases);
	sp_json_set_bool(message, "builtin", is_builtin);
	return sp_outlet_send(outlet, message, err);
}

static int say_none(const struct reading *reading, struct sp_findings *findings,
		    struct sp_error *err)
{
	return sp_findings_add(findings, "unreadable-release", reading->shown, err,
			       "'%s' is no repository of a release: it has no "
			       "repodata/repomd.xml",
			       reading->shown);
}

static int read_release(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct reading *reading = arg;
	const struct sp_release_options options = { sp_modinfo_read, reading->shown };
	SP_AUTO(sp_release_done) struct sp_release release = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = NULL;
	int r = sp_place_open(reading->location, &reading->how, &tree, &findings, err);

	if (r == 0)
		r = sp_release_read(tree, &options, &release, &findings, err);
	if (r == SP_RELEASE_NONE && tree)
		r = say_none(reading, &findings, err);
	if (r >= 0)
		r = send_head(outlet, &release, &findings, err);
	for (size_t i = 0; r == 0 && i < release.modules.n; i++)
		r = send_module(outlet, &release.modules.items[i], false, err);
	for (size_t i = 0; r == 0 && i < release.builtin_modules.n; i++)
		r = send_module(outlet, &release.builtin_modules.items[i], true, err);
	return r;
}

/* ---- in the engine -------------------------------------------------------------------- */

static int take_head(struct reading *reading, const struct json_object *message,
		     struct sp_error *err)
{
	struct sp_release *release = reading->release;
	const char *what = sp_json_get_string(message, "what");
	const char *kernel = sp_json_get_string(message, "kernel");

	if (release->what || sp_json_length(sp_json_get(message, "names")) > NAMES_MAX ||
	    sp_json_length(sp_json_get(message, "builtin")) > NAMES_MAX)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "a worker's message makes no sense");
	release->what = sp_text_clean_dup(what ? what : "the new release");
	release->kernel = kernel ? sp_text_clean_dup(kernel) : NULL;
	if (!release->what || (kernel && !release->kernel))
		return sp_error_nomem(err);
	release->has_builtin = sp_json_get_bool(message, "has_builtin", false);
	if (sp_json_get_strv(message, "names", &release->names, err) < 0 ||
	    sp_json_get_strv(message, "builtin", &release->builtin, err) < 0)
		return -(int)err->code;
	return sp_findings_from_json(sp_json_get(message, "finding"), reading->findings,
				     err);
}

static int take(void *user, struct json_object *message, struct sp_error *err)
{
	struct reading *reading = user;
	struct sp_module_list *modules = sp_json_get_bool(message, "builtin", false)
						 ? &reading->release->builtin_modules
						 : &reading->release->modules;
	const char *name = sp_json_get_string(message, "module");
	struct sp_module *module;

	if (!name)
		return take_head(reading, message, err);
	if (modules->n >= MODULES_MAX)
		return sp_error_set(err, SP_ERR_LIMIT, "more than %d modules",
				    MODULES_MAX);
	module = sp_array_add(&modules->items, &modules->n);
	if (!module)
		return sp_error_nomem(err);
	module->name = sp_text_clean_dup(name);
	if (!module->name)
		return sp_error_nomem(err);
	return sp_json_get_strv(message, "aliases", &module->aliases, err);
}

/* Half of a list of drivers would show losses that are none. */
static int give_up(struct reading *reading, const struct sp_error *cause,
		   struct sp_error *err)
{
	sp_release_done(reading->release);
	return sp_findings_add(reading->findings, "unreadable-release", reading->shown,
			       err, "the new release's drivers are not known: %s",
			       cause->text);
}

static int run(struct sp_context *context, struct sp_operator *op,
	       struct reading *reading, const char *what, struct sp_error *err)
{
	struct sp_patience patience = sp_operator_patience(op);
	struct sp_error cause = SP_ERROR_INIT;
	struct sp_worker_job job = {
		.what = what,
		.run = read_release,
		.arg = reading,
		.on_message = take,
		.user = reading,
		.flags = SP_WORKER_PRIVATE_MOUNTS,
		.limits = sp_look_worker_limits(reading->location, context->options),
	};
	int r = sp_worker_run(&job, &patience, &cause);

	if (r < 0 && r != -SP_ERR_CANCELLED && r != -SP_ERR_NOMEM)
		return give_up(reading, &cause, err);
	if (r < 0)
		*err = cause;
	return r;
}

int sp_new_release_read(struct sp_context *context, struct sp_operator *op,
			const char *location, struct sp_release *release,
			struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_location_done) struct sp_location place = { 0 };
	SP_AUTO(sp_str_freep) char *shown = NULL;
	SP_AUTO(sp_str_freep) char *what = NULL;
	struct reading reading = { .location = &place,
				   .release = release,
				   .findings = findings };
	int r = sp_location_parse(location, &place, err);

	if (r < 0)
		return r;
	shown = sp_location_display(&place);
	what = shown ? sp_text_format("reading the new release in '%s'", shown) : NULL;
	if (!what)
		return sp_error_nomem(err);
	r = sp_downloads_begin(&context->downloads, &place, location, err);
	if (r < 0)
		return r;
	reading.shown = shown;
	reading.how.options = context->options;
	reading.how.download = sp_downloads_find(&context->downloads, shown);
	return run(context, op, &reading, what, err);
}
