/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Marks are names, not contents: a name is there or it is not. */

#include "installer-plugin/unfinished.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/inside.h"
#include "repo/record.h"

enum { DIR_MODE = 0700, FILE_MODE = 0600, MARKS_MAX = 4096 };

static int open_place(int root_fd, bool make, int *ret_fd, struct sp_error *err)
{
	int r = make ? sp_file_make_dirs(root_fd, SP_UNFINISHED_PLACE, DIR_MODE, err) : 0;

	return r < 0 ? r
		     : sp_file_open_dir_beneath(root_fd, SP_UNFINISHED_PLACE, ret_fd,
						err);
}

int sp_unfinished_mark(int root_fd, const char *what, struct sp_error *err)
{
	SP_AUTO(sp_closep) int place_fd = -1;
	int r = open_place(root_fd, true, &place_fd, err);

	if (r == SP_FILE_ABSENT)
		return sp_error_set(err, SP_ERR_INTERNAL, "'%s' is gone",
				    SP_UNFINISHED_PLACE);
	return r < 0 ? r : sp_file_replace(place_fd, what, "", 0, FILE_MODE, err);
}

int sp_unfinished_clear(int root_fd, const char *what, struct sp_error *err)
{
	SP_AUTO(sp_closep) int place_fd = -1;
	int r = open_place(root_fd, false, &place_fd, err);

	if (r != 0)
		return r < 0 ? r : 0;
	if (unlinkat(place_fd, what, 0) < 0 && errno != ENOENT)
		return sp_error_set_errno(err, errno, "removing '%s/%s'",
					  SP_UNFINISHED_PLACE, what);
	if (fsync(place_fd) < 0)
		return sp_error_set_errno(err, errno, "syncing '%s'",
					  SP_UNFINISHED_PLACE);
	return 0;
}

int sp_unfinished_list(int root_fd, const char *beginning, struct sp_strv *ret_rest,
		       struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	int r = sp_inside_list(root_fd, SP_UNFINISHED_PLACE, MARKS_MAX, &names, err);

	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (sp_text_starts_with(names.items[i], beginning))
			r = sp_strv_add(ret_rest, names.items[i] + strlen(beginning),
					err);
	return r < 0 ? r : 0;
}

/* What making a mark leaves when it is cut short (base/file.h). */
static int drop_halves(int place_fd, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	int r = sp_inside_list(place_fd, "", MARKS_MAX, &names, err);

	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (names.items[i][0] == '.' && unlinkat(place_fd, names.items[i], 0) < 0)
			r = sp_error_set_errno(err, errno,
					       "removing '" SP_UNFINISHED_PLACE "/%s'",
					       names.items[i]);
	return r;
}

int sp_unfinished_tidy(int root_fd, struct sp_error *err)
{
	SP_AUTO(sp_closep) int place_fd = -1;
	int r = open_place(root_fd, false, &place_fd, err);

	if (r != 0)
		return r < 0 ? r : 0;
	/* Whoever finishes what is staged needs its copy. */
	if (!sp_record_has_staged(root_fd))
		r = sp_file_remove_tree(place_fd, "packs", err);
	if (r == 0)
		r = drop_halves(place_fd, err);
	if (r == 0)
		(void)unlinkat(root_fd, SP_UNFINISHED_PLACE, AT_REMOVEDIR);
	return r;
}
