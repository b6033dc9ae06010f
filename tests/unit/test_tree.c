/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Media made to harm: an ISO 9660 image whose directory does not tell the truth, and
 * directories with things that are no files. */
#include "repo/tree.h"

#include "support/machine.h"
#include "support/table.h"

#include <string.h>
#include <sys/mman.h>

#include "base/file.h"
#include "base/text.h"

enum {
	SECTOR = 2048,
	PRIMARY = 16 * SECTOR, /* the volume descriptors begin here */
	ROOT_RECORD = PRIMARY + 156,
	DIRECTORIES = 18 * SECTOR,
	EXTENT = 2, /* of a directory's record: little-endian, then big-endian */
	SIZE = 10,
	FLAGS = 25,
	NAME = 33,
	SWEEP_STEP = 29,
	MANY = 64,
};

/* ---- a sound image ---------------------------------------------------------------- */

struct image {
	unsigned char *bytes;
	size_t len;
};

static struct image sound;

static void make_sound(void)
{
	struct machine content;
	struct sp_error err = SP_ERROR_INIT;
	char out[PATH_MAX], tree[PATH_MAX];
	SP_AUTO(sp_closep) int fd = -1;

	machine_init(&content);
	machine_write(&content, "tree/alpha.txt", "alpha\n");
	machine_write(&content, "tree/bravo.txt", "bravo\n");
	machine_write(&content, "tree/sub/charlie.txt", "charlie\n");
	machine_link(&content, "tree/delta.txt", "/etc/passwd");
	(void)snprintf(out, sizeof out, "%s/image.iso", content.dir);
	(void)snprintf(tree, sizeof tree, "%s/tree", content.dir);
	machine_run((const char *const[]){ "genisoimage", "-quiet", "-rational-rock",
					   "-V", "T", "-o", out, tree, NULL });
	fd = open(out, O_RDONLY | O_CLOEXEC);
	if (fd < 0 ||
	    sp_file_read_all(fd, 1 << 24, (char **)&sound.bytes, &sound.len, &err) < 0)
		abort();
	machine_done(&content);
}

static struct image copy_sound(void)
{
	struct image image = { malloc(sound.len), sound.len };

	assert_non_null(image.bytes);
	memcpy(image.bytes, sound.bytes, sound.len);
	return image;
}

static int open_bytes(const struct image *image)
{
	int fd = memfd_create("image", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, image->bytes, image->len), (ssize_t)image->len);
	return fd;
}

/* The directory's record of the file or directory called @name. */
static unsigned char *record_of(struct image *image, const char *name)
{
	size_t len = strlen(name);

	for (size_t at = DIRECTORIES; at + len < image->len; at++)
		if (!memcmp(image->bytes + at, name, len) &&
		    image->bytes[at - 1] == len && image->bytes[at - NAME] > NAME)
			return image->bytes + at - NAME;
	fail_msg("the image has no '%s'", name);
	return NULL;
}

static void put(unsigned char *field, uint32_t value)
{
	for (int i = 0; i < 4; i++) {
		field[i] = (unsigned char)(value >> 8 * i);
		field[7 - i] = field[i];
	}
}

/* ---- what is done to it --------------------------------------------------------- */

static void leave(struct image *image)
{
	(void)image;
}

static void file_beyond(struct image *image)
{
	put(record_of(image, "ALPHA.TXT;1") + EXTENT, 0x7fffffff);
}

static void file_huge(struct image *image)
{
	put(record_of(image, "ALPHA.TXT;1") + SIZE, 0xffffffff);
}

static void sub_beyond(struct image *image)
{
	put(record_of(image, "SUB") + EXTENT, 0x00ffffff);
}

static void sub_huge(struct image *image)
{
	put(record_of(image, "SUB") + SIZE, 0xfffff800);
}

static void sub_is_root(struct image *image)
{
	memcpy(record_of(image, "SUB") + EXTENT, image->bytes + ROOT_RECORD + EXTENT, 8);
}

static void root_beyond(struct image *image)
{
	put(image->bytes + ROOT_RECORD + EXTENT, 0x00ffffff);
}

static void root_huge(struct image *image)
{
	put(image->bytes + ROOT_RECORD + SIZE, 0xfffff800);
}

static void record_short(struct image *image)
{
	*record_of(image, "BRAVO.TXT;1") = 1;
}

static void name_long(struct image *image)
{
	record_of(image, "BRAVO.TXT;1")[NAME - 1] = 255;
}

static void file_is_directory(struct image *image)
{
	record_of(image, "BRAVO.TXT;1")[FLAGS] = 2;
}

static void directory_is_file(struct image *image)
{
	record_of(image, "SUB")[FLAGS] = 0;
}

static void rename_alpha(struct image *image, const char *name)
{
	unsigned char *record = record_of(image, "ALPHA.TXT;1");
	unsigned char *at = memmem(record, *record, "alpha.txt", 9);

	assert_non_null(at);
	memcpy(at, name, 9);
}

static void name_climbs(struct image *image)
{
	rename_alpha(image, "../../../");
}

static void name_within(struct image *image)
{
	rename_alpha(image, "../sub/x1");
}

static void name_escapes(struct image *image)
{
	rename_alpha(image, "a\033[2Jtxt.");
}

static void name_twice(struct image *image)
{
	rename_alpha(image, "bravo.txt");
}

static void cut_in_files(struct image *image)
{
	const unsigned char *record = record_of(image, "ALPHA.TXT;1");

	image->len = SECTOR * (size_t)(record[EXTENT] | record[EXTENT + 1] << 8);
}

static void cut_in_directories(struct image *image)
{
	image->len = (size_t)(record_of(image, "BRAVO.TXT;1") - image->bytes);
}

static void cut_in_descriptors(struct image *image)
{
	image->len = PRIMARY + 100;
}

static void cut_before(struct image *image)
{
	image->len = PRIMARY;
}

static void empty(struct image *image)
{
	image->len = 0;
}

static void no_terminator(struct image *image)
{
	memset(image->bytes + PRIMARY + SECTOR, 0x01, 1);
}

static void blocks_of_none(struct image *image)
{
	memset(image->bytes + PRIMARY + 128, 0, 4);
}

/* @files: what is listed, sorted, with '!' behind what cannot be read whole.  NULL: it
 * does not open, for @error. */
// clang-format off
static const struct row {
	const char *name;
	void (*bend)(struct image *image);
	const char *files;
	int error;
} rows[] = {
	{ "sound", leave, "alpha.txt bravo.txt sub/charlie.txt ", 0 },
	{ "a file beyond the end", file_beyond, NULL, -SP_ERR_FORMAT },
	{ "a file of 4 GiB", file_huge, NULL, -SP_ERR_FORMAT },
	{ "a directory beyond the end", sub_beyond, NULL, -SP_ERR_FORMAT },
	{ "a directory of 4 GiB", sub_huge, NULL, -SP_ERR_FORMAT },
	{ "a directory within itself", sub_is_root, NULL, -SP_ERR_FORMAT },
	{ "the root beyond the end", root_beyond, NULL, -SP_ERR_FORMAT },
	{ "a root of 4 GiB", root_huge, NULL, -SP_ERR_FORMAT },
	{ "a record of 1 byte", record_short, NULL, -SP_ERR_FORMAT },
	{ "a name longer than its record", name_long, NULL, -SP_ERR_FORMAT },
	/* Here the Rock Ridge attributes count. */
	{ "a file that says it is a directory", file_is_directory, "alpha.txt bravo.txt sub/charlie.txt ", 0 },
	{ "a directory that says it is a file", directory_is_file, "alpha.txt bravo.txt sub/charlie.txt ", 0 },
	{ "a name that leads out", name_climbs, "bravo.txt sub/charlie.txt ", 0 },
	{ "a name that leads elsewhere within", name_within, "bravo.txt sub/charlie.txt ", 0 },
	{ "a name with control characters", name_escapes, "bravo.txt sub/charlie.txt ", 0 },
	{ "two files of one name", name_twice, "bravo.txt bravo.txt sub/charlie.txt ", 0 },
	{ "cut short within the files", cut_in_files, "alpha.txt! bravo.txt! sub/charlie.txt! ", 0 },
	{ "cut short within the directories", cut_in_directories, NULL, -SP_ERR_FORMAT },
	{ "cut short within the descriptors", cut_in_descriptors, NULL, -SP_ERR_FORMAT },
	{ "cut short before them", cut_before, NULL, -SP_ERR_NO_PACK },
	{ "empty", empty, NULL, -SP_ERR_NO_PACK },
	{ "descriptors without an end", no_terminator, NULL, -SP_ERR_FORMAT },
	{ "blocks of no bytes", blocks_of_none, NULL, -SP_ERR_FORMAT },
};
// clang-format on

/* ---- reading ---------------------------------------------------------------------- */

/* How many bytes came of each path; -1: it failed, or was not visited. */
struct visits {
	long bytes[MANY];
};

static int on_file(void *user, size_t index, struct sp_tree_stream *stream,
		   struct sp_error *err)
{
	struct visits *visits = user;
	struct sp_error why = SP_ERROR_INIT;
	char buf[SECTOR];
	ssize_t n;

	(void)err;
	visits->bytes[index] = 0;
	while ((n = sp_tree_read(stream, buf, sizeof buf, &why)) > 0)
		visits->bytes[index] += n;
	if (n < 0) {
		visits->bytes[index] = -1;
		assert_true(why.text[0] != '\0');
	}
	return 0;
}

static void describe(struct sp_tree *tree, char *text, size_t size)
{
	struct visits visits;
	struct sp_error err = SP_ERROR_INIT;
	const char *paths[MANY];
	size_t n;
	const struct sp_tree_entry *entries = sp_tree_entries(tree, &n);
	int r;

	assert_true(n <= MANY);
	memset(&visits, 0xff, sizeof visits);
	for (size_t i = 0; i < n; i++) {
		assert_true(sp_text_path_is_safe(entries[i].path));
		paths[i] = entries[i].path;
	}
	r = sp_tree_visit(tree, paths, n, on_file, &visits, &err);
	assert_true(r == 0 || err.text[0] != '\0');
	text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		bool is_whole = visits.bytes[i] >= 0 &&
				(uint64_t)visits.bytes[i] == entries[i].size_bytes;

		(void)snprintf(text + strlen(text), size - strlen(text), "%s%s ",
			       paths[i], is_whole ? "" : "!");
	}
}

static void bent_image(void **state)
{
	const struct row *row = *state;
	struct image image = copy_sound();
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = NULL;
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error err = SP_ERROR_INIT;
	char files[PATH_MAX];
	int r;

	row->bend(&image);
	fd = open_bytes(&image);
	free(image.bytes);
	r = sp_tree_open_iso(fd, &tree, &err);
	assert_int_equal(r, row->error);
	assert_true(r == 0 || err.text[0] != '\0');
	if (r < 0)
		return;
	describe(tree, files, sizeof files);
	assert_string_equal(files, row->files);
}

/* Every byte of what describes the files, one at a time: it opens or it does not. */
static void any_byte_changed(void **state)
{
	struct image image = copy_sound();
	const unsigned char *last = record_of(&image, "CHARLIE.TXT;1");
	size_t end = (size_t)(last - image.bytes) + SECTOR, n_opened = 0, n = 0;

	(void)state;
	for (size_t at = PRIMARY; at < end && at < image.len; at += SWEEP_STEP) {
		SP_AUTO(sp_tree_freep) struct sp_tree *tree = NULL;
		SP_AUTO(sp_closep) int fd = -1;
		struct sp_error err = SP_ERROR_INIT;
		char files[PATH_MAX];

		image.bytes[at] ^= 0xff;
		fd = open_bytes(&image);
		image.bytes[at] ^= 0xff;
		n++;
		if (sp_tree_open_iso(fd, &tree, &err) == 0) {
			n_opened++;
			describe(tree, files, sizeof files);
		} else {
			assert_true(err.text[0] != '\0');
		}
	}
	assert_true(n_opened > 0 && n_opened < n);
	free(image.bytes);
}

/* The medium goes while it is read: an error, not SIGBUS. */
static void image_that_shrinks(void **state)
{
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = NULL;
	SP_AUTO(sp_closep) int fd = open_bytes(&sound);
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	size_t len;

	(void)state;
	assert_int_equal(sp_tree_open_iso(fd, &tree, &err), 0);
	assert_int_equal(ftruncate(fd, PRIMARY + SECTOR), 0);
	assert_true(sp_tree_load(tree, "alpha.txt", SECTOR, &bytes, &len, &err) < 0);
	assert_true(err.text[0] != '\0');
}

/* ---- a directory ------------------------------------------------------------------- */

static void things_that_are_no_files(void **state)
{
	struct machine machine;
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = NULL;
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error err = SP_ERROR_INIT;
	char files[PATH_MAX];

	(void)state;
	machine_init(&machine);
	machine_write(&machine, "1/file", "x");
	machine_write(&machine, "1/a\033b", "x");
	machine_write(&machine, "1/2/3/4/5/6/7/8/9/10/deep", "x");
	machine_link(&machine, "link", "1/file");
	machine_link(&machine, "up", "..");
	assert_int_equal(mkfifo(machine_path(&machine, "fifo"), 0600), 0);
	fd = open(machine.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(sp_tree_open_dir(fd, &tree, &err), 0);
	describe(tree, files, sizeof files);
	assert_string_equal(files, "1/file ");
	assert_true(sp_tree_is_cut(tree));
	machine_done(&machine);
}

/* Listed as a file, and something else when it is opened. */
static void file_replaced_by_a_fifo(void **state)
{
	struct machine machine;
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = NULL;
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	size_t len;

	(void)state;
	machine_init(&machine);
	machine_write(&machine, "file", "x");
	fd = open(machine.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(sp_tree_open_dir(fd, &tree, &err), 0);
	assert_int_equal(unlink(machine_path(&machine, "file")), 0);
	assert_int_equal(mkfifo(machine_path(&machine, "file"), 0600), 0);
	assert_int_not_equal(sp_tree_load(tree, "file", SECTOR, &bytes, &len, &err), 0);
	assert_null(bytes);
	machine_done(&machine);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(any_byte_changed),
		cmocka_unit_test(image_that_shrinks),
		cmocka_unit_test(things_that_are_no_files),
		cmocka_unit_test(file_replaced_by_a_fifo),
	};
	int failed;

	make_sound();
	failed = table_run("bent images", rows, bent_image);
	failed += cmocka_run_group_tests_name("media", others, NULL, NULL);
	free(sound.bytes);
	return failed;
}
