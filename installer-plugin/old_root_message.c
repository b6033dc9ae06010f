/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A worker may have been taken over by what it read: the parent takes each piece on its
 * own, cleans it again, and counts. */

#include "installer-plugin/old_root_message.h"

#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/worker.h"
#include "repo/old_host.h"

enum { PACKS_MAX = 16384, MODULES_MAX = 4096, LIST_MAX = 1024 };

// clang-format off
static const struct text {
	const char *key;
	size_t offset; /* of a char * in sp_inventory */
} inventory_texts[] = {
	{ "product_brand",        offsetof(struct sp_inventory, product_brand) },
	{ "product_version",      offsetof(struct sp_inventory, product_version) },
	{ "platform_name",        offsetof(struct sp_inventory, platform_name) },
	{ "platform_version",     offsetof(struct sp_inventory, platform_version) },
	{ "build_number",         offsetof(struct sp_inventory, build_number) },
	{ "primary_disk",         offsetof(struct sp_inventory, primary_disk) },
	{ "management_interface", offsetof(struct sp_inventory, management_interface) },
};

static const struct list {
	const char *key;
	size_t offset; /* of a struct sp_strv in sp_old_host */
} host_lists[] = {
	{ "boot_disks",           offsetof(struct sp_old_host, boot_disks) },
	{ "storage_disks",        offsetof(struct sp_old_host, storage_disks) },
	{ "management_macs",      offsetof(struct sp_old_host, management_macs) },
	{ "management_addresses", offsetof(struct sp_old_host, management_addresses) },
	{ "management_devices",   offsetof(struct sp_old_host, management_devices) },
};

static const struct flag {
	const char *key;
	size_t offset; /* of a bool in sp_old_pack */
} pack_flags[] = {
	{ "hidden",     offsetof(struct sp_old_pack, hidden) },
	{ "hotfix",     offsetof(struct sp_old_pack, hotfix) },
	{ "is_product", offsetof(struct sp_old_pack, is_product) },
};
// clang-format on

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void *field(const void *of, size_t offset)
{
	return (char *)(uintptr_t)of + offset;
}

/* ---- in the worker ------------------------------------------------------------------ */

static int send_as(struct sp_outlet *outlet, const char *key, struct json_object *value,
		   struct sp_error *err)
{
	struct json_object *message = sp_json_object();

	sp_json_set(message, key, value);
	return sp_outlet_send(outlet, message, err);
}

struct json_object *sp_old_root_inventory_to_json(const struct sp_old_host *host)
{
	struct json_object *json = sp_json_object();

	for (size_t i = 0; i < COUNT(inventory_texts); i++)
		sp_json_set_string(
			json, inventory_texts[i].key,
			*(char **)field(&host->inventory, inventory_texts[i].offset));
	return json;
}

static int send_host(struct sp_outlet *outlet, const struct sp_old_host *host,
		     struct sp_error *err)
{
	struct json_object *json = sp_old_root_inventory_to_json(host);

	for (size_t i = 0; i < COUNT(host_lists); i++)
		sp_json_set_strv(json, host_lists[i].key,
				 field(host, host_lists[i].offset));
	return send_as(outlet, "host", json, err);
}

static int send_pack(struct sp_outlet *outlet, struct sp_old_pack *pack,
		     struct sp_error *err)
{
	struct json_object *json = sp_json_object();
	int r;

	sp_json_set_int(json, "sources", pack->sources);
	sp_json_set_string(json, "id", pack->id);
	sp_json_set_string(json, "label", pack->label);
	sp_json_set_string(json, "version", pack->version);
	for (size_t i = 0; i < COUNT(pack_flags); i++)
		sp_json_set_bool(json, pack_flags[i].key,
				 *(bool *)field(pack, pack_flags[i].offset));
	r = send_as(outlet, "pack", json, err);
	for (size_t i = 0; r == 0 && i < pack->modules.n; i++) {
		r = send_as(outlet, "module",
			    sp_module_to_json(&pack->modules.items[i], false), err);
		sp_module_done(&pack->modules.items[i]);
	}
	return r;
}

int sp_old_root_message_send(struct sp_outlet *outlet, struct sp_old_host *host,
			     const struct sp_findings *findings, struct sp_error *err)
{
	int r = send_host(outlet, host, err);

	for (size_t i = 0; r == 0 && i < host->n_packs; i++)
		r = send_pack(outlet, &host->packs[i], err);
	return r == 0 ? send_as(outlet, "finding", sp_findings_to_json(findings), err)
		      : r;
}

/* ---- in the engine ------------------------------------------------------------------ */

static int take_text(const struct json_object *json, const char *key, char **ret_text,
		     struct sp_error *err)
{
	const char *text = sp_json_get_string(json, key);

	free(*ret_text);
	*ret_text = text ? sp_text_clean_dup(text) : NULL;
	return text && !*ret_text ? sp_error_nomem(err) : 0;
}

static int take_list(const struct json_object *json, const char *key,
		     struct sp_strv *list, struct sp_error *err)
{
	const struct json_object *array = sp_json_get(json, key);

	if (sp_json_length(array) > LIST_MAX)
		return sp_error_set(err, SP_ERR_LIMIT, "'%s' has more than %d entries",
				    key, LIST_MAX);
	for (size_t i = 0; i < sp_json_length(array); i++) {
		const char *text = sp_json_text(sp_json_at(array, i));
		char clean[SP_TEXT_MAX];
		int r;

		if (!text)
			continue;
		sp_text_clean(text, strlen(text), clean, sizeof clean);
		r = sp_strv_add(list, clean, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int take_host(const struct json_object *json, struct sp_old_host *host,
		     struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < COUNT(inventory_texts); i++)
		r = take_text(json, inventory_texts[i].key,
			      field(&host->inventory, inventory_texts[i].offset), err);
	for (size_t i = 0; r == 0 && i < COUNT(host_lists); i++)
		r = take_list(json, host_lists[i].key, field(host, host_lists[i].offset),
			      err);
	return r;
}

static int take_pack(const struct json_object *json, struct sp_old_host *host,
		     struct sp_error *err)
{
	struct sp_old_pack *pack;
	int r;

	if (host->n_packs >= PACKS_MAX)
		return sp_error_set(err, SP_ERR_LIMIT, "more than %d packs", PACKS_MAX);
	pack = sp_array_add(&host->packs, &host->n_packs);
	if (!pack)
		return sp_error_nomem(err);
	pack->sources = (unsigned)sp_json_get_int(json, "sources", 0);
	for (size_t i = 0; i < COUNT(pack_flags); i++)
		*(bool *)field(pack, pack_flags[i].offset) =
			sp_json_get_bool(json, pack_flags[i].key, false);
	r = take_text(json, "id", &pack->id, err);
	if (r == 0)
		r = take_text(json, "label", &pack->label, err);
	if (r == 0)
		r = take_text(json, "version", &pack->version, err);
	if (r == 0 && (!pack->id || !pack->label || !pack->version))
		r = sp_error_set(err, SP_ERR_FORMAT, "a pack without a name");
	return r;
}

static int take_module(const struct json_object *json, struct sp_old_pack *pack,
		       struct sp_error *err)
{
	struct sp_module module = { 0 };
	int r = sp_module_from_json(json, &module, err);

	return r < 0 ? r : sp_module_list_take(&pack->modules, &module, MODULES_MAX, err);
}

int sp_old_root_message_take(const struct json_object *message, struct sp_old_host *host,
			     struct sp_findings *findings, struct sp_error *err)
{
	struct sp_old_pack *last = host->n_packs ? &host->packs[host->n_packs - 1] : NULL;
	const struct json_object *value;

	if ((value = sp_json_get(message, "host")))
		return take_host(value, host, err);
	if ((value = sp_json_get(message, "pack")))
		return take_pack(value, host, err);
	if (last && (value = sp_json_get(message, "module")))
		return take_module(value, last, err);
	if ((value = sp_json_get(message, "finding")))
		return sp_findings_from_json(value, findings, err);
	return sp_error_set(err, SP_ERR_FORMAT, "an answer of no known kind");
}
