/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths here may be deeper than any a pack may have (base/file.h): a disk behind hubs
 * and bridges is twenty directories down.  The record is ours alone while it is made. */
#include "probe/capture_out.h"

#include "base/file.h"
#include "base/text.h"
#include "probe/root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(const char *path, struct sp_error *err)
{
	return sp_error_set_errno(err, errno, "recording '%s'", path);
}

int sp_capture_out_make_dirs(const struct sp_capture_out *out, const char *path,
			     struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *part = strdup(path);

	if (!part)
		return sp_error_nomem(err);
	for (char *slash = part; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdirat(out->fd, part, 0755) < 0 && errno != EEXIST)
			return fail(path, err);
		*slash = '/';
	}
	if (mkdirat(out->fd, part, 0755) < 0 && errno != EEXIST)
		return fail(path, err);
	return 0;
}

static int make_parents(const struct sp_capture_out *out, const char *path,
			struct sp_error *err)
{
	const char *slash = strrchr(path, '/');
	SP_AUTO(sp_str_freep) char *parent = NULL;

	if (!slash)
		return 0;
	parent = strndup(path, (size_t)(slash - path));
	return parent ? sp_capture_out_make_dirs(out, parent, err) : sp_error_nomem(err);
}

int sp_capture_out_write(const struct sp_capture_out *out, const char *path,
			 const void *bytes, size_t len, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	int r = make_parents(out, path, err);

	if (r < 0)
		return r;
	fd = openat(out->fd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0644);
	if (fd < 0)
		return errno == EEXIST ? 0 : fail(path, err);
	r = sp_file_write_all(fd, bytes, len, err);
	return r < 0 ? sp_error_context(err, "recording '%s'", path) : 0;
}

/* "../../../devices/pci0000:00/x": up from the directory of @path as far as the two
 * have nothing in common, and down to @target. */
static char *relative(const char *path, const char *target)
{
	struct sp_strbuf text = { 0 };
	size_t common = 0;

	for (size_t i = 0; path[i] && path[i] == target[i]; i++)
		if (path[i] == '/')
			common = i + 1;
	for (const char *at = path + common; (at = strchr(at, '/')); at++)
		sp_strbuf_add(&text, "../");
	sp_strbuf_add(&text, "%s", target + common);
	return sp_strbuf_take(&text);
}

int sp_capture_out_link(const struct sp_capture_out *out, const char *path,
			const char *target, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = relative(path, target);
	int r = text ? make_parents(out, path, err) : sp_error_nomem(err);

	if (r < 0)
		return r;
	if (symlinkat(text, out->fd, path) < 0 && errno != EEXIST)
		return fail(path, err);
	return 0;
}

int sp_capture_out_copy(const struct sp_capture_out *out, const char *path,
			size_t max_bytes, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct sp_error why = SP_ERROR_INIT;
	size_t len = 0;
	int r = sp_root_load(out->root, path, max_bytes, &bytes, &len, &why);

	if (r == -SP_ERR_NOMEM)
		return sp_error_nomem(err);
	return r == 0 ? sp_capture_out_write(out, path, bytes, len, err) : 0;
}
