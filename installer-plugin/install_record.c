/* SPDX-License-Identifier: GPL-2.0-or-later */

/* All of a record is made from what was verified and decided, nothing from what a
 * scriptlet may have left in the host: so it can be written before one runs. */

#include "installer-plugin/install_record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/file.h"
#include "base/json.h"
#include "installer-plugin/context.h"
#include "installer-plugin/host.h"
#include "installer-plugin/install.h"
#include "installer-plugin/installed.h"
#include "plan/alias.h"
#include "repo/limits.h"

enum { HITS_MAX = 16 };

// clang-format off
/* What is kept verbatim, and under which name. */
static const struct metadata {
	const char *path, *name;
} metadata[] = {
	{ "update.xml",              "update.xml" },
	{ "update.xml.asc",          "update.xml.asc" },
	{ "repodata/repomd.xml",     "repomd.xml" },
	{ "repodata/repomd.xml.asc", "repomd.xml.asc" },
	{ "XS-REPOSITORY",           "XS-REPOSITORY" },
	{ "XS-PACKAGES",             "XS-PACKAGES" },
};
// clang-format on

/* ---- texts ---------------------------------------------------------------------------- */

static char *now(void)
{
	time_t seconds = time(NULL);
	struct tm utc;
	char text[32];

	if (!gmtime_r(&seconds, &utc) ||
	    !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc))
		return NULL;
	return strdup(text);
}

static int set(char **to, const char *text, struct sp_error *err)
{
	if (!text)
		return 0;
	*to = strdup(text);
	return *to ? 0 : sp_error_nomem(err);
}

static int set_texts(const struct sp_install *install, struct sp_record *record,
		     struct sp_error *err)
{
	const struct sp_inventory *inventory = &install->host->target.inventory;
	SP_AUTO(sp_str_freep)
	char *kernels = sp_strv_join(&install->host->target.kernels, ", ");
	int r;

	record->time = now();
	if (!record->time || !kernels)
		return sp_error_nomem(err);
	r = set(&record->kernel, kernels, err);
	if (r == 0)
		r = set(&record->decision, install->decision, err);
	if (r == 0)
		r = set(&record->product_brand, inventory->product_brand, err);
	if (r == 0)
		r = set(&record->product_version, inventory->product_version, err);
	return r < 0 ? r
		     : set(&record->platform_version, inventory->platform_version, err);
}

/* Through its JSON, which is all of it that a record keeps. */
static int copy_pack(const struct sp_pack *pack, struct sp_record *record,
		     struct sp_error *err)
{
	SP_AUTO(sp_json_freep) struct json_object *json = sp_pack_to_json(pack, false);

	return sp_pack_from_json(json, &record->pack, err);
}

/* ---- packages --------------------------------------------------------------------------- */

static bool is_of_packs(const struct sp_record_list *records, const char *name)
{
	for (size_t i = 0; i < records->n; i++)
		if (sp_strv_has(&records->items[i].brought, name))
			return true;
	return false;
}

/* Packages are the pack's to remove one day unless the base system had them. */
static int add_package(const struct sp_install *install, const struct sp_package *package,
		       struct sp_record *record, struct sp_error *err)
{
	const char *had = sp_installed_find(install->installed, package->name);
	SP_AUTO(sp_str_freep)
	char *text = had ? sp_text_format("%s %s", package->name, had) : NULL;
	int r;

	if (!sp_install_is_rpm(package))
		return 0;
	if (sp_strv_has(install->left_out, package->name))
		return sp_strv_add(&record->left_out, package->name, err);
	if (!had || is_of_packs(&install->host->records, package->name)) {
		r = sp_strv_add(&record->brought, package->name, err);
		if (r < 0 || !had)
			return r;
	}
	return text ? sp_strv_add(&record->before, text, err) : sp_error_nomem(err);
}

/* ---- devices ------------------------------------------------------------------------------ */

static int add_device(const struct sp_device *device, const char *driver,
		      struct sp_record *record, struct sp_error *err)
{
	struct sp_record_device *added =
		sp_array_add(&record->devices, &record->n_devices);
	int r = added ? set(&added->address, device->address, err) : sp_error_nomem(err);

	if (r == 0)
		r = set(&added->modalias, device->modalias, err);
	if (r == 0)
		r = set(&added->name, device->name, err);
	return r < 0 ? r : set(&added->driver, driver, err);
}

static int index_modules(const struct sp_pack *pack, struct sp_alias_index *index,
			 struct sp_error *err)
{
	for (size_t i = 0; i < pack->modules.n; i++) {
		const struct sp_module *module = &pack->modules.items[i];

		for (size_t j = 0; j < module->aliases.n; j++) {
			int r = sp_alias_index_add(index, module->aliases.items[j],
						   module->name, i, err);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int add_devices(const struct sp_install *install, struct sp_record *record,
		       struct sp_error *err)
{
	const struct sp_device_list *devices = &install->context->devices;
	SP_AUTO(sp_alias_index_freep) struct sp_alias_index *index = NULL;
	struct sp_alias_hit hits[HITS_MAX];
	int r = sp_alias_index_new(&index, err);

	if (r == 0)
		r = index_modules(install->pack, index, err);
	for (size_t i = 0; r == 0 && i < devices->n; i++)
		if (devices->items[i].modalias &&
		    sp_alias_index_find(index, devices->items[i].modalias, hits,
					HITS_MAX) > 0)
			r = add_device(&devices->items[i], hits[0].module, record, err);
	return r;
}

/* ---- files -------------------------------------------------------------------------------- */

static int add_file(int kept_fd, const struct metadata *which, struct sp_record *record,
		    struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct sp_record_file *file;
	size_t len;
	int r = sp_file_load(kept_fd, which->path, SP_LIMIT_REPOMD_BYTES, &bytes, &len,
			     err);

	if (r != 0)
		return r < 0 ? r : 0;
	file = sp_array_add(&record->files, &record->n_files);
	if (!file)
		return sp_error_nomem(err);
	file->bytes = sp_steal(bytes);
	file->len = len;
	return set(&file->name, which->name, err);
}

static int add_files(const struct sp_install *install, struct sp_record *record,
		     struct sp_error *err)
{
	SP_AUTO(sp_closep)
	int kept_fd = open(install->kept, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = 0;

	if (kept_fd < 0)
		return sp_error_set_errno(err, errno, "opening '%s'", install->kept);
	for (size_t i = 0; r == 0 && i < sizeof metadata / sizeof metadata[0]; i++)
		r = add_file(kept_fd, &metadata[i], record, err);
	return r;
}

int sp_install_record_make(const struct sp_install *install, struct sp_record *record,
			   struct sp_error *err)
{
	const struct sp_pack *pack = install->pack;
	int r = copy_pack(pack, record, err);

	if (r == 0)
		r = set_texts(install, record, err);
	for (size_t i = 0; r == 0 && i < pack->n_packages; i++)
		r = add_package(install, &pack->packages[i], record, err);
	if (r == 0)
		r = add_devices(install, record, err);
	if (r == 0)
		r = add_files(install, record, err);
	if (r == 0)
		r = sp_record_directory_choose(install->host->root_fd, pack,
					       &record->directory, err);
	return r < 0 ? sp_error_context(err, "making the record of '%s'", pack->label)
		     : 0;
}
