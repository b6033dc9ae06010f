/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Records on a host: staged whole, renamed into place, never seen half.  Everything is
 * reached from a descriptor of the root, without following a link out of it. */

#include "repo/record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/inside.h"
#include "base/json.h"
#include "repo/record_json.h"
#include "repo/record_steps.h"

#define PLACE SP_RECORD_PLACE
#define STAGE SP_RECORD_STAGE
#define PARENT "etc/xensource"
#define REMOVED ".removed"

enum { RECORDS_MAX = 4096, DIR_MODE = 0755 };

static void device_done(struct sp_record_device *device)
{
	free(device->address);
	free(device->modalias);
	free(device->name);
	free(device->driver);
}

void sp_record_done(struct sp_record *record)
{
	char **texts[] = { &record->directory,       &record->decision,
			   &record->plan_digest,     &record->product_brand,
			   &record->product_version, &record->platform_version,
			   &record->kernel,          &record->time,
			   &record->incomplete };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		free(*texts[i]);
	for (size_t i = 0; i < record->n_devices; i++)
		device_done(&record->devices[i]);
	for (size_t i = 0; i < record->n_files; i++) {
		free(record->files[i].name);
		free(record->files[i].bytes);
	}
	free(record->devices);
	free(record->files);
	sp_strv_done(&record->before);
	sp_strv_done(&record->installed_modules);
	sp_strv_done(&record->brought);
	sp_strv_done(&record->left_out);
	sp_strv_done(&record->placed);
	sp_pack_done(&record->pack);
	*record = (struct sp_record){ 0 };
}

int sp_record_list_brought(const struct sp_record *record, sp_record_may_go_fn may_go,
			   const void *user, struct sp_strv *nevras, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < record->pack.n_packages; i++) {
		const struct sp_package *package = &record->pack.packages[i];
		SP_AUTO(sp_str_freep) char *nevra = sp_package_nevra(package);

		if (!nevra)
			return sp_error_nomem(err);
		if (sp_strv_has(&record->brought, package->name) &&
		    may_go(user, record, package->name))
			r = sp_strv_add(nevras, nevra, err);
	}
	return r;
}

void sp_record_list_done(struct sp_record_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		sp_record_done(&list->items[i]);
	free(list->items);
	*list = (struct sp_record_list){ 0 };
}

/* ---- staging ------------------------------------------------------------------- */

static int dir_sync(int fd, const char *what, struct sp_error *err)
{
	if (fsync(fd) < 0)
		return sp_error_set_errno(err, errno, "syncing '%s'", what);
	return 0;
}

static int path_sync(int root_fd, const char *path, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	int r = sp_file_open_dir_beneath(root_fd, path, &fd, err);

	return r == 0 ? dir_sync(fd, path, err) : r < 0 ? r : 0;
}

/* A directory's name comes from a pack's id, which comes from outside. */
static int check_name(const char *name, struct sp_error *err)
{
	if (name && name[0] != '.' && !strchr(name, '/') && strlen(name) <= NAME_MAX &&
	    sp_text_path_is_safe(name))
		return 0;
	return sp_error_set(err, SP_ERR_INTERNAL, "'%.100s' is no name of a record",
			    name ? name : "");
}

/* The mark says "staged", and it is not any more.  Left behind, it does no harm. */
static void mark_remove(int place_fd, const char *name)
{
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error ignored = SP_ERROR_INIT;

	if (sp_file_open_dir_beneath(place_fd, name, &fd, &ignored) == 0 &&
	    unlinkat(fd, SP_RECORD_MARK, 0) == 0)
		(void)fsync(fd);
}

/* The mark first: half a directory is no staged record. */
static int staged_drop(int stage_fd, const char *name, struct sp_error *err)
{
	mark_remove(stage_fd, name);
	return sp_file_remove_tree(stage_fd, name, err);
}

static int json_write(int fd, const struct sp_record *record, struct sp_error *err)
{
	SP_AUTO(sp_json_freep) struct json_object *json = sp_record_json_make(record);
	SP_AUTO(sp_str_freep) char *text = sp_json_print(json, true);

	if (!text)
		return sp_error_nomem(err);
	return sp_file_replace(fd, SP_RECORD_NAME, text, strlen(text), 0644, err);
}

static int place_open(int root_fd, const char *place, int *ret_fd, struct sp_error *err)
{
	int r = sp_file_make_dirs(root_fd, place, DIR_MODE, err);

	if (r == 0)
		r = path_sync(root_fd, "etc", err);
	if (r == 0)
		r = path_sync(root_fd, PARENT, err);
	return r < 0 ? r : sp_file_open_dir_beneath(root_fd, place, ret_fd, err);
}

static int files_write(int stage_fd, const struct sp_record *record, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	int r = 0;

	if (mkdirat(stage_fd, record->directory, DIR_MODE) < 0)
		return sp_error_set_errno(err, errno, "creating '" STAGE "/%s'",
					  record->directory);
	r = sp_file_open_dir_beneath(stage_fd, record->directory, &fd, err);
	for (size_t i = 0; r == 0 && i < record->n_files; i++)
		r = sp_file_replace(fd, record->files[i].name, record->files[i].bytes,
				    record->files[i].len, 0644, err);
	if (r == 0)
		r = json_write(fd, record, err);
	/* Last: without it, a staged directory is half of one, or was replaced. */
	return r == 0 ? sp_file_replace(fd, SP_RECORD_MARK, "", 0, 0644, err) : r;
}

int sp_record_stage(int root_fd, const struct sp_record *record, struct sp_error *err)
{
	SP_AUTO(sp_closep) int stage_fd = -1;
	struct sp_error ignored = SP_ERROR_INIT;
	int r = check_name(record->directory, err);

	if (r == 0)
		r = place_open(root_fd, STAGE, &stage_fd, err);
	if (r == 0)
		r = staged_drop(stage_fd, record->directory, err);
	if (r == 0)
		r = files_write(stage_fd, record, err);
	if (r == 0)
		r = dir_sync(stage_fd, STAGE, err);
	if (r == 0)
		return 0;
	if (record->directory &&
	    sp_record_unstage(root_fd, record->directory, &ignored) < 0)
		return sp_error_context(err,
					"preparing the record of '%s', half of which "
					"is left in '" STAGE "'",
					record->directory);
	return sp_error_context(err, "preparing the record of '%s'",
				record->directory ? record->directory : "");
}

int sp_record_amend(int root_fd, const struct sp_record *record, bool is_staged,
		    struct sp_error *err)
{
	SP_AUTO(sp_closep) int place_fd = -1;
	SP_AUTO(sp_closep) int fd = -1;
	int r = check_name(record->directory, err);

	if (r == 0)
		r = sp_file_open_dir_beneath(root_fd, is_staged ? STAGE : PLACE,
					     &place_fd, err);
	if (r == 0)
		r = sp_file_open_dir_beneath(place_fd, record->directory, &fd, err);
	if (r == SP_FILE_ABSENT)
		return sp_error_set(err, SP_ERR_IO, "there is no record '%s'",
				    record->directory);
	return r < 0 ? r : json_write(fd, record, err);
}

/* The staging place itself is no trace to leave behind. */
static void stage_tidy(int root_fd)
{
	(void)unlinkat(root_fd, STAGE, AT_REMOVEDIR);
}

int sp_record_unstage(int root_fd, const char *directory, struct sp_error *err)
{
	SP_AUTO(sp_closep) int stage_fd = -1;
	int r = check_name(directory, err);

	if (r == 0)
		r = sp_file_open_dir_beneath(root_fd, STAGE, &stage_fd, err);
	if (r != 0)
		return r < 0 ? r : 0;
	r = staged_drop(stage_fd, directory, err);
	if (r == 0)
		r = dir_sync(stage_fd, STAGE, err);
	if (r == 0)
		stage_tidy(root_fd);
	return r;
}

bool sp_record_has_staged(int root_fd)
{
	struct stat info;

	return fstatat(root_fd, STAGE, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A run that was cut off right after its record came into place leaves the mark there. */
static int marks_tidy(int root_fd, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	SP_AUTO(sp_closep) int place_fd = -1;
	int r = sp_file_open_dir_beneath(root_fd, PLACE, &place_fd, err);

	if (r == 0)
		r = sp_inside_list(place_fd, "", RECORDS_MAX, &names, err);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		mark_remove(place_fd, names.items[i]);
	return r < 0 ? r : 0;
}

static int half_drop(int stage_fd, const char *name, struct sp_error *err)
{
	bool is_whole = false;
	int r = *name == '.' ? 0 : sp_record_find_mark(stage_fd, name, &is_whole, err);

	return r < 0 || is_whole ? r : sp_file_remove_tree(stage_fd, name, err);
}

int sp_record_tidy(int root_fd, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	SP_AUTO(sp_closep) int stage_fd = -1;
	int r = marks_tidy(root_fd, err);

	if (r == 0)
		r = sp_file_open_dir_beneath(root_fd, STAGE, &stage_fd, err);
	if (r != 0)
		return r < 0 ? r : 0;
	r = sp_inside_list(stage_fd, "", RECORDS_MAX, &names, err);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = half_drop(stage_fd, names.items[i], err);
	if (r == 0)
		stage_tidy(root_fd);
	return r;
}

/* ---- into place, and out of it ---------------------------------------------------- */

static int swap_in(int stage_fd, int place_fd, const char *name, struct sp_error *err)
{
	if (renameat2(stage_fd, name, place_fd, name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno == ENOENT)
		return sp_error_set(err, SP_ERR_INTERNAL, "no record '%s' is staged",
				    name);
	if (errno != EEXIST)
		return sp_error_set_errno(err, errno, "putting the record '%s' in place",
					  name);
	/* What stood there is in the staging place then, without the mark: a run that is
	 * cut off here leaves nothing that could be taken for a staged record. */
	if (renameat2(stage_fd, name, place_fd, name, RENAME_EXCHANGE) < 0)
		return sp_error_set_errno(err, errno, "replacing the record '%s'", name);
	return 0;
}

/* A mark in place would make a record that is put back a staged one. */
static int marks_check(int stage_fd, int place_fd, const char *name, struct sp_error *err)
{
	bool is_whole;
	int r = sp_record_find_mark(stage_fd, name, &is_whole, err);

	if (r < 0)
		return r;
	if (!is_whole)
		return sp_error_set(err, SP_ERR_INTERNAL, "no record '%s' is staged",
				    name);
	mark_remove(place_fd, name);
	return 0;
}

int sp_record_commit(int root_fd, const char *directory, struct sp_error *err)
{
	SP_AUTO(sp_closep) int stage_fd = -1;
	SP_AUTO(sp_closep) int place_fd = -1;
	int r = check_name(directory, err);

	if (r == 0)
		r = place_open(root_fd, PLACE, &place_fd, err);
	if (r == 0)
		r = sp_file_open_dir_beneath(root_fd, STAGE, &stage_fd, err);
	if (r == SP_FILE_ABSENT)
		return sp_error_set(err, SP_ERR_INTERNAL, "no record '%s' is staged",
				    directory);
	if (r == 0)
		r = marks_check(stage_fd, place_fd, directory, err);
	if (r == 0)
		r = swap_in(stage_fd, place_fd, directory, err);
	if (r == 0)
		r = dir_sync(place_fd, PLACE, err);
	if (r == 0)
		r = dir_sync(stage_fd, STAGE, err);
	if (r < 0)
		return r;
	mark_remove(place_fd, directory);
	return sp_record_unstage(root_fd, directory, err);
}

/* Out of place in one step first, so that no half of it can be taken for a record of
 * another kind. */
int sp_record_remove(int root_fd, const char *directory, struct sp_error *err)
{
	SP_AUTO(sp_closep) int place_fd = -1;
	SP_AUTO(sp_closep) int stage_fd = -1;
	int r = check_name(directory, err);

	if (r == 0)
		r = sp_file_open_dir_beneath(root_fd, PLACE, &place_fd, err);
	if (r != 0)
		return r < 0 ? r : 0;
	r = place_open(root_fd, STAGE, &stage_fd, err);
	if (r == 0)
		r = sp_file_remove_tree(stage_fd, REMOVED, err);
	if (r == 0 && renameat(place_fd, directory, stage_fd, REMOVED) < 0 &&
	    errno != ENOENT)
		r = sp_error_set_errno(err, errno, "removing the record '%s'", directory);
	if (r == 0)
		r = dir_sync(place_fd, PLACE, err);
	if (r == 0)
		r = sp_file_remove_tree(stage_fd, REMOVED, err);
	if (r == 0)
		stage_tidy(root_fd);
	return r;
}
