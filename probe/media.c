/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of media, from sysfs alone: nothing is opened here, because opening a drive
 * can take half a minute. */
#include "probe/media.h"

#include "base/array.h"
#include "probe/model.h"
#include "probe/root.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

enum {
	MAX_MEDIA = 256,
	SECTOR_BYTES = 512,
	MIN_BYTES = 4096,             /* an extended partition has two sectors */
	UNREAD_CD_SECTORS = 0x1fffff, /* of a CD drive nobody has opened yet */
};

/* Kinds of block devices no medium is one of. */
static const char *const skipped[] = {
	"loop", "ram", "zram", "dm-", "md", "fd", "nbd", "rbd", "drbd", "mtdblock",
};

void sp_filesystem_done(struct sp_filesystem *filesystem)
{
	free(filesystem->type);
	free(filesystem->label);
	free(filesystem->uuid);
	*filesystem = (struct sp_filesystem){ 0 };
}

static void medium_done(struct sp_medium *medium)
{
	free(medium->name);
	free(medium->path);
	free(medium->disk);
	free(medium->model);
	sp_filesystem_done(&medium->filesystem);
	*medium = (struct sp_medium){ 0 };
}

void sp_media_done(struct sp_media *media)
{
	for (size_t i = 0; i < media->n; i++)
		medium_done(&media->items[i]);
	free(media->items);
	*media = (struct sp_media){ 0 };
}

/* ---- one device ------------------------------------------------------------ */

static bool is_skipped(const char *name)
{
	for (size_t i = 0; i < sizeof skipped / sizeof *skipped; i++)
		if (sp_text_starts_with(name, skipped[i]))
			return true;
	return false;
}

/* Reads a decimal attribute; @ret_value is untouched if there is none. */
static int read_number(int dirfd, const char *name, uint64_t *ret_value,
		       struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *line = NULL;
	unsigned long long value;
	char *end;
	int r = sp_root_read_line_at(dirfd, name, &line, err);

	if (r != 0)
		return r < 0 ? r : 0;
	errno = 0;
	value = strtoull(line, &end, 10);
	if (isdigit((unsigned char)line[0]) && !*end && errno == 0)
		*ret_value = value;
	return 0;
}

/* "8:16" */
static int read_device_number(int dirfd, dev_t *ret_number, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *line = NULL;
	unsigned long major_number, minor_number;
	char *end;
	int r = sp_root_read_line_at(dirfd, "dev", &line, err);

	if (r != 0)
		return r < 0 ? r : 0;
	major_number = strtoul(line, &end, 10);
	if (*end != ':')
		return 0;
	minor_number = strtoul(end + 1, NULL, 10);
	*ret_number = makedev((unsigned)major_number, (unsigned)minor_number);
	return 0;
}

static int read_size(int dirfd, struct sp_medium *medium, struct sp_error *err)
{
	uint64_t sectors = 0;
	int r = read_number(dirfd, "size", &sectors, err);

	if (r < 0)
		return r;
	if (medium->is_cdrom && sectors == UNREAD_CD_SECTORS)
		return 0;
	if (sectors > UINT64_MAX / SECTOR_BYTES || sectors * SECTOR_BYTES < MIN_BYTES)
		return SP_ROOT_ABSENT;
	medium->size_bytes = sectors * SECTOR_BYTES;
	return 0;
}

/* "cciss!c0d0" of sysfs is "cciss/c0d0" in /dev. */
static int set_names(struct sp_medium *medium, const char *disk, const char *name,
		     struct sp_error *err)
{
	medium->name = strdup(name);
	medium->disk = strdup(disk);
	medium->path = sp_text_format("/dev/%s", name);
	if (!medium->name || !medium->disk || !medium->path)
		return sp_error_nomem(err);
	for (char *at = medium->path; (at = strchr(at, '!'));)
		*at = '/';
	return 0;
}

/* Outcome SP_ROOT_ABSENT: it has no size, or has gone. */
static int read_medium(int dirfd, const char *disk, const char *name,
		       struct sp_medium *medium, struct sp_error *err)
{
	int r = set_names(medium, disk, name, err);

	medium->is_cdrom =
		sp_text_starts_with(name, "sr") || sp_text_starts_with(name, "xvd-cd");
	if (r == 0)
		r = read_device_number(dirfd, &medium->number, err);
	if (r == 0)
		r = read_size(dirfd, medium, err);
	return r;
}

/* ---- a disk and its partitions --------------------------------------------- */

static int read_model(const struct sp_root *root, const char *disk, char **ret_model,
		      struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *dir = sp_text_format("sys/block/%s/device", disk);

	return dir ? sp_model_read(root, dir, ret_model, err) : sp_error_nomem(err);
}

static int add_partition(int dirfd, const struct sp_medium *disk, const char *name,
			 struct sp_medium *medium, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	uint64_t partition = 0;
	int r;

	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return SP_ROOT_ABSENT;
	r = read_number(fd, "partition", &partition, err);
	if (r == 0 && (partition == 0 || partition > INT32_MAX))
		return SP_ROOT_ABSENT;
	if (r == 0)
		r = read_medium(fd, disk->name, name, medium, err);
	medium->partition = (unsigned)partition;
	medium->removable = disk->removable;
	medium->is_cdrom = disk->is_cdrom;
	if (r == 0 && disk->model) {
		medium->model = strdup(disk->model);
		r = medium->model ? 0 : sp_error_nomem(err);
	}
	return r;
}

/* Adds a medium that @r says is complete; drops it if it has gone. */
static int settle(struct sp_media *media, int r)
{
	if (r != 0)
		medium_done(&media->items[--media->n]);
	return r < 0 ? r : 0;
}

static int add_partitions(int dirfd, struct sp_media *media, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	size_t disk = media->n - 1;
	int r = sp_root_list_at(dirfd, &names, err);

	for (size_t i = 0; r == 0 && i < names.n && media->n < MAX_MEDIA; i++) {
		struct sp_medium *medium;

		if (!sp_text_starts_with(names.items[i], media->items[disk].name))
			continue;
		medium = sp_array_add(&media->items, &media->n);
		if (!medium)
			return sp_error_nomem(err);
		r = settle(media, add_partition(dirfd, &media->items[disk],
						names.items[i], medium, err));
	}
	media->items[disk].partitions = (unsigned)(media->n - 1 - disk);
	return r < 0 ? r : 0;
}

static int read_disk(const struct sp_root *root, int dirfd, const char *name,
		     struct sp_medium *medium, struct sp_error *err)
{
	uint64_t removable = 0, hidden = 0;
	int r = read_number(dirfd, "hidden", &hidden, err);

	if (r == 0 && hidden)
		return SP_ROOT_ABSENT;
	if (r == 0)
		r = read_medium(dirfd, name, name, medium, err);
	if (r == 0)
		r = read_number(dirfd, "removable", &removable, err);
	medium->removable = removable != 0;
	if (r == 0)
		r = read_model(root, name, &medium->model, err);
	return r;
}

static int add_disk(const struct sp_root *root, const char *name, struct sp_media *media,
		    struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = sp_text_format("sys/block/%s", name);
	SP_AUTO(sp_closep) int fd = -1;
	size_t before = media->n;
	int r;

	if (!path)
		return sp_error_nomem(err);
	r = sp_root_open(root, path, O_RDONLY | O_DIRECTORY, &fd, err);
	if (r != 0)
		return r < 0 ? r : 0;
	if (!sp_array_add(&media->items, &media->n))
		return sp_error_nomem(err);
	r = settle(media, read_disk(root, fd, name, &media->items[before], err));
	if (r < 0 || media->n == before)
		return r;
	return add_partitions(fd, media, err);
}

/* ---- the list -------------------------------------------------------------- */

static int weight_of(const struct sp_medium *medium)
{
	return medium->is_cdrom ? 0 : medium->removable ? 1 : 2;
}

/* "sdb" before "sdaa", "sdb2" before "sdb10". */
static int compare_media(const void *a, const void *b)
{
	const struct sp_medium *left = a, *right = b;
	size_t len = strlen(left->disk), other = strlen(right->disk);
	int r = weight_of(left) - weight_of(right);

	if (r != 0)
		return r;
	if (len != other)
		return len < other ? -1 : 1;
	r = strcmp(left->disk, right->disk);
	if (r != 0)
		return r;
	return (left->partition > right->partition) -
	       (left->partition < right->partition);
}

int sp_media_list(const struct sp_root *root, struct sp_media *media,
		  struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	int r = sp_root_list(root, "sys/block", &names, err);

	for (size_t i = 0; r == 0 && i < names.n && media->n < MAX_MEDIA; i++)
		if (!is_skipped(names.items[i]))
			r = add_disk(root, names.items[i], media, err);
	if (r < 0) {
		sp_media_done(media);
		return sp_error_context(err, "listing the media");
	}
	if (media->n > 1)
		qsort(media->items, media->n, sizeof *media->items, compare_media);
	return 0;
}

const struct sp_medium *sp_media_find(const struct sp_media *media, const char *path)
{
	for (size_t i = 0; i < media->n; i++)
		if (strcmp(media->items[i].path, path) == 0)
			return &media->items[i];
	return NULL;
}
