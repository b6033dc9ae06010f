/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "repo/keys.h"
#include "base/file.h"
#include "support/table.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct place {
	char path[32];
	int fd;
};

static void place_donep(struct place *place)
{
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_closep) int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	sp_closep(&place->fd);
	assert_int_equal(sp_file_remove_tree(tmp, place->path + strlen("/tmp/"), &err),
			 0);
}

static void open_place(struct place *place)
{
	(void)snprintf(place->path, sizeof place->path, "/tmp/test-keys.XXXXXX");
	assert_non_null(mkdtemp(place->path));
	place->fd = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(place->fd >= 0);
	assert_int_equal(mkdirat(place->fd, "keys", 0755), 0);
}

static void put(const struct place *place, const char *path, size_t len)
{
	SP_AUTO(sp_closep)
	int fd = openat(place->fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	SP_AUTO(sp_str_freep) char *bytes = calloc(1, len + 1);
	struct sp_error err = SP_ERROR_INIT;

	assert_true(fd >= 0);
	assert_int_equal(sp_file_write_all(fd, bytes, len, &err), 0);
}

static void takes_regular_files_by_name(void **state)
{
	SP_AUTO(place_donep) struct place place;
	SP_AUTO(sp_keys_done) struct sp_keys keys = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	open_place(&place);
	put(&place, "keys/b", 10);
	put(&place, "keys/a", SP_KEYS_MAX_BYTES);
	put(&place, "keys/.hidden", 10);
	put(&place, "keys/large", SP_KEYS_MAX_BYTES + 1);
	put(&place, "elsewhere", 10);
	assert_int_equal(symlinkat("../elsewhere", place.fd, "keys/link"), 0);
	assert_int_equal(symlinkat("nowhere", place.fd, "keys/broken"), 0);
	assert_int_equal(mkdirat(place.fd, "keys/directory", 0755), 0);
	assert_int_equal(mkfifoat(place.fd, "keys/fifo", 0644), 0);
	assert_int_equal(sp_keys_read(place.fd, "keys", &keys, &err), 0);
	assert_int_equal(keys.n, 2);
	assert_string_equal(keys.items[0].name, "a");
	assert_int_equal(keys.items[0].len, SP_KEYS_MAX_BYTES);
	assert_string_equal(keys.items[1].name, "b");
	assert_int_equal(keys.skipped.n, 5);
	assert_non_null(strstr(keys.skipped.items[3], "'large'"));
}

static void takes_so_many_and_no_more(void **state)
{
	SP_AUTO(place_donep) struct place place;
	SP_AUTO(sp_keys_done) struct sp_keys keys = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	char name[16];

	(void)state;
	open_place(&place);
	for (int i = 0; i <= SP_KEYS_MAX_FILES; i++) {
		(void)snprintf(name, sizeof name, "keys/%03d", i);
		put(&place, name, 1);
	}
	assert_int_equal(sp_keys_read(place.fd, "keys", &keys, &err), 0);
	assert_int_equal(keys.n, SP_KEYS_MAX_FILES);
	assert_int_equal(keys.skipped.n, 1);
	assert_int_equal(sp_keys_add_bytes(&keys, "more", "x", 1, &err), -SP_ERR_LIMIT);
}

static void says_what_is_not_there(void **state)
{
	SP_AUTO(place_donep) struct place place;
	SP_AUTO(sp_keys_done) struct sp_keys keys = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	open_place(&place);
	assert_int_equal(sp_keys_read(place.fd, "etc/pki/rpm-gpg", &keys, &err),
			 SP_KEYS_ABSENT);
	assert_int_equal(sp_keys_read(place.fd, "../tmp", &keys, &err), -SP_ERR_FORMAT);
	put(&place, "one", 1);
	assert_int_equal(sp_keys_read(place.fd, NULL, &keys, &err), 0);
	assert_int_equal(keys.n, 1);
	assert_int_equal(sp_keys_add_bytes(&keys, "empty", NULL, 0, &err), 0);
	assert_int_equal(keys.items[1].len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_regular_files_by_name),
		cmocka_unit_test(takes_so_many_and_no_more),
		cmocka_unit_test(says_what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
