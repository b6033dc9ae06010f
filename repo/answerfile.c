/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The installer finds its elements anywhere below the top one, and so do we. */

#include "repo/answerfile.h"

#include <string.h>

#include "base/json.h"
#include "repo/xml.h"

enum { ELEMENTS_MAX = 1024, ATTRIBUTES_MAX = 64 };

static const char *const wanted[] = { "source", "driver-source" };

static int to_json(const struct sp_xml_node *node, struct json_object **ret_json,
		   struct sp_error *err)
{
	SP_AUTO(sp_json_freep) struct json_object *element = sp_json_object();
	struct json_object *attributes = sp_json_object();
	SP_AUTO(sp_str_freep) char *text = sp_xml_text(node);
	const char *name;
	size_t i;

	for (i = 0; (name = sp_xml_attribute_name(node, i)); i++) {
		SP_AUTO(sp_str_freep) char *value = sp_xml_attribute(node, name);

		sp_json_set_string(attributes, name, value);
		if (i == ATTRIBUTES_MAX) {
			sp_json_free(attributes);
			return sp_error_set(err, SP_ERR_USAGE,
					    "line %u: <%.40s> has more than %d "
					    "attributes",
					    sp_xml_line(node), sp_xml_name(node),
					    ATTRIBUTES_MAX);
		}
	}
	sp_json_set(element, "attributes", attributes);
	sp_json_set_string(element, "name", sp_xml_name(node));
	sp_json_set_int(element, "line", sp_xml_line(node));
	sp_json_set_string(element, "text", text);
	*ret_json = sp_steal(element);
	return *ret_json ? 0 : sp_error_nomem(err);
}

static int add(struct json_object *elements, const struct sp_xml_node *node,
	       struct sp_error *err)
{
	struct json_object *element = NULL;
	int r = to_json(node, &element, err);

	if (r < 0)
		return r;
	sp_json_append(elements, element);
	if (sp_json_length(elements) > ELEMENTS_MAX)
		return sp_error_set(err, SP_ERR_USAGE,
				    "it names more than %d sources and drivers",
				    ELEMENTS_MAX);
	return 0;
}

static int add_drivers(struct json_object *elements, const struct sp_xml_node *root,
		       struct sp_error *err)
{
	const struct sp_xml_node *list =
		sp_xml_find(root, "selected-multiversion-drivers", NULL);
	const struct sp_xml_node *at = list ? sp_xml_find(list, "driver", NULL) : NULL;
	int r = 0;

	for (; r == 0 && at; at = sp_xml_find(list, "driver", at))
		r = add(elements, at, err);
	return r;
}

static int add_all(struct json_object *elements, const struct sp_xml_node *root,
		   struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		const struct sp_xml_node *at = sp_xml_find(root, wanted[i], NULL);

		for (; r == 0 && at; at = sp_xml_find(root, wanted[i], at))
			if (at != root)
				r = add(elements, at, err);
	}
	return r < 0 ? r : add_drivers(elements, root, err);
}

int sp_answerfile_read(const char *bytes, size_t len, struct json_object **ret_json,
		       struct sp_error *err)
{
	SP_AUTO(sp_xml_freep) struct sp_xml *xml = NULL;
	SP_AUTO(sp_json_freep) struct json_object *json = sp_json_object();
	struct json_object *root = NULL, *elements = sp_json_array();
	struct sp_error cause = SP_ERROR_INIT;
	int r;

	sp_json_set(json, "elements", elements);
	/* What the file says wrong is wrong usage, whatever it would be in a pack. */
	if (sp_xml_parse(bytes, len, &xml, &cause) < 0)
		return cause.code == SP_ERR_NOMEM
			       ? sp_error_nomem(err)
			       : sp_error_set(err, SP_ERR_USAGE,
					      "Answerfile is incorrectly formatted: %s",
					      cause.text);
	r = to_json(sp_xml_root(xml), &root, err);
	if (r < 0)
		return r;
	sp_json_set(json, "root", root);
	r = add_all(elements, sp_xml_root(xml), err);
	if (r == 0)
		*ret_json = sp_steal(json);
	return r;
}
