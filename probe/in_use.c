/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking a driver away from under a mounted disk or the interface that carries the
 * installation ends the installation: so whoever replaces a driver asks here first. */
#include "probe/in_use.h"

#include "probe/behind.h"
#include "probe/root.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_MAX_BYTES = 4 * 1024 * 1024, UP = 1 /* IFF_UP */ };

SP_PRINTF(3, 4)
static int add_user(struct sp_strv *users, struct sp_error *err, const char *fmt, ...)
{
	char text[SP_TEXT_MAX], clean[SP_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	sp_text_clean(text, strlen(text), clean, sizeof clean);
	return sp_strv_has(users, clean) ? 0 : sp_strv_add(users, clean, err);
}

/* ---- interfaces -------------------------------------------------------------- */

static int check_interface(const struct sp_root *root, const char *name,
			   struct sp_strv *users, struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *flags_path = sp_text_format("sys/class/net/%s/flags", name);
	SP_AUTO(sp_str_freep)
	char *master_path = sp_text_format("sys/class/net/%s/master", name);
	SP_AUTO(sp_str_freep) char *flags = NULL;
	SP_AUTO(sp_str_freep) char *master = NULL;
	int r;

	if (!flags_path || !master_path)
		return sp_error_nomem(err);
	r = sp_root_read_line(root, flags_path, &flags, err);
	if (r == 0 && (strtoul(flags, NULL, 16) & UP))
		r = add_user(users, err, "interface '%s' is up", name);
	if (r < 0)
		return r;
	r = sp_root_link_name(root, master_path, &master, err);
	if (r == 0)
		r = add_user(users, err, "interface '%s' is part of '%s'", name, master);
	return r < 0 ? r : 0;
}

/* ---- disks ------------------------------------------------------------------- */

/* What the kernel's tables may call a disk or one of its partitions. */
struct block_device {
	const char *name; /* "sda1" */
	char *number;     /* "8:1"; NULL: not known */
};

static bool is_device_path(const char *path, size_t len, const char *name)
{
	const size_t prefix = strlen("/dev/");

	return len == prefix + strlen(name) && memcmp(path, "/dev/", prefix) == 0 &&
	       memcmp(path + prefix, name, strlen(name)) == 0;
}

static const char *skip_word(const char *at)
{
	at += strcspn(at, " \t\n");
	return at + strspn(at, " \t");
}

/* A line of mountinfo: "36 35 8:1 / /mnt rw - ext4 /dev/sda1 rw". */
static int check_mount(const char *line, const struct block_device *device,
		       struct sp_strv *users, struct sp_error *err)
{
	const char *number = skip_word(skip_word(line));
	const char *point = skip_word(skip_word(number));
	const char *source = strstr(point, " - ");
	size_t number_len = strcspn(number, " \n");
	bool is_it = device->number && strlen(device->number) == number_len &&
		     memcmp(number, device->number, number_len) == 0;

	source = source ? skip_word(source + strlen(" - ")) : "";
	if (!is_it && !is_device_path(source, strcspn(source, " \n"), device->name))
		return 0;
	return add_user(users, err, "disk '%s' is mounted on '%.*s'", device->name,
			(int)strcspn(point, " \n"), point);
}

/* A line of swaps: "/dev/sda2 partition 1023 0 -2". */
static int check_swap(const char *line, const struct block_device *device,
		      struct sp_strv *users, struct sp_error *err)
{
	if (!is_device_path(line, strcspn(line, " \t\n"), device->name))
		return 0;
	return add_user(users, err, "disk '%s' is used for swapping", device->name);
}

typedef int (*line_fn)(const char *line, const struct block_device *device,
		       struct sp_strv *users, struct sp_error *err);

static int check_table(const struct sp_root *root, const char *path, line_fn check,
		       const struct block_device *device, struct sp_strv *users,
		       struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *table = NULL;
	size_t len;
	int r = sp_root_load(root, path, TABLE_MAX_BYTES, &table, &len, err);

	if (r != 0)
		return r < 0 ? r : 0;
	for (char *line = table, *end; *line && r == 0; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		r = check(line, device, users, err);
	}
	return r;
}

static int check_holders(const struct sp_root *root, const char *dir, const char *name,
			 struct sp_strv *users, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv holders = { 0 };
	SP_AUTO(sp_str_freep) char *path = sp_text_format("%s/holders", dir);
	int r;

	if (!path)
		return sp_error_nomem(err);
	r = sp_root_list(root, path, &holders, err);
	for (size_t i = 0; r == 0 && i < holders.n; i++)
		r = add_user(users, err, "disk '%s' is part of '%s'", name,
			     holders.items[i]);
	return r < 0 ? r : 0;
}

/* @dir is its directory in sysfs. */
static int check_block(const struct sp_root *root, const char *dir, const char *name,
		       struct sp_strv *users, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = sp_text_format("%s/dev", dir);
	SP_AUTO(sp_str_freep) char *number = NULL;
	struct block_device device = { .name = name };
	int r;

	if (!path)
		return sp_error_nomem(err);
	r = sp_root_read_line(root, path, &number, err);
	device.number = number;
	if (r >= 0)
		r = check_table(root, "proc/self/mountinfo", check_mount, &device, users,
				err);
	if (r == 0)
		r = check_table(root, "proc/swaps", check_swap, &device, users, err);
	if (r == 0)
		r = check_holders(root, dir, name, users, err);
	return r;
}

static int check_disk(const struct sp_root *root, const char *name, struct sp_strv *users,
		      struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv parts = { 0 };
	SP_AUTO(sp_str_freep) char *dir = sp_text_format("sys/block/%s", name);
	int r;

	if (!dir)
		return sp_error_nomem(err);
	r = check_block(root, dir, name, users, err);
	if (r == 0)
		r = sp_root_list(root, dir, &parts, err);
	for (size_t i = 0; r == 0 && i < parts.n; i++) {
		SP_AUTO(sp_str_freep)
		char *part = sp_text_format("%s/%s", dir, parts.items[i]);

		if (!part)
			return sp_error_nomem(err);
		if (sp_text_starts_with(parts.items[i], name))
			r = check_block(root, part, parts.items[i], users, err);
	}
	return r < 0 ? r : 0;
}

/* ---- devices and modules ------------------------------------------------------ */

static int check_device(const struct sp_root *root, const char *bus, const char *address,
			struct sp_strv *users, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv interfaces = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv disks = { 0 };
	SP_AUTO(sp_closep) int fd = -1;
	SP_AUTO(sp_str_freep)
	char *path = sp_text_format("sys/bus/%s/devices/%s", bus, address);
	int r;

	if (!path)
		return sp_error_nomem(err);
	r = sp_root_open(root, path, O_RDONLY | O_DIRECTORY, &fd, err);
	if (r != 0)
		return r < 0 ? r : 0;
	r = sp_behind_read(fd, bus, &interfaces, &disks, err);
	for (size_t i = 0; r == 0 && i < interfaces.n; i++)
		r = check_interface(root, interfaces.items[i], users, err);
	for (size_t i = 0; r == 0 && i < disks.n; i++)
		r = check_disk(root, disks.items[i], users, err);
	return r;
}

int sp_in_use_device(const struct sp_root *root, const char *address,
		     struct sp_strv *users, struct sp_error *err)
{
	return check_device(root, "pci", address, users, err);
}

/* @name is "bus:driver", as in sys/module/<module>/drivers. */
static int check_driver(const struct sp_root *root, const char *name,
			struct sp_strv *users, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv devices = { 0 };
	SP_AUTO(sp_str_freep) char *bus = strndup(name, strcspn(name, ":"));
	SP_AUTO(sp_str_freep) char *path = NULL;
	int r;

	if (!strchr(name, ':'))
		return 0;
	path = bus ? sp_text_format("sys/bus/%s/drivers/%s", bus, strchr(name, ':') + 1)
		   : NULL;
	if (!path)
		return sp_error_nomem(err);
	r = sp_root_list(root, path, &devices, err);
	for (size_t i = 0; r == 0 && i < devices.n; i++)
		r = check_device(root, bus, devices.items[i], users, err);
	return r < 0 ? r : 0;
}

int sp_in_use_module(const struct sp_root *root, const char *name, struct sp_strv *users,
		     struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv holders = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv drivers = { 0 };
	SP_AUTO(sp_str_freep)
	char *holders_path = sp_text_format("sys/module/%s/holders", name);
	SP_AUTO(sp_str_freep)
	char *drivers_path = sp_text_format("sys/module/%s/drivers", name);
	int r;

	if (!holders_path || !drivers_path)
		return sp_error_nomem(err);
	r = sp_root_list(root, holders_path, &holders, err);
	for (size_t i = 0; r == 0 && i < holders.n; i++)
		r = add_user(users, err, "module '%s' needs it", holders.items[i]);
	if (r >= 0)
		r = sp_root_list(root, drivers_path, &drivers, err);
	for (size_t i = 0; r == 0 && i < drivers.n; i++)
		r = check_driver(root, drivers.items[i], users, err);
	return r < 0 ? r : 0;
}
