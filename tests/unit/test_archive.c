/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything read here is made by the real tools, while the test runs. */
#include "base/archive.h"

#include "base/text.h"
#include "support/made.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MODULE_BYTES = 588895 };

/* ---- making ---------------------------------------------------------------- */

static const char make_tree[] =
	"cd $1; mkdir -p tree/packages tree/repodata\n"
	"echo hello >tree/repodata/repomd.xml; seq 1 50000 >tree/packages/big\n"
	"ln -s ../repodata/repomd.xml tree/link; mkfifo tree/fifo; : >tree/none\n"
	"echo x >tree/packages/é; ln -s /etc/passwd tree/abs";

static const char make_rpms[] =
	"cd $1; cat >t.spec <<'E'\n"
	"Name: drv\nVersion: 1\nRelease: 1\nSummary: x\nLicense: GPL\n%description\nx\n"
	"%install\nd=%{buildroot}/lib/modules/4.19.0+1/updates; mkdir -p $d\n"
	"seq 1 100000 >$d/a.ko; ln $d/a.ko $d/b.ko; ln -s a.ko $d/sym.ko\n"
	"%files\n/lib/modules\nE\n"
	"for p in w9.gzdio w2.xzdio w3.zstdio w9.bzdio; do\n"
	"rpmbuild -bb --quiet --define \"_topdir $1/$p\" --define \"_binary_payload $p\" "
	"t.spec >/dev/null 2>&1; mv $p/RPMS/*/*.rpm $p.rpm; done\n"
	"cp w2.xzdio.rpm tree/packages/drv.rpm";

static const char make_archives[] =
	"cd $1; genisoimage -quiet -r -J -input-charset utf-8 -o rr.iso tree 2>/dev/null\n"
	"genisoimage -quiet -J -input-charset utf-8 -o joliet.iso tree 2>/dev/null\n"
	"xorriso -outdev xorriso.iso -blank as_needed -map tree / -commit >/dev/null 2>&1\n"
	"seq 1 400 >plain; : >empty; gzip -nk plain\n"
	"tar -C tree -cjf t.tbz2 .; tar -C tree -cjPf slash.tbz2 --transform 's,^,/,' none\n";

/* ---- archives -------------------------------------------------------------- */

static struct sp_archive *open_archive(const char *path, enum sp_archive_kind kind,
				       uint64_t max_bytes, int *ret_fd)
{
	struct sp_archive *archive = NULL;
	struct sp_error err = SP_ERROR_INIT;

	*ret_fd = openat(top, path, O_RDONLY | O_CLOEXEC);
	assert_true(*ret_fd >= 0);
	assert_int_equal(sp_archive_open_fd(*ret_fd, kind, max_bytes, &archive, &err), 0);
	return archive;
}

static int64_t read_rest(struct sp_archive *archive, struct sp_error *err)
{
	char bytes[5000];
	int64_t all = 0;
	ssize_t n;

	while ((n = sp_archive_read(archive, bytes, sizeof bytes, err)) > 0)
		all += n;
	return n < 0 ? n : all;
}

struct expected {
	const char *path;
	enum sp_archive_type type;
	int64_t size; /* -1: any */
	const char *link_target;
};

struct archive_row {
	const char *name; /* the file */
	enum sp_archive_kind kind;
	const struct expected *entries;
	size_t n;
};

// clang-format off
static const struct expected tree_entries[] = {
	{ "repodata", SP_ARCHIVE_DIR, -1, NULL }, { "packages", SP_ARCHIVE_DIR, -1, NULL },
	{ "repodata/repomd.xml", SP_ARCHIVE_FILE, 6, NULL },
	{ "packages/big", SP_ARCHIVE_FILE, 288894, NULL },
	{ "packages/é", SP_ARCHIVE_FILE, 2, NULL }, { "none", SP_ARCHIVE_FILE, 0, NULL },
	{ "packages/drv.rpm", SP_ARCHIVE_FILE, -1, NULL },
	{ "fifo", SP_ARCHIVE_OTHER, 0, NULL },
	{ "link", SP_ARCHIVE_SYMLINK, 0, "../repodata/repomd.xml" },
	{ "abs", SP_ARCHIVE_SYMLINK, 0, "/etc/passwd" },
};

/* Joliet has neither links nor FIFOs. */
static const struct expected joliet_entries[] = {
	{ "repodata", SP_ARCHIVE_DIR, -1, NULL }, { "packages", SP_ARCHIVE_DIR, -1, NULL },
	{ "repodata/repomd.xml", SP_ARCHIVE_FILE, 6, NULL },
	{ "packages/big", SP_ARCHIVE_FILE, 288894, NULL },
	{ "packages/é", SP_ARCHIVE_FILE, 2, NULL }, { "none", SP_ARCHIVE_FILE, 0, NULL },
	{ "packages/drv.rpm", SP_ARCHIVE_FILE, -1, NULL },
	{ "fifo", SP_ARCHIVE_FILE, 0, NULL },
};

#define UPDATES "lib/modules/4.19.0+1/updates"
static const struct expected rpm_entries[] = {
	{ "lib/modules", SP_ARCHIVE_DIR, 0, NULL },
	{ "lib/modules/4.19.0+1", SP_ARCHIVE_DIR, 0, NULL },
	{ UPDATES, SP_ARCHIVE_DIR, 0, NULL },
	{ UPDATES "/sym.ko", SP_ARCHIVE_SYMLINK, -1, "a.ko" },
	/* The last link to a file carries its content. */
	{ UPDATES "/a.ko", SP_ARCHIVE_FILE, 0, NULL },
	{ UPDATES "/b.ko", SP_ARCHIVE_HARD_LINK, MODULE_BYTES, UPDATES "/a.ko" },
};

static const struct expected slash_entries[] = {
	{ "none", SP_ARCHIVE_FILE, 0, NULL },
};

#define ENTRIES(list) list, sizeof list / sizeof list[0]
static const struct archive_row archive_rows[] = {
	{ "rr.iso", SP_ARCHIVE_ISO, ENTRIES(tree_entries) },
	{ "xorriso.iso", SP_ARCHIVE_ISO, ENTRIES(tree_entries) },
	{ "joliet.iso", SP_ARCHIVE_ISO, ENTRIES(joliet_entries) },
	{ "t.tbz2", SP_ARCHIVE_TBZ2, ENTRIES(tree_entries) },
	{ "slash.tbz2", SP_ARCHIVE_TBZ2, ENTRIES(slash_entries) },
	{ "w9.gzdio.rpm", SP_ARCHIVE_RPM, ENTRIES(rpm_entries) },
	{ "w2.xzdio.rpm", SP_ARCHIVE_RPM, ENTRIES(rpm_entries) },
	{ "w3.zstdio.rpm", SP_ARCHIVE_RPM, ENTRIES(rpm_entries) },
	{ "w9.bzdio.rpm", SP_ARCHIVE_RPM, ENTRIES(rpm_entries) },
};
// clang-format on

static const struct expected *find(const struct archive_row *row, const char *path)
{
	for (size_t i = 0; i < row->n; i++)
		if (strcmp(row->entries[i].path, path) == 0)
			return &row->entries[i];
	return NULL;
}

/* Every entry once and with what it should be, whether its content is read or not. */
static void lists(void **state)
{
	const struct archive_row *row = *state;

	for (int reading = 0; reading < 2; reading++) {
		struct sp_archive_entry entry = { 0 };
		struct sp_error err = SP_ERROR_INIT;
		SP_AUTO(sp_closep) int fd = -1;
		SP_AUTO(sp_archive_freep)
		struct sp_archive *archive =
			open_archive(row->name, row->kind, LIMIT, &fd);
		size_t n = 0;
		int r;

		while ((r = sp_archive_next(archive, &entry, &err)) == 0) {
			const struct expected *is = find(row, entry.path);

			if (!is) {
				fail_msg("'%s' should not be there", entry.path);
				break;
			}
			assert_int_equal(entry.type, is->type);
			if (is->size >= 0)
				assert_int_equal(entry.size, is->size);
			assert_int_equal(!entry.link_target, !is->link_target);
			if (is->link_target)
				assert_string_equal(entry.link_target, is->link_target);
			n++;
			if (reading && entry.type == SP_ARCHIVE_FILE)
				assert_int_equal(read_rest(archive, &err), entry.size);
		}
		assert_int_equal(r, SP_ARCHIVE_END);
		assert_int_equal(n, row->n);
		assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
	}
}

static void find_entry(struct sp_archive *archive, const char *path,
		       struct sp_archive_entry *ret_entry)
{
	struct sp_error err = SP_ERROR_INIT;

	do
		assert_int_equal(sp_archive_next(archive, ret_entry, &err), 0);
	while (strcmp(ret_entry->path, path) != 0);
}

static void reads_an_rpm_on_an_image_without_a_copy(void **state)
{
	SP_AUTO(sp_closep) int fd = -1;
	SP_AUTO(sp_archive_freep)
	struct sp_archive *iso = open_archive("rr.iso", SP_ARCHIVE_ISO, LIMIT, &fd);
	SP_AUTO(sp_archive_freep) struct sp_archive *rpm = NULL;
	struct sp_archive_entry entry;
	struct sp_error err = SP_ERROR_INIT;
	char bytes[4];

	(void)state;
	find_entry(iso, "packages/drv.rpm", &entry);
	assert_int_equal(sp_archive_open_inner(iso, SP_ARCHIVE_RPM, LIMIT, &rpm, &err),
			 0);
	find_entry(rpm, UPDATES "/b.ko", &entry);
	assert_int_equal(sp_archive_read(rpm, bytes, 4, &err), 4);
	assert_memory_equal(bytes, "1\n2\n", 4);
	assert_int_equal(read_rest(rpm, &err), MODULE_BYTES - 4);
	assert_int_equal(sp_archive_next(rpm, &entry, &err), SP_ARCHIVE_END);
}

/* The first failure that walking through it meets, or SP_ARCHIVE_END. */
static int walk(int fd, enum sp_archive_kind kind, uint64_t max_bytes, bool reading,
		struct sp_error *err)
{
	SP_AUTO(sp_archive_freep) struct sp_archive *archive = NULL;
	struct sp_archive_entry entry;
	int r = sp_archive_open_fd(fd, kind, max_bytes, &archive, err);

	while (r == 0) {
		r = sp_archive_next(archive, &entry, err);
		if (r == 0 && reading && read_rest(archive, err) < 0)
			r = -(int)err->code;
	}
	return r;
}

static void keeps_to_the_limit(void **state)
{
	struct sp_error err = SP_ERROR_INIT;
	int rpm = openat(top, "w9.gzdio.rpm", O_RDONLY | O_CLOEXEC);
	int iso = openat(top, "rr.iso", O_RDONLY | O_CLOEXEC);

	(void)state;
	for (int reading = 0; reading < 2; reading++) {
		assert_int_equal(walk(rpm, SP_ARCHIVE_RPM, MODULE_BYTES, reading, &err),
				 SP_ARCHIVE_END);
		assert_int_equal(
			walk(rpm, SP_ARCHIVE_RPM, MODULE_BYTES - 1, reading, &err),
			-SP_ERR_LIMIT);
	}
	/* What is passed over on an image costs nothing. */
	assert_int_equal(walk(iso, SP_ARCHIVE_ISO, 0, false, &err), SP_ARCHIVE_END);
	assert_int_equal(walk(iso, SP_ARCHIVE_ISO, 1000, true, &err), -SP_ERR_LIMIT);
	(void)close(rpm);
	(void)close(iso);
}

static void keeps_to_the_number_of_entries(void **state)
{
	struct sp_error err = SP_ERROR_INIT;
	int fd;

	(void)state;
	/* A tar header that is repeated is an entry that is repeated. */
	assert_int_equal(make("cd $1/tree; tar -cf ../none.tar none; cd ..\n"
			      "head -c 512 none.tar >header; for i in $(seq 16); do\n"
			      "cat header header >twice; mv twice header; done\n"
			      "cat header none.tar | bzip2 -1 >many.tbz2"),
			 0);
	fd = openat(top, "many.tbz2", O_RDONLY | O_CLOEXEC);
	assert_int_equal(walk(fd, SP_ARCHIVE_TBZ2, LIMIT, false, &err), -SP_ERR_LIMIT);
	(void)close(fd);
}

struct kind_row {
	const char *name;
	enum sp_archive_kind kind;
};

// clang-format off
static const struct kind_row damaged_rows[] = {
	{ "rr.iso", SP_ARCHIVE_ISO }, { "t.tbz2", SP_ARCHIVE_TBZ2 },
	{ "w9.gzdio.rpm", SP_ARCHIVE_RPM }, { "w2.xzdio.rpm", SP_ARCHIVE_RPM },
	{ "w3.zstdio.rpm", SP_ARCHIVE_RPM }, { "w9.bzdio.rpm", SP_ARCHIVE_RPM },
};
// clang-format on

/* Cut short it never looks whole, and never fails but in one way.  (An image's last
 * sectors are padding.) */
static void refuses_what_is_cut(void **state)
{
	const struct kind_row *row = *state;
	size_t len, padding = row->kind == SP_ARCHIVE_ISO ? 400 * 1024 : 0;
	SP_AUTO(sp_str_freep) char *bytes = load(row->name, &len);

	for (size_t cut = 0; cut < len - padding; cut += len / 23 + 1) {
		struct sp_error err = SP_ERROR_INIT;
		int fd = -1;

		assert_int_equal(sp_file_sealed("cut", bytes, cut, &fd, &err), 0);
		assert_int_equal(walk(fd, row->kind, LIMIT, true, &err), -SP_ERR_FORMAT);
		(void)close(fd);
	}
}

/* Turned-over bits may go unnoticed here, but do no harm. */
static void survives_what_is_damaged(void **state)
{
	const struct kind_row *row = *state;
	size_t len;
	SP_AUTO(sp_str_freep) char *bytes = load(row->name, &len);
	unsigned seed = 7;

	for (int round = 0; round < 60; round++) {
		struct sp_error err = SP_ERROR_INIT;
		int fd = -1, r;

		for (int i = 0; i < 4; i++) {
			seed = seed * 1103515245 + 12345;
			bytes[(seed >> 8) % (round % 2 ? len : 60000 % len)] ^= 0x21;
		}
		assert_int_equal(sp_file_sealed("bad", bytes, len, &fd, &err), 0);
		r = walk(fd, row->kind, LIMIT, true, &err);
		assert_true(r == SP_ARCHIVE_END || r == -SP_ERR_FORMAT ||
			    r == -SP_ERR_LIMIT);
		(void)close(fd);
	}
}

static void refuses_other_kinds(void **state)
{
	static const enum sp_archive_kind kinds[] = { SP_ARCHIVE_ISO, SP_ARCHIVE_RPM,
						      SP_ARCHIVE_TBZ2 };
	static const char *const files[] = { "rr.iso", "w9.gzdio.rpm", "t.tbz2",
					     "plain",  "plain.gz",     "empty" };

	(void)state;
	for (size_t k = 0; k < 3; k++)
		for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
			struct sp_error err = SP_ERROR_INIT;
			int fd = openat(top, files[f], O_RDONLY | O_CLOEXEC);

			assert_int_equal(walk(fd, kinds[k], LIMIT, true, &err),
					 f == k ? SP_ARCHIVE_END : -SP_ERR_FORMAT);
			(void)close(fd);
		}
}

static ssize_t fail_later(void *user, void *buf, size_t size, struct sp_error *err)
{
	int *calls = user;

	if (++*calls > 2)
		return sp_error_set(err, SP_ERR_TIMEOUT, "the server went away");
	return pread(*(calls + 1), buf, size > 40000 ? 40000 : size,
		     (*calls - 1) * 40000);
}

static void passes_on_why_it_could_not_be_read(void **state)
{
	SP_AUTO(sp_archive_freep) struct sp_archive *archive = NULL;
	struct sp_archive_entry entry;
	struct sp_error err = SP_ERROR_INIT;
	int stream[2] = { 0, openat(top, "w9.gzdio.rpm", O_RDONLY | O_CLOEXEC) };
	int r = 0;

	(void)state;
	r = sp_archive_open_stream(fail_later, stream, SP_ARCHIVE_RPM, LIMIT, &archive,
				   &err);
	while (r == 0)
		r = sp_archive_next(archive, &entry, &err);
	assert_int_equal(r, -SP_ERR_TIMEOUT);
	assert_string_equal(err.text, "the server went away");
	(void)close(stream[1]);
	assert_int_equal(walk(top, SP_ARCHIVE_ISO, LIMIT, true, &err), -SP_ERR_IO);
	assert_int_equal(err.sys_errno, EISDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_an_rpm_on_an_image_without_a_copy),
		cmocka_unit_test(keeps_to_the_limit),
		cmocka_unit_test(keeps_to_the_number_of_entries),
		cmocka_unit_test(refuses_other_kinds),
		cmocka_unit_test(passes_on_why_it_could_not_be_read),
	};
	int failed;

	if (made_open() || make(make_tree) || make(make_rpms) || make(make_archives))
		return 1;
	failed = table_run("archive: entries", archive_rows, lists);
	failed += table_run("archive: cut", damaged_rows, refuses_what_is_cut);
	failed += table_run("archive: damaged", damaged_rows, survives_what_is_damaged);
	return failed + cmocka_run_group_tests_name("archive", tests, NULL, made_close);
}
