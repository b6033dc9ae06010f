/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One real RPM, whole, cut, and with every byte of its header changed: it says what it
 * is, or it is refused. */
#include "repo/rpmfile.h"
#include "base/text.h"
#include "support/machine.h"
#include "support/table.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "base/file.h"

enum { LEAD = 96, INTRO = 16, STEP = 5 };

struct rpm {
	char *bytes;
	size_t len, header_at, payload_at;
};

static struct rpm sound;

static unsigned number_at(const char *bytes, size_t at)
{
	unsigned number;

	memcpy(&number, bytes + at, sizeof number);
	return __builtin_bswap32(number);
}

static size_t header_end(const char *bytes, size_t at)
{
	return at + INTRO + (size_t)16 * number_at(bytes, at + 8) +
	       number_at(bytes, at + 12);
}

static int read_sound(void **state)
{
	SP_AUTO(sp_closep) int fd = open(RPM, O_RDONLY | O_CLOEXEC);
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_file_read_all(fd, 1 << 24, &sound.bytes, &sound.len, &err),
			 0);
	sound.header_at = (header_end(sound.bytes, LEAD) + 7) / 8 * 8;
	sound.payload_at = header_end(sound.bytes, sound.header_at);
	return 0;
}

static int free_sound(void **state)
{
	(void)state;
	free(sound.bytes);
	return 0;
}

/* Reads what is in @bytes; the error's text in @err. */
static int read_bytes(const char *bytes, size_t len, struct sp_rpmfile *rpm,
		      struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = memfd_create("rpm", MFD_CLOEXEC);

	assert_int_equal(write(fd, bytes, len), len);
	return sp_rpmfile_read(fd, rpm, err);
}

/* ---- what it says -------------------------------------------------------------------- */

static bool has(const struct sp_strv *list, const char *start)
{
	for (size_t i = 0; i < list->n; i++)
		if (sp_text_starts_with(list->items[i], start))
			return true;
	return false;
}

static void says_what_it_is(void **state)
{
	SP_AUTO(sp_rpmfile_done) struct sp_rpmfile rpm = { 0 };
	const struct sp_package *package = &rpm.package;
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	if (read_bytes(sound.bytes, sound.len, &rpm, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(package->name, "test-test");
	assert_string_equal(package->epoch, "");
	assert_string_equal(package->version, "1.0");
	assert_string_equal(package->release, "1");
	assert_string_equal(package->arch, "x86_64");
	assert_true(package->installed_bytes > 0);
	assert_true(has(&package->requires_, "kernel-uname-r = 4.19.0+1"));
	assert_false(has(&package->requires_, "rpmlib("));
	assert_true(has(&package->provides, "test-test = 1.0-1"));
	assert_int_equal(package->files.n, 1);
	assert_string_equal(package->files.items[0],
			    "lib/modules/4.19.0+1/updates/test.ko");
	assert_true(rpm.has_scripts);
	assert_false(rpm.is_source);
	assert_int_equal(strlen(rpm.payload_digest), 64);
	assert_int_equal(strlen(rpm.header_sha256), 64);
	assert_null(rpm.signer);
}

/* Neither the payload nor anything of it is needed. */
static void the_header_is_enough(void **state)
{
	SP_AUTO(sp_rpmfile_done) struct sp_rpmfile rpm = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(read_bytes(sound.bytes, sound.payload_at, &rpm, &err), 0);
	assert_string_equal(rpm.package.name, "test-test");
}

/* ---- cut, and changed ---------------------------------------------------------------- */

static void less_than_the_header_is_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len < sound.payload_at; len += len < LEAD ? 1 : STEP) {
		SP_AUTO(sp_rpmfile_done) struct sp_rpmfile rpm = { 0 };
		struct sp_error err = SP_ERROR_INIT;
		int r = read_bytes(sound.bytes, len, &rpm, &err);

		if (r != -SP_ERR_FORMAT && r != -SP_ERR_DAMAGED)
			fail_msg("%d for the first %zu bytes", r, len);
		assert_null(rpm.package.name);
	}
}

static int read_changed(size_t at, unsigned char change, struct sp_rpmfile *rpm,
			struct sp_error *err)
{
	int r;

	sound.bytes[at] = (char)(sound.bytes[at] ^ change);
	r = read_bytes(sound.bytes, sound.payload_at, rpm, err);
	sound.bytes[at] = (char)(sound.bytes[at] ^ change);
	return r;
}

/* Its digests are those of all of it. */
static void no_byte_of_the_header_can_be_changed(void **state)
{
	(void)state;
	for (size_t at = sound.header_at; at < sound.payload_at; at += STEP) {
		SP_AUTO(sp_rpmfile_done) struct sp_rpmfile rpm = { 0 };
		struct sp_error err = SP_ERROR_INIT;

		if (read_changed(at, (unsigned char)(1U << (at % 8)), &rpm, &err) >= 0)
			fail_msg("byte %zu was changed, and nobody noticed", at);
	}
}

/* What is changed before it may be noticed or not, but never makes it another one. */
static void no_byte_before_it_makes_it_another(void **state)
{
	(void)state;
	for (size_t at = 0; at < sound.header_at; at++) {
		SP_AUTO(sp_rpmfile_done) struct sp_rpmfile rpm = { 0 };
		struct sp_error err = SP_ERROR_INIT;

		if (read_changed(at, (unsigned char)(1U << (at % 8)), &rpm, &err) < 0)
			continue;
		assert_string_equal(rpm.package.name, "test-test");
		assert_string_equal(rpm.package.version, "1.0");
		assert_int_equal(rpm.package.files.n, 1);
	}
}

/* ---- is it the one that was named? ----------------------------------------------------- */

static const struct row {
	const char *name, *package, *epoch, *version, *release, *arch;
	bool differs;
} rows[] = {
	// clang-format off
	{ "the same", "test-test", "0", "1.0", "1", "x86_64", false },
	{ "no epoch is 0", "test-test", "", "1.0", "1", "x86_64", false },
	{ "another name", "test-tes", "0", "1.0", "1", "x86_64", true },
	{ "another epoch", "test-test", "1", "1.0", "1", "x86_64", true },
	{ "another version", "test-test", "0", "1.0.0", "1", "x86_64", true },
	{ "versions are no numbers", "test-test", "0", "1.00", "1", "x86_64", true },
	{ "another release", "test-test", "0", "1.0", "2", "x86_64", true },
	{ "another architecture", "test-test", "0", "1.0", "1", "noarch", true },
	// clang-format on
};

static void is_compared_as_table_says(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_rpmfile_done) struct sp_rpmfile rpm = { 0 };
	SP_AUTO(sp_str_freep) char *nevra = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct sp_package package = { .name = (char *)(uintptr_t)row->package,
				      .epoch = (char *)(uintptr_t)row->epoch,
				      .version = (char *)(uintptr_t)row->version,
				      .release = (char *)(uintptr_t)row->release,
				      .arch = (char *)(uintptr_t)row->arch };

	assert_int_equal(read_bytes(sound.bytes, sound.len, &rpm, &err), 0);
	assert_int_equal(sp_rpmfile_compare(&rpm, &package, &nevra, &err),
			 row->differs ? SP_RPMFILE_DIFFERS : 0);
	if (row->differs)
		assert_string_equal(nevra, "test-test-1.0-1.x86_64");
}

/* ---- files that are no RPM at all ------------------------------------------------------ */

static void what_is_none_is_refused(void **state)
{
	static const char *const others[] = { "", "x", "070701", "\xed\xab\xee\xdb",
					      "this is no RPM, and longer than a lead" };

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		SP_AUTO(sp_rpmfile_done) struct sp_rpmfile rpm = { 0 };
		struct sp_error err = SP_ERROR_INIT;

		assert_int_equal(read_bytes(others[i], strlen(others[i]), &rpm, &err),
				 -SP_ERR_FORMAT);
	}
}

static int run_rows(void)
{
	int failed;

	(void)read_sound(NULL);
	failed = table_run("rpmfile", rows, is_compared_as_table_says);
	(void)free_sound(NULL);
	return failed;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_it_is),
		cmocka_unit_test(the_header_is_enough),
		cmocka_unit_test(less_than_the_header_is_refused),
		cmocka_unit_test(no_byte_of_the_header_can_be_changed),
		cmocka_unit_test(no_byte_before_it_makes_it_another),
		cmocka_unit_test(what_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, read_sound, free_sound) + run_rows();
}
