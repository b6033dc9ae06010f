/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The rooms below know mounting (probe/) and trees (repo/), and not one another. */

#include "installer-plugin/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/stall.h"
#include "base/worker.h"
#include "probe/media.h"
#include "installer-plugin/download.h"
#include "installer-plugin/options.h"
#include "repo/limits.h"
#include "repo/location.h"
#include "repo/tree.h"
#include "repo/tree_url.h"

enum { BLOCK_BYTES = 4096 };

struct place {
	const char *path;
	int fd;
	struct sp_findings *findings;
	struct sp_error *err;
};

static int unreachable(const struct place *place, int sys_errno)
{
	return sp_error_set(place->err, SP_ERR_GONE, "'%s' cannot be opened: %s",
			    place->path, strerror(sys_errno));
}

/* ---- block devices ----------------------------------------------------------- */

/* The mount goes over an empty place that every root has: in this worker's own
 * namespace nobody else sees it, and no directory has to be made and removed. */
static const char *mount_point(void)
{
	static const char *const places[] = { "/mnt", "/media", "/srv", "/tmp" };
	struct stat info;

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (stat(places[i], &info) == 0 && S_ISDIR(info.st_mode))
			return places[i];
	return "/";
}

static int open_dir_tree(struct place *place, const char *dir, struct sp_tree **ret_tree)
{
	SP_AUTO(sp_closep) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return unreachable(place, errno);
	r = sp_worker_drop_privileges(place->err);
	return r < 0 ? r : sp_tree_open_dir(fd, ret_tree, place->err);
}

static int open_iso_tree(struct place *place, struct sp_tree **ret_tree)
{
	int r = sp_worker_drop_privileges(place->err);

	if (r == 0)
		r = sp_tree_open_iso(place->fd, ret_tree, place->err);
	return r < 0 ? sp_error_context(place->err, "reading '%s'", place->path) : 0;
}

static int open_filesystem(struct place *place, const struct sp_filesystem *filesystem,
			   struct sp_tree **ret_tree)
{
	const char *dir = mount_point();
	struct sp_error cause = SP_ERROR_INIT;
	int r = sp_media_mount(place->path, filesystem->type, dir, &cause);

	if (r == 0)
		return open_dir_tree(place, dir, ret_tree);
	/* No such file system in this kernel, or no privilege to mount: an image can be
	 * read without either. */
	if (!strcmp(filesystem->type, "iso9660"))
		return open_iso_tree(place, ret_tree);
	*place->err = cause;
	return r < 0 ? r : unreachable(place, ENODEV);
}

static int refuse_medium(struct place *place, const struct sp_filesystem *filesystem)
{
	struct sp_medium medium = { .path = (char *)(uintptr_t)place->path,
				    .state = filesystem->state,
				    .filesystem = *filesystem };
	int r = sp_medium_add_finding(&medium, place->findings, place->err);

	return r < 0 ? r : SP_PLACE_NOTHING;
}

static int open_block(struct place *place, struct sp_tree **ret_tree)
{
	SP_AUTO(sp_filesystem_done) struct sp_filesystem filesystem = { 0 };
	int r;

	if (!sp_medium_has_disc(place->fd)) {
		filesystem.state = SP_MEDIUM_EMPTY;
		return refuse_medium(place, &filesystem);
	}
	r = sp_media_blkid_probe(place->fd, &filesystem, place->err);
	if (r < 0)
		return sp_error_context(place->err, "reading '%s'", place->path);
	if (filesystem.state != SP_MEDIUM_USABLE)
		return refuse_medium(place, &filesystem);
	return open_filesystem(place, &filesystem, ret_tree);
}

/* ---- files and directories ------------------------------------------------------ */

static int open_regular(struct place *place, struct sp_tree **ret_tree)
{
	const char *slash = strrchr(place->path, '/');
	const char *name = slash ? slash + 1 : place->path;

	if (sp_text_ends_with(name, ".rpm")) {
		int r = sp_worker_drop_privileges(place->err);

		return r < 0 ? r
			     : sp_tree_open_file(place->fd, name, ret_tree, place->err);
	}
	return open_iso_tree(place, ret_tree);
}

static int open_any(struct place *place, struct sp_tree **ret_tree)
{
	struct stat info;
	int r;

	if (fstat(place->fd, &info) < 0)
		return unreachable(place, errno);
	if (S_ISBLK(info.st_mode))
		return open_block(place, ret_tree);
	if (S_ISREG(info.st_mode))
		return open_regular(place, ret_tree);
	if (!S_ISDIR(info.st_mode))
		return sp_error_set(place->err, SP_ERR_GONE,
				    "'%s' is neither a directory, an image nor a disk",
				    place->path);
	r = sp_worker_drop_privileges(place->err);
	return r < 0 ? r : sp_tree_open_dir(place->fd, ret_tree, place->err);
}

/* A drive without a disc says ENOMEDIUM when it is opened. */
static int refuse_open(struct place *place, int sys_errno)
{
	struct sp_filesystem nothing = { .state = SP_MEDIUM_EMPTY };

	if (sys_errno == ENOMEDIUM)
		return refuse_medium(place, &nothing);
	return unreachable(place, sys_errno);
}

/* ---- servers --------------------------------------------------------------------- */

static int open_fetched(struct place *place, const struct sp_location *location,
			const struct sp_tree_url *url, struct sp_tree **ret_tree)
{
	const char *slash = strrchr(location->url, '/');
	int r = sp_tree_url_file(url, sp_limit_payload_bytes, &place->fd, place->err);

	if (r == 0 && sp_location_is_rpm(location))
		r = sp_tree_open_file(place->fd, slash + 1, ret_tree, place->err);
	else if (r == 0)
		r = sp_tree_open_iso(place->fd, ret_tree, place->err);
	sp_closep(&place->fd);
	place->fd = -1;
	return r;
}

static int open_url(struct place *place, const struct sp_location *location,
		    const struct sp_place_how *how, struct sp_tree **ret_tree)
{
	const struct sp_options *options = how->options;
	SP_AUTO(sp_closep) int cache_fd = -1;
	struct sp_tree_url url = {
		.url = location->url,
		.use_up = how->use_up,
		.fetch = { .user = location->user,
			   .password = location->password,
			   .ca_file = options->ca_file,
			   .proxy = options->proxy,
			   .retries = options->retries,
			   .connect_ms = options->stall_s * 1000,
			   .stall_seconds = options->stall_s },
		.progress = how->progress,
		.user = how->user,
	};
	int r = sp_worker_drop_privileges(place->err);

	if (r < 0)
		return r;
	cache_fd = how->download ? open(how->download->cache,
					O_RDONLY | O_DIRECTORY | O_CLOEXEC)
				 : -1;
	if (cache_fd < 0)
		return sp_error_set(place->err, SP_ERR_INTERNAL,
				    "there is no place for what is fetched from '%s'",
				    location->url);
	url.cache_fd = cache_fd;
	if (sp_location_is_image(location) || sp_location_is_rpm(location))
		return open_fetched(place, location, &url, ret_tree);
	return sp_tree_url_open(&url, ret_tree, place->err);
}

/* ---- NFS -------------------------------------------------------------------------- */

/* What of a server's directory is asked for, in the mounted @dir.  No link is followed:
 * the server would choose a file of this machine. */
static int open_exported(struct place *place, const char *dir, const char *name,
			 struct sp_tree **ret_tree)
{
	SP_AUTO(sp_closep) int dir_fd = -1;
	SP_AUTO(sp_closep) int fd = -1;

	sp_stall_begin();
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd >= 0)
		fd = openat(dir_fd, name,
			    O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
	sp_stall_end();
	if (fd < 0)
		return unreachable(place, errno);
	place->fd = fd;
	return open_any(place, ret_tree);
}

/* Directories are what can be mounted: of a file, the one that it lies in. */
static int open_nfs(struct place *place, const struct sp_location *location,
		    struct sp_tree **ret_tree)
{
	bool is_file = sp_location_is_image(location) || sp_location_is_rpm(location);
	const char *name = is_file ? strrchr(location->path, '/') + 1 : ".";
	const char *end = is_file ? name - 1 : location->path + strlen(location->path);
	SP_AUTO(sp_str_freep)
	char *exported = end == location->path ? strdup("/")
					       : strndup(location->path,
							 (size_t)(end - location->path));
	SP_AUTO(sp_str_freep) char *shown = sp_location_display(location);
	const char *dir = mount_point();
	int r;

	if (!exported || !shown)
		return sp_error_nomem(place->err);
	place->path = shown;
	r = sp_media_mount_nfs(location->host, exported, location->port, dir, place->err);
	return r < 0 ? r : open_exported(place, dir, name, ret_tree);
}

int sp_place_open(const struct sp_location *location, const struct sp_place_how *how,
		  struct sp_tree **ret_tree, struct sp_findings *findings,
		  struct sp_error *err)
{
	struct place place = { location->path, -1, findings, err };
	int r;

	if (location->kind == SP_LOCATION_URL)
		return open_url(&place, location, how, ret_tree);
	if (location->kind == SP_LOCATION_NFS)
		return open_nfs(&place, location, ret_tree);
	if (!location->path)
		return sp_error_set(err, SP_ERR_INTERNAL, "a place has no path");
	place.fd = open(location->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (place.fd < 0)
		return refuse_open(&place, errno);
	r = open_any(&place, ret_tree);
	sp_closep(&place.fd);
	return r;
}

/* ---- roots of hosts ---------------------------------------------------------------- */

/* *@ret_dir: where it is mounted now; static.  SP_PLACE_NOTHING. */
static int mount_root(struct place *place, const char **ret_dir)
{
	SP_AUTO(sp_filesystem_done) struct sp_filesystem filesystem = { 0 };
	int r = sp_media_blkid_probe(place->fd, &filesystem, place->err);

	if (r < 0)
		return sp_error_context(place->err, "reading '%s'", place->path);
	if (filesystem.state != SP_MEDIUM_USABLE)
		return refuse_medium(place, &filesystem);
	*ret_dir = mount_point();
	return sp_media_mount(place->path, filesystem.type, *ret_dir, place->err);
}

static int open_root(struct place *place, const char **ret_dir)
{
	struct stat info;

	if (fstat(place->fd, &info) < 0)
		return unreachable(place, errno);
	*ret_dir = place->path;
	if (S_ISDIR(info.st_mode))
		return 0;
	if (S_ISBLK(info.st_mode) || S_ISREG(info.st_mode))
		return mount_root(place, ret_dir);
	return sp_error_set(place->err, SP_ERR_GONE,
			    "'%s' is neither a directory, an image nor a partition",
			    place->path);
}

int sp_place_open_root(const char *path, int *ret_fd, char **ret_dir,
		       struct sp_findings *findings, struct sp_error *err)
{
	struct place place = { path, -1, findings, err };
	const char *dir = NULL;
	SP_AUTO(sp_closep) int device = -1;
	int r;

	place.fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (place.fd < 0)
		return refuse_open(&place, errno);
	device = place.fd;
	r = open_root(&place, &dir);
	if (r != 0)
		return r;
	r = sp_worker_drop_privileges(err);
	if (r < 0)
		return r;
	*ret_dir = strdup(dir);
	if (!*ret_dir)
		return sp_error_nomem(err);
	*ret_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret_fd < 0 ? unreachable(&place, errno) : 0;
}

/* ---- is it still there ------------------------------------------------------------ */

static bool can_read(int fd)
{
	alignas(BLOCK_BYTES) char block[BLOCK_BYTES];

	return pread(fd, block, sizeof block, 0) > 0;
}

int sp_place_hold(const struct sp_location *location)
{
	struct stat info;
	int fd = -1;

	if (location->path)
		fd = open(location->path,
			  O_RDONLY | O_DIRECT | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0 && fstat(fd, &info) == 0 && S_ISBLK(info.st_mode) && can_read(fd))
		return fd;
	sp_closep(&fd);
	return -1;
}

/* File systems do not say it: a directory of vfat or iso9660 that cannot be read is an
 * empty one to them. */
int sp_place_check(int held, const struct sp_location *location, struct sp_error *err)
{
	if (held < 0 || can_read(held))
		return 0;
	return sp_error_set(err, SP_ERR_GONE,
			    "'%s' was taken away while it was read, or has failed",
			    location->path);
}
