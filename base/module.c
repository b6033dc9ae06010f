/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module's description travels from the worker that read it to the parent, and
 * into reports and records: its one JSON form is here. */
#include "base/module.h"

#include "base/array.h"
#include "base/json.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct string_field {
	const char *key;
	size_t offset;
};

#define FIELD(name)                                     \
	{                                               \
#name, offsetof(struct sp_module, name) \
	}

// clang-format off
static const struct string_field string_fields[] = {
	FIELD(name), FIELD(path), FIELD(kernel), FIELD(version), FIELD(srcversion),
	FIELD(vermagic),
};

static const struct string_field list_fields[] = {
	FIELD(aliases), FIELD(depends), FIELD(softdeps), FIELD(firmware),
};
// clang-format on

#define N_STRINGS (sizeof string_fields / sizeof string_fields[0])
#define N_LISTS (sizeof list_fields / sizeof list_fields[0])

static char **string_at(struct sp_module *module, size_t i)
{
	return (char **)(void *)((char *)module + string_fields[i].offset);
}

static const char *string_of(const struct sp_module *module, size_t i)
{
	return *(char *const *)(const void *)((const char *)module +
					      string_fields[i].offset);
}

static struct sp_strv *list_at(struct sp_module *module, size_t i)
{
	return (struct sp_strv *)(void *)((char *)module + list_fields[i].offset);
}

static const struct sp_strv *list_of(const struct sp_module *module, size_t i)
{
	return (const struct sp_strv *)(const void *)((const char *)module +
						      list_fields[i].offset);
}

void sp_module_done(struct sp_module *module)
{
	for (size_t i = 0; i < N_STRINGS; i++)
		free(*string_at(module, i));
	for (size_t i = 0; i < N_LISTS; i++)
		sp_strv_done(list_at(module, i));
	for (size_t i = 0; i < module->n_symvers; i++)
		free(module->symvers[i].name);
	free(module->symvers);
	*module = (struct sp_module){ 0 };
}

SP_DEFINE_FREEP(struct sp_module *, sp_module_done)

void sp_module_list_done(struct sp_module_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		sp_module_done(&list->items[i]);
	free(list->items);
	*list = (struct sp_module_list){ 0 };
}

int sp_module_list_take(struct sp_module_list *list, struct sp_module *module, size_t max,
			struct sp_error *err)
{
	struct sp_module *added =
		list->n < max ? sp_array_add(&list->items, &list->n) : NULL;

	if (!added) {
		sp_module_done(module);
		return list->n < max
			       ? sp_error_nomem(err)
			       : sp_error_set(err, SP_ERR_LIMIT,
					      "more than %zu modules in one pack", max);
	}
	*added = *module;
	*module = (struct sp_module){ 0 };
	return 0;
}

/* ---- JSON ------------------------------------------------------------------ */

/* Thousands of them: "1a2b3c4d printk" is half the size of an object. */
static struct json_object *symvers_to_json(const struct sp_module *module)
{
	struct json_object *array = sp_json_array();

	for (size_t i = 0; i < module->n_symvers; i++) {
		SP_AUTO(sp_str_freep)
		char *text = sp_text_format("%08x %s", module->symvers[i].crc,
					    module->symvers[i].name);

		sp_json_append(array, text ? sp_json_string(text) : NULL);
	}
	return array;
}

struct json_object *sp_module_to_json(const struct sp_module *module, bool with_symvers)
{
	struct json_object *json = sp_json_object();

	for (size_t i = 0; i < N_STRINGS; i++)
		sp_json_set_string(json, string_fields[i].key, string_of(module, i));
	for (size_t i = 0; i < N_LISTS; i++)
		sp_json_set_strv(json, list_fields[i].key, list_of(module, i));
	sp_json_set_bool(json, "signed", module->has_signature);
	sp_json_set_int(json, "package", (int64_t)module->package);
	if (with_symvers)
		sp_json_set(json, "symvers", symvers_to_json(module));
	return json;
}

static int add_symver(struct sp_module *module, const char *text, struct sp_error *err)
{
	struct sp_symver *symver;
	unsigned long crc;
	char *end;

	if (!text || strspn(text, "0123456789abcdef") != 8 || text[8] != ' ' || !text[9])
		return sp_error_set(err, SP_ERR_FORMAT, "a symbol version is malformed");
	crc = strtoul(text, &end, 16);
	symver = sp_array_add(&module->symvers, &module->n_symvers);
	if (!symver)
		return sp_error_nomem(err);
	symver->crc = (uint32_t)crc;
	symver->name = strdup(end + 1);
	if (!symver->name) {
		module->n_symvers--;
		return sp_error_nomem(err);
	}
	return 0;
}

static int read_strings(struct sp_module *module, const struct json_object *json,
			struct sp_error *err)
{
	for (size_t i = 0; i < N_STRINGS; i++) {
		const char *text = sp_json_get_string(json, string_fields[i].key);
		char **field = string_at(module, i);

		if (!text)
			continue;
		*field = strdup(text);
		if (!*field)
			return sp_error_nomem(err);
	}
	if (!module->name || !*module->name)
		return sp_error_set(err, SP_ERR_FORMAT, "a module has no name");
	return 0;
}

static int read_lists(struct sp_module *module, const struct json_object *json,
		      struct sp_error *err)
{
	const struct json_object *symvers = sp_json_get(json, "symvers");
	int r = 0;

	for (size_t i = 0; i < N_LISTS && r == 0; i++)
		r = sp_json_get_strv(json, list_fields[i].key, list_at(module, i), err);
	for (size_t i = 0; i < sp_json_length(symvers) && r == 0; i++)
		r = add_symver(module, sp_json_text(sp_json_at(symvers, i)), err);
	return r;
}

int sp_module_from_json(const struct json_object *json, struct sp_module *ret_module,
			struct sp_error *err)
{
	struct sp_module module = { 0 };
	SP_AUTO(sp_module_donep) struct sp_module *owned = &module;
	int64_t package = sp_json_get_int(json, "package", 0);
	int r = read_strings(&module, json, err);

	if (r == 0)
		r = read_lists(&module, json, err);
	if (r < 0)
		return r;
	if (package < 0)
		return sp_error_set(err, SP_ERR_FORMAT, "a module's package is no index");
	module.package = (size_t)package;
	module.has_signature = sp_json_get_bool(json, "signed", false);
	*ret_module = module;
	(void)sp_steal(owned);
	return 0;
}

/* ---- paths ----------------------------------------------------------------- */

static const char *skip(const char *path, const char *prefix)
{
	return sp_text_starts_with(path, prefix) ? path + strlen(prefix) : path;
}

/* The length of the name before ".ko" and its compression; 0 if it is no module. */
static size_t stem_length(const char *file)
{
	static const char *const ends[] = { ".ko", ".ko.xz", ".ko.gz", ".ko.zst",
					    ".ko.bz2" };

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (sp_text_ends_with(file, ends[i]))
			return strlen(file) - strlen(ends[i]);
	return 0;
}

bool sp_module_path_split(const char *path, char **ret_kernel, char **ret_name)
{
	SP_AUTO(sp_str_freep) char *kernel = NULL;
	SP_AUTO(sp_str_freep) char *name = NULL;
	const char *kver, *file;
	size_t len;

	path = skip(skip(skip(path, "./"), "/"), "usr/");
	if (!sp_text_starts_with(path, "lib/modules/") || !sp_text_path_is_safe(path))
		return false;
	kver = path + strlen("lib/modules/");
	file = strrchr(path, '/') + 1;
	len = stem_length(file);
	if (file == kver || len == 0)
		return false;
	kernel = strndup(kver, strcspn(kver, "/"));
	name = strndup(file, len);
	if (!kernel || !name)
		return false;
	for (char *at = name; *at; at++)
		if (*at == '-')
			*at = '_';
	if (ret_kernel)
		*ret_kernel = sp_steal(kernel);
	if (ret_name)
		*ret_name = sp_steal(name);
	return true;
}
