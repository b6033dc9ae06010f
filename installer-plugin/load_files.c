/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What RPM does for its own: nothing of others is replaced, and what is there already is
 * as good as placed. */

#include "installer-plugin/load_files.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/finding.h"
#include "installer-plugin/context.h"
#include "installer-plugin/deed.h"
#include "installer-plugin/log.h"
#include "installer-plugin/machine.h"
#include "installer-plugin/placing_work.h"
#include "probe/kernel.h"
#include "probe/root.h"
#include "repo/digest.h"
#include "repo/intake.h"
#include "repo/legacy.h"
#include "repo/limits.h"
#include "repo/pack.h"
#include "repo/placing.h"
#include "repo/room.h"

enum { CHUNK = 32 << 10 };

/* ---- what is there already ----------------------------------------------------------- */

static bool is_equal(int a, int b)
{
	char left[CHUNK], right[CHUNK];
	off_t at = 0;
	ssize_t n;

	do {
		n = pread(a, left, sizeof left, at);
		if (n < 0 || pread(b, right, sizeof right, at) != n ||
		    memcmp(left, right, (size_t)n) != 0)
			return false;
		at += n;
	} while (n > 0);
	return true;
}

static bool open_there(const struct sp_context *context, const char *path, int *ret_fd)
{
	struct sp_error ignored = SP_ERROR_INIT;
	struct stat info;

	return sp_root_open(context->root, path, O_RDONLY | O_NOFOLLOW, ret_fd,
			    &ignored) == 0 &&
	       fstat(*ret_fd, &info) == 0 && S_ISREG(info.st_mode);
}

static bool is_there(const struct sp_context *context, const char *path, int fd)
{
	SP_AUTO(sp_closep) int there = -1;

	return open_there(context, path, &there) && is_equal(there, fd);
}

bool sp_load_files_has(const struct sp_context *context, const struct sp_package *package)
{
	const char *digest = package->sha256 ? package->sha256 : package->md5;
	SP_AUTO(sp_str_freep) char *path = NULL;
	SP_AUTO(sp_closep) int there = -1;
	char hex[SP_DIGEST_HEX_SIZE];
	enum sp_digest_kind kind;
	struct sp_error ignored = SP_ERROR_INIT;

	return digest &&
	       sp_legacy_destination(package, context->kernel.release, &path, &ignored) ==
		       0 &&
	       open_there(context, path, &there) &&
	       sp_intake_digest_kind(digest, &kind) &&
	       sp_digest_fd(there, kind, sp_limit_rpm_bytes, hex, NULL, &ignored) == 0 &&
	       sp_digest_is_equal(hex, digest);
}

static int add_source(const struct sp_machine_plan *made,
		      const struct sp_closure_file *file, struct sp_placing_work *work,
		      struct sp_error *err)
{
	const struct sp_pack *pack = &made->packs->items[file->pack];
	const struct sp_package *package = &pack->packages[file->package];
	SP_AUTO(sp_closep)
	int kept_fd = open(pack->location, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SP_AUTO(sp_closep) int fd = -1;
	int r = kept_fd < 0 ? SP_FILE_ABSENT
			    : sp_file_open_beneath(kept_fd, package->file, &fd, err);

	if (r > 0)
		return sp_error_set(err, SP_ERR_DAMAGED, "'%s/%s' is not there",
				    pack->location, package->file);
	if (r < 0)
		return r;
	if (is_there(made->context, file->path, fd)) {
		sp_log_line(made->context->log, "file '/%s': was there already",
			    file->path);
		return 0;
	}
	work->sources[work->n++] =
		(struct sp_placing_source){ package, made->input.kernel->release, fd };
	fd = -1;
	return 0;
}

/* ---- placing --------------------------------------------------------------------------- */

static int check_room(const struct sp_placing_work *work, struct sp_error *err)
{
	uint64_t needed = 0, available = sp_room_free_bytes(work->root);

	for (size_t i = 0; i < work->n; i++)
		needed += work->sources[i].package->size_bytes;
	if (needed <= available)
		return 0;
	return sp_findings_add(work->findings, "no-space", NULL, err,
			       "the drivers need %llu KiB, and only %llu KiB are free "
			       "for them in '%s'",
			       (unsigned long long)(needed >> 10),
			       (unsigned long long)(available >> 10), work->root);
}

int sp_load_files_place(const struct sp_machine_plan *made, struct sp_operator *op,
			struct sp_deed *deed, struct sp_findings *findings,
			struct sp_error *err)
{
	const struct sp_closure *closure = &made->install;
	SP_AUTO(sp_placing_work_done)
	struct sp_placing_work work = { .root = sp_root_path(made->context->root),
					.placed = &deed->placed,
					.findings = findings };
	size_t before = findings->n;
	int r = 0;

	work.sources = calloc(closure->n_files + 1, sizeof *work.sources);
	if (!work.sources)
		return sp_error_nomem(err);
	for (size_t i = 0; r == 0 && i < closure->n_files; i++)
		r = add_source(made, &closure->files[i], &work, err);
	if (r < 0 || !work.n)
		return r;
	r = check_room(&work, err);
	if (r == 0)
		r = sp_placing_work_run(&work, SP_PLACING_LIST, op, err);
	if (r == 0 && findings->n > before) {
		/* Nothing is ours yet. */
		sp_strv_done(&deed->placed);
		return SP_LOAD_FILES_FAILED;
	}
	for (size_t i = 0; r == 0 && i < deed->placed.n; i++)
		sp_log_line(made->context->log, "placing '/%s'", deed->placed.items[i]);
	return r < 0 ? r : sp_placing_work_run(&work, SP_PLACING_PUT, op, err);
}

int sp_load_files_remove(const char *root, struct sp_operator *op,
			 const struct sp_deed *deed, struct sp_findings *findings,
			 struct sp_error *err)
{
	struct sp_strv placed = deed->placed; /* its strings stay the deed's */
	struct sp_placing_work work = { .root = root,
					.placed = &placed,
					.findings = findings };

	return placed.n ? sp_placing_work_run(&work, SP_PLACING_UNDO, op, err) : 0;
}
