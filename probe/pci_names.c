/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One pass over pci.ids, stopping at the vendors this machine has: the file has 38,000
 * lines, of which a machine needs thirty. */
#include "probe/pci_names.h"

#include "probe/device.h"
#include "probe/root.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_BYTES = 16 * 1024 * 1024 };

static const char *const places[] = {
	"usr/share/hwdata/pci.ids",
	"usr/share/misc/pci.ids",
};

/* The devices that want a name, by vendor and device. */
struct wanted {
	struct sp_device **items;
	size_t n;
	/* The vendor whose lines are being read, its name, and its devices. */
	char *vendor_name;
	size_t first, end;
};

static void wanted_done(struct wanted *wanted)
{
	free(wanted->items);
	free(wanted->vendor_name);
}

static int compare_ids(const void *a, const void *b)
{
	const struct sp_device *left = *(const struct sp_device *const *)a;
	const struct sp_device *right = *(const struct sp_device *const *)b;

	if (left->vendor != right->vendor)
		return left->vendor < right->vendor ? -1 : 1;
	return (left->device > right->device) - (left->device < right->device);
}

static int collect(struct sp_device_list *list, struct wanted *wanted,
		   struct sp_error *err)
{
	wanted->items = calloc(list->n + 1, sizeof *wanted->items);
	if (!wanted->items)
		return sp_error_nomem(err);
	for (size_t i = 0; i < list->n; i++)
		if (!list->items[i].name && strcmp(list->items[i].bus, "pci") == 0)
			wanted->items[wanted->n++] = &list->items[i];
	if (wanted->n > 1)
		qsort(wanted->items, wanted->n, sizeof *wanted->items, compare_ids);
	return 0;
}

/* "10d3  82574L Gigabit Network Connection": four digits, two blanks, a name. */
static bool split_line(const char *line, uint32_t *ret_id, const char **ret_name)
{
	if (strspn(line, "0123456789abcdef") != 4 || line[4] != ' ' || line[5] != ' ')
		return false;
	*ret_id = (uint32_t)strtoul(line, NULL, 16);
	*ret_name = line + 6;
	return true;
}

/* Devices whose vendor is the last one of the file get their name when it ends. */
static int name_the_rest(struct wanted *wanted, struct sp_error *err)
{
	for (size_t i = wanted->first; i < wanted->end; i++) {
		struct sp_device *device = wanted->items[i];

		if (device->name)
			continue;
		device->name = sp_text_format("%s device %04x", wanted->vendor_name,
					      device->device);
		if (!device->name)
			return sp_error_nomem(err);
	}
	wanted->first = wanted->end = 0;
	return 0;
}

static int begin_vendor(struct wanted *wanted, uint32_t vendor, const char *name,
			struct sp_error *err)
{
	int r = name_the_rest(wanted, err);

	if (r < 0)
		return r;
	while (wanted->first < wanted->n &&
	       wanted->items[wanted->first]->vendor != vendor)
		wanted->first++;
	wanted->end = wanted->first;
	while (wanted->end < wanted->n && wanted->items[wanted->end]->vendor == vendor)
		wanted->end++;
	if (wanted->first == wanted->end)
		return 0;
	free(wanted->vendor_name);
	wanted->vendor_name = sp_text_clean_dup(name);
	return wanted->vendor_name ? 0 : sp_error_nomem(err);
}

static int name_devices(struct wanted *wanted, uint32_t id, const char *name,
			struct sp_error *err)
{
	for (size_t i = wanted->first; i < wanted->end; i++) {
		struct sp_device *device = wanted->items[i];
		SP_AUTO(sp_str_freep) char *full = NULL;

		if (device->device != id || device->name)
			continue;
		full = sp_text_format("%s %s", wanted->vendor_name, name);
		device->name = sp_text_clean_dup(full);
		if (!device->name)
			return sp_error_nomem(err);
	}
	return 0;
}

static int take_line(struct wanted *wanted, const char *line, struct sp_error *err)
{
	const char *name;
	uint32_t id;

	if (line[0] == '\t') {
		if (wanted->first == wanted->end || !split_line(line + 1, &id, &name))
			return 0;
		return name_devices(wanted, id, name, err);
	}
	if (!split_line(line, &id, &name))
		return 0;
	return begin_vendor(wanted, id, name, err);
}

static void closep(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

static int scan(int fd, struct wanted *wanted, struct sp_error *err)
{
	SP_AUTO(closep) FILE *file = fdopen(fd, "re");
	SP_AUTO(sp_str_freep) char *line = NULL;
	size_t size = 0;
	int r = 0;

	if (!file) {
		sp_closep(&fd);
		return sp_error_nomem(err);
	}
	while (r == 0 && getline(&line, &size, file) >= 0)
		r = take_line(wanted, line, err);
	return r == 0 ? name_the_rest(wanted, err) : r;
}

/* A file of names is not worth an error: whatever is wrong, the next one is tried. */
static int open_below(const struct sp_root *root)
{
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct sp_error ignored = SP_ERROR_INIT;
		struct stat st;
		int fd = -1;

		if (sp_root_open(root, places[i], O_RDONLY, &fd, &ignored) != 0)
			continue;
		if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= MAX_BYTES)
			return fd;
		sp_closep(&fd);
	}
	return -1;
}

static int open_ids(const struct sp_root *root)
{
	SP_AUTO(sp_root_freep) struct sp_root *system = NULL;
	struct sp_error ignored = SP_ERROR_INIT;
	int fd = open_below(root);

	if (fd < 0 && sp_root_new("/", &system, &ignored) == 0)
		fd = open_below(system);
	return fd;
}

int sp_pci_names_fill(const struct sp_root *root, struct sp_device_list *list,
		      struct sp_error *err)
{
	SP_AUTO(wanted_done) struct wanted wanted = { 0 };
	int fd, r = collect(list, &wanted, err);

	if (r < 0 || wanted.n == 0)
		return r;
	fd = open_ids(root);
	return fd < 0 ? 0 : scan(fd, &wanted, err);
}
