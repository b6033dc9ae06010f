/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recorded machines in, devices out: each row is one device of one machine. */
#include "base/json.h"
#include "probe/behind.h"
#include "probe/device.h"
#include "probe/pci_names.h"
#include "probe/root.h"
#include "support/table.h"
#include "support/machine.h"

/* Made once: the same machine with links as sysfs has them, and as plain directories. */
static struct machine linked, plain;
static struct sp_device_list devices[2];

static void read_machine(const struct machine *machine, struct sp_device_list *list)
{
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;

	if (sp_root_new(machine->dir, &root, &err) < 0 ||
	    sp_device_list_read(root, list, &err) < 0)
		fail_msg("%s", err.text);
}

// clang-format off
static const struct device_row {
	const char *name; /* of the test: its address */
	const char *bus, *kind, *driver, *module, *interfaces, *disks;
	bool orphan;
} device_rows[] = {
	{ "0000:00:00.0", "pci", "bridge", NULL, NULL, "", "", false },
	{ "0000:00:01.0", "pci", "bridge", "pcieport", NULL, "", "", false },
	{ "0000:00:03.0", "pci", "bridge", "pcieport", NULL, "", "", false },
	{ "0000:00:14.0", "pci", "usb", "xhci_hcd", "xhci_pci", "", "sdb", false },
	{ "0000:00:16.0", "pci", "other", NULL, NULL, "", "", false },
	{ "0000:00:1f.2", "pci", "storage", "ahci", "ahci", "", "sda,sr0", false },
	{ "0000:00:1f.3", "pci", "serial", NULL, NULL, "", "", false },
	{ "0000:03:00.0", "pci", "storage", NULL, NULL, "", "", true },
	{ "0000:04:00.0", "pci", "network", NULL, NULL, "", "", true },
	{ "0000:05:00.0", "pci", "storage", "nvme", "nvme", "", "nvme0n1", false },
	{ "0000:06:00.0", "pci", "network", "igb", "igb", "eth0", "", false },
	{ "0000:06:00.1", "pci", "network", "igb", "igb", "eth1", "", false },
	{ "0000:07:00.0", "pci", "display", "mgag200", "mgag200", "", "", false },
	{ "1-1:1.0", "usb", "other", "usb-storage", "usb_storage", "", "sdb", false },
	{ "0:0:0:0", "scsi", "other", "sd", "sd_mod", "", "sda", false },
	{ "pcspkr", "platform", "other", NULL, NULL, "", "", false },
	{ "PNP0A08:00", "acpi", "other", NULL, NULL, "", "", false },
};
// clang-format on

static void assert_text(const char *is, const char *expected)
{
	if (!expected)
		assert_null(is);
	else
		assert_string_equal(is ? is : "(none)", expected);
}

static void assert_list(const struct sp_strv *list, const char *expected)
{
	SP_AUTO(sp_str_freep) char *joined = sp_strv_join(list, ",");

	assert_string_equal(joined, expected);
}

static void describes(void **state)
{
	const struct device_row *row = *state;

	for (size_t i = 0; i < 2; i++) {
		const struct sp_device *device = sp_device_find(&devices[i], row->name);

		assert_non_null(device);
		assert_string_equal(device->bus, row->bus);
		assert_string_equal(sp_device_kind_name(device->kind), row->kind);
		assert_text(device->driver, row->driver);
		assert_text(device->module, row->module);
		assert_list(&device->interfaces, row->interfaces);
		assert_list(&device->disks, row->disks);
		assert_int_equal(sp_device_is_orphan(device), row->orphan);
	}
}

static void prints_a_device(void **state)
{
	const struct sp_device *device = sp_device_find(&devices[0], "0000:04:00.0");
	SP_AUTO(sp_json_freep) struct json_object *json = sp_device_to_json(device);
	SP_AUTO(sp_str_freep) char *text = sp_json_print(json, false);

	(void)state;
	assert_string_equal(
		text, "{\"address\":\"0000:04:00.0\",\"bus\":\"pci\","
		      "\"kind\":\"network\",\"vendor\":\"8086\",\"device\":\"10d3\","
		      "\"subvendor\":\"8086\",\"subdevice\":\"a01f\","
		      "\"class\":\"020000\",\"revision\":\"00\","
		      "\"modalias\":\"pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00"
		      "i00\",\"name\":\"Intel Corporation 82574L Gigabit Network "
		      "Connection\",\"driver\":null,\"module\":null,\"interfaces\":[],"
		      "\"disks\":[]}");
}

static void prints_no_ids_of_other_buses(void **state)
{
	const struct sp_device *device = sp_device_find(&devices[0], "1-1:1.0");
	SP_AUTO(sp_json_freep) struct json_object *json = sp_device_to_json(device);

	(void)state;
	assert_string_equal(sp_json_get_string(json, "bus"), "usb");
	assert_null(sp_json_get_string(json, "vendor"));
	assert_null(sp_json_get_string(json, "class"));
}

static void both_forms_of_tree_read_the_same(void **state)
{
	SP_AUTO(sp_json_freep)
	struct json_object *a = sp_device_list_to_json(&devices[0]);
	SP_AUTO(sp_json_freep)
	struct json_object *b = sp_device_list_to_json(&devices[1]);
	SP_AUTO(sp_str_freep) char *text = sp_json_print(a, true);
	SP_AUTO(sp_str_freep) char *other = sp_json_print(b, true);

	(void)state;
	assert_string_equal(text, other);
	assert_int_equal(devices[0].n, 21);
}

static void every_function_has_a_name(void **state)
{
	const struct sp_device_list *list = &devices[0];

	(void)state;
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i].bus, "pci") == 0) {
			assert_non_null(list->items[i].name);
			assert_null(strstr(list->items[i].name, " device "));
		}
}

// clang-format off
static const struct title_row {
	const char *name; /* of the test: its address */
	const char *title;
} title_rows[] = {
	{ "0000:04:00.0", "Intel Corporation 82574L Gigabit Network Connection, network" },
	{ "0:0:0:0", "ST1000NM0033-9ZM, scsi" },
	{ "1:0:0:0", "HL-DT-ST DVD+-RW GTA0N, scsi" },
	{ "1-1:1.0", "SanDisk Ultra Fit, usb" },
	{ "PNP0A08:00", "unknown device, acpi" },
};
// clang-format on

static void has_a_title(void **state)
{
	const struct title_row *row = *state;

	for (size_t i = 0; i < 2; i++) {
		SP_AUTO(sp_str_freep)
		char *title = sp_device_title(sp_device_find(&devices[i], row->name));

		assert_string_equal(title, row->title);
	}
}

static void functions_come_first_and_in_order(void **state)
{
	struct machine machine;
	struct sp_device_list list = { 0 };

	(void)state;
	machine_make(&machine, NULL, NULL);
	for (size_t i = 0; i < 2; i++) {
		const char *const address[] = { "10000:e1:00.0", "0001:00:00.0" };
		char from[64], to[PATH_MAX];

		(void)snprintf(from, sizeof from, "sys/bus/pci/devices/%s", address[i]);
		(void)snprintf(to, sizeof to, "%s",
			       "../../../devices/pci0000:00/0000:00:00.0");
		machine_link(&machine, from, to);
	}
	read_machine(&machine, &list);
	for (size_t i = 1; i < list.n && strcmp(list.items[i].bus, "pci") == 0; i++)
		if (strlen(list.items[i].address) == strlen(list.items[i - 1].address))
			assert_true(strcmp(list.items[i - 1].address,
					   list.items[i].address) < 0);
	assert_string_equal(list.items[15].address, "0001:00:00.0");
	assert_string_equal(list.items[16].address, "10000:e1:00.0");
	assert_string_equal(list.items[17].bus, "acpi");
	sp_device_list_done(&list);
	machine_done(&machine);
}

// clang-format off
static const struct half_row {
	const char *name;
	const char *gone[2]; /* attributes that cannot be read any more */
	const char *modalias; /* what stands in that one instead; NULL: as before */
	bool there;
} half_rows[] = {
	{ "whole", { NULL }, NULL, true },
	{ "modalias alone", { "vendor", "class" }, NULL, true },
	{ "ids alone", { "modalias" }, NULL, true },
	{ "modalias cut", { NULL }, "pci:v00008086d000010D3sv00008086sd0000A0", true },
	{ "modalias of another form", { NULL }, "pci:v8086d10D3sv8086sdA01Fbc02sc00i00", true },
	{ "modalias with more behind it", { NULL },
	  "pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00x", true },
	{ "neither", { "modalias", "vendor" }, NULL, false },
	{ "modalias cut, and no class", { "class" }, "pci:v00008086", false },
	{ "modalias empty, and no device", { "device" }, "", false },
	{ "no revision, as before Linux 4.10", { "revision" }, NULL, true },
};
// clang-format on

/* It is as it was, or not there at all; the rest of the list is as before. */
static void is_whole_or_left_out(void **state)
{
	const struct half_row *row = *state;
	static const char dir[] = "sys/bus/pci/devices/0000:04:00.0";
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	SP_AUTO(sp_json_freep)
	struct json_object *whole = sp_device_list_to_json(&devices[0]);
	SP_AUTO(sp_str_freep) char *text = NULL;
	SP_AUTO(sp_str_freep) char *expected = sp_json_print(whole, true);
	struct sp_device_list list = { 0 };
	struct machine machine;
	char path[128];

	machine_make(&machine, NULL, NULL);
	for (size_t i = 0; i < 2 && row->gone[i]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", dir, row->gone[i]);
		assert_int_equal(unlink(machine_path(&machine, path)), 0);
	}
	(void)snprintf(path, sizeof path, "%s/modalias", dir);
	if (row->modalias)
		machine_write(&machine, path, row->modalias);
	read_machine(&machine, &list);
	assert_int_equal(list.n, devices[0].n - (row->there ? 0 : 1));
	if (row->there) {
		json = sp_device_list_to_json(&list);
		text = sp_json_print(json, true);
		assert_string_equal(text, expected);
	}
	sp_device_list_done(&list);
	machine_done(&machine);
}

static void an_empty_root_has_no_devices(void **state)
{
	struct sp_device_list list = { 0 };
	struct machine machine;

	(void)state;
	machine_init(&machine);
	read_machine(&machine, &list);
	assert_int_equal(list.n, 0);
	machine_done(&machine);
}

// clang-format off
static const struct name_row {
	const char *name;
	const char *ids;
	const char *expected; /* of 8086:10d3 */
} name_rows[] = {
	{ "vendor and device", "8086  Intel\n\t10d3  82574L\n\t\t8086 a01f  Adapter\n",
	  "Intel 82574L" },
	{ "vendor only", "8086  Intel\n\t10d4  82575\n", "Intel device 10d3" },
	{ "device of another vendor", "8085  Other\n\t10d3  Wrong\n8086  Intel\n",
	  "Intel device 10d3" },
	{ "device line after the next vendor",
	  "8086  Intel\n8087  Intel\n\t10d3  Wrong\n", "Intel device 10d3" },
	{ "classes are no vendors", "C 02  Network\n\t10d3  Wrong\n", NULL },
	{ "comments, no newline at the end", "# x\n\n8086  Intel\n#\n\t10d3  82574L",
	  "Intel 82574L" },
	{ "escape characters", "8086  \033[2JIntel\n\t10d3  \x9b" "82574L\n",
	  "?[2JIntel ?82574L" },
	{ "no line is as it should be", "\t10d3  a\n8086 Intel\n80869  b\n\t10d3 c\n", NULL },
	{ "empty", "", NULL },
};
// clang-format on

static void names_from_ids(void **state)
{
	const struct name_row *row = *state;
	char bus[] = "pci";
	struct sp_device device = { .bus = bus, .vendor = 0x8086, .device = 0x10d3 };
	struct sp_device_list list = { &device, 1 };
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct machine machine;

	machine_init(&machine);
	machine_write(&machine, "usr/share/hwdata/pci.ids", row->ids);
	assert_int_equal(sp_root_new(machine.dir, &root, &err), 0);
	assert_int_equal(sp_pci_names_fill(root, &list, &err), 0);
	assert_text(device.name, row->expected);
	free(device.name);
	machine_done(&machine);
}

// clang-format off
static const struct class_row {
	const char *name;
	uint32_t class_code;
	enum sp_device_kind kind;
} class_rows[] = {
	{ "RAID", 0x010400, SP_DEVICE_STORAGE },
	{ "Fibre Channel", 0x0c0400, SP_DEVICE_STORAGE },
	{ "SD host", 0x080501, SP_DEVICE_STORAGE },
	{ "DMA controller", 0x080100, SP_DEVICE_OTHER },
	{ "Ethernet", 0x020000, SP_DEVICE_NETWORK },
	{ "InfiniBand of old", 0x0c0600, SP_DEVICE_NETWORK },
	{ "wireless", 0x0d8000, SP_DEVICE_NETWORK },
	{ "xHCI", 0x0c0330, SP_DEVICE_USB },
	{ "SMBus", 0x0c0500, SP_DEVICE_SERIAL },
	{ "PCI bridge", 0x060400, SP_DEVICE_BRIDGE },
	{ "VGA", 0x030000, SP_DEVICE_DISPLAY },
	{ "undefined", 0xffff00, SP_DEVICE_OTHER },
};

static const struct disk_row {
	const char *name, *expected;
} disk_rows[] = {
	{ "sda", "sda" }, { "nvme0n1", "nvme0n1" }, { "nvme10c2n13", "nvme10n13" },
	{ "nvme", "nvme" }, { "nvmec", "nvme" }, { "cciss!c0d0", "cciss!c0d0" },
};
// clang-format on

static void tells_the_kind(void **state)
{
	const struct class_row *row = *state;

	assert_int_equal(sp_device_kind_of(row->class_code), row->kind);
}

static void names_the_whole_disk(void **state)
{
	const struct disk_row *row = *state;
	SP_AUTO(sp_str_freep) char *disk = sp_behind_disk_name(row->name);

	assert_string_equal(disk, row->expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_a_device),
		cmocka_unit_test(prints_no_ids_of_other_buses),
		cmocka_unit_test(both_forms_of_tree_read_the_same),
		cmocka_unit_test(every_function_has_a_name),
		cmocka_unit_test(functions_come_first_and_in_order),
		cmocka_unit_test(an_empty_root_has_no_devices),
	};
	int failed;

	machine_make(&linked, NULL, NULL);
	machine_make(&plain, "--plain", NULL);
	read_machine(&linked, &devices[0]);
	read_machine(&plain, &devices[1]);
	failed = table_run("device", device_rows, describes);
	failed += table_run("title", title_rows, has_a_title);
	failed += table_run("half there", half_rows, is_whole_or_left_out);
	failed += table_run("name", name_rows, names_from_ids);
	failed += table_run("class", class_rows, tells_the_kind);
	failed += table_run("disk", disk_rows, names_the_whole_disk);
	failed += cmocka_run_group_tests(tests, NULL, NULL);
	sp_device_list_done(&devices[0]);
	sp_device_list_done(&devices[1]);
	machine_done(&linked);
	machine_done(&plain);
	return failed;
}
