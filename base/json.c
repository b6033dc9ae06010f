/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-c's only home.  It is lenient where a protocol must be strict, and says
 * NULL both for null and for "out of memory": both are settled here. */
#include "base/json.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

enum { MAX_DEPTH = 32, MAX_KEYS = 4096 };

/* Their addresses are user data of json-c objects: a container in which something
 * is missing, and what stands for null until it is put into a container. */
static const char incomplete_mark = 'i', null_mark = 'n';

static void set_mark(struct json_object *json, const char *mark)
{
	json_object_set_userdata(json, (void *)(uintptr_t)mark, NULL);
}

static bool has_mark(struct json_object *json, const char *mark)
{
	return json_object_get_userdata(json) == (const void *)mark;
}

/* json-c's readers take what they only read without const. */
static struct json_object *readable(const struct json_object *json)
{
	return (struct json_object *)(uintptr_t)json;
}

void sp_json_free(struct json_object *json)
{
	(void)json_object_put(json);
}

struct json_object *sp_json_ref(struct json_object *json)
{
	return json_object_get(json);
}

/* ---- building -------------------------------------------------------------- */

struct json_object *sp_json_object(void)
{
	return json_object_new_object();
}

struct json_object *sp_json_array(void)
{
	return json_object_new_array();
}

static struct json_object *new_null(void)
{
	struct json_object *json = json_object_new_boolean(0);

	if (json)
		set_mark(json, &null_mark);
	return json;
}

static size_t sequence_length(const char *text, size_t len)
{
	for (size_t n = 1; n <= 4 && n <= len; n++)
		if (sp_text_is_utf8(text, n))
			return n;
	return 0;
}

static struct json_object *new_repaired_string(const char *text, size_t len)
{
	struct sp_strbuf buf = { 0 };
	SP_AUTO(sp_str_freep) char *repaired = NULL;

	for (size_t i = 0, n; i < len; i += n ? n : 1) {
		n = sequence_length(text + i, len - i);
		sp_strbuf_add_bytes(&buf, n ? text + i : "?", n ? n : 1);
	}
	repaired = sp_strbuf_take(&buf);
	return repaired ? json_object_new_string(repaired) : NULL;
}

struct json_object *sp_json_string(const char *text)
{
	size_t len;

	if (!text)
		return new_null();
	len = strlen(text);
	if (len > INT_MAX)
		return NULL;
	if (!sp_text_is_utf8(text, len))
		return new_repaired_string(text, len);
	return json_object_new_string_len(text, (int)len);
}

/* What json-c stores for @value: its own null is NULL. */
static struct json_object *stored(struct json_object *value)
{
	if (!has_mark(value, &null_mark))
		return value;
	sp_json_free(value);
	return NULL;
}

void sp_json_set(struct json_object *object, const char *key, struct json_object *value)
{
	bool missing = !value;

	if (!object) {
		sp_json_free(value);
		return;
	}
	if (value) {
		value = stored(value);
		missing = json_object_object_add(object, key, value) != 0;
		if (missing)
			sp_json_free(value);
	}
	if (missing)
		set_mark(object, &incomplete_mark);
}

void sp_json_append(struct json_object *array, struct json_object *value)
{
	bool missing = !value;

	if (!array) {
		sp_json_free(value);
		return;
	}
	if (value) {
		value = stored(value);
		missing = json_object_array_add(array, value) != 0;
		if (missing)
			sp_json_free(value);
	}
	if (missing)
		set_mark(array, &incomplete_mark);
}

void sp_json_set_string(struct json_object *object, const char *key, const char *text)
{
	sp_json_set(object, key, sp_json_string(text));
}

void sp_json_set_int(struct json_object *object, const char *key, int64_t value)
{
	sp_json_set(object, key, json_object_new_int64(value));
}

void sp_json_set_bool(struct json_object *object, const char *key, bool value)
{
	sp_json_set(object, key, json_object_new_boolean(value));
}

void sp_json_set_strv(struct json_object *object, const char *key,
		      const struct sp_strv *list)
{
	struct json_object *array = sp_json_array();

	for (size_t i = 0; i < list->n; i++)
		sp_json_append(array, sp_json_string(list->items[i]));
	sp_json_set(object, key, array);
}

void sp_json_set_hex(struct json_object *object, const char *key, uint32_t value,
		     int digits)
{
	char text[32];

	(void)snprintf(text, sizeof text, "%0*" PRIx32, digits < 16 ? digits : 16, value);
	sp_json_set_string(object, key, text);
}

/* ---- reading --------------------------------------------------------------- */

struct json_object *sp_json_get(const struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	if (!sp_json_is_object(object))
		return NULL;
	return json_object_object_get_ex(readable(object), key, &value) ? value : NULL;
}

const char *sp_json_get_string(const struct json_object *object, const char *key)
{
	return sp_json_text(sp_json_get(object, key));
}

int64_t sp_json_get_int(const struct json_object *object, const char *key,
			int64_t otherwise)
{
	struct json_object *value = sp_json_get(object, key);

	if (!json_object_is_type(value, json_type_int))
		return otherwise;
	return json_object_get_int64(value);
}

bool sp_json_get_bool(const struct json_object *object, const char *key, bool otherwise)
{
	struct json_object *value = sp_json_get(object, key);

	if (!json_object_is_type(value, json_type_boolean))
		return otherwise;
	return json_object_get_boolean(value);
}

int sp_json_get_strv(const struct json_object *object, const char *key,
		     struct sp_strv *list, struct sp_error *err)
{
	const struct json_object *array = sp_json_get(object, key);
	size_t n = sp_json_length(array);
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		const char *text = sp_json_text(sp_json_at(array, i));

		if (text)
			r = sp_strv_add(list, text, err);
	}
	return r;
}

size_t sp_json_length(const struct json_object *array)
{
	if (!sp_json_is_array(array))
		return 0;
	return json_object_array_length(readable(array));
}

struct json_object *sp_json_at(const struct json_object *array, size_t index)
{
	if (index >= sp_json_length(array))
		return NULL;
	return json_object_array_get_idx(readable(array), index);
}

const char *sp_json_text(const struct json_object *string)
{
	if (!json_object_is_type(readable(string), json_type_string))
		return NULL;
	return json_object_get_string(readable(string));
}

bool sp_json_is_object(const struct json_object *json)
{
	return json_object_is_type(readable(json), json_type_object);
}

bool sp_json_is_array(const struct json_object *json)
{
	return json_object_is_type(readable(json), json_type_array);
}

const char *sp_json_key_at(const struct json_object *object, size_t index)
{
	struct json_object_iterator at, end;

	if (!sp_json_is_object(object) ||
	    index >= (size_t)json_object_object_length(readable(object)))
		return NULL;
	at = json_object_iter_begin(readable(object));
	end = json_object_iter_end(readable(object));
	for (size_t i = 0; i < index && !json_object_iter_equal(&at, &end); i++)
		json_object_iter_next(&at);
	return json_object_iter_peek_name(&at);
}

/* ---- text ------------------------------------------------------------------ */

static bool is_nul_escape(const char *text, size_t len)
{
	return len >= 6 && memcmp(text, "\\u0000", 6) == 0;
}

/* json-c ends at a NUL, cuts strings at an escaped one, and takes raw control
 * characters inside strings; letters outside them are left to its strict mode,
 * but for "NaN" and "Infinity", which it takes as numbers. */
static bool is_clean_json(const char *text, size_t len)
{
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x20 && (in_string || !strchr("\t\n\r", c) || c == '\0'))
			return false;
		if (!in_string && (c == 'N' || c == 'I' || c == '\''))
			return false;
		if (c == '"')
			in_string = !in_string;
		if (c == '\\' && in_string) {
			if (is_nul_escape(text + i, len - i))
				return false;
			i++;
		}
	}
	return true;
}

static bool has_too_many_keys(struct json_object *json)
{
	if (json_object_is_type(json, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(json); i++)
			if (has_too_many_keys(json_object_array_get_idx(json, i)))
				return true;
	} else if (json_object_is_type(json, json_type_object)) {
		if (json_object_object_length(json) > MAX_KEYS)
			return true;
		json_object_object_foreach(json, key, value)
		{
			(void)key;
			if (has_too_many_keys(value))
				return true;
		}
	}
	return false;
}

SP_DEFINE_FREEP(struct json_tokener *, json_tokener_free)

int sp_json_parse(const char *text, size_t len, struct json_object **ret_json,
		  struct sp_error *err)
{
	SP_AUTO(json_tokener_freep) struct json_tokener *tokener = NULL;
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	enum json_tokener_error error;

	if (len > INT_MAX)
		return sp_error_set(err, SP_ERR_LIMIT, "the JSON text is too long");
	if (!sp_text_is_utf8(text, len) || !is_clean_json(text, len))
		return sp_error_set(err, SP_ERR_FORMAT,
				    "the JSON text holds characters it must not hold");
	tokener = json_tokener_new_ex(MAX_DEPTH);
	if (!tokener)
		return sp_error_nomem(err);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	json = json_tokener_parse_ex(tokener, text, (int)len);
	error = json_tokener_get_error(tokener);
	/* A number may go on: only the end of the text ends it. */
	if (error == json_tokener_continue) {
		json = json_tokener_parse_ex(tokener, "", 1);
		error = json_tokener_get_error(tokener);
	}
	if (error != json_tokener_success)
		return sp_error_set(err, SP_ERR_FORMAT, "the JSON text is wrong: %s",
				    json_tokener_error_desc(error));
	if (has_too_many_keys(json))
		return sp_error_set(err, SP_ERR_LIMIT,
				    "a JSON object has more than %d keys", MAX_KEYS);
	*ret_json = sp_steal(json);
	return 0;
}

static bool is_complete(struct json_object *json)
{
	if (has_mark(json, &incomplete_mark))
		return false;
	if (json_object_is_type(json, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(json); i++)
			if (!is_complete(json_object_array_get_idx(json, i)))
				return false;
	} else if (json_object_is_type(json, json_type_object)) {
		json_object_object_foreach(json, key, value)
		{
			(void)key;
			if (!is_complete(value))
				return false;
		}
	}
	return true;
}

char *sp_json_print(struct json_object *json, bool pretty)
{
	int flags = pretty ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED
			   : JSON_C_TO_STRING_PLAIN;
	const char *text;

	if (!json || !is_complete(json))
		return NULL;
	if (has_mark(json, &null_mark))
		return strdup("null");
	text = json_object_to_json_string_ext(json,
					      flags | JSON_C_TO_STRING_NOSLASHESCAPE);
	return text ? strdup(text) : NULL;
}
