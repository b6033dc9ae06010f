/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* JSON values, over json-c, whose headers appear in json.c only.
 *
 * Writers: an allocation that fails makes the whole document fail when it is
 * printed (sp_json_print() returns NULL), so building needs no check at each step.
 * Hence a NULL value means a failed allocation; null is sp_json_string(NULL).
 * Readers: strict; a key of the wrong type reads as absent.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

struct json_object;

/* NULL is allowed. */
void sp_json_free(struct json_object *json);
SP_DEFINE_FREEP(struct json_object *, sp_json_free)
struct json_object *sp_json_ref(struct json_object *json);

/* ---- building; every value given is owned by the object it is added to ----- */
struct json_object *sp_json_object(void);
struct json_object *sp_json_array(void);
/* NULL @text: null.  Bytes that are no UTF-8 become '?'. */
struct json_object *sp_json_string(const char *text);
void sp_json_set(struct json_object *object, const char *key, struct json_object *value);
void sp_json_set_string(struct json_object *object, const char *key, const char *text);
void sp_json_set_int(struct json_object *object, const char *key, int64_t value);
void sp_json_set_bool(struct json_object *object, const char *key, bool value);
void sp_json_set_strv(struct json_object *object, const char *key,
		      const struct sp_strv *list);
/* Lower-case hexadecimal of @digits digits, as a string. */
void sp_json_set_hex(struct json_object *object, const char *key, uint32_t value,
		     int digits);
void sp_json_append(struct json_object *array, struct json_object *value);

/* ---- reading; what is returned is borrowed --------------------------------- */
struct json_object *sp_json_get(const struct json_object *object, const char *key);
/* NULL if absent, null or no string. */
const char *sp_json_get_string(const struct json_object *object, const char *key);
int64_t sp_json_get_int(const struct json_object *object, const char *key,
			int64_t otherwise);
bool sp_json_get_bool(const struct json_object *object, const char *key, bool otherwise);
/* Adds the strings of array @key to @list. */
SP_MUST_CHECK
int sp_json_get_strv(const struct json_object *object, const char *key,
		     struct sp_strv *list, struct sp_error *err);
/* Length of an array; 0 for anything else. */
size_t sp_json_length(const struct json_object *array);
struct json_object *sp_json_at(const struct json_object *array, size_t index);
const char *sp_json_text(const struct json_object *string); /* NULL if no string */
bool sp_json_is_object(const struct json_object *json);
bool sp_json_is_array(const struct json_object *json);
/* The key that stands at @index of an object, NULL past the last. */
const char *sp_json_key_at(const struct json_object *object, size_t index);

/* ---- text ------------------------------------------------------------------ */

/* Strict parse of exactly one document: depth at most 32, UTF-8, no NUL (escaped
 * neither), nothing after it.  SP_ERR_FORMAT otherwise; SP_ERR_LIMIT for an object
 * of more than 4096 keys.  *@ret_json is NULL for the document "null". */
SP_MUST_CHECK
int sp_json_parse(const char *text, size_t len, struct json_object **ret_json,
		  struct sp_error *err);
/* One line, or indented for people.  Caller frees; NULL when out of memory. */
char *sp_json_print(struct json_object *json, bool pretty);
