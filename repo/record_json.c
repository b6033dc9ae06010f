/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The record's JSON form.  Texts are a table, so that a new one is a row. */

#include "repo/record_json.h"

#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "repo/record.h"

enum { SCHEMA = 1, DEVICES_MAX = 4096 };

// clang-format off
static const struct text_field {
	const char *key;
	size_t offset;
} record_texts[] = {
	{ "directory",        offsetof(struct sp_record, directory) },
	{ "decision",         offsetof(struct sp_record, decision) },
	{ "plan_digest",      offsetof(struct sp_record, plan_digest) },
	{ "product_brand",    offsetof(struct sp_record, product_brand) },
	{ "product_version",  offsetof(struct sp_record, product_version) },
	{ "platform_version", offsetof(struct sp_record, platform_version) },
	{ "kernel",           offsetof(struct sp_record, kernel) },
	{ "time",             offsetof(struct sp_record, time) },
	{ "incomplete",       offsetof(struct sp_record, incomplete) },
}, device_texts[] = {
	{ "address",  offsetof(struct sp_record_device, address) },
	{ "modalias", offsetof(struct sp_record_device, modalias) },
	{ "name",     offsetof(struct sp_record_device, name) },
	{ "driver",   offsetof(struct sp_record_device, driver) },
};
// clang-format on

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void texts_set(struct json_object *json, const void *from,
		      const struct text_field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *const *text =
			(const void *)((const char *)from + fields[i].offset);

		sp_json_set_string(json, fields[i].key, *text);
	}
}

static int texts_get(const struct json_object *json, void *to,
		     const struct text_field *fields, size_t n, struct sp_error *err)
{
	for (size_t i = 0; i < n; i++) {
		char **text = (void *)((char *)to + fields[i].offset);
		const char *found = sp_json_get_string(json, fields[i].key);

		if (!found)
			continue;
		*text = sp_text_clean_dup(found);
		if (!*text)
			return sp_error_nomem(err);
	}
	return 0;
}

static struct json_object *devices_make(const struct sp_record *record)
{
	struct json_object *array = sp_json_array();

	for (size_t i = 0; i < record->n_devices; i++) {
		struct json_object *device = sp_json_object();

		texts_set(device, &record->devices[i], device_texts, COUNT(device_texts));
		sp_json_append(array, device);
	}
	return array;
}

struct json_object *sp_record_json_make(const struct sp_record *record)
{
	struct json_object *json = sp_json_object();

	sp_json_set_int(json, "suppack_record", SCHEMA);
	texts_set(json, record, record_texts, COUNT(record_texts));
	sp_json_set(json, "pack", sp_pack_to_json(&record->pack, false));
	sp_json_set(json, "devices", devices_make(record));
	sp_json_set_strv(json, "installed_modules", &record->installed_modules);
	sp_json_set_strv(json, "brought", &record->brought);
	sp_json_set_strv(json, "left_out", &record->left_out);
	sp_json_set_strv(json, "placed", &record->placed);
	sp_json_set_strv(json, "before", &record->before);
	return json;
}

static int devices_read(const struct json_object *json, struct sp_record *record,
			struct sp_error *err)
{
	const struct json_object *array = sp_json_get(json, "devices");
	size_t n = sp_json_length(array);

	if (n > DEVICES_MAX)
		return sp_error_set(err, SP_ERR_LIMIT, "record.json names %zu devices",
				    n);
	for (size_t i = 0; i < n; i++) {
		struct sp_record_device *device =
			sp_array_add(&record->devices, &record->n_devices);
		int r;

		if (!device)
			return sp_error_nomem(err);
		r = texts_get(sp_json_at(array, i), device, device_texts,
			      COUNT(device_texts), err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* They are looked for, and may be removed, in a root; a directory's ends with '/'. */
static int check_paths(const struct sp_strv *paths, const char *what,
		       struct sp_error *err)
{
	for (size_t i = 0; i < paths->n; i++) {
		const char *path = paths->items[i];
		size_t len = strlen(path);
		SP_AUTO(sp_str_freep)
		char *name =
			strndup(path + (*path == '/'),
				len - (*path == '/') - (len > 1 && path[len - 1] == '/'));

		if (!name)
			return sp_error_nomem(err);
		if (!sp_text_path_is_safe(name))
			return sp_error_set(
				err, SP_ERR_FORMAT,
				"record.json names the %s '%.100s', which is no "
				"path of a root",
				what, path);
	}
	return 0;
}

int sp_record_json_read(const struct json_object *json, struct sp_record *ret_record,
			struct sp_error *err)
{
	SP_AUTO(sp_record_done) struct sp_record record = { 0 };
	int64_t schema = sp_json_get_int(json, "suppack_record", 0);
	int r;

	if (schema < SCHEMA || !sp_json_is_object(sp_json_get(json, "pack")))
		return sp_error_set(err, SP_ERR_FORMAT,
				    "record.json is no pack's record");
	r = texts_get(json, &record, record_texts, COUNT(record_texts), err);
	if (r == 0)
		r = sp_pack_from_json(sp_json_get(json, "pack"), &record.pack, err);
	if (r == 0)
		r = devices_read(json, &record, err);
	if (r == 0)
		r = sp_json_get_strv(json, "installed_modules", &record.installed_modules,
				     err);
	if (r == 0)
		r = check_paths(&record.installed_modules, "module", err);
	if (r == 0)
		r = sp_json_get_strv(json, "brought", &record.brought, err);
	if (r == 0)
		r = sp_json_get_strv(json, "left_out", &record.left_out, err);
	if (r == 0)
		r = sp_json_get_strv(json, "placed", &record.placed, err);
	if (r == 0)
		r = check_paths(&record.placed, "file", err);
	if (r == 0)
		r = sp_json_get_strv(json, "before", &record.before, err);
	if (r < 0)
		return r;
	*ret_record = record;
	record = (struct sp_record){ 0 };
	return 0;
}
