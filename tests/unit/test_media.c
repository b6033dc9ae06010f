/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which media there are, and when that is settled; the lists come from recorded machines. */
#include "probe/media.h"

#include "base/finding.h"
#include "base/worker.h"
#include "probe/root.h"
#include "support/table.h"
#include "support/disk.h"

#include <sys/sysmacros.h>

/* ---- the list -------------------------------------------------------------- */

static void list_media(const struct machine *machine, struct sp_media *media)
{
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;

	if (sp_root_new(machine->dir, &root, &err) < 0 ||
	    sp_media_list(root, media, &err) < 0)
		fail_msg("%s", err.text);
}

static void lists_what_a_host_has(void **state)
{
	// clang-format off
	static const struct {
		const char *path, *text;
		unsigned partition, partitions, major_number, minor_number;
		bool removable, is_cdrom;
	} expected[] = {
		{ "/dev/sr0", "CD-ROM HL-DT-ST DVD+-RW GTA0N, 700 MiB",
		  0, 0, 11, 0, true, true },
		{ "/dev/sdb", "removable SanDisk Ultra Fit, 14 GiB", 0, 1, 8, 16, true, false },
		{ "/dev/sdb1", "removable SanDisk Ultra Fit, partition 1, 7332 MiB",
		  1, 0, 8, 17, true, false },
		{ "/dev/sda", "disk ST1000NM0033-9ZM, 931 GiB", 0, 2, 8, 0, false, false },
		{ "/dev/sda1", "disk ST1000NM0033-9ZM, partition 1, 310 GiB",
		  1, 0, 8, 1, false, false },
		{ "/dev/sda2", "disk ST1000NM0033-9ZM, partition 2, 310 GiB",
		  2, 0, 8, 2, false, false },
		{ "/dev/nvme0n1", "disk Samsung SSD 970 EVO 500GB, 465 GiB",
		  0, 1, 259, 0, false, false },
		{ "/dev/nvme0n1p1", "disk Samsung SSD 970 EVO 500GB, partition 1, 232 GiB",
		  1, 0, 259, 1, false, false },
	};
	// clang-format on
	static const char *const forms[] = { NULL, "--plain" };

	(void)state;
	for (size_t form = 0; form < 2; form++) {
		SP_AUTO(sp_media_done) struct sp_media media = { 0 };
		struct machine machine;

		machine_make(&machine, forms[form], NULL);
		list_media(&machine, &media);
		assert_int_equal(media.n, sizeof expected / sizeof *expected);
		for (size_t i = 0; i < media.n; i++) {
			SP_AUTO(sp_str_freep)
			char *text = sp_medium_describe(&media.items[i]);

			assert_string_equal(media.items[i].path, expected[i].path);
			/* the model stands behind a link, which a copy has not */
			if (form == 0)
				assert_string_equal(text, expected[i].text);
			assert_int_equal(media.items[i].partition, expected[i].partition);
			assert_int_equal(media.items[i].partitions,
					 expected[i].partitions);
			assert_int_equal(media.items[i].number,
					 makedev(expected[i].major_number,
						 expected[i].minor_number));
			assert_int_equal(media.items[i].removable, expected[i].removable);
			assert_int_equal(media.items[i].is_cdrom, expected[i].is_cdrom);
			assert_int_equal(media.items[i].state, SP_MEDIUM_UNKNOWN);
		}
		assert_ptr_equal(sp_media_find(&media, "/dev/sdb1"), &media.items[2]);
		assert_null(sp_media_find(&media, "/dev/sdc"));
		machine_done(&machine);
	}
}

/* One disk of a machine that has no other; sectors of 512 bytes. */
// clang-format off
static const struct kind_row {
	const char *name, *sectors;
	const char *path; /* NULL: it is no medium */
	uint64_t size_bytes;
} kind_rows[] = {
	{ "sda", "8", "/dev/sda", 4096 },
	{ "vda", "2048\n", "/dev/vda", 1048576 },
	{ "mmcblk0", "8", "/dev/mmcblk0", 4096 },
	{ "cciss!c0d0", "8", "/dev/cciss/c0d0", 4096 },
	{ "sr0", "2097151\n", "/dev/sr0", 0 }, /* nobody has read it yet */
	{ "sdb", "2097151", "/dev/sdb", 1073741312 },
	{ "sdc", "0", NULL, 0 },
	{ "sdd", "2", NULL, 0 },
	{ "sde", "-8", NULL, 0 },
	{ "sdf", "18446744073709551615", NULL, 0 },
	{ "sdg", "", NULL, 0 },
	{ "sdh", "8 MB", NULL, 0 },
	{ "loop0", "8", NULL, 0 },
	{ "ram1", "8", NULL, 0 },
	{ "zram0", "8", NULL, 0 },
	{ "dm-0", "8", NULL, 0 },
	{ "md127", "8", NULL, 0 },
	{ "fd0", "8", NULL, 0 },
	{ "nbd0", "8", NULL, 0 },
};
// clang-format on

static void tells_media_from_other_disks(void **state)
{
	const struct kind_row *row = *state;
	SP_AUTO(sp_media_done) struct sp_media media = { 0 };
	struct machine machine;

	machine_init(&machine);
	add_disk(&machine, row->name, "8:0\n", row->sectors);
	list_media(&machine, &media);
	assert_int_equal(media.n, row->path ? 1 : 0);
	if (row->path) {
		assert_string_equal(media.items[0].path, row->path);
		assert_int_equal(media.items[0].size_bytes, row->size_bytes);
	}
	machine_done(&machine);
}

static void leaves_out_hidden_paths(void **state)
{
	SP_AUTO(sp_media_done) struct sp_media media = { 0 };
	struct machine machine;

	(void)state;
	machine_init(&machine);
	add_disk(&machine, "nvme0c0n1", "259:1", "8");
	machine_write(&machine, "sys/block/nvme0c0n1/hidden", "1\n");
	add_disk(&machine, "nvme0n1", "259:0", "8");
	machine_write(&machine, "sys/block/nvme0n1/hidden", "0\n");
	list_media(&machine, &media);
	assert_int_equal(media.n, 1);
	assert_string_equal(media.items[0].name, "nvme0n1");
	machine_done(&machine);
}

static void lists_at_most_256(void **state)
{
	SP_AUTO(sp_media_done) struct sp_media media = { 0 };
	struct machine machine;

	(void)state;
	machine_init(&machine);
	for (int i = 0; i < 300; i++) {
		char name[16];

		(void)snprintf(name, sizeof name, "vd%c%c", 'a' + i / 26, 'a' + i % 26);
		add_disk(&machine, name, "8:0", "8");
	}
	list_media(&machine, &media);
	assert_int_equal(media.n, 256);
	machine_done(&machine);
}

/* ---- waiting --------------------------------------------------------------- */

struct visitor {
	struct machine machine;
	int ticks, come_at, disk_at, cancel_at; /* 0: never */
};

#define USB "sys/bus/usb/devices/1-1:1.0/"

static int tick(void *user)
{
	struct visitor *visitor = user;

	visitor->ticks++;
	if (visitor->ticks == visitor->come_at)
		machine_write(&visitor->machine, USB "bInterfaceClass", "08\n");
	if (visitor->ticks == visitor->disk_at) {
		machine_write(&visitor->machine, USB "host0/0:0:0:0/block/sdb/size", "8");
		add_disk(&visitor->machine, "sdb", "8:16", "2048");
	}
	return visitor->ticks == visitor->cancel_at;
}

// clang-format off
static const struct wait_row {
	const char *name;
	int come_at, disk_at, cancel_at;
	unsigned settle_ms, limit_ms;
	int result;
	size_t n;
	int min_ticks, max_ticks;
} wait_rows[] = {
	{ "nothing comes", 0, 0, 0, 300, 5000, 0, 1, 2, 6 },
	{ "no time at all", 0, 0, 0, 300, 0, 0, 1, 0, 0 },
	{ "a stick comes", 1, 2, 0, 300, 5000, 0, 2, 4, 9 },
	{ "a stick that takes long to have a disk", 1, 12, 0, 300, 10000, 0, 2, 14, 20 },
	{ "a stick that never has a disk", 1, 0, 0, 300, 800, 0, 1, 5, 10 },
	{ "cancelled", 0, 0, 2, 5000, 5000, -SP_ERR_CANCELLED, 0, 2, 2 },
};
// clang-format on

static void waits(void **state)
{
	const struct wait_row *row = *state;
	SP_AUTO(sp_media_done) struct sp_media media = { 0 };
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct visitor visitor = { .come_at = row->come_at,
				   .disk_at = row->disk_at,
				   .cancel_at = row->cancel_at };
	const struct sp_patience patience = { -1, tick, &visitor };
	struct sp_error err = SP_ERROR_INIT;

	machine_init(&visitor.machine);
	add_disk(&visitor.machine, "sda", "8:0", "2048");
	assert_int_equal(sp_root_new(visitor.machine.dir, &root, &err), 0);
	assert_int_equal(sp_media_wait(root, row->settle_ms, row->limit_ms, &patience,
				       &media, &err),
			 row->result);
	assert_int_equal(media.n, row->n);
	assert_in_range(visitor.ticks, row->min_ticks, row->max_ticks);
	machine_done(&visitor.machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_what_a_host_has),
		cmocka_unit_test(leaves_out_hidden_paths),
		cmocka_unit_test(lists_at_most_256),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	failed += table_run("kind", kind_rows, tells_media_from_other_disks);
	failed += table_run("wait", wait_rows, waits);
	return failed;
}
