/* SPDX-License-Identifier: GPL-2.0-or-later */

/* sysfs knows a partition by its place below its disk, whatever either is called. */

#include "probe/disk_name.h"

#include <ctype.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "probe/behind.h"
#include "probe/root.h"

enum { DEPTH_MAX = 4 };

static int add_at(const struct sp_root *root, const char *path, unsigned depth,
		  struct sp_strv *disks, struct sp_error *err);

/* What a device-mapper device is made of. */
static int add_slaves(const struct sp_root *root, const char *disk, unsigned depth,
		      struct sp_strv *disks, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	SP_AUTO(sp_str_freep) char *path = sp_text_format("%s/slaves", disk);
	int r = path ? sp_root_list(root, path, &names, err) : sp_error_nomem(err);

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		SP_AUTO(sp_str_freep)
		char *slave = sp_text_format("sys/class/block/%s", names.items[i]);

		r = slave ? add_at(root, slave, depth + 1, disks, err)
			  : sp_error_nomem(err);
	}
	return r < 0 ? r : names.n > 0;
}

/* "sda/sda3", "nvme0n1/nvme0n1p3": cuts the partition off.  "nvme0/nvme0n1" is none. */
static void cut_partition(char *path)
{
	char *name = strrchr(path, '/'), *above;
	const char *rest;
	size_t len;

	*name = '\0';
	above = strrchr(path, '/');
	len = above ? strlen(above + 1) : 0;
	*name = '/';
	if (!len || strncmp(name + 1, above + 1, len) != 0)
		return;
	rest = name + 1 + len;
	rest += *rest == 'p';
	if (*rest && !rest[strspn(rest, "0123456789")])
		*name = '\0';
}

static int add_at(const struct sp_root *root, const char *path, unsigned depth,
		  struct sp_strv *disks, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *real = NULL;
	SP_AUTO(sp_str_freep) char *disk = NULL;
	int r = sp_root_resolve(root, path, &real, err);

	if (r != 0)
		return r < 0 ? r : 0;
	/* A link that is not there resolves to itself. */
	if (depth > DEPTH_MAX || !sp_text_starts_with(real, "sys/devices/"))
		return 0;
	cut_partition(real);
	r = add_slaves(root, real, depth, disks, err);
	if (r != 0)
		return r < 0 ? r : 0;
	disk = sp_behind_disk_name(strrchr(real, '/') + 1);
	if (!disk)
		return sp_error_nomem(err);
	return sp_strv_has(disks, disk) ? 0 : sp_strv_add(disks, disk, err);
}

/* "sda3" -> "sda", "nvme0n1p3" -> "nvme0n1" */
static char *without_partition(const char *name)
{
	size_t len = strlen(name);

	while (len && isdigit((unsigned char)name[len - 1]))
		len--;
	if (len > 1 && name[len - 1] == 'p' && isdigit((unsigned char)name[len - 2]))
		len--;
	return strndup(name, len);
}

/* A recorded machine has its whole disks only. */
static int add_recorded(const struct sp_root *root, const char *name,
			struct sp_strv *disks, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *disk = without_partition(name);
	SP_AUTO(sp_str_freep) char *whole = sp_text_format("sys/block/%s", name);
	SP_AUTO(sp_str_freep) char *other = NULL;
	size_t before = disks->n;
	int r = disk && whole ? add_at(root, whole, 0, disks, err) : sp_error_nomem(err);

	if (r < 0 || disks->n > before)
		return r;
	other = sp_text_format("sys/block/%s", disk);
	return other ? add_at(root, other, 0, disks, err) : sp_error_nomem(err);
}

int sp_disk_name_resolve(const struct sp_root *root, const char *name,
			 struct sp_strv *disks, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *link = sp_text_format("dev/%s", name);
	SP_AUTO(sp_str_freep) char *node = NULL;
	SP_AUTO(sp_str_freep) char *path = NULL;
	size_t before = disks->n;
	int r = link ? sp_root_link_name(root, link, &node, err) : sp_error_nomem(err);

	if (r < 0)
		return r;
	/* No link: the kernel's own name, or nobody's. */
	if (r == SP_ROOT_ABSENT && strchr(name, '/'))
		return 0;
	path = sp_text_format("sys/class/block/%s", node ? node : name);
	r = path ? add_at(root, path, 0, disks, err) : sp_error_nomem(err);
	return r < 0 || disks->n > before
		       ? r
		       : add_recorded(root, node ? node : name, disks, err);
}

int sp_disk_name_of_number(const struct sp_root *root, dev_t number,
			   struct sp_strv *disks, struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *path = sp_text_format("sys/dev/block/%u:%u", major(number), minor(number));

	return path ? add_at(root, path, 0, disks, err) : sp_error_nomem(err);
}
