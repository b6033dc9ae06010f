/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Media that are something else: told apart well enough to name them, since "no pack"
 * alone sends people to look for a fault that is not there. */
#include "repo/reading.h"

#include "base/text.h"
#include "repo/treeinfo.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_BYTES = 64 << 10 };

/* ---- installation sources -------------------------------------------------- */

/* What is in the way of a pack: about the medium, or the image on it. */
static int say(const struct sp_reading *reading, const char *code, struct sp_error *err,
	       const char *what, const char *more)
{
	const char *about = *reading->image ? reading->image : reading->options->location;

	if (!about)
		about = "the medium";
	return sp_findings_add(reading->findings, code, about, err, "'%.200s' %s%s",
			       about, what, more);
}

static int say_source(const struct sp_reading *reading, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	SP_AUTO(sp_str_freep) char *product = NULL;
	SP_AUTO(sp_str_freep) char *of = NULL;
	struct sp_error ignored = SP_ERROR_INIT;
	size_t len;
	int r = sp_tree_load(reading->tree, ".treeinfo", SMALL_BYTES, &text, &len,
			     &ignored);

	product = r == 0 ? sp_treeinfo_product(text) : strdup("");
	of = product ? sp_text_format("%s%s", *product ? " of " : "", product) : NULL;
	if (!of)
		return sp_error_nomem(err);
	return say(reading, "installation-source", err, "is an installation source", of);
}

int sp_reading_source(const struct sp_reading *reading, const char *base,
		      struct sp_error *err)
{
	int r;

	if (!sp_reading_has(reading, base, ".treeinfo") ||
	    !sp_reading_has(reading, base, "repodata/repomd.xml"))
		return 0;
	r = say_source(reading, err);
	return r < 0 ? r : SP_READING_TAKEN;
}

/* ---- others ---------------------------------------------------------------- */

/* "linux/suse/x86_64-sles15/..." gives "x86_64-sles15"; caller frees; NULL: none. */
static char *find_suse(const struct sp_reading *reading)
{
	static const char top[] = "linux/suse/";
	size_t n;
	const struct sp_tree_entry *entries = sp_tree_entries(reading->tree, &n);

	for (size_t i = 0; i < n; i++) {
		const char *name = entries[i].path + sizeof top - 1;
		size_t len;

		if (!sp_text_starts_with(entries[i].path, top))
			continue;
		len = strcspn(name, "/");
		if (name[len] == '/' && memchr(name, '-', len))
			return strndup(name, len);
	}
	return NULL;
}

static int try_suse(const struct sp_reading *reading, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *name = find_suse(reading);
	int r;

	if (!name)
		return 0;
	r = say(reading, "foreign-suse-driver-update", err,
		"is a driver update of SUSE Linux: ", name);
	return r < 0 ? r : SP_READING_TAKEN;
}

static int try_debian(const struct sp_reading *reading, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	struct sp_error ignored = SP_ERROR_INIT;
	char name[80] = "";
	size_t len;
	int r;

	if (!sp_tree_find(reading->tree, ".disk/info"))
		return 0;
	if (sp_tree_load(reading->tree, ".disk/info", SMALL_BYTES, &text, &len,
			 &ignored) == 0)
		sp_text_clean(text, len, name, sizeof name);
	r = say(reading, "foreign-debian-medium", err,
		"is a medium of Debian or Ubuntu: ", name);
	return r < 0 ? r : SP_READING_TAKEN;
}

static int try_red_hat(const struct sp_reading *reading, struct sp_error *err)
{
	static const char *const names[] = { "rhdd3", "rhdd2", "rhdd" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (sp_tree_find(reading->tree, names[i])) {
			int r = say(reading, "foreign-rhel-driver-disk", err,
				    "is a driver disk of Red Hat Enterprise Linux", "");

			return r < 0 ? r : SP_READING_TAKEN;
		}
	return 0;
}

/* One of other systems has its repositories further down. */
static int try_other_source(const struct sp_reading *reading, struct sp_error *err)
{
	int r;

	if (!sp_tree_find(reading->tree, ".treeinfo"))
		return 0;
	r = say_source(reading, err);
	return r < 0 ? r : SP_READING_TAKEN;
}

/* Not a pack's metadata, and no RPM beside it: there is nothing to take. */
static int try_repository(const struct sp_reading *reading, struct sp_error *err)
{
	int r;

	if (!sp_tree_find(reading->tree, "repodata/repomd.xml"))
		return 0;
	r = say(reading, "no-pack", err,
		"is a repository of packages, but no pack: it has no 'update.xml'", "");
	return r < 0 ? r : SP_READING_TAKEN;
}

int sp_reading_foreign(const struct sp_reading *reading, const char *base,
		       struct sp_error *err)
{
	static int (*const tries[])(const struct sp_reading *, struct sp_error *) = {
		try_red_hat, try_suse, try_debian, try_other_source, try_repository,
	};
	int r = 0;

	(void)base;
	for (size_t i = 0; r == 0 && i < sizeof tries / sizeof tries[0]; i++)
		r = tries[i](reading, err);
	return r;
}
