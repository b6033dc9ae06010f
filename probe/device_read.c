/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads devices out of sysfs.  Each device directory is opened once and its attributes
 * read from there: a host has hundreds, and the way to each is ten links long. */
#include "probe/device.h"

#include "base/array.h"
#include "probe/behind.h"
#include "probe/model.h"
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

/* "pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00" says all but the revision. */
static bool take_modalias(struct sp_device *device)
{
	uint32_t class_code[3];
	const struct {
		const char *before;
		size_t digits;
		uint32_t *value;
	} parts[] = {
		{ "pci:v", 8, &device->vendor }, { "d", 8, &device->device },
		{ "sv", 8, &device->subvendor }, { "sd", 8, &device->subdevice },
		{ "bc", 2, &class_code[0] },     { "sc", 2, &class_code[1] },
		{ "i", 2, &class_code[2] },
	};
	const char *at = device->modalias;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		char digits[9] = "";

		if (!sp_text_starts_with(at, parts[i].before))
			return false;
		at += strlen(parts[i].before);
		if (strspn(at, "0123456789ABCDEF") < parts[i].digits)
			return false;
		memcpy(digits, at, parts[i].digits);
		*parts[i].value = (uint32_t)strtoul(digits, NULL, 16);
		at += parts[i].digits;
	}
	device->class_code = class_code[0] << 16 | class_code[1] << 8 | class_code[2];
	return *at == '\0';
}

/* What the kernel would say, of a tree that lacks it. */
static int make_modalias(struct sp_device *device, struct sp_error *err)
{
	char *modalias =
		sp_text_format("pci:v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc%02Xi%02X",
			       device->vendor, device->device, device->subvendor,
			       device->subdevice, device->class_code >> 16,
			       device->class_code >> 8 & 0xff, device->class_code & 0xff);

	free(device->modalias);
	device->modalias = modalias;
	return modalias ? 0 : sp_error_nomem(err);
}

static int read_ids(int dirfd, struct sp_device *device, struct sp_error *err)
{
	const struct {
		const char *name;
		uint32_t *value;
	} ids[] = {
		{ "vendor", &device->vendor },
		{ "device", &device->device },
		{ "subsystem_vendor", &device->subvendor },
		{ "subsystem_device", &device->subdevice },
		{ "class", &device->class_code },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof ids / sizeof *ids; i++)
		r = read_id(dirfd, ids[i].name, ids[i].value, err);
	return r == 0 ? make_modalias(device, err) : r;
}

/* Linux has "revision" since 4.10. */
static int read_pci(int dirfd, struct sp_device *device, struct sp_error *err)
{
	uint32_t revision = 0;
	int r = 0;

	if (!device->modalias || !take_modalias(device))
		r = read_ids(dirfd, device, err);
	if (r != 0)
		return r;
	r = read_id(dirfd, "revision", &revision, err);
	device->revision = (uint8_t)revision;
	device->kind = sp_device_kind_of(device->class_code);
	return r < 0 ? r : 0;
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

static int read_modalias(int dirfd, const char *bus, struct sp_device *device,
			 struct sp_error *err)
{
	int r = sp_root_read_line_at(dirfd, "modalias", &device->modalias, err);

	if (r >= 0 && strcmp(bus, "pci") == 0)
		return read_pci(dirfd, device, err);
	if (r == 0 && !device->modalias[0])
		return NOTHING;
	return r;
}

/* What it calls itself; PCI functions are named by pci.ids.  A USB modalias is that of an
 * interface, "1-1:1.0", and the device "1-1" is what has a name. */
static int read_name(const struct sp_root *root, struct sp_device *device,
		     struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = NULL;

	if (strcmp(device->bus, "scsi") != 0 && strcmp(device->bus, "usb") != 0)
		return 0;
	path = sp_text_format("sys/bus/%s/devices/%.*s", device->bus,
			      device->bus[0] == 'u' ? (int)strcspn(device->address, ":")
						    : (int)strlen(device->address),
			      device->address);
	return path ? sp_model_read(root, path, &device->name, err) : sp_error_nomem(err);
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
		r = read_modalias(fd, bus, device, err);
	if (r == 0)
		r = read_driver(root, fd, device, err);
	if (r == 0)
		r = read_name(root, device, err);
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

/* Buses without devices a driver disk could be for; "pci" has been read already. */
static const char *const skipped[] = {
	"pci",          "clockevents",  "clocksource", "container",      "cpu",
	"event_source", "machinecheck", "memory",      "memory_tiering", "node",
	"workqueue",
};

static bool is_skipped(const char *bus)
{
	for (size_t i = 0; i < sizeof skipped / sizeof *skipped; i++)
		if (strcmp(bus, skipped[i]) == 0)
			return true;
	return false;
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
