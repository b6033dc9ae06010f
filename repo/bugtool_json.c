/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a status report would collect, as it crosses from the worker that read it. */

#include "repo/bugtool.h"

#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/text.h"

struct json_object *sp_bugtool_to_json(const struct sp_bugtool *bugtool)
{
	struct json_object *array = sp_json_array();

	for (size_t i = 0; i < bugtool->n; i++) {
		const struct sp_bugtool_item *item = &bugtool->items[i];
		struct json_object *json = sp_json_object();

		sp_json_set_string(json, "category", item->category);
		sp_json_set_string(json, "kind", sp_bugtool_kind_name(item->kind));
		sp_json_set_string(json, "what", item->what);
		sp_json_set_string(json, "detail", item->detail);
		sp_json_append(array, json);
	}
	return array;
}

static int kind_parse(const char *name, enum sp_bugtool_kind *ret_kind)
{
	for (int kind = SP_BUGTOOL_FILES; name && kind <= SP_BUGTOOL_COMMAND; kind++)
		if (!strcmp(name, sp_bugtool_kind_name((enum sp_bugtool_kind)kind))) {
			*ret_kind = (enum sp_bugtool_kind)kind;
			return 0;
		}
	return -1;
}

static char *text_of(const struct json_object *json, const char *key)
{
	const char *text = sp_json_get_string(json, key);

	return sp_text_clean_dup(text ? text : "");
}

static int item_get(const struct json_object *json, struct sp_bugtool *bugtool,
		    struct sp_error *err)
{
	struct sp_bugtool_item *item;
	enum sp_bugtool_kind kind;

	if (kind_parse(sp_json_get_string(json, "kind"), &kind) < 0)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "a report collects something of no known kind");
	item = sp_array_add(&bugtool->items, &bugtool->n);
	if (!item)
		return sp_error_nomem(err);
	item->kind = kind;
	item->category = text_of(json, "category");
	item->what = text_of(json, "what");
	item->detail = text_of(json, "detail");
	return item->category && item->what && item->detail ? 0 : sp_error_nomem(err);
}

int sp_bugtool_from_json(const struct json_object *array, struct sp_bugtool *bugtool,
			 struct sp_error *err)
{
	int r = 0;

	if (sp_json_length(array) > SP_BUGTOOL_MAX_ITEMS)
		return sp_error_set(err, SP_ERR_LIMIT, "a report collects too much");
	for (size_t i = 0; r == 0 && i < sp_json_length(array); i++)
		r = item_get(sp_json_at(array, i), bugtool, err);
	return r;
}
