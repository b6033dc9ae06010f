/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Records on a host: staged whole, renamed into place, never seen half.  Everything is
 * reached from a descriptor of the root, without following a link out of it. */

#include "repo/record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "base/json.h"
#include "repo/record_json.h"

#define PLACE "etc/xensource/installed-repos"
#define STAGE "etc/xensource/.suppack-staged"
#define RECORD_NAME "record.json"

enum { RECORD_MAX_BYTES = 4 * 1024 * 1024, RECORDS_MAX = 4096, DIR_MODE = 0755 };

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
			   &record->kernel,          &record->time };

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
	sp_pack_done(&record->pack);
	*record = (struct sp_record){ 0 };
}

void sp_record_list_done(struct sp_record_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		sp_record_done(&list->items[i]);
	free(list->items);
	*list = (struct sp_record_list){ 0 };
}

/* ---- reading ---------------------------------------------------------------- */

/* SP_FILE_ABSENT: the directory holds no record of ours. */
static int record_load(int place_fd, const char *directory, struct sp_record *ret_record,
		       struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = sp_text_format("%s/" RECORD_NAME, directory);
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	size_t len;
	int r;

	if (!path)
		return sp_error_nomem(err);
	r = sp_file_load(place_fd, path, RECORD_MAX_BYTES, &bytes, &len, err);
	if (r != 0)
		return r;
	r = sp_json_parse(bytes, len, &json, err);
	if (r == 0)
		r = sp_record_json_read(json, ret_record, err);
	if (r < 0)
		return r;
	free(ret_record->directory);
	ret_record->directory = strdup(directory);
	return ret_record->directory ? 0 : sp_error_nomem(err);
}

static int names_read(int dirfd, struct sp_strv *names, struct sp_error *err)
{
	int fd = dup(dirfd);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return sp_error_set_errno(err, errno, "reading the records");
	}
	while (r == 0 && names->n < RECORDS_MAX && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = sp_strv_add(names, entry->d_name, err);
	closedir(dir);
	sp_strv_sort(names);
	return r;
}

/* A file among the directories is no record, damaged or not. */
static bool is_file(int place_fd, const char *name)
{
	struct stat st;

	return fstatat(place_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode);
}

static int list_add(int place_fd, const char *name, struct sp_record_list *list,
		    struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_record_done) struct sp_record record = { 0 };
	struct sp_error cause = SP_ERROR_INIT;
	struct sp_record *added;
	int r = is_file(place_fd, name) ? SP_FILE_ABSENT
					: record_load(place_fd, name, &record, &cause);

	if (r == SP_FILE_ABSENT)
		return 0;
	if (r < 0)
		return sp_findings_add(findings, "damaged-record", name, err,
				       "the record of '%s' cannot be read: %s", name,
				       cause.text);
	added = sp_array_add(&list->items, &list->n);
	if (!added)
		return sp_error_nomem(err);
	*added = record;
	record = (struct sp_record){ 0 };
	return 0;
}

static int list_read(int root_fd, const char *place, struct sp_record_list *list,
		     struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	SP_AUTO(sp_closep) int place_fd = -1;
	int r = sp_file_open_dir_beneath(root_fd, place, &place_fd, err);

	if (r == SP_FILE_ABSENT)
		return 0;
	if (r == 0)
		r = names_read(place_fd, &names, err);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = list_add(place_fd, names.items[i], list, findings, err);
	return r;
}

int sp_record_list_read(int root_fd, struct sp_record_list *list,
			struct sp_findings *findings, struct sp_error *err)
{
	return list_read(root_fd, PLACE, list, findings, err);
}

int sp_record_list_staged(int root_fd, struct sp_record_list *list,
			  struct sp_findings *findings, struct sp_error *err)
{
	return list_read(root_fd, STAGE, list, findings, err);
}

/* ---- names -------------------------------------------------------------------- */

static bool is_free_for(int root_fd, const char *name, const struct sp_pack *pack)
{
	SP_AUTO(sp_record_done) struct sp_record record = { 0 };
	SP_AUTO(sp_closep) int place_fd = -1;
	struct sp_error ignored = SP_ERROR_INIT;

	if (sp_file_open_dir_beneath(root_fd, PLACE, &place_fd, &ignored) != 0)
		return true;
	if (record_load(place_fd, name, &record, &ignored) != 0)
		return true; /* nothing there, a legacy record, or one past reading */
	return !record.pack.label || !pack->label ||
	       !strcmp(record.pack.label, pack->label);
}

int sp_record_directory_choose(int root_fd, const struct sp_pack *pack, char **ret_name,
			       struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *name = sp_text_file_name(pack->id ? pack->id : "");
	SP_AUTO(sp_str_freep) char *label = NULL;

	if (!name)
		return sp_error_nomem(err);
	if (!is_free_for(root_fd, name, pack)) {
		SP_AUTO(sp_str_freep) char *both = NULL;

		label = sp_text_file_name(pack->label);
		both = label ? sp_text_format("%s+%s", name, label) : NULL;
		if (!both)
			return sp_error_nomem(err);
		free(name);
		name = sp_steal(both);
	}
	*ret_name = sp_steal(name);
	return 0;
}

/* ---- writing ------------------------------------------------------------------- */

static int dir_sync(int fd, const char *what, struct sp_error *err)
{
	if (fsync(fd) < 0)
		return sp_error_set_errno(err, errno, "syncing '%s'", what);
	return 0;
}

static int json_write(int fd, const struct sp_record *record, struct sp_error *err)
{
	SP_AUTO(sp_json_freep) struct json_object *json = sp_record_json_make(record);
	SP_AUTO(sp_str_freep) char *text = sp_json_print(json, true);

	if (!text)
		return sp_error_nomem(err);
	return sp_file_replace(fd, RECORD_NAME, text, strlen(text), 0644, err);
}

static int place_open(int root_fd, const char *place, int *ret_fd, struct sp_error *err)
{
	int r = sp_file_make_dirs(root_fd, place, DIR_MODE, err);

	return r < 0 ? r : sp_file_open_dir_beneath(root_fd, place, ret_fd, err);
}

int sp_record_stage(int root_fd, const struct sp_record *record, struct sp_error *err)
{
	SP_AUTO(sp_closep) int stage_fd = -1;
	SP_AUTO(sp_closep) int fd = -1;
	int r = place_open(root_fd, STAGE, &stage_fd, err);

	if (r == 0)
		r = sp_file_remove_tree(stage_fd, record->directory, err);
	if (r == 0)
		r = place_open(stage_fd, record->directory, &fd, err);
	for (size_t i = 0; r == 0 && i < record->n_files; i++)
		r = sp_file_replace(fd, record->files[i].name, record->files[i].bytes,
				    record->files[i].len, 0644, err);
	/* Last: a staged directory without record.json was never complete. */
	if (r == 0)
		r = json_write(fd, record, err);
	if (r == 0)
		r = dir_sync(stage_fd, STAGE, err);
	if (r < 0)
		return sp_error_context(err, "preparing the record of '%s'",
					record->directory);
	return 0;
}

/* The staging place itself is no trace to leave behind. */
static void stage_tidy(int root_fd)
{
	(void)unlinkat(root_fd, STAGE, AT_REMOVEDIR);
}

static int swap_in(int stage_fd, int place_fd, const char *name, struct sp_error *err)
{
	if (renameat2(stage_fd, name, place_fd, name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EEXIST)
		return sp_error_set_errno(err, errno, "putting the record '%s' in place",
					  name);
	if (renameat2(stage_fd, name, place_fd, name, RENAME_EXCHANGE) < 0)
		return sp_error_set_errno(err, errno, "replacing the record '%s'", name);
	/* What stood there is in the staging place now, and goes. */
	return sp_file_remove_tree(stage_fd, name, err);
}

int sp_record_commit(int root_fd, const char *directory, struct sp_error *err)
{
	SP_AUTO(sp_closep) int stage_fd = -1;
	SP_AUTO(sp_closep) int place_fd = -1;
	int r = place_open(root_fd, PLACE, &place_fd, err);

	if (r == 0)
		r = sp_file_open_dir_beneath(root_fd, STAGE, &stage_fd, err);
	if (r == SP_FILE_ABSENT)
		return sp_error_set(err, SP_ERR_INTERNAL, "no record '%s' is staged",
				    directory);
	if (r == 0)
		r = swap_in(stage_fd, place_fd, directory, err);
	if (r == 0)
		r = dir_sync(place_fd, PLACE, err);
	if (r == 0)
		stage_tidy(root_fd);
	return r;
}

int sp_record_unstage(int root_fd, const char *directory, struct sp_error *err)
{
	SP_AUTO(sp_closep) int stage_fd = -1;
	int r = sp_file_open_dir_beneath(root_fd, STAGE, &stage_fd, err);

	if (r == SP_FILE_ABSENT)
		return 0;
	if (r == 0)
		r = sp_file_remove_tree(stage_fd, directory, err);
	if (r == 0)
		stage_tidy(root_fd);
	return r;
}

int sp_record_remove(int root_fd, const char *directory, struct sp_error *err)
{
	SP_AUTO(sp_closep) int place_fd = -1;
	int r = sp_file_open_dir_beneath(root_fd, PLACE, &place_fd, err);

	if (r == SP_FILE_ABSENT)
		return 0;
	if (r == 0)
		r = sp_file_remove_tree(place_fd, directory, err);
	return r < 0 ? r : dir_sync(place_fd, PLACE, err);
}
