/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gpgme brings in one file for each run, and one of several files put together would take
 * its neighbours along when it is cut short.  gpg itself takes many, and reads each for
 * itself. */
#include "repo/gpg_import.h"

#include "base/child.h"
#include "base/file.h"
#include "base/text.h"
#include "repo/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

enum { ROOM_BYTES = 64 * 1024, MAX_OPTIONS = 16 };

#define FOLDER "import"

/* The files of one run: those of @keys from @first on. */
struct run {
	const struct sp_gpg_importer *importer;
	const struct sp_key_file *first;
	size_t n;
};

/* ---- the files ------------------------------------------------------------- */

static int write_file(int folder, const char *name, const struct sp_key_file *file,
		      struct sp_error *err)
{
	SP_AUTO(sp_closep)
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return sp_error_set_errno(err, errno, "creating '%s'", name);
	return sp_file_write_all(fd, file->bytes, file->len, err);
}

static int write_files(int home, const struct run *run, struct sp_strv *paths,
		       struct sp_error *err)
{
	SP_AUTO(sp_closep) int folder = -1;
	int r = sp_file_make_dirs(home, FOLDER, 0700, err);

	if (r == 0)
		r = sp_file_open_dir_beneath(home, FOLDER, &folder, err);
	for (size_t i = 0; r == 0 && i < run->n; i++) {
		SP_AUTO(sp_str_freep)
		char *path =
			sp_text_format("%s/%s/%zu", run->importer->directory, FOLDER, i);

		r = path ? write_file(folder, strrchr(path, '/') + 1, &run->first[i], err)
			 : sp_error_nomem(err);
		if (r == 0)
			r = sp_strv_add(paths, path, err);
	}
	return r;
}

/* ---- the program ----------------------------------------------------------- */

static void argv_freep(const char ***argv)
{
	free(*argv);
}

/* What it says for people may hold what a key's owner wrote: that must not be taken for
 * what it says to programs. */
static int call(const struct run *run, const struct sp_strv *files,
		struct sp_child_result *ret_result, struct sp_error *err)
{
	const char *const options[MAX_OPTIONS] = {
		run->importer->program,
		"--homedir",
		run->importer->directory,
		"--batch",
		"--no-tty",
		"--quiet",
		"--logger-file",
		"/dev/null",
		"--status-fd",
		"1",
		"--import",
		"--",
	};
	SP_AUTO(argv_freep)
	const char **argv = calloc(MAX_OPTIONS + files->n + 1, sizeof *argv);
	size_t n = 0;

	if (!argv)
		return sp_error_nomem(err);
	while (options[n]) {
		argv[n] = options[n];
		n++;
	}
	for (size_t i = 0; i < files->n; i++)
		argv[n++] = files->items[i];
	return sp_child_run(argv, NULL, run->importer->deadline_ms, ret_result, err);
}

/* ---- what it says ----------------------------------------------------------- */

/* "[GNUPG:] IMPORT_OK 1 FINGERPRINT": takes the fingerprint. */
static int take_line(const char *line, size_t len, struct sp_strv *imported,
		     struct sp_error *err)
{
	static const char start[] = "[GNUPG:] IMPORT_OK ";
	const char *fingerprint;

	if (len < sizeof start || !sp_text_starts_with(line, start))
		return 0;
	fingerprint = memchr(line + sizeof start - 1, ' ', len - (sizeof start - 1));
	if (!fingerprint)
		return 0;
	fingerprint++;
	return sp_strv_add_n(imported, fingerprint, len - (size_t)(fingerprint - line),
			     err);
}

static int take_output(const char *output, struct sp_strv *imported, struct sp_error *err)
{
	int r = 0;

	while (r == 0 && *output) {
		size_t len = strcspn(output, "\n");

		r = take_line(output, len, imported, err);
		output += len + (output[len] == '\n');
	}
	return r;
}

/* Its last word: without it, it did not come to its end. */
static bool is_complete(const char *output)
{
	return strstr(output, "\n[GNUPG:] IMPORT_RES ") ||
	       sp_text_starts_with(output, "[GNUPG:] IMPORT_RES ");
}

/* ---- one run, or several ---------------------------------------------------- */

/* Of a full disk it says only that it imported nothing; the signer would be a stranger
 * then.  A keyring is held twice while it is changed. */
static int check_room(const struct run *run, struct sp_error *err)
{
	uint64_t need = ROOM_BYTES;
	struct statvfs fs;

	for (size_t i = 0; i < run->n; i++)
		need += 2 * (uint64_t)run->first[i].len;
	if (statvfs(run->importer->directory, &fs) < 0 || !fs.f_blocks ||
	    (uint64_t)fs.f_bavail * fs.f_frsize >= need)
		return 0;
	return sp_error_set_errno(err, ENOSPC, "keeping keys in '%s'",
				  run->importer->directory);
}

/* *@ret_complete: it came to its end. */
static int import_run(int home, const struct run *run, struct sp_strv *imported,
		      bool *ret_complete, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv paths = { 0 };
	struct sp_child_result result = { 0 };
	SP_AUTO(sp_str_freep) char *output = NULL;
	size_t before = imported->n;
	int r = write_files(home, run, &paths, err);

	if (r == 0)
		r = call(run, &paths, &result, err);
	if (r < 0)
		return r;
	output = result.output;
	*ret_complete = is_complete(output);
	r = take_output(output, imported, err);
	if (r == 0 && imported->n - before < run->n)
		r = check_room(run, err);
	return r < 0 ? r : sp_file_remove_tree(home, FOLDER, err);
}

/* A file that ends gpg itself shall not take the others with it. */
static int import_each(int home, const struct run *all, struct sp_strv *imported,
		       struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < all->n; i++) {
		const struct run one = { all->importer, all->first + i, 1 };
		bool complete;

		r = import_run(home, &one, imported, &complete, err);
	}
	return r;
}

int sp_gpg_import(const struct sp_gpg_importer *importer, const struct sp_keys *keys,
		  struct sp_strv *imported, struct sp_error *err)
{
	const struct run all = { importer, keys ? keys->items : NULL,
				 keys ? keys->n : 0 };
	SP_AUTO(sp_closep)
	int home = open(importer->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool complete = true;
	int r = 0;

	if (home < 0)
		return sp_error_set_errno(err, errno, "opening '%s'",
					  importer->directory);
	if (all.n)
		r = import_run(home, &all, imported, &complete, err);
	if (r == 0 && !complete && all.n > 1)
		r = import_each(home, &all, imported, err);
	return r;
}
