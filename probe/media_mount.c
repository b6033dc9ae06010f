/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libmount's only home.  Flags are given as numbers and helpers are off, so that no
 * fstab, no configuration and no program of this system has a say in how an opponent's
 * file system is mounted. */
#include "probe/media.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/utsname.h>

#include <libmount.h>

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256 /* Linux 5.10 */
#endif

/* What each is mounted as: a disc with both file systems is UDF to the prober, and the
 * kernel of an installer need not have that. */
// clang-format off
static const struct {
	const char *type;
	const char *mounted_as;
	const char *options; /* beyond ro,nosuid,nodev,noexec */
} ways[] = {
	{ "iso9660", "iso9660", NULL },
	{ "udf", "udf", NULL },
	{ "udf", "iso9660", NULL },
	{ "vfat", "vfat", NULL },
	{ "ext2", "ext2", NULL }, { "ext2", "ext4", "noload" },
	{ "ext3", "ext3", "noload" }, { "ext3", "ext4", "noload" },
	{ "ext4", "ext4", "noload" },
};
// clang-format on

static void context_freep(struct libmnt_context **context)
{
	if (*context)
		mnt_free_context(*context);
}

static unsigned long flags_of_this_kernel(void)
{
	unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
	unsigned major = 0, minor = 0;
	struct utsname name;

	if (uname(&name) == 0 && sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	    (major > 5 || (major == 5 && minor >= 10)))
		flags |= MS_NOSYMFOLLOW;
	return flags;
}

/* 0 or the errno of what failed. */
static int mount_as(const char *device, const char *dir, size_t way)
{
	SP_AUTO(context_freep) struct libmnt_context *context = mnt_new_context();
	int r;

	if (!context)
		return ENOMEM;
	if (mnt_context_disable_helpers(context, 1) < 0 ||
	    mnt_context_disable_mtab(context, 1) < 0 ||
	    mnt_context_disable_canonicalize(context, 1) < 0 ||
	    mnt_context_set_optsmode(context, MNT_OMODE_NOTAB) < 0 ||
	    mnt_context_set_source(context, device) < 0 ||
	    mnt_context_set_target(context, dir) < 0 ||
	    mnt_context_set_fstype(context, ways[way].mounted_as) < 0 ||
	    mnt_context_set_options(context, ways[way].options) < 0 ||
	    mnt_context_set_mflags(context, flags_of_this_kernel()) < 0)
		return ENOMEM;
	r = mnt_context_mount(context);
	if (r == 0)
		return 0;
	if (mnt_context_syscall_called(context))
		return mnt_context_get_syscall_errno(context);
	return r < 0 ? -r : EINVAL;
}

int sp_media_mount(const char *device, const char *type, const char *dir,
		   struct sp_error *err)
{
	int sys_errno = -1;

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		int r;

		if (strcmp(ways[i].type, type) != 0)
			continue;
		r = mount_as(device, dir, i);
		if (r == 0)
			return 0;
		/* The second way is worth a word only if the first one was not there. */
		if (sys_errno < 0 || sys_errno == ENODEV)
			sys_errno = r;
	}
	if (sys_errno < 0)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "'%s' has file system '%s', which is never mounted",
				    device, type);
	return sp_error_set_errno(err, sys_errno, "mounting '%s' (%s)", device, type);
}

int sp_media_unmount(const char *dir, struct sp_error *err)
{
	if (umount2(dir, UMOUNT_NOFOLLOW) == 0)
		return 0;
	if (umount2(dir, UMOUNT_NOFOLLOW | MNT_DETACH) == 0)
		return 0;
	return sp_error_set_errno(err, errno, "taking '%s' off", dir);
}
