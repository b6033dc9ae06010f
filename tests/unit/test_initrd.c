/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "repo/initrd.h"
#include "base/child.h"
#include "base/file.h"
#include "base/text.h"
#include "support/table.h"
#include "support/tree.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MODULE "lib/modules/4.19.0+1/updates/e1000e.ko"

static const struct row {
	const char *name, *compress, *early;
	size_t cut; /* bytes missing at its end */
	int outcome;
} rows[] = {
	// clang-format off
	{ "plain",                     "none",  NULL,      0, 0 },
	{ "gzip",                      "gzip",  NULL,      0, 0 },
	{ "gzip behind microcode",     "gzip",  "--early", 0, 0 },
	{ "plain behind microcode",    "none",  "--early", 0, 0 },
	{ "xz behind microcode",       "xz",    "--early", 0, 0 },
	{ "zstd behind microcode",     "zstd",  "--early", 0, 0 },
	{ "lz4 behind microcode",      "lz4",   "--early", 0, 0 },
	{ "bzip2",                     "bzip2", NULL,      0, 0 },
	{ "gzip, cut off",             "gzip",  "--early", 90, -SP_ERR_FORMAT },
	{ "plain, cut off",            "none",  NULL,      700, -SP_ERR_FORMAT },
	// clang-format on
};

/* Makes <dir>/initrd.img as the row says; returns it opened. */
static int make(const char *dir, const struct row *row)
{
	SP_AUTO(sp_str_freep) char *out = sp_text_format("%s/initrd.img", dir);
	SP_AUTO(sp_str_freep) char *root = sp_text_format("%s/root", dir);
	const char *argv[8] = { FACTORY "/make-initrd", "--out", out,        "--compress",
				row->compress,          root,    row->early, NULL };
	struct sp_child_result result = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	off_t len;
	int fd;

	assert_int_equal(sp_child_run(argv, NULL, 20000, &result, &err), 0);
	if (result.status)
		fail_msg("make-initrd: %s", result.output);
	free(result.output);
	fd = open(out, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	len = lseek(fd, 0, SEEK_END);
	assert_int_equal(ftruncate(fd, len - (off_t)row->cut), 0);
	return fd;
}

static void holds_what_it_holds(void **state)
{
	static const struct tree_file tree[] = {
		{ "root/usr/" MODULE, "the module" },
		{ "root/usr/lib/firmware/e1000e.fw", "" },
		{ "root/usr/lib/firmware/linked.fw", "->e1000e.fw" },
		{ "root/lib", "->usr/lib" },
		{ NULL, NULL },
	};
	const struct row *row = *state;
	struct sp_initrd_file files[] = {
		{ .path = MODULE },
		{ .path = "lib/firmware/e1000e.fw" },
		{ .path = "lib/modules/4.19.0+1/updates/absent.ko" },
		{ .path = "lib/firmware/linked.fw" },
	};
	struct machine machine;
	char want[65];
	struct sp_error err = SP_ERROR_INIT;
	int root_fd = tree_make(&machine, tree), fd = make(machine.dir, row);
	int r = sp_initrd_look(fd, files, sizeof files / sizeof files[0], &err);

	sp_closep(&root_fd);
	sp_closep(&fd);
	machine_done(&machine);
	assert_int_equal(r, row->outcome);
	if (r < 0)
		return;
	assert_int_equal(sp_digest_sha256_hex("the module", 10, want, &err), 0);
	assert_true(files[0].found);
	assert_string_equal(files[0].sha256, want);
	assert_true(files[1].found);
	assert_false(files[2].found);
	assert_true(files[3].found);
	assert_string_equal(files[3].sha256, "");
}

int main(void)
{
	return table_run("initrd", rows, holds_what_it_holds);
}
