/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The file is ours alone, in a directory of ours alone, in memory: what cannot be read is
 * as if it had never been written, and the source is asked again. */

#include "installer-plugin/kept_sources.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#define NAME ".sources"

enum { MAX_BYTES = 1 << 20 };

static int load(int spool_fd, struct json_object **ret_json, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct sp_error ignored = SP_ERROR_INIT;
	size_t len = 0;

	if (sp_file_load(spool_fd, NAME, MAX_BYTES, &bytes, &len, &ignored) == 0 &&
	    sp_json_parse(bytes, len, ret_json, &ignored) == 0 &&
	    sp_json_is_object(*ret_json))
		return 0;
	sp_json_freep(ret_json);
	*ret_json = sp_json_object();
	return *ret_json ? 0 : sp_error_nomem(err);
}

int sp_kept_sources_note(const char *spool, const char *shown,
			 const struct json_object *paths, bool all, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = open(spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	SP_AUTO(sp_str_freep) char *text = NULL;
	struct json_object *source, *copies;
	int r;

	if (fd < 0)
		return sp_error_set_errno(err, errno, "opening '%s'", spool);
	r = load(fd, &json, err);
	if (r < 0)
		return r;
	source = sp_json_object();
	copies = sp_json_array();
	for (size_t i = 0; i < sp_json_length(paths); i++)
		sp_json_append(copies, sp_json_ref(sp_json_at(paths, i)));
	sp_json_set(source, "kept", copies);
	sp_json_set_bool(source, "all", all);
	sp_json_set(json, shown, source);
	text = sp_json_print(json, false);
	return text ? sp_file_replace(fd, NAME, text, strlen(text), 0600, err)
		    : sp_error_nomem(err);
}

static bool is_there(const char *spool, const char *path)
{
	size_t len = strlen(spool);
	struct stat info;

	return sp_text_path_is_below(path, spool) &&
	       sp_text_path_is_safe(path + len + 1) && lstat(path, &info) == 0 &&
	       S_ISDIR(info.st_mode);
}

int sp_kept_sources_find(const char *spool, const char *shown, struct sp_strv *paths,
			 bool *ret_all, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = open(spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	SP_AUTO(sp_strv_done) struct sp_strv kept = { 0 };
	const struct json_object *source;
	int r;

	*ret_all = false;
	if (fd < 0)
		return 0;
	r = load(fd, &json, err);
	source = r == 0 ? sp_json_get(json, shown) : NULL;
	if (!source)
		return r;
	r = sp_json_get_strv(source, "kept", &kept, err);
	*ret_all = kept.n > 0 && sp_json_get_bool(source, "all", false);
	for (size_t i = 0; r == 0 && i < kept.n; i++) {
		bool there = is_there(spool, kept.items[i]);

		*ret_all &= there;
		if (there)
			r = sp_strv_add(paths, kept.items[i], err);
	}
	return r;
}
