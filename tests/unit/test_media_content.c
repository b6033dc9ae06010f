/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is on media: made by the real tools (mkfs, genisoimage) in files, which a prober
 * takes for devices. */
#include "probe/media.h"

#include "base/finding.h"
#include "base/worker.h"
#include "probe/root.h"
#include "support/table.h"
#include "support/disk.h"

#include <sys/sysmacros.h>

/* ---- content --------------------------------------------------------------- */

/* Makes @path below @machine by "<tool> <options> <path>", or from a directory. */
static void make_fs(const struct machine *machine, const char *path, const char *type,
		    const char *label)
{
	char file[PATH_MAX], blank[1] = "";

	(void)snprintf(file, sizeof file, "%s", machine_path(machine, path));
	machine_write_bytes(machine, path, blank, 1);
	if (strcmp(type, "iso9660") == 0 || strcmp(type, "udf") == 0) {
		machine_write(machine, "content/update.xml", "<update/>\n");
		machine_run((const char *[]){ "genisoimage", "-quiet", "-V", label,
					      strcmp(type, "udf") == 0 ? "-udf" : "-R",
					      "-o", file,
					      machine_path(machine, "content"), NULL });
		return;
	}
	if (strcmp(type, "squashfs") == 0) {
		machine_write(machine, "content/update.xml", "<update/>\n");
		machine_run((const char *[]){
			"mksquashfs", machine_path(machine, "content"), file, "-quiet",
			"-no-progress", "-noappend", NULL });
		return;
	}
	if (truncate(file, 8 << 20) < 0)
		abort();
	if (strcmp(type, "vfat") == 0)
		machine_run(
			(const char *[]){ "mkfs.vfat", "-n", label, "--", file, NULL });
	else if (strcmp(type, "none") != 0)
		machine_run((const char *[]){ "mke2fs", "-q", "-F", "-t", type, "-L",
					      label, file, NULL });
}

static void overwrite(const struct machine *machine, const char *path, off_t at,
		      const void *bytes, size_t len)
{
	int fd = open(machine_path(machine, path), O_RDWR | O_CLOEXEC);

	if (fd < 0 || pwrite(fd, bytes, len, at) != (ssize_t)len || close(fd) < 0)
		abort();
}

static int probe(const struct machine *machine, const char *path,
		 struct sp_filesystem *filesystem)
{
	SP_AUTO(sp_closep)
	int fd = open(machine_path(machine, path), O_RDONLY | O_CLOEXEC);
	struct sp_error err = SP_ERROR_INIT;

	return sp_media_blkid_probe(fd, filesystem, &err);
}

// clang-format off
static const struct fs_row {
	const char *name, *type, *label;
	enum sp_medium_state state;
	const char *told_type, *told_label;
} fs_rows[] = {
	{ "iso9660", "iso9660", "DRIVERS", SP_MEDIUM_USABLE, "iso9660", "DRIVERS" },
	{ "udf", "udf", "DRIVERS", SP_MEDIUM_USABLE, "udf", "DRIVERS" },
	{ "vfat", "vfat", "OEMDRV", SP_MEDIUM_USABLE, "vfat", "OEMDRV" },
	{ "ext2", "ext2", "one two", SP_MEDIUM_USABLE, "ext2", "one two" },
	{ "ext3", "ext3", "x", SP_MEDIUM_USABLE, "ext3", "x" },
	{ "ext4", "ext4", "", SP_MEDIUM_USABLE, "ext4", NULL },
	{ "squashfs", "squashfs", "", SP_MEDIUM_UNSUPPORTED, "squashfs", NULL },
	{ "nothing", "none", "", SP_MEDIUM_BLANK, NULL, NULL },
};
// clang-format on

static void knows_file_systems(void **state)
{
	const struct fs_row *row = *state;
	SP_AUTO(sp_filesystem_done) struct sp_filesystem filesystem = { 0 };
	struct machine machine;

	machine_init(&machine);
	make_fs(&machine, "image", row->type, row->label);
	assert_int_equal(probe(&machine, "image", &filesystem), 0);
	assert_int_equal(filesystem.state, row->state);
	if (row->told_type)
		assert_string_equal(filesystem.type, row->told_type);
	else
		assert_null(filesystem.type);
	if (row->told_label)
		assert_string_equal(filesystem.label, row->told_label);
	else
		assert_null(filesystem.label);
	machine_done(&machine);
}

// clang-format off
static const struct overlay_row {
	const char *name;
	const char *options[2]; /* of mkfs.vfat */
	off_t vfat_bytes, iso_bytes;
} overlay_rows[] = {
	{ "on a medium as small as a floppy disk", { "-F", "12" }, 1 << 20, 1 << 20 },
	{ "on a large medium", { "-F", "16" }, 40 << 20, 8 << 20 },
};
// clang-format on

/* A FAT in the 32 KiB that ISO 9660 leaves free: mounted as one it holds other files
 * than as the other. */
static void is_ambiguous(void **state)
{
	const struct overlay_row *row = *state;
	SP_AUTO(sp_filesystem_done) struct sp_filesystem filesystem = { 0 };
	static char start[32768];
	struct machine machine;
	int fd;

	machine_init(&machine);
	make_fs(&machine, "iso", "iso9660", "DRIVERS");
	machine_write(&machine, "vfat", "");
	assert_int_equal(truncate(machine_path(&machine, "iso"), row->iso_bytes), 0);
	assert_int_equal(truncate(machine_path(&machine, "vfat"), row->vfat_bytes), 0);
	machine_run((const char *[]){ "mkfs.vfat", row->options[0], row->options[1],
				      machine_path(&machine, "vfat"), NULL });
	fd = open(machine_path(&machine, "vfat"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, start, sizeof start), sizeof start);
	(void)close(fd);
	overwrite(&machine, "iso", 0, start, sizeof start);
	assert_int_equal(probe(&machine, "iso", &filesystem), 0);
	assert_int_equal(filesystem.state, SP_MEDIUM_AMBIGUOUS);
	assert_null(filesystem.type);
	machine_done(&machine);
}

static void a_label_moves_no_cursor(void **state)
{
	static const char label[32] = "\x1b[2J\nOEMDRV\x07                    ";
	SP_AUTO(sp_filesystem_done) struct sp_filesystem filesystem = { 0 };
	struct machine machine;

	(void)state;
	machine_init(&machine);
	make_fs(&machine, "iso", "iso9660", "DRIVERS");
	overwrite(&machine, "iso", 32768 + 40, label, sizeof label);
	assert_int_equal(probe(&machine, "iso", &filesystem), 0);
	assert_string_equal(filesystem.label, "?[2J OEMDRV?");
	assert_false(sp_medium_label_is_hint(filesystem.label));
	machine_done(&machine);
}

// clang-format off
static const struct hint_row {
	const char *name;
	bool is_hint;
} hint_rows[] = {
	{ "OEMDRV", true }, { "oemdrv", true }, { "OemDrv", true }, { "SUPPACK", true },
	{ "suppack", true }, { "OEMDRV2", false }, { "DRIVERS", false }, { "", false },
};
// clang-format on

static void hints(void **state)
{
	const struct hint_row *row = *state;

	assert_int_equal(sp_medium_label_is_hint(row->name), row->is_hint);
	assert_false(sp_medium_label_is_hint(NULL));
}

/* ---- the survey ------------------------------------------------------------ */

static const struct sp_medium *survey_find(const struct machine *machine,
					   struct sp_media *media, const char *path)
{
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;

	sp_media_done(media);
	if (sp_root_new(machine->dir, &root, &err) < 0 ||
	    sp_media_list(root, media, &err) < 0 ||
	    sp_media_survey(root, media, NULL, &err) < 0)
		fail_msg("%s", err.text);
	return sp_media_find(media, path);
}

static void surveys_each_medium_once(void **state)
{
	SP_AUTO(sp_media_done) struct sp_media media = { 0 };
	const struct sp_medium *medium;
	struct machine machine;

	(void)state;
	machine_init(&machine);
	add_disk(&machine, "sda", "8:0", "16384");
	add_partition(&machine, "sda", "sda1", "8:1", "16000");
	add_partition(&machine, "sda", "sda2", "8:2", "16000");
	add_disk(&machine, "sdb", "8:16", "16384");
	add_disk(&machine, "sr0", "11:0", "2097151");
	add_disk(&machine, "sdc", "8:32", "8");
	make_fs(&machine, "dev/sda", "iso9660", "SuppPack");
	machine_run((const char *[]){ "cp", machine_path(&machine, "dev/sda"),
				      machine_path(&machine, "dev/sda1"), NULL });
	make_fs(&machine, "dev/sda2", "vfat", "OEMDRV");
	make_fs(&machine, "dev/sr0", "iso9660", "SUPPACK");
	make_fs(&machine, "dev/sdb", "none", "");

	medium = survey_find(&machine, &media, "/dev/sda");
	assert_int_equal(media.n, 6);
	assert_int_equal(medium->state, SP_MEDIUM_USABLE);
	assert_false(medium->is_hint);
	assert_string_equal(medium->filesystem.type, "iso9660");
	assert_int_equal(sp_media_find(&media, "/dev/sda1")->state, SP_MEDIUM_DUPLICATE);
	medium = sp_media_find(&media, "/dev/sda2");
	assert_int_equal(medium->state, SP_MEDIUM_USABLE);
	assert_true(medium->is_hint);
	medium = sp_media_find(&media, "/dev/sr0");
	assert_int_equal(medium->state, SP_MEDIUM_USABLE);
	assert_true(medium->is_hint);
	assert_in_range(medium->size_bytes, 100 * 1024, 1024 * 1024);
	assert_int_equal(sp_media_find(&media, "/dev/sdb")->state, SP_MEDIUM_BLANK);
	assert_int_equal(sp_media_find(&media, "/dev/sdc")->state, SP_MEDIUM_GONE);
	machine_done(&machine);
}

static void a_directory_is_no_device(void **state)
{
	SP_AUTO(sp_media_done) struct sp_media media = { 0 };
	struct machine machine;

	(void)state;
	machine_init(&machine);
	add_disk(&machine, "sda", "8:0", "16384");
	machine_write(&machine, "dev/sda/x", "");
	assert_int_equal(survey_find(&machine, &media, "/dev/sda")->state,
			 SP_MEDIUM_GONE);
	machine_done(&machine);
}

/* A FIFO in the place of a device keeps nobody waiting. */
static void a_fifo_is_no_device(void **state)
{
	SP_AUTO(sp_media_done) struct sp_media media = { 0 };
	struct machine machine;

	(void)state;
	machine_init(&machine);
	add_disk(&machine, "sda", "8:0", "16384");
	machine_make_parents(&machine, "dev/sda");
	assert_int_equal(mkfifo(machine_path(&machine, "dev/sda"), 0600), 0);
	assert_int_equal(survey_find(&machine, &media, "/dev/sda")->state,
			 SP_MEDIUM_GONE);
	machine_done(&machine);
}

/* ---- findings -------------------------------------------------------------- */

// clang-format off
static const struct finding_row {
	const char *name;
	enum sp_medium_state state;
	const char *code, *text;
} finding_rows[] = {
	{ "usable", SP_MEDIUM_USABLE, NULL, NULL },
	{ "twice", SP_MEDIUM_DUPLICATE, NULL, NULL },
	{ "not looked at", SP_MEDIUM_UNKNOWN, NULL, NULL },
	{ "empty", SP_MEDIUM_EMPTY, "no-medium",
	  "'/dev/sdb' cannot be used: there is nothing in the drive" },
	{ "blank", SP_MEDIUM_BLANK, "unknown-filesystem",
	  "'/dev/sdb' cannot be used: it holds no known file system" },
	{ "ambiguous", SP_MEDIUM_AMBIGUOUS, "ambiguous-filesystem",
	  "'/dev/sdb' cannot be used: it holds more than one file system at the same place" },
	{ "unsupported", SP_MEDIUM_UNSUPPORTED, "unknown-filesystem",
	  "'/dev/sdb' cannot be used: packs are not read from its file system 'xfs'" },
	{ "gone", SP_MEDIUM_GONE, "device-vanished",
	  "'/dev/sdb' cannot be used: it was unplugged" },
	{ "failed", SP_MEDIUM_FAILED, "timed-out", "no answer within 15 s" },
};
// clang-format on

static void says_why_not(void **state)
{
	const struct finding_row *row = *state;
	char path[] = "/dev/sdb", type[] = "xfs";
	struct sp_medium medium = { .path = path, .state = row->state };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	if (row->state == SP_MEDIUM_UNSUPPORTED)
		medium.filesystem.type = type;
	if (row->state == SP_MEDIUM_FAILED)
		(void)sp_error_set(&medium.error, SP_ERR_TIMEOUT,
				   "no answer within 15 s");
	assert_int_equal(sp_medium_add_finding(&medium, &findings, &err), 0);
	assert_int_equal(findings.n, row->code ? 1 : 0);
	if (row->code) {
		assert_string_equal(findings.items[0].code, row->code);
		assert_string_equal(findings.items[0].text, row->text);
		assert_string_equal(findings.items[0].about, "/dev/sdb");
	}
}

static void mounts_nothing_of_another_kind(void **state)
{
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_media_mount("/dev/sdb", "xfs", "/nonexistent", &err),
			 -SP_ERR_FORMAT);
	assert_string_equal(err.text,
			    "'/dev/sdb' has file system 'xfs', which is never mounted");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_label_moves_no_cursor),
		cmocka_unit_test(surveys_each_medium_once),
		cmocka_unit_test(a_directory_is_no_device),
		cmocka_unit_test(a_fifo_is_no_device),
		cmocka_unit_test(mounts_nothing_of_another_kind),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	failed += table_run("file system", fs_rows, knows_file_systems);
	failed += table_run("overlay", overlay_rows, is_ambiguous);
	failed += table_run("hint", hint_rows, hints);
	failed += table_run("finding", finding_rows, says_why_not);
	return failed;
}
