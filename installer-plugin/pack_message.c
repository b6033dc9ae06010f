/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A worker may have been taken over by what it read: the parent takes each piece on its
 * own, strictly, and counts. */

#include "installer-plugin/pack_message.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/process.h"
#include "base/worker.h"
#include "repo/pack.h"

/* Of this many packages what they took is given back: while one side fills, the other
 * is emptied. */
enum { TRIM_EACH = 64 };

enum { PACKS_MAX = 256, PACKAGES_MAX = 4096, MODULES_MAX = 16384 };

static int send_as(struct sp_outlet *outlet, const char *key, struct json_object *value,
		   struct sp_error *err)
{
	struct json_object *message = sp_json_object();

	sp_json_set(message, key, value);
	return sp_outlet_send(outlet, message, err);
}

static int send_head(struct sp_outlet *outlet, const struct sp_pack *pack,
		     struct sp_error *err)
{
	struct sp_pack head = *pack; /* borrows all of it, but shows none of these */

	head.packages = NULL;
	head.n_packages = 0;
	head.modules = (struct sp_module_list){ 0 };
	return send_as(outlet, "pack", sp_pack_to_json(&head, true), err);
}

/* The first @gone of @items, whose content was freed, are not needed any more. */
static void *drop_first(void *items, size_t *n, size_t size, size_t gone)
{
	void *smaller;

	*n -= gone;
	memmove(items, (char *)items + gone * size, *n * size);
	smaller = *n ? realloc(items, *n * size) : NULL;
	sp_process_trim();
	return smaller ? smaller : items;
}

static int send_packages(struct sp_outlet *outlet, struct sp_pack *pack,
			 struct sp_error *err)
{
	size_t sent = 0;
	int r = 0;

	while (r == 0 && sent < pack->n_packages) {
		r = send_as(outlet, "package",
			    sp_package_to_json(&pack->packages[sent], true), err);
		sp_package_done(&pack->packages[sent++]);
		if (sent < TRIM_EACH)
			continue;
		pack->packages = drop_first(pack->packages, &pack->n_packages,
					    sizeof *pack->packages, sent);
		sent = 0;
	}
	return r;
}

static int send_modules(struct sp_outlet *outlet, struct sp_module_list *modules,
			struct sp_error *err)
{
	size_t sent = 0;
	int r = 0;

	while (r == 0 && sent < modules->n) {
		r = send_as(outlet, "module",
			    sp_module_to_json(&modules->items[sent], true), err);
		sp_module_done(&modules->items[sent++]);
		if (sent < TRIM_EACH)
			continue;
		modules->items = drop_first(modules->items, &modules->n,
					    sizeof *modules->items, sent);
		sent = 0;
	}
	return r;
}

int sp_pack_message_send(struct sp_outlet *outlet, struct sp_pack *pack,
			 struct sp_error *err)
{
	int r = send_head(outlet, pack, err);

	if (r == 0)
		r = send_packages(outlet, pack, err);
	return r == 0 ? send_modules(outlet, &pack->modules, err) : r;
}

int sp_pack_message_send_findings(struct sp_outlet *outlet,
				  const struct sp_findings *findings,
				  struct sp_error *err)
{
	return send_as(outlet, "finding", sp_findings_to_json(findings), err);
}

int sp_pack_message_send_progress(struct sp_outlet *outlet, uint64_t done, uint64_t total,
				  struct sp_error *err)
{
	struct json_object *progress = sp_json_object();

	sp_json_set_int(progress, "done", (int64_t)done);
	sp_json_set_int(progress, "total", (int64_t)total);
	return send_as(outlet, "progress", progress, err);
}

/* ---- the other side ------------------------------------------------------------ */

static int take_pack(const struct json_object *json, struct sp_pack_list *packs,
		     struct sp_error *err)
{
	struct sp_pack pack = { 0 };
	struct sp_pack *added;
	int r;

	if (packs->n >= PACKS_MAX)
		return sp_error_set(err, SP_ERR_LIMIT, "more than %d packs", PACKS_MAX);
	r = sp_pack_from_json(json, &pack, err);
	if (r < 0)
		return r;
	added = sp_array_add(&packs->items, &packs->n);
	if (!added) {
		sp_pack_done(&pack);
		return sp_error_nomem(err);
	}
	*added = pack;
	return 0;
}

static int take_package(const struct json_object *json, struct sp_pack *pack,
			struct sp_error *err)
{
	struct sp_package package = { 0 };
	struct sp_package *added;
	int r;

	if (pack->n_packages >= PACKAGES_MAX)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "more than %d packages in one pack", PACKAGES_MAX);
	r = sp_package_from_json(json, &package, err);
	if (r < 0)
		return r;
	added = sp_array_add(&pack->packages, &pack->n_packages);
	if (!added) {
		sp_package_done(&package);
		return sp_error_nomem(err);
	}
	*added = package;
	return 0;
}

static int take_module(const struct json_object *json, struct sp_pack *pack,
		       struct sp_error *err)
{
	struct sp_module module = { 0 };
	int r = sp_module_from_json(json, &module, err);

	if (r < 0)
		return r;
	if (module.package >= pack->n_packages) {
		r = sp_error_set(err, SP_ERR_FORMAT, "module '%s' belongs to no package",
				 module.name);
		sp_module_done(&module);
		return r;
	}
	return sp_module_list_take(&pack->modules, &module, MODULES_MAX, err);
}

int sp_pack_message_take(const struct json_object *message, struct sp_pack_list *packs,
			 struct sp_findings *findings, uint64_t *ret_done,
			 uint64_t *ret_total, struct sp_error *err)
{
	struct sp_pack *last = packs->n ? &packs->items[packs->n - 1] : NULL;
	const struct json_object *value;

	if ((value = sp_json_get(message, "pack")))
		return take_pack(value, packs, err);
	if (last && (value = sp_json_get(message, "package")))
		return take_package(value, last, err);
	if (last && (value = sp_json_get(message, "module")))
		return take_module(value, last, err);
	if ((value = sp_json_get(message, "finding")))
		return sp_findings_from_json(value, findings, err);
	value = sp_json_get(message, "progress");
	if (!value)
		return sp_error_set(err, SP_ERR_FORMAT, "an answer of no known kind");
	*ret_done = (uint64_t)sp_json_get_int(value, "done", 0);
	*ret_total = (uint64_t)sp_json_get_int(value, "total", 0);
	return SP_PACK_MESSAGE_PROGRESS;
}
