/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which keys are trusted is which files lie in one directory of the installer image;
 * a stray file there must neither stop an installation nor go unmentioned. */
#include "repo/keys.h"

#include "base/array.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

void sp_keys_done(struct sp_keys *keys)
{
	for (size_t i = 0; i < keys->n; i++) {
		free(keys->items[i].name);
		free(keys->items[i].bytes);
	}
	free(keys->items);
	sp_strv_done(&keys->skipped);
	*keys = (struct sp_keys){ 0 };
}

int sp_keys_add_bytes(struct sp_keys *keys, const char *name, const void *bytes,
		      size_t len, struct sp_error *err)
{
	struct sp_key_file *file;

	if (len > SP_KEYS_MAX_BYTES)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "the key file '%s' has more than %d bytes", name,
				    SP_KEYS_MAX_BYTES);
	if (keys->n >= SP_KEYS_MAX_FILES)
		return sp_error_set(
			err, SP_ERR_LIMIT,
			"the key file '%s' is one more than the %d that are taken", name,
			SP_KEYS_MAX_FILES);
	file = sp_array_add(&keys->items, &keys->n);
	if (!file)
		return sp_error_nomem(err);
	file->name = sp_text_clean_dup(name);
	file->bytes = malloc(len + 1);
	if (!file->name || !file->bytes)
		return sp_error_nomem(err);
	if (len)
		memcpy(file->bytes, bytes, len);
	file->bytes[len] = '\0';
	file->len = len;
	return 0;
}

static void closedirp(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static int list_names(int fd, struct sp_strv *names, struct sp_error *err)
{
	SP_AUTO(sp_closep)
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SP_AUTO(closedirp) DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	int r = 0;

	if (!dir)
		return sp_error_set_errno(err, errno, "reading the directory");
	copy = -1;
	while (r == 0 && (errno = 0, entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			r = sp_strv_add(names, entry->d_name, err);
	if (r == 0 && errno)
		return sp_error_set_errno(err, errno, "reading the directory");
	sp_strv_sort(names);
	return r;
}

static int read_one(int fd, const char *name, struct sp_keys *keys, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct sp_error why = SP_ERROR_INIT;
	size_t len = 0;
	int r = sp_file_load(fd, name, SP_KEYS_MAX_BYTES, &bytes, &len, &why);

	if (r == SP_FILE_ABSENT)
		return 0;
	if (r == 0)
		r = sp_keys_add_bytes(keys, name, bytes, len, &why);
	if (r == -SP_ERR_FORMAT || r == -SP_ERR_LIMIT)
		return sp_strv_add(&keys->skipped, why.text, err);
	if (r < 0)
		*err = why;
	return r;
}

int sp_keys_read(int dirfd, const char *path, struct sp_keys *keys, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	SP_AUTO(sp_closep) int fd = -1;
	int at = dirfd, r = 0;

	if (path) {
		r = sp_file_open_dir_beneath(dirfd, path, &fd, err);
		if (r == SP_FILE_ABSENT)
			return SP_KEYS_ABSENT;
		at = fd;
	}
	if (r == 0)
		r = list_names(at, &names, err);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = read_one(at, names.items[i], keys, err);
	return r < 0 ? sp_error_context(err, "reading the keys in '%s'",
					path ? path : "the directory of trusted keys")
		     : r;
}
