/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies beside a pack's packages and is none of them: whoever put it there thought it
 * would be installed. */
#include "repo/reading.h"

#include "base/text.h"
#include "repo/legacy.h"

#include <stdlib.h>
#include <string.h>

/* The path below @base; NULL if it is elsewhere. */
static const char *below(const char *path, const char *base)
{
	size_t len = strlen(base);

	if (!len)
		return path;
	return strncmp(path, base, len) == 0 && path[len] == '/' ? path + len + 1 : NULL;
}

static bool is_named(const struct sp_pack *pack, const char *name)
{
	for (size_t i = 0; i < pack->n_packages; i++)
		if (strcmp(pack->packages[i].file, name) == 0)
			return true;
	return false;
}

/* Is it a package of another pack, whose directory is nearer? */
static bool is_of_another(const struct sp_reading *reading, const char *path,
			  const char *base)
{
	SP_AUTO(sp_str_freep) char *directory = strdup(path);

	for (char *slash; directory && (slash = strrchr(directory, '/'));) {
		*slash = '\0';
		if (!below(directory, base))
			return false;
		if (sp_reading_has(reading, directory, "update.xml") ||
		    sp_reading_has(reading, directory, SP_LEGACY_REPOSITORY))
			return true;
	}
	return false;
}

/* To ask for one file may move the list of all of them. */
static char *copy_path(const struct sp_reading *reading, size_t index)
{
	size_t n;
	const struct sp_tree_entry *entries = sp_tree_entries(reading->tree, &n);

	return index < n ? strdup(entries[index].path) : NULL;
}

int sp_reading_strays(const struct sp_reading *reading, const char *base,
		      struct sp_pack *pack, struct sp_error *err)
{
	size_t n;
	int r = 0;

	(void)sp_tree_entries(reading->tree, &n);
	for (size_t i = 0; r == 0 && i < n; i++) {
		SP_AUTO(sp_str_freep) char *path = copy_path(reading, i);
		const char *name = path ? below(path, base) : NULL;

		if (!path)
			return sp_error_nomem(err);
		if (!name || !sp_text_ends_with(name, ".rpm") || is_named(pack, name) ||
		    is_of_another(reading, path, base))
			continue;
		r = sp_findings_add(&pack->findings, "stray-package", path, err,
				    "'%.200s' lies there, but the pack does not name it",
				    path);
	}
	return r;
}
