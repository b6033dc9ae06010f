/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first byte says which file of a recorded machine the rest is. */
#include "probe/device.h"
#include "probe/kernel.h"
#include "probe/media.h"
#include "probe/root.h"
#include "fuzz/memory.h"

static const char *const files[] = {
	"proc/modules",
	"lib/modules/4.19/modules.dep",
	"lib/modules/4.19/modules.builtin",
	"lib/modules/4.19/symvers.gz",
	"lib/modules/4.19/build/Module.symvers",
	"proc/cmdline",
	"usr/share/hwdata/pci.ids",
	"sys/block/sda/size",
	"sys/block/sda/dev",
	"sys/bus/pci/devices/0000:00:00.0/class",
	"sys/bus/pci/devices/0000:00:00.0/modalias",
	"etc/xensource-inventory",
};

enum { N_FILES = sizeof files / sizeof *files };

static void make_machine(void)
{
	static const struct {
		const char *path, *text;
	} first[] = {
		{ "proc/sys/kernel/osrelease", "4.19\n" },
		{ "sys/block/sda/size", "8\n" },
		{ "sys/block/sda/dev", "8:0\n" },
		{ "sys/bus/pci/devices/0000:00:00.0/vendor", "0x8086\n" },
		{ "sys/bus/pci/devices/0000:00:00.0/device", "0x10d3\n" },
		{ "sys/bus/pci/devices/0000:00:00.0/subsystem_vendor", "0x8086\n" },
		{ "sys/bus/pci/devices/0000:00:00.0/subsystem_device", "0xa01f\n" },
		{ "sys/bus/pci/devices/0000:00:00.0/class", "0x020000\n" },
		{ "sys/bus/pci/devices/0000:00:00.0/modalias", "pci:v8086\n" },
	};

	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		fuzz_write(first[i].path, (const uint8_t *)first[i].text,
			   strlen(first[i].text));
}

static void read_kernel(const struct sp_root *root)
{
	static const char *const names[] = { "module_layout", "printk", "" };
	struct sp_kernel kernel = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	uint32_t crcs[3];
	bool known[3];

	if (sp_kernel_read(root, NULL, &kernel, &err) == 0) {
		FUZZ_PROMISE(sp_kernel_symvers(root, &kernel, names, 3, crcs, known,
					       &err) <= 0);
		for (size_t i = 0; i < kernel.available.n; i++)
			FUZZ_PROMISE(kernel.available.items[i][0] &&
				     !strchr(kernel.available.items[i], '/'));
	}
	sp_kernel_done(&kernel);
}

static void read_devices(const struct sp_root *root)
{
	struct sp_device_list devices = { 0 };
	struct sp_media media = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	FUZZ_PROMISE(sp_device_list_read(root, &devices, &err) <= 0);
	for (size_t i = 0; i < devices.n; i++)
		FUZZ_PROMISE(devices.items[i].modalias && devices.items[i].address);
	FUZZ_PROMISE(sp_media_list(root, &media, &err) <= 0);
	sp_device_list_done(&devices);
	sp_media_done(&media);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;
	char full[PATH_MAX];
	const char *file;

	if (size == 0)
		return 0;
	file = files[data[0] % N_FILES];
	make_machine();
	fuzz_write(file, data + 1, size - 1);
	if (sp_root_new(fuzz_root(), &root, &err) < 0)
		abort();
	read_kernel(root);
	read_devices(root);
	sp_root_free(root);
	(void)snprintf(full, sizeof full, "%s/%s", fuzz_root(), file);
	(void)unlink(full);
	return 0;
}
