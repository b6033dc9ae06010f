/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Published packs share uuids by mistake; then the stamp is the last one's, and whoever
 * stays must get it back. */

#include "installer-plugin/stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/inside.h"
#include "base/text.h"
#include "repo/limits.h"
#include "repo/record.h"
#include "repo/updatexml.h"

#define UPDATES "var/update"
#define APPLIED UPDATES "/applied"
#define RECORDS "etc/xensource/installed-repos"
#define REMOVAL ".remove"

enum { DIR_MODE = 0755, FILE_MODE = 0644, STAMPS_MAX = 4096 };

void sp_stamp_done(struct sp_stamp *stamp)
{
	free(stamp->uuid);
	free(stamp->bytes);
	*stamp = (struct sp_stamp){ 0 };
}

/* > 0: there is no such directory. */
static int open_applied(int root_fd, int *ret_fd, struct sp_error *err)
{
	return sp_file_open_dir_beneath(root_fd, APPLIED, ret_fd, err);
}

int sp_stamp_load(int root_fd, const char *id, struct sp_stamp *ret_stamp,
		  struct sp_error *err)
{
	SP_AUTO(sp_stamp_done) struct sp_stamp stamp = { 0 };
	SP_AUTO(sp_closep) int place_fd = -1;
	int r;

	if (!sp_updatexml_is_uuid(id))
		return 0;
	stamp.uuid = strdup(id);
	if (!stamp.uuid)
		return sp_error_nomem(err);
	r = open_applied(root_fd, &place_fd, err);
	stamp.had_place = r == 0;
	if (r == 0)
		r = sp_file_load(place_fd, id, SP_LIMIT_DESCRIPTOR_BYTES, &stamp.bytes,
				 &stamp.len, err);
	if (r < 0)
		return r;
	*ret_stamp = stamp;
	stamp = (struct sp_stamp){ 0 };
	return 0;
}

static int drop(int place_fd, const char *name, struct sp_error *err)
{
	if (unlinkat(place_fd, name, 0) < 0 && errno != ENOENT)
		return sp_error_set_errno(err, errno, "removing '/" APPLIED "/%s'", name);
	if (fsync(place_fd) < 0)
		return sp_error_set_errno(err, errno, "syncing '/" APPLIED "'");
	return 0;
}

int sp_stamp_restore(int root_fd, const struct sp_stamp *stamp, struct sp_error *err)
{
	SP_AUTO(sp_closep) int place_fd = -1;
	int r;

	if (!stamp->uuid)
		return 0;
	r = open_applied(root_fd, &place_fd, err);
	if (r > 0 && !stamp->had_place)
		(void)unlinkat(root_fd, UPDATES, AT_REMOVEDIR);
	if (r != 0)
		return r < 0 ? r : 0;
	if (stamp->bytes)
		return sp_file_replace(place_fd, stamp->uuid, stamp->bytes, stamp->len,
				       FILE_MODE, err);
	r = drop(place_fd, stamp->uuid, err);
	if (r == 0 && !stamp->had_place && unlinkat(root_fd, APPLIED, AT_REMOVEDIR) == 0)
		(void)unlinkat(root_fd, UPDATES, AT_REMOVEDIR);
	return r;
}

/* ---- removal ----------------------------------------------------------------------------- */

int sp_stamp_announce_removal(int root_fd, const char *id, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *dir = sp_text_format(UPDATES "/%s", id);
	SP_AUTO(sp_closep) int dir_fd = -1;
	int r;

	if (!sp_updatexml_is_uuid(id))
		return 0;
	if (!dir)
		return sp_error_nomem(err);
	r = sp_file_make_dirs(root_fd, dir, DIR_MODE, err);
	if (r == 0)
		r = sp_file_open_dir_beneath(root_fd, dir, &dir_fd, err);
	if (r == 0)
		r = sp_file_replace(dir_fd, REMOVAL, "", 0, FILE_MODE, err);
	return r > 0 ? sp_error_set(err, SP_ERR_INTERNAL, "'/%s' is gone", dir) : r;
}

static void forget_removal(int root_fd, const char *id)
{
	SP_AUTO(sp_str_freep) char *mark = sp_text_format(UPDATES "/%s/" REMOVAL, id);
	SP_AUTO(sp_str_freep) char *dir = sp_text_format(UPDATES "/%s", id);

	if (mark && dir) {
		(void)unlinkat(root_fd, mark, 0);
		(void)unlinkat(root_fd, dir, AT_REMOVEDIR);
	}
}

/* Does the stamp @name say that it was rolled up into @uuid? */
static bool is_rolled_up(int place_fd, const char *name, const char *uuid)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct sp_error ignored = SP_ERROR_INIT;
	const char *by;
	size_t len;

	if (sp_file_load(place_fd, name, SP_LIMIT_DESCRIPTOR_BYTES, &bytes, &len,
			 &ignored) != 0)
		return false;
	by = strstr(bytes, "<rolled-up-by");
	return by && strstr(by, uuid);
}

static int drop_rolled_up(int root_fd, int place_fd, const char *uuid,
			  struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	int r = sp_inside_list(root_fd, APPLIED, STAMPS_MAX, &names, err);

	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (sp_updatexml_is_uuid(names.items[i]) &&
		    is_rolled_up(place_fd, names.items[i], uuid))
			r = drop(place_fd, names.items[i], err);
	return r < 0 ? r : 0;
}

/* Another pack with that id, of the same mistake. */
static const struct sp_record *other_of(const struct sp_record *removed,
					const struct sp_record_list *records)
{
	for (size_t i = 0; i < records->n; i++)
		if (!strcmp(records->items[i].pack.id, removed->pack.id) &&
		    strcmp(records->items[i].directory, removed->directory) != 0)
			return &records->items[i];
	return NULL;
}

static int write_other(int root_fd, int place_fd, const struct sp_record *other,
		       struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *path = sp_text_format(RECORDS "/%s/update.xml", other->directory);
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	size_t len;
	int r = path ? sp_file_load(root_fd, path, SP_LIMIT_DESCRIPTOR_BYTES, &bytes,
				    &len, err)
		     : sp_error_nomem(err);

	if (r != 0)
		return r < 0 ? r : 0;
	return sp_file_replace(place_fd, other->pack.id, bytes, len, FILE_MODE, err);
}

int sp_stamp_remove(int root_fd, const struct sp_record *removed,
		    const struct sp_record_list *records, struct sp_error *err)
{
	const char *uuid = removed->pack.id;
	const struct sp_record *other = other_of(removed, records);
	SP_AUTO(sp_closep) int place_fd = -1;
	int r;

	if (!sp_updatexml_is_uuid(uuid))
		return 0;
	r = open_applied(root_fd, &place_fd, err);
	if (r == 0)
		r = other ? write_other(root_fd, place_fd, other, err)
			  : drop(place_fd, uuid, err);
	if (r == 0 && !other)
		r = drop_rolled_up(root_fd, place_fd, uuid, err);
	if (r >= 0)
		forget_removal(root_fd, uuid);
	return r < 0 ? r : 0;
}
