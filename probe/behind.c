/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A walk down the real directories of sysfs.  It needs no links back from sys/block, so
 * that it works in a recorded tree of either kind (docs in probe/README.md). */
#include "probe/behind.h"

#include "probe/root.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_DEPTH = 16, MAX_DIRS = 4096 };

struct search {
	const char *bus;
	struct sp_strv *interfaces, *disks;
	size_t dirs;
};

/* Directories that hold nothing of interest, on every device. */
static const char *const dull[] = {
	"power", "msi_irqs", "link", "statistics", "trace", "queue", "mq",
};

static bool is_dull(const char *name)
{
	for (size_t i = 0; i < sizeof dull / sizeof *dull; i++)
		if (strcmp(name, dull[i]) == 0)
			return true;
	return sp_text_starts_with(name, "ep_");
}

/* "0000:04:00.0", and longer domains */
static bool is_pci_address(const char *name)
{
	size_t digits = strspn(name, "0123456789abcdef");
	const char *rest = name + digits;

	return digits >= 4 && strlen(rest) == 8 && rest[0] == ':' && rest[3] == ':' &&
	       rest[6] == '.' && isxdigit((unsigned char)rest[1]) &&
	       isxdigit((unsigned char)rest[2]) && isxdigit((unsigned char)rest[4]) &&
	       isxdigit((unsigned char)rest[5]) && isdigit((unsigned char)rest[7]);
}

char *sp_behind_disk_name(const char *name)
{
	size_t subsystem, path;

	if (!sp_text_starts_with(name, "nvme"))
		return strdup(name);
	subsystem = 4 + strspn(name + 4, "0123456789");
	if (name[subsystem] != 'c')
		return strdup(name);
	path = 1 + strspn(name + subsystem + 1, "0123456789");
	return sp_text_format("%.*s%s", (int)subsystem, name, name + subsystem + path);
}

static int add_disk(struct search *search, const char *name, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *disk = sp_behind_disk_name(name);

	if (!disk)
		return sp_error_nomem(err);
	return sp_strv_has(search->disks, disk) ? 0
						: sp_strv_add(search->disks, disk, err);
}

static int look_below(struct search *search, int fd, const char *name, int depth,
		      struct sp_error *err);

/* @parent is the name of the directory @name stands in: in a tree that lacks the
 * subsystem links, "block" and "net" say as much. */
static int look_at(struct search *search, int dirfd, const char *parent, const char *name,
		   int depth, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	SP_AUTO(sp_str_freep) char *subsystem = NULL;
	const char *kind = parent;

	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (sp_root_link_name_at(fd, "subsystem", &subsystem, err) < 0)
		return -SP_ERR_NOMEM;
	if (subsystem)
		kind = subsystem;
	if (strcmp(kind, "block") == 0)
		return add_disk(search, name, err);
	if (strcmp(kind, "net") == 0)
		return sp_strv_add(search->interfaces, name, err);
	if (is_pci_address(name) || strcmp(kind, search->bus) == 0)
		return 0;
	return look_below(search, fd, name, depth + 1, err);
}

static void closedirp(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static bool is_real_dir(int fd, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_name[0] == '.' || is_dull(entry->d_name))
		return false;
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

static int look_below(struct search *search, int fd, const char *name, int depth,
		      struct sp_error *err)
{
	SP_AUTO(closedirp) DIR *dir = NULL;
	const struct dirent *entry;
	int own, r = 0;

	if (depth > MAX_DEPTH || ++search->dirs > MAX_DIRS)
		return 0;
	own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = own < 0 ? NULL : fdopendir(own);
	if (!dir) {
		sp_closep(&own);
		return 0;
	}
	while (r == 0 && (entry = readdir(dir)))
		if (is_real_dir(fd, entry))
			r = look_at(search, fd, name, entry->d_name, depth, err);
	return r;
}

int sp_behind_read(int device_fd, const char *bus, struct sp_strv *interfaces,
		   struct sp_strv *disks, struct sp_error *err)
{
	struct search search = { .bus = bus, .interfaces = interfaces, .disks = disks };
	int r = look_below(&search, device_fd, "", 0, err);

	sp_strv_sort(interfaces);
	sp_strv_sort(disks);
	return r;
}
