/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices are recorded where sysfs has them, with the links that lead there, so that
 * every reader of probe/ goes the same ways in a record as on the machine.  On the way to
 * a device each directory says which subsystem it is of: that is where a search for what
 * is behind another device ends. */
#include "probe/capture_sysfs.h"

#include "base/text.h"
#include "probe/capture_out.h"
#include "probe/root.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- places ---------------------------------------------------------------- */

/* An interface may be named after its MAC address; each becomes another number. */
static bool has_mac(const char *name)
{
	return strncmp(name, "enx", 3) == 0 && strlen(name) == 15 &&
	       strspn(name + 3, "0123456789abcdef") == 12;
}

/* Where @path goes in the record; caller frees. */
static char *place_of(const char *path, unsigned number)
{
	const char *slash = strrchr(path, '/');

	if (!slash || !has_mac(slash + 1))
		return strdup(path);
	return sp_text_format("%.*s/enx%012u", (int)(slash - path), path, number);
}

/* Copies link @name, if it leads to a place below sys/. */
static int copy_link(const struct sp_capture_out *out, const char *dir, const char *place,
		     const char *name, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *from = sp_text_format("%s/%s", dir, name);
	SP_AUTO(sp_str_freep) char *to = sp_text_format("%s/%s", place, name);
	SP_AUTO(sp_str_freep) char *target = NULL;
	SP_AUTO(sp_str_freep) char *ignored = NULL;
	int r;

	if (!from || !to)
		return sp_error_nomem(err);
	r = sp_root_link_name(out->root, from, &ignored, err);
	if (r != 0)
		return r < 0 ? r : 0;
	r = sp_root_resolve(out->root, from, &target, err);
	if (r < 0)
		return r;
	return sp_text_starts_with(target, "sys/")
		       ? sp_capture_out_link(out, to, target, err)
		       : 0;
}

/* Attributes whose first line is copied, of whatever has them. */
static int copy_lines(const struct sp_capture_out *out, const char *dir,
		      const char *place, const char *const names[], size_t n,
		      struct sp_error *err)
{
	for (size_t i = 0; i < n; i++) {
		SP_AUTO(sp_str_freep) char *from = sp_text_format("%s/%s", dir, names[i]);
		SP_AUTO(sp_str_freep) char *to = sp_text_format("%s/%s", place, names[i]);
		SP_AUTO(sp_str_freep) char *line = NULL;
		SP_AUTO(sp_str_freep) char *text = NULL;
		struct sp_error why = SP_ERROR_INIT;
		int r;

		if (!from || !to)
			return sp_error_nomem(err);
		r = sp_root_read_line(out->root, from, &line, &why);
		if (r == -SP_ERR_NOMEM)
			return sp_error_nomem(err);
		if (r != 0)
			continue;
		text = sp_text_format("%s\n", line);
		if (!text)
			return sp_error_nomem(err);
		r = sp_capture_out_write(out, to, text, strlen(text), err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The directories on the way to @place, which has no links in it, and @place. */
static int make_way(const struct sp_capture_out *out, const char *dir, const char *place,
		    struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *way = strdup(dir);
	int r = sp_capture_out_make_dirs(out, place, err);

	if (!way)
		return sp_error_nomem(err);
	if (r == 0)
		r = copy_link(out, dir, place, "subsystem", err);
	for (char *slash; r == 0 && (slash = strrchr(way, '/'));) {
		*slash = '\0';
		r = copy_link(out, way, way, "subsystem", err);
	}
	return r;
}

/* A link of sysfs @path (sys/block/sda) and the directory it leads to, which is *@ret_dir
 * in the machine and *@ret_place in the record.  Outcome SP_ROOT_ABSENT. */
static int copy_entry(const struct sp_capture_out *out, const char *path, unsigned number,
		      char **ret_dir, char **ret_place, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *dir = NULL;
	SP_AUTO(sp_str_freep) char *place = NULL;
	SP_AUTO(sp_str_freep) char *entry = place_of(path, number);
	int r = sp_root_resolve(out->root, path, &dir, err);

	if (r < 0)
		return r;
	place = place_of(dir, number);
	if (!place || !entry)
		return sp_error_nomem(err);
	if (!sp_text_starts_with(dir, "sys/"))
		return SP_ROOT_ABSENT;
	r = make_way(out, dir, place, err);
	if (r == 0 && strcmp(entry, place) != 0)
		r = sp_capture_out_link(out, entry, place, err);
	if (r < 0)
		return r;
	*ret_dir = sp_steal(dir);
	*ret_place = sp_steal(place);
	return 0;
}

/* ---- devices --------------------------------------------------------------- */

static const char *const device_lines[] = {
	"modalias",         "vendor", "device",   "subsystem_vendor",
	"subsystem_device", "class",  "revision", "bInterfaceClass",
};

/* A modalias is that of an interface, "1-1:1.0", and the device "1-1" has a name. */
static int copy_usb_names(const struct sp_capture_out *out, const char *address,
			  struct sp_error *err)
{
	static const char *const lines[] = { "manufacturer", "product" };
	SP_AUTO(sp_str_freep) char *dir = NULL;
	SP_AUTO(sp_str_freep) char *place = NULL;
	SP_AUTO(sp_str_freep)
	char *path = sp_text_format("sys/bus/usb/devices/%.*s",
				    (int)strcspn(address, ":"), address);
	int r = path ? copy_entry(out, path, 0, &dir, &place, err) : sp_error_nomem(err);

	if (r == 0)
		r = copy_lines(out, dir, place, lines, sizeof lines / sizeof *lines, err);
	return r < 0 ? r : 0;
}

static int copy_driver(const struct sp_capture_out *out, const char *bus, const char *dir,
		       struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *link = sp_text_format("%s/driver", dir);
	SP_AUTO(sp_str_freep) char *driver = NULL;
	SP_AUTO(sp_str_freep) char *place = NULL;
	int r;

	if (!link)
		return sp_error_nomem(err);
	r = sp_root_link_name(out->root, link, &driver, err);
	if (r != 0)
		return r < 0 ? r : 0;
	place = sp_text_format("sys/bus/%s/drivers/%s", bus, driver);
	if (!place)
		return sp_error_nomem(err);
	r = sp_capture_out_link(out, link, place, err);
	if (r == 0)
		r = sp_capture_out_make_dirs(out, place, err);
	return r == 0 ? copy_link(out, place, place, "module", err) : r;
}

/* USB devices, as opposed to their interfaces, have no modalias: they are left out. */
static int copy_device(const struct sp_capture_out *out, const char *bus,
		       const char *address, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = NULL;
	SP_AUTO(sp_str_freep) char *modalias = NULL;
	SP_AUTO(sp_str_freep) char *line = NULL;
	SP_AUTO(sp_str_freep) char *dir = NULL;
	SP_AUTO(sp_str_freep) char *place = NULL;
	struct sp_error why = SP_ERROR_INIT;
	int r;

	path = sp_text_format("sys/bus/%s/devices/%s", bus, address);
	modalias = sp_text_format("sys/bus/%s/devices/%s/modalias", bus, address);
	if (!path || !modalias)
		return sp_error_nomem(err);
	if (sp_root_read_line(out->root, modalias, &line, &why) != 0)
		return 0;
	r = copy_entry(out, path, 0, &dir, &place, err);
	if (r == 0)
		r = copy_lines(out, dir, place, device_lines,
			       sizeof device_lines / sizeof *device_lines, err);
	if (r == 0 && strcmp(bus, "usb") == 0)
		r = copy_usb_names(out, address, err);
	if (r == 0)
		r = copy_driver(out, bus, dir, err);
	return r < 0 ? r : 0;
}

static int copy_bus(const struct sp_capture_out *out, const char *bus,
		    struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv addresses = { 0 };
	SP_AUTO(sp_str_freep) char *path = sp_text_format("sys/bus/%s/devices", bus);
	int r = path ? sp_root_list(out->root, path, &addresses, err)
		     : sp_error_nomem(err);

	for (size_t i = 0; r == 0 && i < addresses.n; i++)
		r = copy_device(out, bus, addresses.items[i], err);
	return r < 0 ? r : 0;
}

static int copy_buses(const struct sp_capture_out *out, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv buses = { 0 };
	int r = sp_root_list(out->root, "sys/bus", &buses, err);

	for (size_t i = 0; r == 0 && i < buses.n; i++)
		if (strcmp(buses.items[i], "cpu") != 0)
			r = copy_bus(out, buses.items[i], err);
	return r < 0 ? r : 0;
}

/* ---- disks ----------------------------------------------------------------- */

static const char *const disk_lines[] = {
	"dev", "size", "removable", "hidden", "ro", "partition",
};

static const char *const model_lines[] = { "vendor", "model" };

static int copy_partition(const struct sp_capture_out *out, const char *dir,
			  const char *name, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *part = sp_text_format("%s/%s", dir, name);
	SP_AUTO(sp_str_freep) char *mark = sp_text_format("%s/%s/partition", dir, name);
	SP_AUTO(sp_str_freep) char *number = NULL;
	struct sp_error why = SP_ERROR_INIT;
	int r;

	if (!part || !mark)
		return sp_error_nomem(err);
	if (sp_root_read_line(out->root, mark, &number, &why) != 0)
		return 0;
	r = copy_link(out, part, part, "subsystem", err);
	if (r == 0)
		r = copy_lines(out, part, part, disk_lines,
			       sizeof disk_lines / sizeof *disk_lines, err);
	return r;
}

/* The device a disk belongs to says its model; its other attributes are its own. */
static int copy_model(const struct sp_capture_out *out, const char *dir,
		      struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *link = sp_text_format("%s/device", dir);
	SP_AUTO(sp_str_freep) char *device = NULL;
	SP_AUTO(sp_str_freep) char *ignored = NULL;
	int r = link ? sp_root_link_name(out->root, link, &ignored, err)
		     : sp_error_nomem(err);

	if (r != 0)
		return r < 0 ? r : 0;
	r = sp_root_resolve(out->root, link, &device, err);
	if (r < 0 || !sp_text_starts_with(device, "sys/"))
		return r;
	r = sp_capture_out_link(out, link, device, err);
	return r == 0 ? copy_lines(out, device, device, model_lines, 2, err) : r;
}

static int copy_disk(const struct sp_capture_out *out, const char *name,
		     struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	SP_AUTO(sp_str_freep) char *path = sp_text_format("sys/block/%s", name);
	SP_AUTO(sp_str_freep) char *dir = NULL;
	SP_AUTO(sp_str_freep) char *place = NULL;
	int r = path ? copy_entry(out, path, 0, &dir, &place, err) : sp_error_nomem(err);

	if (r == 0)
		r = copy_lines(out, dir, place, disk_lines,
			       sizeof disk_lines / sizeof *disk_lines, err);
	if (r == 0)
		r = copy_model(out, dir, err);
	if (r == 0)
		r = sp_root_list(out->root, dir, &names, err);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (sp_text_starts_with(names.items[i], name))
			r = copy_partition(out, dir, names.items[i], err);
	return r < 0 ? r : 0;
}

/* ---- interfaces ------------------------------------------------------------ */

static const char *const net_lines[] = { "operstate", "carrier" };

static int copy_interface(const struct sp_capture_out *out, const char *name,
			  unsigned number, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = sp_text_format("sys/class/net/%s", name);
	SP_AUTO(sp_str_freep) char *dir = NULL;
	SP_AUTO(sp_str_freep) char *place = NULL;
	int r = path ? copy_entry(out, path, number, &dir, &place, err)
		     : sp_error_nomem(err);

	if (r == 0)
		r = copy_lines(out, dir, place, net_lines,
			       sizeof net_lines / sizeof *net_lines, err);
	return r < 0 ? r : 0;
}

int sp_capture_sysfs_write(const struct sp_capture_out *out, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv disks = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv interfaces = { 0 };
	int r = copy_buses(out, err);

	if (r == 0)
		r = sp_root_list(out->root, "sys/block", &disks, err);
	for (size_t i = 0; r == 0 && i < disks.n; i++)
		r = copy_disk(out, disks.items[i], err);
	if (r >= 0)
		r = sp_root_list(out->root, "sys/class/net", &interfaces, err);
	for (size_t i = 0; r == 0 && i < interfaces.n; i++)
		r = copy_interface(out, interfaces.items[i], (unsigned)i + 1, err);
	return r < 0 ? r : 0;
}
