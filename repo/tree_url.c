/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a server said once, that a file is there or is not, is kept in the cache under the
 * file's name: neither the same tree nor a later one asks again.  A server that stops
 * answering is not asked anything more. */

#include "repo/tree_url.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "base/text.h"
#include "repo/legacy.h"
#include "repo/limits.h"
#include "repo/tree_kind.h"

/* What a file may have, if nothing vouches for its size. */
enum { SMALL_BYTES = SP_LIMIT_REPOMD_BYTES, PAGE_BYTES = 256 };

/* What the metadata says of a file. */
struct expected {
	char *path;
	uint64_t size_bytes, max_bytes;
};

struct tree_url {
	struct sp_tree tree;
	struct sp_tree_url how; /* its descriptor is ours */
	struct sp_fetch *fetch;
	struct expected *expected;
	size_t n_expected;
	uint64_t done, total, before; /* before: the file that is on its way */
	struct sp_error trouble;      /* code 0: none */
};

static void free_url(struct sp_tree *tree)
{
	struct tree_url *url = (struct tree_url *)tree;

	sp_tree_done(tree);
	for (size_t i = 0; i < url->n_expected; i++)
		free(url->expected[i].path);
	free(url->expected);
	sp_closep(&url->how.cache_fd);
	if (url->fetch)
		sp_fetch_free(url->fetch);
	free(url);
}

static int on_progress(void *user, uint64_t done, uint64_t total)
{
	struct tree_url *url = user;

	(void)total;
	url->done = url->before + done;
	if (!url->how.progress)
		return 0;
	return url->how.progress(url->how.user, url->done,
				 url->total > url->done ? url->total : url->done);
}

/* ---- the cache -------------------------------------------------------------------- */

static char *cache_name(char kind, const char *path)
{
	SP_AUTO(sp_str_freep) char *name = sp_text_file_name(path);

	return name ? sp_text_format("%c%s", kind, name) : NULL;
}

enum { FILE_IS_THERE = 'f', FILE_IS_NOT = 'n', FILE_COMES = 'c' };

static int open_cached(const struct tree_url *url, char kind, const char *path, int flags,
		       int *ret_fd, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *name = cache_name(kind, path);

	if (!name)
		return sp_error_nomem(err);
	*ret_fd = openat(url->how.cache_fd, name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*ret_fd < 0 && errno == ENOENT)
		return SP_TREE_ABSENT;
	return *ret_fd < 0 ? sp_error_set_errno(err, errno, "keeping '%s'", path) : 0;
}

static int rename_cached(const struct tree_url *url, char from, char to, const char *path,
			 struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *old = cache_name(from, path);
	SP_AUTO(sp_str_freep) char *new = cache_name(to, path);

	if (!old || !new)
		return sp_error_nomem(err);
	if (renameat(url->how.cache_fd, old, url->how.cache_fd, new) < 0)
		return sp_error_set_errno(err, errno, "keeping '%s'", path);
	return 0;
}

static void drop_cached(const struct tree_url *url, const char *path)
{
	SP_AUTO(sp_str_freep) char *name = cache_name(FILE_IS_THERE, path);

	if (name)
		(void)unlinkat(url->how.cache_fd, name, 0);
}

/* ---- fetching ---------------------------------------------------------------------- */

/* Trouble with the server, and not with one file. */
static bool is_trouble(const struct sp_error *cause)
{
	return cause->code != SP_ERR_LIMIT && cause->code != SP_ERR_DAMAGED &&
	       cause->code != SP_ERR_NOMEM;
}

/* What a portal or a misled proxy sends in place of every file. */
static int check_page(const struct tree_url *url, const char *path, int fd,
		      struct sp_error *err)
{
	static const char *const starts[] = { "<!doctype html", "<html" };
	char page[PAGE_BYTES] = "";
	const char *at = page;

	if (pread(fd, page, sizeof page - 1, 0) < 0)
		return sp_error_set_errno(err, errno, "keeping '%s'", path);
	at += strspn(at, " \t\r\n\xef\xbb\xbf");
	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
		if (!strncasecmp(at, starts[i], strlen(starts[i])))
			return sp_error_set(err, SP_ERR_NO_PACK,
					    "'%s' answers with a web page where '%s' "
					    "should be",
					    url->how.url, path);
	return 0;
}

static const struct expected *expected_of(const struct tree_url *url, const char *path)
{
	for (size_t i = 0; i < url->n_expected; i++)
		if (!strcmp(url->expected[i].path, path))
			return &url->expected[i];
	return NULL;
}

static int fetch_into(struct tree_url *url, const char *path, int fd,
		      struct sp_error *err)
{
	const struct expected *expected = expected_of(url, path);
	SP_AUTO(sp_str_freep) char *address = sp_fetch_url_join(url->how.url, path);
	int r;

	if (!address)
		return sp_error_nomem(err);
	url->before = url->done;
	r = sp_fetch_file(url->fetch, address, fd, expected ? expected->size_bytes : 0,
			  expected ? expected->max_bytes : SMALL_BYTES, err);
	return r == 0 ? check_page(url, path, fd, err) : r;
}

/* Fetches a file that was never asked for. */
static int fetch_new(struct tree_url *url, const char *path, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	int r = open_cached(url, FILE_COMES, path, O_RDWR | O_CREAT | O_TRUNC, &fd, err);

	if (r > 0)
		return sp_error_set(err, SP_ERR_INTERNAL, "the cache is gone");
	if (r < 0)
		return r;
	r = fetch_into(url, path, fd, err);
	if (r < 0)
		return r;
	return r == SP_FETCH_ABSENT
		       ? rename_cached(url, FILE_COMES, FILE_IS_NOT, path, err) < 0
				 ? -(int)err->code
				 : SP_TREE_ABSENT
		       : rename_cached(url, FILE_COMES, FILE_IS_THERE, path, err);
}

/* Open for reading, fetched if it was not yet.  Returns SP_TREE_ABSENT. */
static int open_file(struct tree_url *url, const char *path, int *ret_fd,
		     struct sp_error *err)
{
	SP_AUTO(sp_closep) int absent = -1;
	int r;

	r = open_cached(url, FILE_IS_THERE, path, O_RDONLY, ret_fd, err);
	if (r != SP_TREE_ABSENT)
		return r;
	if (url->trouble.code) {
		*err = url->trouble;
		return -(int)err->code;
	}
	if (open_cached(url, FILE_IS_NOT, path, O_RDONLY, &absent, err) == 0)
		return SP_TREE_ABSENT;
	r = fetch_new(url, path, err);
	if (r < 0 && is_trouble(err))
		url->trouble = *err;
	return r == 0 ? open_cached(url, FILE_IS_THERE, path, O_RDONLY, ret_fd, err) : r;
}

/* ---- as a tree ------------------------------------------------------------------------ */

static void find_url(struct sp_tree *tree, const char *path)
{
	struct tree_url *url = (struct tree_url *)tree;
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error ignored = SP_ERROR_INIT; /* trouble is remembered */
	struct stat info;

	if (!sp_text_path_is_safe(path) || open_file(url, path, &fd, &ignored) != 0 ||
	    fstat(fd, &info) < 0)
		return;
	if (sp_tree_add(tree, path, (uint64_t)info.st_size, &ignored) == 0)
		sp_tree_sort(tree);
}

static void expect_url(struct sp_tree *tree, const char *path, uint64_t size_bytes,
		       uint64_t max_bytes)
{
	struct tree_url *url = (struct tree_url *)tree;
	struct expected *expected;

	if (expected_of(url, path))
		return;
	expected = sp_array_add(&url->expected, &url->n_expected);
	if (!expected)
		return;
	*expected = (struct expected){ strdup(path), size_bytes, max_bytes };
	if (expected->path)
		url->total += size_bytes;
	else
		url->n_expected--;
}

static int check_url(const struct sp_tree *tree, struct sp_error *err)
{
	const struct tree_url *url = (const struct tree_url *)tree;

	if (!url->trouble.code)
		return 0;
	*err = url->trouble;
	return -(int)err->code;
}

/* One that cannot be fetched is visited like one that cannot be read. */
static int visit_url(struct sp_tree *tree, const struct sp_tree_order *order,
		     struct sp_error *err)
{
	struct tree_url *url = (struct tree_url *)tree;
	int r = 0;

	for (size_t i = 0; r == 0 && i < order->n; i++) {
		SP_AUTO(sp_closep) int fd = -1;
		struct sp_error why = SP_ERROR_INIT;
		int opened = sp_text_path_is_safe(order->paths[i])
				     ? open_file(url, order->paths[i], &fd, &why)
				     : SP_TREE_ABSENT;

		if (opened < 0 && url->trouble.code) {
			*err = why;
			return opened;
		}
		if (opened == SP_TREE_ABSENT)
			continue;
		r = sp_tree_visit_fd(order, i, fd, opened < 0 ? &why : NULL, err);
		if (url->how.use_up && expected_of(url, order->paths[i]))
			drop_cached(url, order->paths[i]);
	}
	return r;
}

static int open_image(struct sp_tree *tree, const char *path, struct sp_tree **ret_tree,
		      struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	int r = open_file((struct tree_url *)tree, path, &fd, err);

	return r == 0 ? sp_tree_open_iso(fd, ret_tree, err) : r;
}

static const struct sp_tree_kind kind = {
	.visit = visit_url,
	.open_image = open_image,
	.free = free_url,
	.find = find_url,
	.expect = expect_url,
	.check = check_url,
};

/* ---- opening ---------------------------------------------------------------------------- */

static int new_tree(const struct sp_tree_url *how, struct sp_tree **ret_tree,
		    struct sp_error *err)
{
	struct sp_fetch_options options = how->fetch;
	struct tree_url *url = calloc(1, sizeof *url);
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = (struct sp_tree *)url;
	int r;

	if (!url)
		return sp_error_nomem(err);
	url->how.cache_fd = -1;
	url->tree.kind = &kind;
	url->how = *how;
	url->how.cache_fd = fcntl(how->cache_fd, F_DUPFD_CLOEXEC, 3);
	if (url->how.cache_fd < 0)
		return sp_error_set_errno(err, errno, "keeping '%s'", how->url);
	options.progress = on_progress;
	options.user_data = url;
	r = sp_fetch_new(&options, &url->fetch, err);
	if (r == 0)
		*ret_tree = sp_steal(tree);
	return r;
}

int sp_tree_url_open(const struct sp_tree_url *how, struct sp_tree **ret_tree,
		     struct sp_error *err)
{
	/* The reader looks for what else it wants by name. */
	static const char *const first[] = { "update.xml", SP_LEGACY_REPOSITORY };
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = NULL;
	int r = new_tree(how, &tree, err);

	for (size_t i = 0; r == 0 && i < sizeof first / sizeof first[0]; i++) {
		bool found = sp_tree_find(tree, first[i]) != NULL;

		r = sp_tree_check(tree, err);
		if (found)
			break;
	}
	if (r == 0)
		*ret_tree = sp_steal(tree);
	return r;
}

/* The file is the URL's own last component, in the directory before it. */
int sp_tree_url_file(const struct sp_tree_url *how, uint64_t max_bytes, int *ret_fd,
		     struct sp_error *err)
{
	static const char path[] = "file";
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = NULL;
	SP_AUTO(sp_closep) int fd = -1;
	struct tree_url *url;
	int r = new_tree(how, &tree, err);

	if (r < 0)
		return r;
	url = (struct tree_url *)tree;
	r = open_cached(url, FILE_IS_THERE, path, O_RDONLY, ret_fd, err);
	if (r != SP_TREE_ABSENT)
		return r;
	r = open_cached(url, FILE_COMES, path, O_RDWR | O_CREAT | O_TRUNC, &fd, err);
	if (r == 0)
		r = sp_fetch_file(url->fetch, how->url, fd, 0, max_bytes, err);
	if (r == SP_FETCH_ABSENT)
		return sp_error_set(err, SP_ERR_UNREACHABLE,
				    "'%s' is not there: the server has no such file",
				    how->url);
	if (r == 0)
		r = check_page(url, "an image or a package", fd, err);
	if (r == 0)
		r = rename_cached(url, FILE_COMES, FILE_IS_THERE, path, err);
	return r == 0 ? open_cached(url, FILE_IS_THERE, path, O_RDONLY, ret_fd, err) : r;
}
