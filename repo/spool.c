/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One list of files, whatever the format; each is checked while it is copied against
 * what the reader found, so that what is kept is what was looked at. */
#include "repo/spool.h"

#include "base/array.h"
#include "base/file.h"
#include "base/text.h"
#include "repo/digest.h"
#include "repo/intake.h"
#include "repo/legacy.h"
#include "repo/limits.h"
#include "repo/pack.h"
#include "repo/reader.h"
#include "repo/reading.h"
#include "repo/repomd.h"
#include "repo/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
	STEP_BYTES = 64 << 10,
	TELL_BYTES = 1 << 20,
	DIGEST_SHOWN = 12,
	ROOM_SPARE_BYTES = 1 << 20, /* directories, and what rounding takes */
};

/* A file to copy. */
struct item {
	char *from;          /* on the medium */
	char *to;            /* in the spool */
	char *digest;        /* it must have; NULL: none is known */
	uint64_t size_bytes; /* it must have; 0: unknown */
	uint64_t max_bytes;
	bool optional;
	bool is_done;
};

struct keeping {
	struct sp_tree *tree;
	const char *base;
	const struct sp_pack *pack;
	const struct sp_spool_progress *progress;
	int fd; /* of the new directory */
	struct item *items;
	size_t n_items;
	uint64_t done, total;
};

static void keeping_done(struct keeping *keeping)
{
	for (size_t i = 0; i < keeping->n_items; i++) {
		free(keeping->items[i].from);
		free(keeping->items[i].to);
		free(keeping->items[i].digest);
	}
	free(keeping->items);
	if (keeping->fd >= 0)
		(void)close(keeping->fd);
}

char *sp_spool_name(const struct sp_pack *pack)
{
	SP_AUTO(sp_str_freep)
	char *id = sp_text_format("%s-%.*s", pack->id, DIGEST_SHOWN,
				  pack->metadata_digest ? pack->metadata_digest : "");

	return id ? sp_text_file_name(id) : NULL;
}

/* ---- the list -------------------------------------------------------------- */

static int fail_nomem_or(bool ok, struct sp_error *err)
{
	return ok ? 0 : sp_error_nomem(err);
}

/* @name below the pack's directory, on both sides. */
static int add_item(struct keeping *keeping, const char *name, const char *digest,
		    uint64_t size_bytes, struct item **ret_item, struct sp_error *err)
{
	struct item *item = sp_array_add(&keeping->items, &keeping->n_items);

	if (!item)
		return sp_error_nomem(err);
	item->from = sp_reading_path(keeping->base, name);
	item->to = strdup(name);
	item->digest = digest ? strdup(digest) : NULL;
	item->size_bytes = size_bytes;
	item->max_bytes = sp_limit_rpm_bytes;
	keeping->total += size_bytes;
	if (item->from)
		sp_tree_expect(keeping->tree, item->from, size_bytes, item->max_bytes);
	if (ret_item)
		*ret_item = item;
	return fail_nomem_or(item->from && item->to && (item->digest || !digest), err);
}

static int add_packages(struct keeping *keeping, struct sp_error *err)
{
	const struct sp_pack *pack = keeping->pack;

	for (size_t i = 0; i < pack->n_packages; i++) {
		const struct sp_package *package = &pack->packages[i];
		int r;

		if (!package->verified && !(package->unread && package->sha256))
			return sp_error_set(
				err, SP_ERR_DAMAGED,
				"'%.200s' was not found to be what it should be",
				package->file);
		r = add_item(keeping, package->file,
			     package->sha256 ? package->sha256 : package->md5,
			     package->size_bytes, NULL, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_optional(struct keeping *keeping, const char *name, uint64_t max_bytes,
			struct sp_error *err)
{
	struct item *item;
	int r = add_item(keeping, name, NULL, 0, &item, err);

	if (r == 0) {
		item->optional = true;
		item->max_bytes = max_bytes;
	}
	return r;
}

/* A key that lies with the pack lets it be named again later. */
static int add_keys(struct keeping *keeping, struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *own = sp_reading_path(
		keeping->base, keeping->pack->key_file ? keeping->pack->key_file : "");
	size_t n;
	const struct sp_tree_entry *entries;
	int r = 0;

	/* A server has to be asked for it before it is listed. */
	if (own && keeping->pack->key_file)
		(void)sp_tree_find(keeping->tree, own);
	entries = sp_tree_entries(keeping->tree, &n);

	for (size_t i = 0; r == 0 && i < n; i++) {
		const char *slash = strrchr(entries[i].path, '/');
		const char *name = slash ? slash + 1 : entries[i].path;
		struct item *item;

		if (!sp_reading_is_key(keeping->pack, entries[i].path))
			continue;
		for (size_t k = 0; name && k < keeping->n_items; k++)
			if (strcmp(keeping->items[k].to, name) == 0)
				name = NULL;
		if (!name)
			continue;
		r = add_item(keeping, name, NULL, entries[i].size_bytes, &item, err);
		if (r < 0)
			return r;
		free(item->from);
		item->from = strdup(entries[i].path);
		item->max_bytes = SP_LIMIT_KEY_BYTES;
		r = fail_nomem_or(item->from, err);
	}
	return r;
}

/* ---- what describes it ----------------------------------------------------- */

/* Two files that were read as one thing, and are still that. */
struct description {
	const char *names[2];
	char *bytes[2];
	size_t lens[2];
};

static void description_done(struct description *description)
{
	free(description->bytes[0]);
	free(description->bytes[1]);
}

static int load_one(const struct keeping *keeping, struct description *description,
		    size_t which, struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *path = sp_reading_path(keeping->base, description->names[which]);
	int r;

	if (!path)
		return sp_error_nomem(err);
	r = sp_tree_load(keeping->tree, path, SP_LIMIT_REPOMD_BYTES,
			 &description->bytes[which], &description->lens[which], err);
	return r == SP_TREE_ABSENT ? sp_error_set(err, SP_ERR_DAMAGED,
						  "'%s' is no longer there", path)
				   : r;
}

static int check_description(const struct keeping *keeping,
			     const struct description *description, struct sp_error *err)
{
	const char *should = keeping->pack->metadata_digest;
	SP_AUTO(sp_digest_freep) struct sp_digest *digest = NULL;
	enum sp_digest_kind kind = SP_DIGEST_SHA256;
	char hex[SP_DIGEST_HEX_SIZE];
	int r;

	if (!should || !sp_intake_digest_kind(should, &kind))
		return sp_error_set(err, SP_ERR_INTERNAL, "a pack has no digest");
	r = sp_digest_new(kind, &digest, err);
	if (r < 0)
		return r;
	sp_digest_add(digest, description->bytes[0], description->lens[0]);
	sp_digest_add(digest, description->bytes[1], description->lens[1]);
	r = sp_digest_take(digest, hex, err);
	if (r < 0 || sp_digest_is_equal(hex, should))
		return r;
	return sp_error_set(err, SP_ERR_DAMAGED,
			    "the pack was changed since it was read");
}

static int open_new(const struct keeping *keeping, const char *name, int *ret_fd,
		    struct sp_error *err)
{
	const char *slash = strrchr(name, '/');
	SP_AUTO(sp_str_freep)
	char *dir = slash ? strndup(name, (size_t)(slash - name)) : NULL;
	int r = slash && !dir ? sp_error_nomem(err) : 0;

	if (r == 0 && dir)
		r = sp_file_make_dirs(keeping->fd, dir, 0700, err);
	if (r < 0)
		return r;
	*ret_fd = openat(keeping->fd, name,
			 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return *ret_fd < 0 ? sp_error_set_errno(err, errno, "keeping '%.200s'", name) : 0;
}

static int keep_bytes(const struct keeping *keeping, const char *name, const void *bytes,
		      size_t len, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	int r = open_new(keeping, name, &fd, err);

	return r == 0 ? sp_file_write_all(fd, bytes, len, err) : r;
}

static int keep_description(const struct keeping *keeping,
			    struct description *description, struct sp_error *err)
{
	int r = load_one(keeping, description, 0, err);

	if (r == 0)
		r = load_one(keeping, description, 1, err);
	if (r == 0)
		r = check_description(keeping, description, err);
	for (size_t i = 0; r == 0 && i < 2; i++)
		r = keep_bytes(keeping, description->names[i], description->bytes[i],
			       description->lens[i], err);
	return r;
}

static int plan_update(struct keeping *keeping, struct sp_error *err)
{
	SP_AUTO(description_done)
	struct description description = {
		.names = { "update.xml", "repodata/repomd.xml" },
	};
	SP_AUTO(sp_repomd_done) struct sp_repomd repomd = { 0 };
	int r = keep_description(keeping, &description, err);

	if (r == 0)
		r = sp_repomd_parse(description.bytes[1], description.lens[1], &repomd,
				    NULL, err);
	for (size_t i = 0; r == 0 && i < SP_REPOMD_KINDS; i++)
		if (repomd.files[i].path)
			r = add_item(keeping, repomd.files[i].path,
				     repomd.files[i].digest, repomd.files[i].size_bytes,
				     NULL, err);
	if (r == 0)
		r = add_optional(keeping, "update.xml.asc", SP_LIMIT_SIGNATURE_BYTES,
				 err);
	if (r == 0)
		r = add_optional(keeping, "repodata/repomd.xml.asc",
				 SP_LIMIT_SIGNATURE_BYTES, err);
	return r == 0 ? add_keys(keeping, err) : r;
}

static int plan_legacy(struct keeping *keeping, struct sp_error *err)
{
	SP_AUTO(description_done)
	struct description description = {
		.names = { SP_LEGACY_REPOSITORY, SP_LEGACY_PACKAGES },
	};

	return keep_description(keeping, &description, err);
}

static int plan_rpms(struct keeping *keeping, struct sp_error *err)
{
	return add_keys(keeping, err);
}

static int (*const plans[])(struct keeping *keeping, struct sp_error *err) = {
	[SP_PACK_UPDATE] = plan_update,
	[SP_PACK_LEGACY] = plan_legacy,
	[SP_PACK_LEGACY_TEXT] = plan_legacy,
	[SP_PACK_RPMS] = plan_rpms,
};

/* ---- copying --------------------------------------------------------------- */

static int fail_space(uint64_t wanted, struct sp_error *err)
{
	(void)sp_error_set(err, SP_ERR_REQUIREMENTS,
			   "there is no room for the %llu MiB of the pack",
			   (unsigned long long)((wanted >> 20) + 1));
	err->sys_errno = ENOSPC;
	return -SP_ERR_REQUIREMENTS;
}

/* A file system without blocks (ramfs) cannot say; it is found out in writing. */
static int check_space(const struct keeping *keeping, struct sp_error *err)
{
	uint64_t wanted = keeping->total + ROOM_SPARE_BYTES, room;
	struct statvfs st;

	if (fstatvfs(keeping->fd, &st) < 0 || st.f_blocks == 0 ||
	    __builtin_mul_overflow((uint64_t)st.f_bavail, (uint64_t)st.f_frsize, &room))
		return 0;
	return wanted > room ? fail_space(wanted, err) : 0;
}

struct copy {
	const struct item *item;
	struct sp_digest *digest; /* NULL: none is to be checked */
	int fd;
	uint64_t bytes;
};

static void copy_done(struct copy *copy)
{
	sp_digest_free(copy->digest);
	if (copy->fd >= 0)
		(void)close(copy->fd);
}

static int copy_step(struct keeping *keeping, struct copy *copy, const char *bytes,
		     size_t n, struct sp_error *err)
{
	const struct item *item = copy->item;
	bool is_time;
	int r;

	copy->bytes += n;
	if (copy->bytes > item->max_bytes)
		return sp_error_set(err, SP_ERR_LIMIT, "it is larger than %llu bytes",
				    (unsigned long long)item->max_bytes);
	if (item->size_bytes && copy->bytes > item->size_bytes)
		return sp_error_set(err, SP_ERR_DAMAGED,
				    "it is larger than when it was read");
	if (copy->digest)
		sp_digest_add(copy->digest, bytes, n);
	r = sp_file_write_all(copy->fd, bytes, n, err);
	if (r < 0 && err->sys_errno == ENOSPC)
		return fail_space(keeping->total, err);
	is_time = keeping->done / TELL_BYTES != (keeping->done + n) / TELL_BYTES ||
		  keeping->done + n == keeping->total || copy->bytes == n;
	keeping->done += n;
	if (r == 0 && is_time && keeping->progress && keeping->progress->tell &&
	    keeping->progress->tell(keeping->progress->user, keeping->done,
				    keeping->total))
		return sp_error_set(err, SP_ERR_CANCELLED,
				    "keeping the pack was cancelled");
	return r;
}

static int copy_all(struct keeping *keeping, struct copy *copy,
		    struct sp_tree_stream *stream, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *bytes = malloc(STEP_BYTES);
	ssize_t n = 1;
	int r = 0;

	if (!bytes)
		return sp_error_nomem(err);
	while (r == 0 && n > 0) {
		n = sp_tree_read(stream, bytes, STEP_BYTES, err);
		r = n < 0 ? -(int)err->code
			  : copy_step(keeping, copy, bytes, (size_t)n, err);
	}
	return r;
}

static int check_copy(struct copy *copy, struct sp_error *err)
{
	char hex[SP_DIGEST_HEX_SIZE];
	int r = copy->digest ? sp_digest_take(copy->digest, hex, err) : 0;

	if (r < 0)
		return r;
	if ((copy->item->size_bytes && copy->bytes != copy->item->size_bytes) ||
	    (copy->digest && !sp_digest_is_equal(hex, copy->item->digest)))
		return sp_error_set(err, SP_ERR_DAMAGED,
				    "it is not the file that it was when it was read");
	return 0;
}

static int copy_item(struct keeping *keeping, const struct item *item,
		     struct sp_tree_stream *stream, struct sp_error *err)
{
	SP_AUTO(copy_done) struct copy copy = { .item = item, .fd = -1 };
	enum sp_digest_kind kind = SP_DIGEST_SHA256;
	int r = 0;

	if (item->digest && !sp_intake_digest_kind(item->digest, &kind))
		return sp_error_set(err, SP_ERR_INTERNAL,
				    "its digest is of no known kind");
	if (item->digest)
		r = sp_digest_new(kind, &copy.digest, err);
	if (r == 0)
		r = open_new(keeping, item->to, &copy.fd, err);
	if (r == 0)
		r = copy_all(keeping, &copy, stream, err);
	return r == 0 ? check_copy(&copy, err) : r;
}

static int on_file(void *user, size_t index, struct sp_tree_stream *stream,
		   struct sp_error *err)
{
	struct keeping *keeping = user;
	struct item *item = &keeping->items[index];
	int r = copy_item(keeping, item, stream, err);

	item->is_done = true;
	return r < 0 && err->code != SP_ERR_CANCELLED && err->sys_errno != ENOSPC
		       ? sp_reading_name_file(item->from, err)
		       : r;
}

static int copy_items(struct keeping *keeping, struct sp_error *err)
{
	const char **paths = calloc(keeping->n_items + 1, sizeof *paths);
	int r;

	if (!paths)
		return sp_error_nomem(err);
	for (size_t i = 0; i < keeping->n_items; i++)
		paths[i] = keeping->items[i].from;
	r = sp_tree_visit(keeping->tree, paths, keeping->n_items, on_file, keeping, err);
	free(paths);
	for (size_t i = 0; r == 0 && i < keeping->n_items; i++)
		if (!keeping->items[i].is_done && !keeping->items[i].optional)
			r = sp_error_set(err, SP_ERR_DAMAGED,
					 "'%.200s' is no longer there",
					 keeping->items[i].from);
	return r;
}

/* ---- all of it ------------------------------------------------------------- */

static int fill(struct keeping *keeping, struct sp_error *err)
{
	int r = plans[keeping->pack->format](keeping, err);

	if (r == 0)
		r = add_packages(keeping, err);
	if (r == 0)
		r = check_space(keeping, err);
	return r == 0 ? copy_items(keeping, err) : r;
}

static int make_new(int dirfd, const char *name, int *ret_fd, struct sp_error *err)
{
	int r = sp_file_remove_tree(dirfd, name, err);

	if (r < 0)
		return r;
	if (mkdirat(dirfd, name, 0700) < 0)
		return sp_error_set_errno(err, errno, "making the directory '%s'", name);
	return sp_file_open_dir_beneath(dirfd, name, ret_fd, err);
}

static int put_in_place(int dirfd, const char *from, const char *to, struct sp_error *err)
{
	int r = sp_file_remove_tree(dirfd, to, err);

	if (r == 0 && renameat(dirfd, from, dirfd, to) < 0)
		r = sp_error_set_errno(err, errno, "naming the directory '%s'", to);
	return r;
}

/* What went wrong before is what counts. */
static int clear_away(int dirfd, const char *name, int r)
{
	struct sp_error ignored = SP_ERROR_INIT;

	if (sp_file_remove_tree(dirfd, name, &ignored) < 0)
		return r;
	return r;
}

int sp_spool_keep(struct sp_tree *tree, const struct sp_pack *pack, int dirfd,
		  const struct sp_spool_progress *progress, struct sp_error *err)
{
	SP_AUTO(sp_tree_freep) struct sp_tree *image = NULL;
	SP_AUTO(keeping_done)
	struct keeping keeping = {
		.pack = pack,
		.progress = progress,
		.fd = -1,
	};
	SP_AUTO(sp_str_freep) char *name = sp_spool_name(pack);
	SP_AUTO(sp_str_freep) char *new_name = NULL;
	int r;

	new_name = name ? sp_text_format(".%s.new", name) : NULL;
	if (!new_name)
		return sp_error_nomem(err);
	r = sp_reader_locate(tree, pack->directory, &image, &keeping.base, err);
	if (r < 0)
		return r;
	keeping.tree = image ? image : tree;
	r = make_new(dirfd, new_name, &keeping.fd, err);
	if (r == 0)
		r = fill(&keeping, err);
	if (r == 0)
		r = put_in_place(dirfd, new_name, name, err);
	return r < 0 ? clear_away(dirfd, new_name, r) : 0;
}
