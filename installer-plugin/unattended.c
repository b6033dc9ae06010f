/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The installer's elements, with its messages and then what would have been right. */

#include "installer-plugin/unattended.h"

#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "installer-plugin/unattended_attributes.h"
#include "repo/location.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void source_done(struct sp_unattended_source *source)
{
	if (source->location)
		explicit_bzero(source->location, strlen(source->location));
	if (source->proxy)
		explicit_bzero(source->proxy, strlen(source->proxy));
	free(source->location);
	free(source->shown);
	free(source->key);
	free(source->digest);
	free(source->ca_file);
	free(source->proxy);
	sp_accept_done(&source->accept);
	sp_strv_done(&source->expect);
	sp_strv_done(&source->replace);
}

void sp_unattended_done(struct sp_unattended *unattended)
{
	for (size_t i = 0; i < unattended->n_sources; i++)
		source_done(&unattended->sources[i]);
	for (size_t i = 0; i < unattended->n_drivers; i++) {
		free(unattended->drivers[i].name);
		free(unattended->drivers[i].variant);
	}
	free(unattended->sources);
	free(unattended->drivers);
	*unattended = (struct sp_unattended){ 0 };
}

/* ---- sources -------------------------------------------------------------------------- */

static int keep(const struct sp_unattended_place *place, const char *text, char **ret)
{
	*ret = strdup(text);
	return *ret ? 0 : sp_error_nomem(place->err);
}

/* How an address is written, by the element's type. */
static int local_location(const struct sp_unattended_place *place, const char *text,
			  char **ret)
{
	(void)text; /* the installer does not look at it either */
	return keep(place, "local", ret);
}

static int url_location(const struct sp_unattended_place *place, const char *text,
			char **ret)
{
	static const char *const schemes[] = { "http://", "https://", "ftp://", "file://",
					       "nfs://" };

	for (size_t i = 0; i < COUNT(schemes); i++)
		if (sp_text_starts_with(text, schemes[i]))
			return keep(place, text, ret);
	return sp_error_set(place->err, SP_ERR_USAGE,
			    "line %u: the text of <%s> with the type 'url' is no URL: it "
			    "must begin with http://, https://, ftp://, file:// or "
			    "nfs://",
			    place->line, place->element);
}

static int nfs_location(const struct sp_unattended_place *place, const char *text,
			char **ret)
{
	const char *path = sp_text_starts_with(text, "nfs://") ? text + 6 : text;

	*ret = sp_text_format("nfs://%s", path);
	return *ret ? 0 : sp_error_nomem(place->err);
}

static const struct type {
	const char *name;
	int (*location)(const struct sp_unattended_place *place, const char *text,
			char **ret);
} types[] = {
	{ "local", local_location },
	{ "url", url_location },
	{ "nfs", nfs_location },
};

static int read_address(const struct sp_unattended_place *place,
			const struct json_object *element,
			struct sp_unattended_source *source)
{
	const char *type = sp_json_get_string(sp_json_get(element, "attributes"), "type");
	const char *text = sp_json_get_string(element, "text");

	if (!type)
		return sp_error_set(place->err, SP_ERR_USAGE,
				    "line %u, <%s>: Missing mandatory attribute type: it "
				    "must be local, url or nfs",
				    place->line, place->element);
	for (size_t i = 0; i < COUNT(types); i++)
		if (!strcmp(types[i].name, type))
			return types[i].location(place, text ? text : "",
						 &source->location);
	return sp_error_set(place->err, SP_ERR_USAGE,
			    "line %u: Invalid type for <%s> media specified. '%.40s' is "
			    "none of local, url and nfs",
			    place->line, place->element, type);
}

static int check_location(const struct sp_unattended_place *place,
			  struct sp_unattended_source *source)
{
	SP_AUTO(sp_location_done) struct sp_location location = { 0 };
	int r = sp_location_parse(source->location, &location, place->err);

	if (r < 0)
		return place->line ? sp_error_context(place->err, "line %u, <%s>",
						      place->line, place->element)
				   : sp_error_context(place->err, "%s", place->element);
	source->shown = sp_location_display(&location);
	return source->shown ? 0 : sp_error_nomem(place->err);
}

static int add_source(struct sp_unattended *unattended,
		      const struct sp_unattended_place *place,
		      const struct json_object *element)
{
	struct sp_unattended_source *source =
		sp_array_add(&unattended->sources, &unattended->n_sources);
	int r;

	if (!source)
		return sp_error_nomem(place->err);
	source->line = place->line;
	source->is_driver = !strcmp(place->element, "driver-source");
	source->element = source->is_driver ? "driver-source" : "source";
	/* That the installation source is there the installer sees to itself, and
	 * most hold no pack. */
	source->required = source->is_driver;
	source->retries = -1;
	r = read_address(place, element, source);
	if (r == 0)
		r = check_location(place, source);
	if (r == 0)
		r = sp_unattended_attributes_read(
			place, sp_json_get(element, "attributes"), source);
	return r;
}

int sp_unattended_add(struct sp_unattended *unattended, const char *element,
		      const char *location, bool required, struct sp_error *err)
{
	const struct sp_unattended_place place = { 0, element, err };
	struct sp_unattended_source *source =
		sp_array_add(&unattended->sources, &unattended->n_sources);

	if (!source)
		return sp_error_nomem(err);
	source->is_driver = true;
	source->element = element;
	source->required = required;
	source->retries = -1;
	source->location = strdup(location);
	return source->location ? check_location(&place, source) : sp_error_nomem(err);
}

static int add_driver(struct sp_unattended *unattended,
		      const struct sp_unattended_place *place,
		      const struct json_object *element)
{
	const char *name = sp_json_get_string(sp_json_get(element, "attributes"), "name");
	const char *variant = sp_json_get_string(element, "text");
	struct sp_unattended_driver *driver;

	if (!name || !*name)
		return sp_error_set(place->err, SP_ERR_USAGE,
				    "line %u, <driver>: Missing mandatory attribute "
				    "name: it must be the name of a driver, as in 'ice'",
				    place->line);
	driver = sp_array_add(&unattended->drivers, &unattended->n_drivers);
	if (!driver)
		return sp_error_nomem(place->err);
	driver->name = strdup(name);
	driver->variant = strdup(variant ? variant : "");
	return driver->name && driver->variant ? 0 : sp_error_nomem(place->err);
}

/* ---- the top element ------------------------------------------------------------------- */

static const struct mode {
	const char *name;
	enum sp_unattended_mode mode;
} modes[] = {
	{ "fresh", SP_UNATTENDED_FRESH },
	{ "reinstall", SP_UNATTENDED_REINSTALL },
	{ "upgrade", SP_UNATTENDED_UPGRADE },
};

static int read_mode(const struct sp_unattended_place *place,
		     const struct json_object *root, struct sp_unattended *unattended)
{
	const char *mode = sp_json_get_string(sp_json_get(root, "attributes"), "mode");

	if (!strcmp(place->element, "restore")) {
		unattended->mode = SP_UNATTENDED_RESTORE;
		return 0;
	}
	/* <upgrade> without a mode is fresh to the installer: docs/answerfile.md. */
	if (strcmp(place->element, "installation") != 0 &&
	    strcmp(place->element, "upgrade") != 0)
		return sp_error_set(place->err, SP_ERR_USAGE,
				    "line %u: Unexpected top level element <%.40s>: it "
				    "must be <installation>, <upgrade> or <restore>",
				    place->line, place->element);
	for (size_t i = 0; i < COUNT(modes); i++)
		if (!mode || !strcmp(mode, modes[i].name)) {
			unattended->mode = modes[i].mode;
			return 0;
		}
	return sp_error_set(place->err, SP_ERR_USAGE,
			    "line %u: Unknown mode, %.40s: <%s> has fresh, reinstall or "
			    "upgrade",
			    place->line, mode, place->element);
}

static int read_root(const struct json_object *root, struct sp_unattended *unattended,
		     struct sp_error *err)
{
	const struct sp_unattended_place place = {
		(unsigned)sp_json_get_int(root, "line", 0),
		sp_json_get_string(root, "name"), err
	};
	int r = read_mode(&place, root, unattended);

	return r < 0 ? r
		     : sp_unattended_attributes_read_root(
			       &place, sp_json_get(root, "attributes"), unattended);
}

/* ---- all of it -------------------------------------------------------------------------- */

static bool has_source(const struct sp_unattended *unattended)
{
	for (size_t i = 0; i < unattended->n_sources; i++)
		if (!unattended->sources[i].is_driver)
			return true;
	return false;
}

static int read_elements(const struct json_object *elements,
			 struct sp_unattended *unattended, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sp_json_length(elements); i++) {
		const struct json_object *element = sp_json_at(elements, i);
		const char *name = sp_json_get_string(element, "name");
		const struct sp_unattended_place place = {
			(unsigned)sp_json_get_int(element, "line", 0), name, err
		};

		if (!name)
			return sp_error_set(err, SP_ERR_INTERNAL,
					    "an element has no name");
		r = !strcmp(name, "driver") ? add_driver(unattended, &place, element)
					    : add_source(unattended, &place, element);
	}
	return r;
}

int sp_unattended_read(const struct json_object *json,
		       struct sp_unattended *ret_unattended, struct sp_error *err)
{
	SP_AUTO(sp_unattended_done) struct sp_unattended unattended = { 0 };
	const struct json_object *root = sp_json_get(json, "root");
	int r;

	if (!sp_json_get_string(root, "name"))
		return sp_error_set(err, SP_ERR_INTERNAL, "the top element has no name");
	r = read_root(root, &unattended, err);
	if (r == 0)
		r = read_elements(sp_json_get(json, "elements"), &unattended, err);
	if (r == 0 && unattended.mode != SP_UNATTENDED_RESTORE &&
	    !has_source(&unattended))
		r = sp_error_set(err, SP_ERR_USAGE,
				 "Missing mandatory element source: <%s> needs one",
				 sp_json_get_string(root, "name"));
	if (r < 0)
		return r;
	*ret_unattended = unattended;
	unattended = (struct sp_unattended){ 0 };
	return 0;
}
