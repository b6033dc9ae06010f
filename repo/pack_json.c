/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A pack's JSON form: what a worker that read it sends, what the command prints, what a
 * record keeps.  Fields are rows of tables; reading takes nothing on trust, since the
 * worker may have been taken over by what it read. */

#include "repo/pack.h"

#include <string.h>

#include "base/array.h"
#include "base/json.h"

enum { PACKAGES_MAX = 4096, MODULES_MAX = 16384, LIST_MAX = 65536 };

/* ---- tables ------------------------------------------------------------------ */

struct field {
	const char *key;
	size_t offset;
	bool whole; /* only between worker and parent */
};

// clang-format off
#define AT(type, member) offsetof(struct type, member)

static const struct field pack_texts[] = {
	{ "id",              AT(sp_pack, id),              false },
	{ "label",           AT(sp_pack, label),           false },
	{ "version",         AT(sp_pack, version),         false },
	{ "description",     AT(sp_pack, description),     false },
	{ "location",        AT(sp_pack, location),        false },
	{ "directory",       AT(sp_pack, directory),       false },
	{ "metadata_digest", AT(sp_pack, metadata_digest), false },
	{ "control",         AT(sp_pack, control),         false },
	{ "key_file",        AT(sp_pack, key_file),        false },
	{ "guidance",        AT(sp_pack, guidance),        false },
	{ "product",         AT(sp_pack, product),         false },
};

static const struct field pack_lists[] = {
	{ "driver_packages", AT(sp_pack, driver_packages), false },
	{ "update_packages", AT(sp_pack, update_packages), false },
	{ "requires",        AT(sp_pack, requires_),       false },
	{ "rolls_up",        AT(sp_pack, rolls_up),        false },
};

static const struct field pack_flags[] = {
	{ "driver_disk",     AT(sp_pack, driver_disk),     false },
	{ "hidden",          AT(sp_pack, hidden),          false },
	{ "homogeneous",     AT(sp_pack, homogeneous),     false },
	{ "withheld",        AT(sp_pack, withheld),        true },
};

static const struct field pack_sizes[] = {
	{ "installation_bytes", AT(sp_pack, installation_bytes), false },
	{ "memory_mb",          AT(sp_pack, memory_mb),          false },
};

static const struct field package_texts[] = {
	{ "name",    AT(sp_package, name),    false },
	{ "epoch",   AT(sp_package, epoch),   false },
	{ "version", AT(sp_package, version), false },
	{ "release", AT(sp_package, release), false },
	{ "arch",    AT(sp_package, arch),    false },
	{ "type",    AT(sp_package, type),    false },
	{ "file",    AT(sp_package, file),    false },
	{ "sha256",  AT(sp_package, sha256),  false },
	{ "md5",     AT(sp_package, md5),     false },
	{ "summary", AT(sp_package, summary), false },
	{ "root",    AT(sp_package, root),    false },
	{ "kernel",  AT(sp_package, kernel),  false },
	{ "options", AT(sp_package, options), false },
	{ "signer",  AT(sp_package, signer),  false },
	{ "signature", AT(sp_package, signature), false },
};

static const struct field package_lists[] = {
	{ "requires",  AT(sp_package, requires_), true },
	{ "provides",  AT(sp_package, provides),  true },
	{ "conflicts", AT(sp_package, conflicts), true },
	{ "obsoletes", AT(sp_package, obsoletes), true },
	{ "files",     AT(sp_package, files),     true },
};

static const struct field package_sizes[] = {
	{ "size",           AT(sp_package, size_bytes),      false },
	{ "installed_size", AT(sp_package, installed_bytes), false },
};

static const struct field package_flags[] = {
	{ "verified", AT(sp_package, verified), false },
	{ "unread", AT(sp_package, unread), true },
};
// clang-format on

#define ROWS(table) table, sizeof(table) / sizeof(table)[0]

/* ---- writing -------------------------------------------------------------------- */

static const void *member(const void *of, const struct field *field)
{
	return (const char *)of + field->offset;
}

static void texts_set(struct json_object *json, const void *from,
		      const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *const *text = member(from, &fields[i]);

		if (*text)
			sp_json_set_string(json, fields[i].key, *text);
	}
}

static void lists_set(struct json_object *json, const void *from,
		      const struct field *fields, size_t n, bool whole)
{
	for (size_t i = 0; i < n; i++)
		if (whole || !fields[i].whole)
			sp_json_set_strv(json, fields[i].key, member(from, &fields[i]));
}

static void sizes_set(struct json_object *json, const void *from,
		      const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const uint64_t *size = member(from, &fields[i]);

		sp_json_set_int(json, fields[i].key,
				*size > INT64_MAX ? INT64_MAX : (int64_t)*size);
	}
}

static void flags_set(struct json_object *json, const void *from,
		      const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool flag = *(const bool *)member(from, &fields[i]);

		/* What is seldom so is said only then. */
		if (flag || !fields[i].whole)
			sp_json_set_bool(json, fields[i].key, flag);
	}
}

struct json_object *sp_package_to_json(const struct sp_package *package, bool whole)
{
	struct json_object *json = sp_json_object();
	SP_AUTO(sp_str_freep) char *nevra = sp_package_nevra(package);

	sp_json_set_string(json, "nevra", nevra);
	texts_set(json, package, ROWS(package_texts));
	lists_set(json, package, ROWS(package_lists), whole);
	sizes_set(json, package, ROWS(package_sizes));
	flags_set(json, package, ROWS(package_flags));
	return json;
}

struct json_object *sp_pack_to_json(const struct sp_pack *pack, bool whole)
{
	struct json_object *json = sp_json_object();
	struct json_object *packages = sp_json_array();
	struct json_object *modules = sp_json_array();

	sp_json_set_string(json, "format", sp_pack_format_name(pack->format));
	texts_set(json, pack, ROWS(pack_texts));
	lists_set(json, pack, ROWS(pack_lists), whole);
	flags_set(json, pack, ROWS(pack_flags));
	sizes_set(json, pack, ROWS(pack_sizes));
	sp_json_set(json, "trust", sp_trust_to_json(&pack->trust));
	for (size_t i = 0; i < pack->n_packages; i++)
		sp_json_append(packages, sp_package_to_json(&pack->packages[i], whole));
	for (size_t i = 0; i < pack->modules.n; i++)
		sp_json_append(modules,
			       sp_module_to_json(&pack->modules.items[i], whole));
	sp_json_set(json, "packages", packages);
	sp_json_set(json, "modules", modules);
	sp_json_set(json, "report", sp_bugtool_to_json(&pack->report));
	sp_json_set(json, "findings", sp_findings_to_json(&pack->findings));
	return json;
}

struct json_object *sp_pack_list_to_json(const struct sp_pack_list *list)
{
	struct json_object *json = sp_json_array();

	for (size_t i = 0; i < list->n; i++)
		sp_json_append(json, sp_pack_to_json(&list->items[i], false));
	return json;
}

/* ---- reading --------------------------------------------------------------------- */

static void *member_of(void *of, const struct field *field)
{
	return (char *)of + field->offset;
}

static int texts_get(const struct json_object *json, void *to, const struct field *fields,
		     size_t n, struct sp_error *err)
{
	for (size_t i = 0; i < n; i++) {
		char **text = member_of(to, &fields[i]);
		const char *found = sp_json_get_string(json, fields[i].key);

		if (!found)
			continue;
		*text = sp_text_clean_dup(found);
		if (!*text)
			return sp_error_nomem(err);
	}
	return 0;
}

static int lists_get(const struct json_object *json, void *to, const struct field *fields,
		     size_t n, struct sp_error *err)
{
	for (size_t i = 0; i < n; i++) {
		int r;

		if (sp_json_length(sp_json_get(json, fields[i].key)) > LIST_MAX)
			return sp_error_set(err, SP_ERR_LIMIT,
					    "too many '%s' in one pack", fields[i].key);
		r = sp_json_get_strv(json, fields[i].key, member_of(to, &fields[i]), err);
		if (r < 0)
			return r;
	}
	return 0;
}

static void sizes_get(const struct json_object *json, void *to,
		      const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t size = sp_json_get_int(json, fields[i].key, 0);

		*(uint64_t *)member_of(to, &fields[i]) = size < 0 ? 0 : (uint64_t)size;
	}
}

static void flags_get(const struct json_object *json, void *to,
		      const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*(bool *)member_of(to, &fields[i]) =
			sp_json_get_bool(json, fields[i].key, false);
}

static int package_get(const struct json_object *json, struct sp_package *package,
		       struct sp_error *err)
{
	int r = texts_get(json, package, ROWS(package_texts), err);

	if (r == 0)
		r = lists_get(json, package, ROWS(package_lists), err);
	sizes_get(json, package, ROWS(package_sizes));
	flags_get(json, package, ROWS(package_flags));
	if (r == 0 && !package->name)
		return sp_error_set(err, SP_ERR_FORMAT, "a package has no name");
	if (r == 0 && package->file && !sp_text_path_is_safe(package->file))
		return sp_error_set(err, SP_ERR_FORMAT, "the path of '%s' is not safe",
				    package->name);
	return r;
}

int sp_package_from_json(const struct json_object *json, struct sp_package *ret_package,
			 struct sp_error *err)
{
	struct sp_package package = { 0 };
	int r = package_get(json, &package, err);

	if (r < 0)
		sp_package_done(&package);
	else
		*ret_package = package;
	return r;
}

static int packages_get(const struct json_object *json, struct sp_pack *pack,
			struct sp_error *err)
{
	const struct json_object *array = sp_json_get(json, "packages");
	size_t n = sp_json_length(array);

	if (n > PACKAGES_MAX)
		return sp_error_set(err, SP_ERR_LIMIT, "%zu packages in one pack", n);
	for (size_t i = 0; i < n; i++) {
		struct sp_package *package =
			sp_array_add(&pack->packages, &pack->n_packages);
		int r;

		if (!package)
			return sp_error_nomem(err);
		r = package_get(sp_json_at(array, i), package, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int modules_get(const struct json_object *json, struct sp_pack *pack,
		       struct sp_error *err)
{
	const struct json_object *array = sp_json_get(json, "modules");
	size_t n = sp_json_length(array);

	if (n > MODULES_MAX)
		return sp_error_set(err, SP_ERR_LIMIT, "%zu modules in one pack", n);
	for (size_t i = 0; i < n; i++) {
		struct sp_module *module =
			sp_array_add(&pack->modules.items, &pack->modules.n);
		int r;

		if (!module)
			return sp_error_nomem(err);
		r = sp_module_from_json(sp_json_at(array, i), module, err);
		if (r < 0)
			return r;
		if (module->package >= pack->n_packages)
			return sp_error_set(err, SP_ERR_FORMAT,
					    "module '%s' belongs to no package",
					    module->name);
	}
	return 0;
}

static int format_get(const struct json_object *json, struct sp_pack *pack,
		      struct sp_error *err)
{
	const char *name = sp_json_get_string(json, "format");

	for (int format = SP_PACK_UPDATE; name && format <= SP_PACK_RPMS; format++)
		if (!strcmp(name, sp_pack_format_name((enum sp_pack_format)format))) {
			pack->format = (enum sp_pack_format)format;
			return 0;
		}
	return sp_error_set(err, SP_ERR_FORMAT, "a pack of no known format");
}

static int trust_get(const struct json_object *json, struct sp_trust *trust,
		     struct sp_error *err)
{
	static const struct field texts[] = {
		{ "key", AT(sp_trust, key), false },
		{ "user_id", AT(sp_trust, user_id), false },
		{ "detail", AT(sp_trust, detail), false },
	};
	const char *state = sp_json_get_string(json, "state");

	for (int i = SP_TRUST_TRUSTED; state && i <= SP_TRUST_DAMAGED; i++)
		if (!strcmp(state, sp_trust_state_name((enum sp_trust_state)i))) {
			trust->state = (enum sp_trust_state)i;
			trust->expires = sp_json_get_int(json, "expires", 0);
			return texts_get(json, trust, ROWS(texts), err);
		}
	return sp_error_set(err, SP_ERR_FORMAT, "a pack of no known trust");
}

int sp_pack_from_json(const struct json_object *json, struct sp_pack *ret_pack,
		      struct sp_error *err)
{
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	int r = format_get(json, &pack, err);

	if (r == 0)
		r = trust_get(sp_json_get(json, "trust"), &pack.trust, err);
	if (r == 0)
		r = texts_get(json, &pack, ROWS(pack_texts), err);
	if (r == 0)
		r = lists_get(json, &pack, ROWS(pack_lists), err);
	sizes_get(json, &pack, ROWS(pack_sizes));
	flags_get(json, &pack, ROWS(pack_flags));
	if (r == 0)
		r = packages_get(json, &pack, err);
	if (r == 0)
		r = modules_get(json, &pack, err);
	if (r == 0)
		r = sp_bugtool_from_json(sp_json_get(json, "report"), &pack.report, err);
	if (r == 0)
		r = sp_findings_from_json(sp_json_get(json, "findings"), &pack.findings,
					  err);
	if (r < 0)
		return r;
	*ret_pack = pack;
	pack = (struct sp_pack){ 0 };
	return 0;
}
