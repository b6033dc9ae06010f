/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a list of devices is and how it is shown; probe/device_read.c fills it. */
#include "probe/device.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

/* ---- kinds ----------------------------------------------------------------- */

static const struct {
	const char *name;
	bool wants_driver;
} kinds[] = {
	[SP_DEVICE_OTHER] = { "other", false },
	[SP_DEVICE_STORAGE] = { "storage", true },
	[SP_DEVICE_NETWORK] = { "network", true },
	[SP_DEVICE_DISPLAY] = { "display", true },
	[SP_DEVICE_BRIDGE] = { "bridge", false },
	[SP_DEVICE_USB] = { "usb", true },
	[SP_DEVICE_SERIAL] = { "serial", false },
};

/* The first row that fits: class code >> shift == code. */
static const struct {
	uint32_t code;
	int shift;
	enum sp_device_kind kind;
} classes[] = {
	{ 0x0805, 8, SP_DEVICE_STORAGE }, { 0x0c03, 8, SP_DEVICE_USB },
	{ 0x0c04, 8, SP_DEVICE_STORAGE }, { 0x0c06, 8, SP_DEVICE_NETWORK },
	{ 0x01, 16, SP_DEVICE_STORAGE },  { 0x02, 16, SP_DEVICE_NETWORK },
	{ 0x03, 16, SP_DEVICE_DISPLAY },  { 0x06, 16, SP_DEVICE_BRIDGE },
	{ 0x0c, 16, SP_DEVICE_SERIAL },   { 0x0d, 16, SP_DEVICE_NETWORK },
};

enum sp_device_kind sp_device_kind_of(uint32_t class_code)
{
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (class_code >> classes[i].shift == classes[i].code)
			return classes[i].kind;
	return SP_DEVICE_OTHER;
}

const char *sp_device_kind_name(enum sp_device_kind kind)
{
	return kinds[kind].name;
}

char *sp_device_title(const struct sp_device *device)
{
	return sp_text_format("%s, %s", device->name ? device->name : "unknown device",
			      strcmp(device->bus, "pci") ? device->bus
							 : kinds[device->kind].name);
}

bool sp_device_is_orphan(const struct sp_device *device)
{
	return !device->driver && kinds[device->kind].wants_driver;
}

/* ---- lists ----------------------------------------------------------------- */

void sp_device_done(struct sp_device *device)
{
	free(device->bus);
	free(device->address);
	free(device->modalias);
	free(device->name);
	free(device->driver);
	free(device->module);
	sp_strv_done(&device->interfaces);
	sp_strv_done(&device->disks);
	*device = (struct sp_device){ 0 };
}

void sp_device_list_done(struct sp_device_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		sp_device_done(&list->items[i]);
	free(list->items);
	*list = (struct sp_device_list){ 0 };
}

const struct sp_device *sp_device_find(const struct sp_device_list *list,
				       const char *address)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i].address, address) == 0)
			return &list->items[i];
	return NULL;
}

/* ---- JSON ------------------------------------------------------------------ */

static void set_ids(struct json_object *json, const struct sp_device *device)
{
	const struct {
		const char *key;
		uint32_t value;
		int digits;
	} ids[] = {
		{ "vendor", device->vendor, 4 },
		{ "device", device->device, 4 },
		{ "subvendor", device->subvendor, 4 },
		{ "subdevice", device->subdevice, 4 },
		{ "class", device->class_code, 6 },
		{ "revision", device->revision, 2 },
	};
	bool has_ids = strcmp(device->bus, "pci") == 0;

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		if (has_ids)
			sp_json_set_hex(json, ids[i].key, ids[i].value, ids[i].digits);
		else
			sp_json_set_string(json, ids[i].key, NULL);
}

struct json_object *sp_device_to_json(const struct sp_device *device)
{
	struct json_object *json = sp_json_object();

	sp_json_set_string(json, "address", device->address);
	sp_json_set_string(json, "bus", device->bus);
	sp_json_set_string(json, "kind", sp_device_kind_name(device->kind));
	set_ids(json, device);
	sp_json_set_string(json, "modalias", device->modalias);
	sp_json_set_string(json, "name", device->name);
	sp_json_set_string(json, "driver", device->driver);
	sp_json_set_string(json, "module", device->module);
	sp_json_set_strv(json, "interfaces", &device->interfaces);
	sp_json_set_strv(json, "disks", &device->disks);
	return json;
}

struct json_object *sp_device_list_to_json(const struct sp_device_list *list)
{
	struct json_object *json = sp_json_array();

	for (size_t i = 0; i < list->n; i++)
		sp_json_append(json, sp_device_to_json(&list->items[i]));
	return json;
}
