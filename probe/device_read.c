/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads devices out of sysfs.  Each device directory is opened once and its attributes
 * read from there: a host has hundreds, and the way to each is ten links long. */
#include "probe/device.h"

#include "base/array.h"
#include "probe/behind.h"
#include "probe/pci_names.h"
#include "probe/root.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEVICES = 4096 };

/* Named outcome: it went away, or has no modalias. */
enum { NOTHING = 1 };

/* ---- attributes ------------------------------------------------------------ */

static int read_id(int dirfd, const char *name, uint32_t *ret_id, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *line = NULL;
	char *end;
	unsigned long id;
	int r = sp_root_read_line_at(dirfd, name, &line, err);

	if (r != 0)
		return r < 0 ? r : NOTHING;
	id = strtoul(line, &end, 16);
	if (end == line || *end || id > UINT32_MAX)
		return NOTHING;
	*ret_id = (uint32_t)id;
	return 0;
}

static int read_pci_ids(int dirfd, struct sp_device *device, struct sp_error *err)
{
	uint32_t revision = 0;
	const struct {
		const char *name;
		uint32_t *value;
		bool optional; /* "revision" came with Linux 4.10 */
	} ids[] = {
		{ "vendor", &device->vendor, false },
		{ "device", &device->device, false },
		{ "subsystem_vendor", &device->subvendor, false },
		{ "subsystem_device", &device->subdevice, false },
		{ "class", &device->class_code, false },
		{ "revision", &revision, true },
	};

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		int r = read_id(dirfd, ids[i].name, ids[i].value, err);

		if (r < 0 || (r > 0 && !ids[i].optional))
			return r;
	}
	device->revision = (uint8_t)revision;
	device->kind = sp_device_kind_of(device->class_code);
	return 0;
}

static int read_driver(const struct sp_root *root, int dirfd, struct sp_device *device,
		       struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = NULL;
	int r = sp_root_link_name_at(dirfd, "driver", &device->driver, err);

	if (r != 0)
		return r < 0 ? r : 0;
	path = sp_text_format("sys/bus/%s/drivers/%s/module", device->bus,
			      device->driver);
	if (!path)
		return sp_error_nomem(err);
	r = sp_root_link_name(root, path, &device->module, err);
	return r < 0 ? r : 0;
}

/* Outcome NOTHING. */
static int read_device(const struct sp_root *root, const char *bus, const char *address,
		       struct sp_device *device, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	SP_AUTO(sp_str_freep) char *path = NULL;
	int r;

	path = sp_text_format("sys/bus/%s/devices/%s", bus, address);
	device->bus = strdup(bus);
	device->address = strdup(address);
	if (!path || !device->bus || !device->address)
		return sp_error_nomem(err);
	r = sp_root_open(root, path, O_RDONLY | O_DIRECTORY, &fd, err);
	if (r == 0)
		r = sp_root_read_line_at(fd, "modalias", &device->modalias, err);
	if (r == 0 && !device->modalias[0])
		r = NOTHING;
	if (r == 0 && strcmp(bus, "pci") == 0)
		r = read_pci_ids(fd, device, err);
	if (r == 0)
		r = read_driver(root, fd, device, err);
	if (r == 0)
		r = sp_behind_read(fd, bus, &device->interfaces, &device->disks, err);
	return r < 0 ? sp_error_context(err, "device '%s'", address) : r;
}

/* ---- buses ----------------------------------------------------------------- */

static int read_bus(const struct sp_root *root, const char *bus,
		    struct sp_device_list *list, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv addresses = { 0 };
	SP_AUTO(sp_str_freep) char *path = sp_text_format("sys/bus/%s/devices", bus);
	int r;

	if (!path)
		return sp_error_nomem(err);
	r = sp_root_list(root, path, &addresses, err);
	for (size_t i = 0; r == 0 && i < addresses.n && list->n < MAX_DEVICES; i++) {
		struct sp_device *device = sp_array_add(&list->items, &list->n);

		if (!device)
			return sp_error_nomem(err);
		r = read_device(root, bus, addresses.items[i], device, err);
		if (r > 0) {
			sp_device_done(device);
			list->n--;
			r = 0;
		}
	}
	return r < 0 ? r : 0;
}

/* Domains of more than four digits come last. */
static int compare_pci(const void *a, const void *b)
{
	const char *left = ((const struct sp_device *)a)->address;
	const char *right = ((const struct sp_device *)b)->address;
	size_t len = strlen(left), other = strlen(right);

	if (len != other)
		return len < other ? -1 : 1;
	return strcmp(left, right);
}

/* Buses without devices a driver disk could be for: "pci" has been read already. */
static bool is_skipped(const char *bus)
{
	return strcmp(bus, "pci") == 0 || strcmp(bus, "cpu") == 0;
}

static int read_buses(const struct sp_root *root, struct sp_device_list *list,
		      struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv buses = { 0 };
	int r = read_bus(root, "pci", list, err);

	if (r < 0)
		return r;
	if (list->n > 1)
		qsort(list->items, list->n, sizeof *list->items, compare_pci);
	r = sp_root_list(root, "sys/bus", &buses, err);
	for (size_t i = 0; r == 0 && i < buses.n; i++)
		if (!is_skipped(buses.items[i]))
			r = read_bus(root, buses.items[i], list, err);
	if (r < 0)
		return r;
	return sp_pci_names_fill(root, list, err);
}

int sp_device_list_read(const struct sp_root *root, struct sp_device_list *list,
			struct sp_error *err)
{
	int r = read_buses(root, list, err);

	if (r < 0)
		sp_device_list_done(list);
	return r < 0 ? sp_error_context(err, "listing the devices") : r;
}
