/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libblkid's only home.  It is asked about the file systems named here and no others,
 * with the prober that notices when two of them lay claim to the same bytes; partition
 * tables are the kernel's business. */
#include "probe/media.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <blkid.h>

/* libblkid wants its names in one writable array. */
// clang-format off
static const struct {
	const char *type;
	bool usable;
} types[] = {
	{ "iso9660", true }, { "udf", true }, { "vfat", true },
	{ "ext2", true }, { "ext3", true }, { "ext4", true },
	{ "squashfs", false }, { "xfs", false }, { "ntfs", false },
	{ "exfat", false }, { "btrfs", false }, { "f2fs", false },
};
// clang-format on

enum { N_TYPES = sizeof types / sizeof *types };

static void probe_freep(blkid_probe *probe)
{
	if (*probe)
		blkid_free_probe(*probe);
}

static int prepare(blkid_probe probe, int fd, struct sp_error *err)
{
	char *names[N_TYPES + 1] = { 0 };

	for (size_t i = 0; i < N_TYPES; i++)
		names[i] = (char *)(uintptr_t)types[i].type;
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

static bool is_usable(const char *type)
{
	for (size_t i = 0; i < N_TYPES; i++)
		if (strcmp(types[i].type, type) == 0)
			return types[i].usable;
	return false;
}

static int take_result(blkid_probe probe, struct sp_filesystem *filesystem,
		       struct sp_error *err)
{
	int r = take_value(probe, "TYPE", &filesystem->type, err);

	if (r == 0)
		r = take_value(probe, "LABEL", &filesystem->label, err);
	if (r == 0)
		r = take_value(probe, "UUID", &filesystem->uuid, err);
	if (r < 0) {
		sp_filesystem_done(filesystem);
		return r;
	}
	filesystem->state = !filesystem->type             ? SP_MEDIUM_BLANK
			    : is_usable(filesystem->type) ? SP_MEDIUM_USABLE
							  : SP_MEDIUM_UNSUPPORTED;
	return 0;
}

int sp_media_blkid_probe(int fd, struct sp_filesystem *ret_filesystem,
			 struct sp_error *err)
{
	SP_AUTO(probe_freep) blkid_probe probe = blkid_new_probe();
	int r = probe ? prepare(probe, fd, err) : sp_error_nomem(err);

	if (r < 0)
		return r;
	errno = 0;
	switch (blkid_do_safeprobe(probe)) {
	case 0:
		return take_result(probe, ret_filesystem, err);
	case 1:
		ret_filesystem->state = SP_MEDIUM_BLANK;
		return 0;
	case -2:
		ret_filesystem->state = SP_MEDIUM_AMBIGUOUS;
		return 0;
	default:
		return sp_error_set_errno(err, errno ? errno : EIO, "reading");
	}
}
