/* SPDX-License-Identifier: GPL-2.0-or-later */

/* No single source on an old host names all of its packs: today's installer looks at one
 * of them, fails on its first entry, and says nothing.  All are read here. */

#include "repo/old_host_read.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/array.h"
#include "base/inside.h"
#include "repo/old_host_steps.h"

#define UPDATE "update-"
#define CONTROL "control-"

/* ---- the rpm database ---------------------------------------------------------------- */

// clang-format off
static const struct database {
	const char *path;
	enum sp_old_rpmdb format;
} databases[] = {
	{ "usr/lib/sysimage/rpm/rpmdb.sqlite", SP_OLD_RPMDB_SQLITE },
	{ "var/lib/rpm/rpmdb.sqlite",          SP_OLD_RPMDB_SQLITE },
	{ "usr/lib/sysimage/rpm/Packages.db",  SP_OLD_RPMDB_NDB    },
	{ "var/lib/rpm/Packages.db",           SP_OLD_RPMDB_NDB    },
	{ "var/lib/rpm/Packages",              SP_OLD_RPMDB_BDB    },
};

static const char *const database_names[] = {
	[SP_OLD_RPMDB_NONE]   = "none",
	[SP_OLD_RPMDB_SQLITE] = "SQLite",
	[SP_OLD_RPMDB_NDB]    = "ndb",
	[SP_OLD_RPMDB_BDB]    = "Berkeley DB",
};
// clang-format on

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum sp_old_rpmdb sp_old_host_rpmdb(int root_fd)
{
	for (size_t i = 0; i < COUNT(databases); i++) {
		SP_AUTO(sp_str_freep) char *real = NULL;
		struct sp_error ignored = SP_ERROR_INIT;

		if (sp_inside_resolve(root_fd, databases[i].path, &real, &ignored) == 0)
			return databases[i].format;
	}
	return SP_OLD_RPMDB_NONE;
}

const char *sp_old_rpmdb_name(enum sp_old_rpmdb format)
{
	return database_names[format];
}

static int check_database(struct sp_old_reading *reading)
{
	enum sp_old_rpmdb format;

	if (reading->input->rpms)
		return 0;
	format = sp_old_host_rpmdb(reading->input->root_fd);
	if (format == SP_OLD_RPMDB_NONE)
		return sp_findings_add(reading->findings, "unreadable-rpmdb",
				       "var/lib/rpm", reading->err,
				       "the old host has no rpm database");
	return sp_findings_add(
		reading->findings, "unreadable-rpmdb", "var/lib/rpm", reading->err,
		"the rpm database of the old host (format %s) could not be "
		"read",
		sp_old_rpmdb_name(format));
}

/* "1:2.0-3" → "2.0". */
static char *version_of(const char *evr)
{
	const char *colon = strchr(evr, ':');
	const char *version = colon ? colon + 1 : evr;

	return strndup(version, strcspn(version, "-"));
}

/* ---- packs ------------------------------------------------------------------------------ */

struct sp_old_pack *sp_old_host_add_pack(struct sp_old_reading *reading,
					 enum sp_old_source source, const char *id,
					 const char *label, const char *version)
{
	struct sp_old_host *host = reading->host;
	struct sp_old_pack *pack = sp_array_add(&host->packs, &host->n_packs);

	if (!pack)
		return NULL;
	pack->sources = (unsigned)source;
	pack->id = strdup(id);
	pack->label = strdup(label && *label ? label : id);
	pack->version = strdup(version);
	return pack->id && pack->label && pack->version ? pack : NULL;
}

int sp_old_host_complain(struct sp_old_reading *reading, const char *path,
			 const struct sp_error *cause)
{
	if (cause->code == SP_ERR_NOMEM)
		return sp_error_nomem(reading->err);
	return sp_findings_add(reading->findings, "damaged-record", path, reading->err,
			       "'%s' cannot be read: %s", path, cause->text);
}

static const char *const product_ids[] = { "xs:main", "xcp:main",
					   "xs:xenserver-transfer-vm", "xs:linux",
					   "xcp:extras" };

static bool is_product(const char *id)
{
	for (size_t i = 0; i < COUNT(product_ids); i++)
		if (!strcmp(product_ids[i], id))
			return true;
	return false;
}

/* "XS71ECU2001", "XS82E001": what the product's maker calls its hotfixes.  Nothing else
 * in a stamp tells one from a pack. */
static bool is_hotfix_name(const char *label)
{
	if (strcasestr(label, "hotfix"))
		return true;
	if (!sp_text_starts_with(label, "XS") || !isdigit((unsigned char)label[2]))
		return false;
	for (label += 2; *label; label++)
		if (!isdigit((unsigned char)*label) && !isupper((unsigned char)*label))
			return false;
	return true;
}

static int add_record(struct sp_old_reading *reading, const struct sp_host_pack *record)
{
	struct sp_old_pack *pack = sp_old_host_add_pack(
		reading, SP_OLD_RECORD, record->id, record->label, record->version);

	if (!pack)
		return sp_error_nomem(reading->err);
	pack->sources = record->sources;
	pack->hidden = record->hidden;
	pack->is_product = is_product(record->id);
	/* What we have installed was a pack. */
	pack->hotfix = !(record->sources & SP_OLD_RECORD) && is_hotfix_name(pack->label);
	return 0;
}

static struct sp_old_pack *find_label(const struct sp_old_host *host, const char *label)
{
	for (size_t i = 0; i < host->n_packs; i++)
		if (!strcmp(host->packs[i].label, label))
			return &host->packs[i];
	return NULL;
}

static int add_rpm(struct sp_old_reading *reading, const struct sp_old_rpm *rpm,
		   const char *prefix)
{
	const char *label = rpm->name + strlen(prefix);
	SP_AUTO(sp_str_freep) char *version = NULL;
	struct sp_old_pack *pack;

	if (!sp_text_starts_with(rpm->name, prefix) || !*label)
		return 0;
	pack = find_label(reading->host, label);
	if (pack) {
		pack->sources |= SP_OLD_RPM;
		return 0;
	}
	version = version_of(rpm->evr);
	pack = version ? sp_old_host_add_pack(reading, SP_OLD_RPM, rpm->name, label,
					      version)
		       : NULL;
	if (!pack)
		return sp_error_nomem(reading->err);
	pack->hotfix = is_hotfix_name(label);
	return 0;
}

/* Every pack with a control package has an update package: those first, so that a pack
 * is called by the name of the latter. */
static int add_rpms(struct sp_old_reading *reading)
{
	static const char *const prefixes[] = { UPDATE, CONTROL };
	int r = 0;

	for (size_t p = 0; p < COUNT(prefixes); p++)
		for (size_t i = 0;
		     r == 0 && reading->input->rpms && i < reading->input->n_rpms; i++)
			r = add_rpm(reading, &reading->input->rpms[i], prefixes[p]);
	return r;
}

static int read_packs(struct sp_old_reading *reading)
{
	int r = sp_host_packs_read(reading->input->root_fd, &reading->records,
				   reading->findings, reading->err);

	for (size_t i = 0; r == 0 && i < reading->records.n; i++)
		r = add_record(reading, &reading->records.items[i]);
	return r == 0 ? add_rpms(reading) : r;
}

/* A stamp with no driver and no record of ours, of no name that a hotfix has. */
static int say_uncertain(struct sp_old_reading *reading)
{
	const unsigned certain = SP_OLD_RECORD | SP_OLD_LEGACY;
	int r = 0;

	for (size_t i = 0; r == 0 && i < reading->host->n_packs; i++) {
		const struct sp_old_pack *pack = &reading->host->packs[i];

		if (pack->hotfix || (pack->sources & certain) || pack->modules.n)
			continue;
		r = sp_findings_add(
			reading->findings, "hotfix-or-pack", pack->label, reading->err,
			"'%s' may be a pack, or a hotfix of the product", pack->label);
	}
	return r;
}

/* ---- the host ------------------------------------------------------------------------------ */

static int read_inventory(struct sp_old_reading *reading)
{
	struct sp_inventory *inventory = &reading->host->inventory;
	struct sp_error cause = SP_ERROR_INIT;
	int r = sp_inventory_read(reading->input->root_fd, inventory, &cause);

	if (r == 0)
		return 0;
	return sp_findings_add(reading->findings, "no-inventory",
			       "etc/xensource-inventory", reading->err,
			       r < 0 ? "the old host's inventory cannot be read: %s"
				     : "the old root has no inventory%s",
			       cause.text);
}

/* ---- is it still there? --------------------------------------------------------------------- */

/* A root that goes away while it is read must not pass for one that has nothing. */
static const char *const witnesses[] = {
	"etc/xensource-inventory", "etc/xensource/installed-repos",
	"var/update/applied",      "var/lib/rpm",
	"usr/lib/sysimage/rpm",    "lib/modules",
};

/* Bit i: witness i is there. */
static unsigned see_witnesses(int root_fd)
{
	unsigned seen = 0;

	for (size_t i = 0; i < COUNT(witnesses); i++) {
		SP_AUTO(sp_str_freep) char *real = NULL;
		struct sp_error ignored = SP_ERROR_INIT;

		if (sp_inside_resolve(root_fd, witnesses[i], &real, &ignored) == 0)
			seen |= 1U << i;
	}
	return seen;
}

static int check_witnesses(const struct sp_old_reading *reading, unsigned before)
{
	int root_fd = reading->input->root_fd;
	SP_AUTO(sp_closep)
	int fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned gone = before & ~see_witnesses(root_fd);

	if (fd < 0)
		return sp_error_set(reading->err, SP_ERR_GONE,
				    "the old root went away while it was read: %s",
				    strerror(errno));
	for (size_t i = 0; i < COUNT(witnesses); i++)
		if (gone & 1U << i)
			return sp_error_set(reading->err, SP_ERR_GONE,
					    "the old root went away while it was read: "
					    "'%s' is not there any more",
					    witnesses[i]);
	return 0;
}

static void reading_done(struct sp_old_reading *reading)
{
	sp_host_packs_done(&reading->records);
}

typedef int (*step_fn)(struct sp_old_reading *reading);

static const step_fn steps[] = {
	read_inventory,           sp_old_host_read_storage,
	check_database,           read_packs,
	sp_old_host_read_modules, say_uncertain,
	sp_old_host_read_network,
};

int sp_old_host_read(const struct sp_old_host_input *input, struct sp_old_host *host,
		     struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(reading_done)
	struct sp_old_reading reading = {
		.input = input, .host = host, .findings = findings, .err = err
	};
	unsigned before = see_witnesses(input->root_fd);
	int r = 0;

	for (size_t i = 0; r == 0 && i < COUNT(steps); i++)
		r = steps[i](&reading);
	return r == 0 ? check_witnesses(&reading, before) : r;
}
