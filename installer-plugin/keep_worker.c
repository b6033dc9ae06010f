/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The medium may be another one by now, so what is copied is checked as it goes by. */

#include "installer-plugin/keep_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/finding.h"
#include "base/json.h"
#include "base/text.h"
#include "installer-plugin/place.h"
#include "repo/digest.h"
#include "repo/limits.h"
#include "repo/pack.h"
#include "repo/reader.h"
#include "repo/tree.h"

enum {
	CHUNK_BYTES = 64 << 10,
	TELL_EVERY_BYTES = 1 << 20,
	METADATA_FILES_MAX = 128,
	FILE_MODE = 0600,
	DIR_MODE = 0700,
};

/* What else belongs to a pack, by name or by the beginning of its path. */
static const char *const metadata[] = {
	"update.xml",
	"XS-REPOSITORY",
	"XS-PACKAGES",
	"repodata/",
};

struct copying {
	const struct sp_keep_task *task;
	struct sp_outlet *outlet;
	const char *base;     /* the pack's directory in the tree */
	struct sp_strv paths; /* in the tree: first the packages, as in the pack */
	bool *seen;           /* one for each package */
	uint64_t done, told, total;
};

static void copying_done(struct copying *copying)
{
	sp_strv_done(&copying->paths);
	free(copying->seen);
}

/* @path in the tree as a path in the pack's directory; NULL if it is not below it. */
static const char *inside(const struct copying *copying, const char *path)
{
	size_t len = strlen(copying->base);

	if (!len)
		return path;
	return !strncmp(path, copying->base, len) && path[len] == '/' ? path + len + 1
								      : NULL;
}

static bool is_metadata(const char *path)
{
	for (size_t i = 0; i < sizeof metadata / sizeof metadata[0]; i++)
		if (path && sp_text_starts_with(path, metadata[i]))
			return true;
	return false;
}

/* ---- which files ------------------------------------------------------------------ */

static int add_packages(struct copying *copying, struct sp_error *err)
{
	const struct sp_pack *pack = copying->task->pack;

	for (size_t i = 0; i < pack->n_packages; i++) {
		SP_AUTO(sp_str_freep)
		char *path =
			sp_text_format("%s%s%s", copying->base, *copying->base ? "/" : "",
				       pack->packages[i].file);
		int r = path ? sp_strv_add(&copying->paths, path, err)
			     : sp_error_nomem(err);

		if (r < 0)
			return r;
		copying->total += pack->packages[i].size_bytes;
	}
	copying->seen = calloc(pack->n_packages + 1, sizeof *copying->seen);
	return copying->seen ? 0 : sp_error_nomem(err);
}

static int add_metadata(struct copying *copying, const struct sp_tree *tree,
			struct sp_error *err)
{
	size_t n, found = 0;
	const struct sp_tree_entry *entries = sp_tree_entries(tree, &n);

	for (size_t i = 0; i < n; i++) {
		int r;

		if (!is_metadata(inside(copying, entries[i].path)))
			continue;
		if (++found > METADATA_FILES_MAX ||
		    entries[i].size_bytes > SP_LIMIT_METADATA_BYTES)
			return sp_error_set(err, SP_ERR_LIMIT,
					    "'%s' has more metadata than any pack",
					    copying->task->pack->location);
		r = sp_strv_add(&copying->paths, entries[i].path, err);
		if (r < 0)
			return r;
		copying->total += entries[i].size_bytes;
	}
	return 0;
}

/* ---- one file ----------------------------------------------------------------------- */

static int create(const struct copying *copying, const char *path, int *ret_fd,
		  struct sp_error *err)
{
	const char *slash = strrchr(path, '/');
	SP_AUTO(sp_str_freep)
	char *dir = slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
	SP_AUTO(sp_closep) int dir_fd = -1;
	int r = 0;

	if (!dir)
		return sp_error_nomem(err);
	if (slash)
		r = sp_file_make_dirs(copying->task->dir_fd, dir, DIR_MODE, err);
	if (r == 0 && slash)
		r = sp_file_open_dir_beneath(copying->task->dir_fd, dir, &dir_fd, err);
	if (r != 0)
		return r < 0 ? r
			     : sp_error_set(err, SP_ERR_INTERNAL, "'%s' is gone", dir);
	*ret_fd = openat(slash ? dir_fd : copying->task->dir_fd, slash ? slash + 1 : path,
			 O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (*ret_fd < 0)
		return sp_error_set_errno(err, errno, "keeping '%s'", path);
	return 0;
}

static int tell(struct copying *copying, uint64_t more, struct sp_error *err)
{
	struct json_object *progress;
	struct json_object *message;

	copying->done += more;
	if (copying->done - copying->told < TELL_EVERY_BYTES)
		return 0;
	copying->told = copying->done;
	progress = sp_json_object();
	message = sp_json_object();
	sp_json_set_int(progress, "done", (int64_t)copying->done);
	sp_json_set_int(progress, "total", (int64_t)copying->total);
	sp_json_set(message, "progress", progress);
	return sp_outlet_send(copying->outlet, message, err);
}

/* Copies all of @stream, at most @max_bytes. */
static int copy_bytes(struct copying *copying, struct sp_tree_stream *stream, int fd,
		      uint64_t max_bytes, struct sp_digest *digest, uint64_t *ret_bytes,
		      struct sp_error *err)
{
	char chunk[CHUNK_BYTES];
	uint64_t bytes = 0;
	ssize_t n;
	int r;

	while ((n = sp_tree_read(stream, chunk, sizeof chunk, err)) > 0) {
		bytes += (uint64_t)n;
		if (bytes > max_bytes)
			return sp_error_set(
				err, SP_ERR_DAMAGED,
				"it is larger than it was when it was verified");
		if (digest)
			sp_digest_add(digest, chunk, (size_t)n);
		r = sp_file_write_all(fd, chunk, (size_t)n, err);
		if (r == 0)
			r = tell(copying, (uint64_t)n, err);
		if (r < 0)
			return r;
	}
	*ret_bytes = bytes;
	return n < 0 ? (int)n : 0;
}

/* The digest its metadata gives for @package, and of which kind; NULL: none. */
static const char *wanted(const struct sp_package *package, enum sp_digest_kind *ret_kind)
{
	*ret_kind = package->sha256 ? SP_DIGEST_SHA256 : SP_DIGEST_MD5;
	return package->sha256 ? package->sha256 : package->md5;
}

static int copy_package(struct copying *copying, const struct sp_package *package,
			struct sp_tree_stream *stream, int fd, struct sp_error *err)
{
	SP_AUTO(sp_digest_freep) struct sp_digest *digest = NULL;
	char hex[SP_DIGEST_HEX_SIZE];
	enum sp_digest_kind kind;
	const char *want = wanted(package, &kind);
	uint64_t bytes;
	int r = sp_digest_new(kind, &digest, err);

	if (r == 0)
		r = copy_bytes(copying, stream, fd, package->size_bytes, digest, &bytes,
			       err);
	if (r == 0)
		r = sp_digest_take(digest, hex, err);
	if (r < 0)
		return r;
	if (bytes != package->size_bytes || (want && !sp_digest_is_equal(want, hex)))
		return sp_error_set(err, SP_ERR_DAMAGED,
				    "it is not what it was when it was verified");
	return 0;
}

static int visit(void *user, size_t index, struct sp_tree_stream *stream,
		 struct sp_error *err)
{
	struct copying *copying = user;
	const struct sp_pack *pack = copying->task->pack;
	const char *path = inside(copying, copying->paths.items[index]);
	SP_AUTO(sp_closep) int fd = -1;
	uint64_t bytes;
	int r = create(copying, path, &fd, err);

	if (r < 0)
		return r;
	if (index >= pack->n_packages)
		r = copy_bytes(copying, stream, fd, SP_LIMIT_METADATA_BYTES, NULL, &bytes,
			       err);
	else
		r = copy_package(copying, &pack->packages[index], stream, fd, err);
	if (r < 0)
		return sp_error_context(err, "'%s'", path);
	if (index < pack->n_packages)
		copying->seen[index] = true;
	return 0;
}

/* ---- all of them ---------------------------------------------------------------------- */

static int check_seen(const struct copying *copying, struct sp_error *err)
{
	const struct sp_pack *pack = copying->task->pack;

	for (size_t i = 0; i < pack->n_packages; i++)
		if (!copying->seen[i])
			return sp_error_set(err, SP_ERR_DAMAGED,
					    "'%s' is not there any more",
					    pack->packages[i].file);
	return 0;
}

static int copy_all(struct copying *copying, struct sp_tree *tree, struct sp_error *err)
{
	int r = add_packages(copying, err);

	if (r == 0)
		r = add_metadata(copying, tree, err);
	if (r == 0)
		r = sp_tree_visit(tree, (const char *const *)copying->paths.items,
				  copying->paths.n, visit, copying, err);
	return r < 0 ? r : check_seen(copying, err);
}

int sp_keep_worker(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct sp_keep_task *task = arg;
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = NULL;
	SP_AUTO(sp_tree_freep) struct sp_tree *image = NULL;
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(copying_done)
	struct copying copying = { .task = task, .outlet = outlet };
	int r = sp_place_open(task->location, &tree, &findings, err);

	if (r > 0)
		return sp_error_set(err, SP_ERR_UNREACHABLE,
				    "'%s' is not the medium it was: %s",
				    task->pack->location,
				    findings.n ? findings.items[0].text : "it is empty");
	if (r == 0)
		r = sp_reader_locate(tree, task->pack->directory, &image, &copying.base,
				     err);
	if (r == 0)
		r = copy_all(&copying, image ? image : tree, err);
	return r < 0 ? sp_error_context(err, "keeping '%s'", task->pack->location) : 0;
}
