/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Workers fetch, and die; what they fetched stays for the next one, so that no file is
 * asked for twice. */

#include "installer-plugin/download.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/file.h"
#include "base/text.h"
#include "repo/location.h"

void sp_downloads_done(struct sp_downloads *downloads)
{
	for (size_t i = 0; i < downloads->n; i++) {
		struct sp_download *item = &downloads->items[i];

		if (item->location)
			explicit_bzero(item->location, strlen(item->location));
		free(item->location);
		free(item->shown);
		free(item->cache);
	}
	free(downloads->items);
	sp_scratch_done(&downloads->scratch);
	*downloads = (struct sp_downloads){ 0 };
}

static struct sp_download *find(const struct sp_downloads *downloads, const char *shown)
{
	for (size_t i = 0; i < downloads->n; i++)
		if (downloads->items[i].shown &&
		    !strcmp(downloads->items[i].shown, shown))
			return &downloads->items[i];
	return NULL;
}

const struct sp_download *sp_downloads_find(const struct sp_downloads *downloads,
					    const char *shown)
{
	return find(downloads, shown);
}

static int empty_cache(const struct sp_downloads *downloads, const char *path,
		       struct sp_error *err)
{
	SP_AUTO(sp_closep)
	int fd = open(downloads->scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *name = strrchr(path, '/') + 1;
	int r;

	if (fd < 0)
		return sp_error_set_errno(err, errno, "opening '%s'",
					  downloads->scratch.path);
	r = sp_file_remove_tree(fd, name, err);
	if (r == 0 && mkdirat(fd, name, 0700) < 0)
		r = sp_error_set_errno(err, errno, "making '%s'", path);
	return r;
}

static int add(struct sp_downloads *downloads, const char *shown, struct sp_error *err)
{
	struct sp_download *item = sp_array_add(&downloads->items, &downloads->n);

	if (!item)
		return sp_error_nomem(err);
	item->shown = strdup(shown);
	item->cache = sp_text_format("%s/%zu", downloads->scratch.path, downloads->n);
	return item->shown && item->cache ? 0 : sp_error_nomem(err);
}

/* It may have another password than the last time. */
static int set_location(struct sp_download *item, const char *text, struct sp_error *err)
{
	if (item->location)
		explicit_bzero(item->location, strlen(item->location));
	free(item->location);
	item->location = strdup(text);
	return item->location ? 0 : sp_error_nomem(err);
}

int sp_downloads_begin(struct sp_downloads *downloads, const struct sp_location *location,
		       const char *text, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *shown = sp_location_display(location);
	struct sp_download *item;
	bool had;
	int r = 0;

	if (location->kind != SP_LOCATION_URL)
		return 0;
	if (!shown)
		return sp_error_nomem(err);
	if (!downloads->scratch.path)
		r = sp_scratch_init(&downloads->scratch, err);
	had = find(downloads, shown);
	if (r == 0 && !had)
		r = add(downloads, shown, err);
	item = r < 0 ? NULL : find(downloads, shown);
	if (!item)
		return r;
	r = set_location(item, text, err);
	return r < 0 || (had && downloads->keep)
		       ? r
		       : empty_cache(downloads, item->cache, err);
}
