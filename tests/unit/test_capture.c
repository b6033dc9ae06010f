/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record must read as the machine does, and must tell nothing that is not needed:
 * both are asked of recorded machines, of this one, and of one full of secrets. */
#include "probe/capture.h"

#include "base/json.h"
#include "probe/device.h"
#include "probe/kernel.h"
#include "probe/media.h"
#include "probe/root.h"
#include "support/table.h"
#include "support/machine.h"

#include <ftw.h>

static void capture(const char *from, const char *to)
{
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;

	if (sp_root_new(from, &root, &err) < 0 || sp_capture_write(root, to, &err) < 0)
		fail_msg("%s", err.text);
}

/* ---- the same answers ------------------------------------------------------ */

static void add_kernel(struct json_object *json, const struct sp_root *root)
{
	SP_AUTO(sp_kernel_done) struct sp_kernel kernel = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	if (sp_kernel_read(root, NULL, &kernel, &err) < 0)
		fail_msg("%s", err.text);
	sp_json_set_string(json, "release", kernel.release);
	sp_json_set_string(json, "arch", kernel.arch);
	sp_json_set_string(json, "flags", kernel.vermagic_flags);
	sp_json_set_strv(json, "loaded", &kernel.loaded);
	sp_json_set_strv(json, "builtin", &kernel.builtin);
	sp_json_set_strv(json, "available", &kernel.available);
	sp_json_set_bool(json, "enforces", kernel.enforces_signatures);
	sp_json_set_string(json, "aliases", kernel.alias_text);
	sp_json_set_bool(json, "firmware",
			 sp_kernel_has_firmware(root, &kernel, "vendor/fw.bin"));
}

static void add_media(struct json_object *json, const struct sp_root *root)
{
	SP_AUTO(sp_media_done) struct sp_media media = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv lines = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	if (sp_media_list(root, &media, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < media.n; i++) {
		const struct sp_medium *medium = &media.items[i];
		SP_AUTO(sp_str_freep) char *text = sp_medium_describe(medium);
		SP_AUTO(sp_str_freep)
		char *line = sp_text_format("%s: %s (%u of %u, %ju, %ju)", medium->path,
					    text, medium->partition, medium->partitions,
					    (uintmax_t)medium->number,
					    (uintmax_t)medium->size_bytes);

		assert_int_equal(sp_strv_add(&lines, line, &err), 0);
	}
	sp_json_set_strv(json, "media", &lines);
}

/* All that probe/ reads below @dir, as text; caller frees. */
static char *describe(const char *dir)
{
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	SP_AUTO(sp_device_list_done) struct sp_device_list devices = { 0 };
	SP_AUTO(sp_json_freep) struct json_object *json = sp_json_object();
	struct sp_error err = SP_ERROR_INIT;
	char *text;

	if (sp_root_new(dir, &root, &err) < 0 ||
	    sp_device_list_read(root, &devices, &err) < 0)
		fail_msg("%s", err.text);
	sp_json_set(json, "devices", sp_device_list_to_json(&devices));
	add_kernel(json, root);
	add_media(json, root);
	text = sp_json_print(json, true);
	assert_non_null(text);
	return text;
}

static void assert_same(const char *dir, const char *record)
{
	SP_AUTO(sp_str_freep) char *here = describe(dir);
	SP_AUTO(sp_str_freep) char *there = describe(record);

	assert_string_equal(there, here);
}

/* And the record of a record is the same, to the byte. */
static void reads_as_the_machine_does(void **state)
{
	static const char sample[] = "lib/modules/4.19.0+1/kernel/sample-nic.ko.xz";
	struct machine machine, record, again;

	(void)state;
	machine_make(&machine, NULL, NULL);
	machine_write(&machine, "lib/firmware/vendor/fw.bin", "bytes");
	machine_write(&machine, "sys/module/module/parameters/sig_enforce", "Y\n");
	machine_write(&machine, "lib/modules/4.19.0+1/modules.dep",
		      "kernel/a.ko:\nkernel/sample-nic.ko.xz: kernel/a.ko\n");
	machine_make_parents(&machine, sample);
	machine_run((const char *[]){ "cp", SAMPLES "/sample.ko.xz",
				      machine_path(&machine, sample), NULL });
	machine_init(&record);
	machine_init(&again);
	capture(machine.dir, record.dir);
	assert_same(machine.dir, record.dir);
	capture(record.dir, again.dir);
	machine_run((const char *[]){ "diff", "-r", "--no-dereference", record.dir,
				      again.dir, NULL });
	machine_done(&machine);
	machine_done(&record);
	machine_done(&again);
}

static void reads_as_this_machine_does(void **state)
{
	struct machine record;

	(void)state;
	machine_init(&record);
	capture("/", record.dir);
	assert_same("/", record.dir);
	machine_done(&record);
}

/* ---- no more than is needed ------------------------------------------------ */

static const char *const secrets[] = {
	"S3CR3T",           "00:1b:21:aa:bb:cc", "001b21aabbcc",
	"ffffffffc0a3c000", "5000c500deadbeef",  "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0",
};

static int holds_no_secret(const char *path, const struct stat *st, int type,
			   struct FTW *ftw)
{
	SP_AUTO(sp_closep) int fd = -1;
	static char bytes[1 << 20];
	ssize_t len;

	(void)ftw;
	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
		if (strstr(path, secrets[i]))
			fail_msg("'%s' is there", path);
	if (type != FTW_F || !S_ISREG(st->st_mode))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = read(fd, bytes, sizeof bytes - 1);
	assert_true(len >= 0);
	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
		if (memmem(bytes, (size_t)len, secrets[i], strlen(secrets[i])))
			fail_msg("'%s' holds '%s'", path, secrets[i]);
	return 0;
}

#define SDA "sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/"
#define IGB "sys/devices/pci0000:00/0000:00:03.0/0000:06:00.0/"

// clang-format off
static const struct {
	const char *path, *text;
} secret_files[] = {
	{ SDA "block/sda/serial", "S3CR3T\n" },
	{ SDA "wwid", "naa.5000c500deadbeef\n" },
	{ SDA "vpd_pg80", "S3CR3T" },
	{ IGB "net/eth0/address", "00:1b:21:aa:bb:cc\n" },
	{ IGB "net/enx001b21aabbcc/address", "00:1b:21:aa:bb:cc\n" },
	{ IGB "vpd", "S3CR3T" },
	{ IGB "uevent", "SERIAL=S3CR3T\n" },
	{ "sys/devices/virtual/dmi/id/product_uuid", "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0\n" },
	{ "sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/serial", "S3CR3T\n" },
	{ "proc/modules", "e1000e 286720 0 - Live 0xffffffffc0a3c000 (OE)\n" },
	{ "proc/cmdline", "ro root=UUID=0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0 quiet"
	  " answerfile=http://u:S3CR3T@h/ console=ttyS0 pw=S3CR3T -- S3CR3T\n" },
	{ "etc/xensource-inventory", "PRODUCT_VERSION='8.3.0'\n"
	  "INSTALLATION_UUID='0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0'\n"
	  "BUILD_NUMBER='cloud'\nPRIMARY_DISK='/dev/disk/by-id/scsi-S3CR3T'\n" },
	{ "etc/shadow", "root:S3CR3T:\n" },
	{ "lib/firmware/vendor/fw.bin", "S3CR3T" },
	{ "etc/pki/rpm-gpg/RPM-GPG-KEY-x", "a public key\n" },
};

static const struct kept_row {
	const char *name; /* its path */
	const char *text;
} kept_rows[] = {
	{ "proc/cmdline", "ro quiet console=ttyS0\n" },
	{ "proc/modules", "e1000e 286720 0 - Live 0x0000000000000000\n" },
	{ "etc/xensource-inventory", "PRODUCT_VERSION='8.3.0'\nBUILD_NUMBER='cloud'\n" },
	{ "etc/pki/rpm-gpg/RPM-GPG-KEY-x", "a public key\n" },
	{ "lib/firmware/vendor/fw.bin", "" },
	{ SDA "model", "ST1000NM0033-9ZM\n" },
	{ IGB "vendor", "0x8086\n" },
	{ IGB "net/eth0/operstate", "up\n" },
};
// clang-format on

static struct machine full, recorded;

static void tells_no_secret(void **state)
{
	(void)state;
	assert_int_equal(nftw(recorded.dir, holds_no_secret, 16, FTW_PHYS), 0);
}

static void keeps(void **state)
{
	const struct kept_row *row = *state;
	char text[256];
	int fd = open(machine_path(&recorded, row->name), O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, text, sizeof text - 1);

	assert_true(len >= 0);
	text[len] = '\0';
	(void)close(fd);
	assert_string_equal(text, row->text);
}

/* The interface is there, under another name, in the place and in the list. */
static void renames_what_is_named_after_a_mac(void **state)
{
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	SP_AUTO(sp_device_list_done) struct sp_device_list devices = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	const struct sp_device *igb;

	(void)state;
	assert_int_equal(sp_root_new(recorded.dir, &root, &err), 0);
	assert_int_equal(sp_device_list_read(root, &devices, &err), 0);
	igb = sp_device_find(&devices, "0000:06:00.0");
	assert_non_null(igb);
	assert_int_equal(igb->interfaces.n, 2);
	assert_string_equal(igb->interfaces.items[0], "enx000000000001");
	assert_string_equal(igb->interfaces.items[1], "eth0");
	assert_int_equal(access(machine_path(&recorded, "sys/class/net/enx000000000001/"
							"operstate"),
				F_OK),
			 0);
}

static void make_full(void)
{
	machine_make(&full, NULL, NULL);
	machine_init(&recorded);
	for (size_t i = 0; i < sizeof secret_files / sizeof *secret_files; i++)
		machine_write(&full, secret_files[i].path, secret_files[i].text);
	machine_write(&full, IGB "net/enx001b21aabbcc/operstate", "down\n");
	machine_link(&full, IGB "net/enx001b21aabbcc/subsystem",
		     "../../../../../../class/net");
	machine_link(&full, "sys/class/net/enx001b21aabbcc",
		     "../../devices/pci0000:00/0000:00:03.0/0000:06:00.0/net/"
		     "enx001b21aabbcc");
	capture(full.dir, recorded.dir);
}

/* ---- where it goes --------------------------------------------------------- */

static void wants_an_empty_directory(void **state)
{
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct machine target;

	(void)state;
	machine_init(&target);
	machine_write(&target, "sub/x", "kept");
	assert_int_equal(sp_root_new(full.dir, &root, &err), 0);
	assert_int_equal(sp_capture_write(root, target.dir, &err), -SP_ERR_USAGE);
	assert_non_null(strstr(err.text, "is not empty"));
	assert_int_equal(sp_capture_write(root, machine_path(&target, "sub/new"), &err),
			 0);
	assert_int_equal(access(machine_path(&target, "sub/new/sys/bus/pci/devices/"
						      "0000:04:00.0/vendor"),
				F_OK),
			 0);
	assert_int_equal(sp_capture_write(root, machine_path(&target, "no/where"), &err),
			 -SP_ERR_IO);
	machine_done(&target);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_as_the_machine_does),
		cmocka_unit_test(reads_as_this_machine_does),
		cmocka_unit_test(tells_no_secret),
		cmocka_unit_test(renames_what_is_named_after_a_mac),
		cmocka_unit_test(wants_an_empty_directory),
	};
	int failed;

	make_full();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	failed += table_run("kept", kept_rows, keeps);
	machine_done(&full);
	machine_done(&recorded);
	return failed;
}
