/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Records are read back from hosts of any age and in any state: each one alone, so that
 * a damaged one hides no other. */

#include "repo/record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/file.h"
#include "base/inside.h"
#include "base/json.h"
#include "repo/record_json.h"
#include "repo/record_steps.h"

#define PLACE SP_RECORD_PLACE
#define STAGE SP_RECORD_STAGE

enum { RECORD_MAX_BYTES = 4 * 1024 * 1024, RECORDS_MAX = 4096 };

/* ---- reading ---------------------------------------------------------------- */

/* SP_FILE_ABSENT: the directory holds no record of ours. */
static int record_load(int place_fd, const char *directory, struct sp_record *ret_record,
		       struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *path = sp_text_format("%s/" SP_RECORD_NAME, directory);
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
	/* Who goes on without what a broken disk holds would change it for good. */
	if (r < 0 && (cause.code == SP_ERR_NOMEM || cause.sys_errno == EIO)) {
		*err = cause;
		return r;
	}
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

/* What is no directory is no record. */
static bool is_something_else(int r, const struct sp_error *err)
{
	return r > 0 || err->code != SP_ERR_IO || err->sys_errno == ENOTDIR;
}

int sp_record_find_mark(int stage_fd, const char *name, bool *ret_found,
			struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error cause = SP_ERROR_INIT;
	struct stat st;
	int r = sp_file_open_dir_beneath(stage_fd, name, &fd, &cause);

	*ret_found = r == 0 && fstatat(fd, SP_RECORD_MARK, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (*ret_found || (r == 0 && errno == ENOENT) ||
	    (r != 0 && is_something_else(r, &cause)))
		return 0;
	if (r == 0)
		return sp_error_set_errno(err, errno, "looking at the staged record '%s'",
					  name);
	*err = cause;
	return r;
}

static int list_add_whole(int place_fd, const char *name, bool is_stage,
			  struct sp_record_list *list, struct sp_findings *findings,
			  struct sp_error *err)
{
	bool is_whole = true;
	int r = is_stage ? sp_record_find_mark(place_fd, name, &is_whole, err) : 0;

	return r == 0 && is_whole ? list_add(place_fd, name, list, findings, err) : r;
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
		r = sp_inside_list(place_fd, "", RECORDS_MAX, &names, err);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (names.items[i][0] != '.')
			r = list_add_whole(place_fd, names.items[i],
					   strcmp(place, STAGE) == 0, list, findings,
					   err);
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

static bool is_equal(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

enum standing { NOTHING, THIS_PACK, ANOTHER_PACK };

/* Who stands on record as @name?  A legacy record or one past reading is nobody: what
 * it told is told again. */
static enum standing standing_of(int root_fd, const char *name,
				 const struct sp_pack *pack)
{
	SP_AUTO(sp_record_done) struct sp_record record = { 0 };
	SP_AUTO(sp_closep) int place_fd = -1;
	struct sp_error ignored = SP_ERROR_INIT;

	if (sp_file_open_dir_beneath(root_fd, PLACE, &place_fd, &ignored) != 0 ||
	    record_load(place_fd, name, &record, &ignored) != 0)
		return NOTHING;
	return is_equal(record.pack.id, pack->id) &&
			       (!record.pack.label || !pack->label ||
				is_equal(record.pack.label, pack->label))
		       ? THIS_PACK
		       : ANOTHER_PACK;
}

/* "id+label", in what a file's name can hold. */
static char *long_name(const char *name, const struct sp_pack *pack)
{
	SP_AUTO(sp_str_freep)
	char *label = sp_text_file_name(pack->label ? pack->label : "");
	SP_AUTO(sp_str_freep)
	char *both = label ? sp_text_format("%s+%s", name, label) : NULL;

	if (!both || strlen(both) <= NAME_MAX)
		return sp_steal(both);
	return sp_text_file_name(both);
}

int sp_record_directory_choose(int root_fd, const struct sp_pack *pack, char **ret_name,
			       struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *name = sp_text_file_name(pack->id ? pack->id : "");
	SP_AUTO(sp_str_freep) char *both = name ? long_name(name, pack) : NULL;
	bool is_long;

	if (!both)
		return sp_error_nomem(err);
	/* Where it stands already, it stays, whoever has gone since. */
	is_long = standing_of(root_fd, both, pack) == THIS_PACK ||
		  standing_of(root_fd, name, pack) == ANOTHER_PACK;
	*ret_name = is_long ? sp_steal(both) : sp_steal(name);
	return 0;
}
