/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One pack may stand on a host's record three times: in ours, in the legacy record that
 * installers and xapi know, and as a stamp.  All three are read, since each may be
 * missing or damaged, and the pack is told of once. */

#include "repo/host_packs.h"

#include <string.h>

#include "base/array.h"
#include "base/inside.h"
#include "repo/legacy.h"
#include "repo/old_host.h"
#include "repo/pack.h"
#include "repo/record.h"
#include "repo/updatexml.h"

#define RECORDS "etc/xensource/installed-repos"
#define STAMPS "var/update/applied"

enum { RECORDS_MAX = 4096, STAMP_MAX_BYTES = 256 * 1024 };

static void pack_done(struct sp_host_pack *pack)
{
	free(pack->id);
	free(pack->label);
	free(pack->version);
	sp_strv_done(&pack->modules);
	sp_strv_done(&pack->packages);
}

void sp_host_packs_done(struct sp_host_packs *packs)
{
	for (size_t i = 0; i < packs->n; i++)
		pack_done(&packs->items[i]);
	free(packs->items);
	*packs = (struct sp_host_packs){ 0 };
}

struct sp_host_pack *sp_host_packs_find(const struct sp_host_packs *packs, const char *id,
					const char *label)
{
	for (size_t i = 0; i < packs->n; i++) {
		struct sp_host_pack *pack = &packs->items[i];

		if (!strcmp(pack->id, id) &&
		    (!label || !pack->label || !strcmp(pack->label, label)))
			return pack;
	}
	return NULL;
}

/* ---- merging --------------------------------------------------------------------------- */

struct reading {
	int root_fd;
	struct sp_host_packs *packs;
	struct sp_findings *findings;
	struct sp_error *err;
};

static int set_if_unknown(char **field, const char *text, struct sp_error *err)
{
	if ((*field && **field) || !text || !*text)
		return 0;
	free(*field);
	*field = strdup(text);
	return *field ? 0 : sp_error_nomem(err);
}

static struct sp_host_pack *find_or_add(struct sp_host_packs *packs,
					const struct sp_pack *pack)
{
	struct sp_host_pack *found = sp_host_packs_find(packs, pack->id, pack->label);

	if (found)
		return found;
	found = sp_array_add(&packs->items, &packs->n);
	if (!found)
		return NULL;
	found->id = strdup(pack->id);
	found->version = strdup("");
	return found->id && found->version ? found : NULL;
}

static bool is_type(const struct sp_package *package, const char *type)
{
	return package->type && !strcmp(package->type, type);
}

/* The builder cut "acme-4.4.0+2-modules" to its first word, and kept the second. */
static int name_add(const struct sp_package *package, struct sp_host_pack *found,
		    struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *whole = NULL;
	int r = sp_strv_add(&found->packages, package->name, err);

	if (r < 0 || !is_type(package, "driver-rpm") || !package->kernel)
		return r;
	whole = sp_text_format("%s-%s-modules", package->name, package->kernel);
	if (!whole)
		return sp_error_nomem(err);
	return sp_strv_add(&found->packages, whole, err);
}

static int contents_add(const struct sp_pack *pack, struct sp_host_pack *found,
			struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < pack->n_packages; i++) {
		const struct sp_package *package = &pack->packages[i];

		if (!package->type || is_type(package, "rpm") ||
		    is_type(package, "driver-rpm"))
			r = name_add(package, found, err);
		else if (is_type(package, "driver") && package->root)
			r = sp_strv_add(&found->modules, package->root, err);
	}
	return r;
}

/* The first source to say something is right: ours is read first. */
static int merge(struct reading *reading, enum sp_old_source source,
		 const struct sp_pack *pack)
{
	struct sp_host_pack *found = find_or_add(reading->packs, pack);
	int r;

	if (!found)
		return sp_error_nomem(reading->err);
	found->sources |= (unsigned)source;
	found->hidden = found->hidden || pack->hidden;
	r = set_if_unknown(&found->label, pack->label, reading->err);
	if (r == 0)
		r = set_if_unknown(&found->version, pack->version, reading->err);
	return r == 0 ? contents_add(pack, found, reading->err) : r;
}

static int complain(struct reading *reading, const char *about,
		    const struct sp_error *cause)
{
	if (cause->code == SP_ERR_NOMEM)
		return sp_error_nomem(reading->err);
	return sp_findings_add(reading->findings, "damaged-record", about, reading->err,
			       "the record '%s' cannot be read: %s", about, cause->text);
}

/* ---- record.json ------------------------------------------------------------------------ */

static int merge_record(struct reading *reading, const struct sp_record *record)
{
	struct sp_host_pack *found;
	int r;

	if (!record->pack.id)
		return 0;
	r = merge(reading, SP_OLD_RECORD, &record->pack);
	if (r < 0)
		return r;
	found = sp_host_packs_find(reading->packs, record->pack.id, record->pack.label);
	return sp_strv_add_all(&found->modules, &record->installed_modules, reading->err);
}

static int read_records(struct reading *reading)
{
	SP_AUTO(sp_record_list_done) struct sp_record_list list = { 0 };
	struct sp_error cause = SP_ERROR_INIT;
	int r = sp_record_list_read(reading->root_fd, &list, reading->findings, &cause);

	if (r < 0)
		r = complain(reading, RECORDS, &cause);
	for (size_t i = 0; r == 0 && i < list.n; i++)
		r = merge_record(reading, &list.items[i]);
	return r;
}

/* ---- XS-REPOSITORY ---------------------------------------------------------------------- */

/* One of our own records, of a pack that has no XS-REPOSITORY? */
static bool has_other_metadata(const struct reading *reading, const char *directory)
{
	static const char *const names[] = { "record.json", "update.xml" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		SP_AUTO(sp_str_freep)
		char *path = sp_text_format(RECORDS "/%s/%s", directory, names[i]);
		SP_AUTO(sp_str_freep) char *real = NULL;
		struct sp_error ignored = SP_ERROR_INIT;

		if (path &&
		    sp_inside_resolve(reading->root_fd, path, &real, &ignored) == 0)
			return true;
	}
	return false;
}

static int load(const struct reading *reading, const char *directory, const char *name,
		char **ret_bytes, size_t *ret_len, struct sp_error *cause)
{
	SP_AUTO(sp_str_freep)
	char *path = sp_text_format(RECORDS "/%s/%s", directory, name);

	if (!path)
		return sp_error_nomem(cause);
	return sp_inside_load(reading->root_fd, path, SP_LEGACY_MAX_BYTES, ret_bytes,
			      ret_len, cause);
}

static int load_repository(const struct reading *reading, const char *directory,
			   struct sp_pack *pack, struct sp_error *cause)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	size_t len;
	int r = load(reading, directory, SP_LEGACY_REPOSITORY, &bytes, &len, cause);

	return r == 0 ? sp_legacy_read_repository(bytes, len, pack, cause) : r;
}

/* Without its list of packages a pack is still a pack. */
static int load_packages(const struct reading *reading, const char *directory,
			 struct sp_pack *pack, struct sp_error *cause)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	size_t len;
	int r = load(reading, directory, SP_LEGACY_PACKAGES, &bytes, &len, cause);

	if (r == 0)
		r = sp_legacy_read_packages(bytes, len, pack, cause);
	return r == SP_INSIDE_ABSENT ? 0 : r;
}

static int read_legacy(struct reading *reading, const char *directory)
{
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	SP_AUTO(sp_str_freep) char *about = sp_text_format(RECORDS "/%s", directory);
	struct sp_error cause = SP_ERROR_INIT;
	int r = load_repository(reading, directory, &pack, &cause);

	if (!about)
		return sp_error_nomem(reading->err);
	if (r == SP_INSIDE_ABSENT && has_other_metadata(reading, directory))
		return 0;
	if (r == SP_INSIDE_ABSENT)
		r = sp_error_set(&cause, SP_ERR_FORMAT, "it has no XS-REPOSITORY");
	if (r < 0)
		return complain(reading, about, &cause);
	r = load_packages(reading, directory, &pack, &cause);
	if (r < 0)
		r = complain(reading, about, &cause);
	return r < 0 ? r : merge(reading, SP_OLD_LEGACY, &pack);
}

/* ---- stamps -------------------------------------------------------------------------------- */

static int load_stamp(struct reading *reading, const char *uuid, struct sp_pack *pack,
		      struct sp_error *cause)
{
	SP_AUTO(sp_str_freep) char *path = sp_text_format(STAMPS "/%s", uuid);
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	size_t len;
	int r;

	if (!path)
		return sp_error_nomem(cause);
	r = sp_inside_load(reading->root_fd, path, STAMP_MAX_BYTES, &bytes, &len, cause);
	if (r != 0)
		return r < 0 ? r : SP_UPDATEXML_SUPERSEDED; /* gone while being read */
	return sp_updatexml_read_stamp(bytes, len, pack, cause);
}

/* Names that are no uuid are none of the product's, which ignores them. */
static int read_stamp(struct reading *reading, const char *uuid)
{
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	SP_AUTO(sp_str_freep) char *about = sp_text_format(STAMPS "/%s", uuid);
	struct sp_error cause = SP_ERROR_INIT;
	int r;

	if (!about)
		return sp_error_nomem(reading->err);
	if (!sp_updatexml_is_uuid(uuid))
		return 0;
	r = load_stamp(reading, uuid, &pack, &cause);
	if (r == 0 && strcmp(pack.id, uuid) != 0)
		r = sp_error_set(&cause, SP_ERR_FORMAT, "it is about '%s'", pack.id);
	if (r < 0)
		return complain(reading, about, &cause);
	return r == 0 ? merge(reading, SP_OLD_STAMP, &pack) : 0;
}

/* ---- directories ---------------------------------------------------------------------------- */

typedef int (*read_fn)(struct reading *reading, const char *name);

static int read_each(struct reading *reading, const char *place, read_fn read)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	struct sp_error cause = SP_ERROR_INIT;
	int r = sp_inside_list(reading->root_fd, place, RECORDS_MAX, &names, &cause);

	if (r < 0)
		return complain(reading, place, &cause);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = read(reading, names.items[i]);
	return r < 0 ? r : 0;
}

int sp_host_packs_read(int root_fd, struct sp_host_packs *packs,
		       struct sp_findings *findings, struct sp_error *err)
{
	struct reading reading = { root_fd, packs, findings, err };
	int r = read_records(&reading);

	if (r == 0)
		r = read_each(&reading, RECORDS, read_legacy);
	if (r == 0)
		r = read_each(&reading, STAMPS, read_stamp);
	return r;
}
