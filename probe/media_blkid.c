/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libblkid's only home.  It is asked about the file systems named here and no others,
 * with the prober that notices when two of them lay claim to the same bytes; partition
 * tables are the kernel's business. */
#include "probe/media.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <blkid.h>

/* Of one family only one can be there, or both belong together: a UDF disc is an ISO
 * 9660 disc as well, by intention. */
// clang-format off
static const struct {
	const char *type;
	bool usable;
	int family;
} types[] = {
	{ "iso9660", true, 1 }, { "udf", true, 1 }, { "vfat", true, 2 },
	{ "ext2", true, 3 }, { "ext3", true, 3 }, { "ext4", true, 3 },
	{ "squashfs", false, 4 }, { "xfs", false, 5 }, { "ntfs", false, 6 },
	{ "exfat", false, 7 }, { "btrfs", false, 8 }, { "f2fs", false, 9 },
};
// clang-format on

enum { N_TYPES = sizeof types / sizeof *types };

static size_t index_of(const char *type)
{
	size_t i = 0;

	while (i < N_TYPES && strcmp(types[i].type, type) != 0)
		i++;
	return i;
}

static void probe_freep(blkid_probe *probe)
{
	if (*probe)
		blkid_free_probe(*probe);
}

/* Sets @probe to look for all types but those of @family (0: all). */
static int prepare(blkid_probe probe, int fd, int family, struct sp_error *err)
{
	char *names[N_TYPES + 1] = { 0 }; /* libblkid wants them writable */
	size_t n = 0;

	for (size_t i = 0; i < N_TYPES; i++)
		if (types[i].family != family)
			names[n++] = (char *)(uintptr_t)types[i].type;
	errno = 0;
	if (blkid_probe_set_device(probe, fd, 0, 0) < 0)
		return sp_error_set_errno(err, errno ? errno : EIO, "reading");
	if (blkid_probe_enable_superblocks(probe, 1) < 0 ||
	    blkid_probe_enable_partitions(probe, 0) < 0 ||
	    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE |
							     BLKID_SUBLKS_LABEL |
							     BLKID_SUBLKS_UUID) < 0 ||
	    blkid_probe_filter_superblocks_type(probe, BLKID_FLTR_ONLYIN, names) < 0)
		return sp_error_set(err, SP_ERR_INTERNAL,
				    "the file system prober cannot be set up");
	return 0;
}

/* Copies value @key, cleaned; no value, or an empty one, is NULL. */
static int take_value(blkid_probe probe, const char *key, char **ret_value,
		      struct sp_error *err)
{
	char cleaned[SP_TEXT_MAX];
	const char *value = NULL;
	size_t size = 0;

	if (blkid_probe_lookup_value(probe, key, &value, &size) < 0 || !value)
		return 0;
	sp_text_clean(value, strnlen(value, size), cleaned, sizeof cleaned);
	if (!cleaned[0])
		return 0;
	*ret_value = strdup(cleaned);
	return *ret_value ? 0 : sp_error_nomem(err);
}

static int take_result(blkid_probe probe, struct sp_filesystem *filesystem,
		       struct sp_error *err)
{
	size_t i;
	int r = take_value(probe, "TYPE", &filesystem->type, err);

	if (r == 0)
		r = take_value(probe, "LABEL", &filesystem->label, err);
	if (r == 0)
		r = take_value(probe, "UUID", &filesystem->uuid, err);
	if (r < 0)
		return r;
	i = filesystem->type ? index_of(filesystem->type) : N_TYPES;
	if (i == N_TYPES)
		sp_filesystem_done(filesystem);
	filesystem->state = i == N_TYPES      ? SP_MEDIUM_BLANK
			    : types[i].usable ? SP_MEDIUM_USABLE
					      : SP_MEDIUM_UNSUPPORTED;
	return 0;
}

/* One look, at all types but those of @family. */
static int look(int fd, int family, struct sp_filesystem *filesystem,
		struct sp_error *err)
{
	SP_AUTO(probe_freep) blkid_probe probe = blkid_new_probe();
	int r = probe ? prepare(probe, fd, family, err) : sp_error_nomem(err);

	if (r < 0)
		return r;
	errno = 0;
	switch (blkid_do_safeprobe(probe)) {
	case 0:
		return take_result(probe, filesystem, err);
	case 1:
		filesystem->state = SP_MEDIUM_BLANK;
		return 0;
	case -2:
		filesystem->state = SP_MEDIUM_AMBIGUOUS;
		return 0;
	default:
		return sp_error_set_errno(err, errno ? errno : EIO, "reading");
	}
}

int sp_media_blkid_probe(int fd, struct sp_filesystem *ret_filesystem,
			 struct sp_error *err)
{
	SP_AUTO(sp_filesystem_done) struct sp_filesystem first = { 0 };
	SP_AUTO(sp_filesystem_done) struct sp_filesystem second = { 0 };
	int r = look(fd, 0, &first, err);

	/* On a medium of up to 1440 KiB libblkid 2.38 takes the first file system it
	 * meets and does not look for another. */
	if (r == 0 && first.type)
		r = look(fd, types[index_of(first.type)].family, &second, err);
	if (r < 0)
		return r;
	if (first.type && second.state != SP_MEDIUM_BLANK) {
		sp_filesystem_done(&first);
		first.state = SP_MEDIUM_AMBIGUOUS;
	}
	*ret_filesystem = first;
	first = (struct sp_filesystem){ 0 };
	return 0;
}
