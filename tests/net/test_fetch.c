/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Fetching from a real server on loopback, well-behaved and not (server.py). */

#include "repo/fetch.h"
#include "base/text.h"
#include "support/table.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 100000, MAX = 200000 };

static int server_in = -1;
static int port;

static int server_start(void **state)
{
	int in[2], out[2];
	char text[16] = "";

	(void)state;
	if (pipe(in) < 0 || pipe(out) < 0)
		return -1;
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		execlp("python3", "python3", SERVER, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	server_in = in[1];
	if (read(out[0], text, sizeof text - 1) <= 0)
		return -1;
	port = atoi(text);
	return port > 0 ? 0 : -1;
}

static int server_stop(void **state)
{
	(void)state;
	close(server_in);
	return wait(NULL) > 0 ? 0 : -1;
}

static const struct row {
	const char *name, *path;
	int want; /* 0, SP_FETCH_ABSENT, or -code */
	uint64_t expected;
	unsigned retries;
	uint64_t want_bytes;
	const char *user, *password;
} rows[] = {
	// clang-format off
	{ "good", "good", .expected = SIZE, .want_bytes = SIZE },
	{ "good, length not known", "good", .want_bytes = SIZE },
	{ "cut, goes on by range", "cut", .expected = SIZE, .retries = 3, .want_bytes = SIZE },
	{ "cut, server has no ranges", "cut-whole", .expected = SIZE, .retries = 3, .want_bytes = SIZE },
	{ "busy at first", "flaky", .expected = SIZE, .retries = 3, .want_bytes = SIZE },
	{ "a redirect", "to-good", .expected = SIZE, .want_bytes = SIZE },
	{ "user and password", "auth", .expected = SIZE, .want_bytes = SIZE, .user = "user", .password = "pa:ss" },
	{ "wrong password", "auth", .want = -SP_ERR_UNREACHABLE, .expected = SIZE, .user = "user", .password = "x" },
	{ "no password", "auth", .want = -SP_ERR_UNREACHABLE, .expected = SIZE },
	{ "absent", "404", .want = SP_FETCH_ABSENT },
	{ "forbidden", "403", .want = -SP_ERR_UNREACHABLE },
	{ "broken for good", "500", .want = -SP_ERR_UNREACHABLE, .retries = 1 },
	{ "partial, not asked for", "206", .want = -SP_ERR_UNREACHABLE },
	{ "sends for ever", "forever", .want = -SP_ERR_LIMIT },
	{ "chunks for ever", "chunked-forever", .want = -SP_ERR_LIMIT },
	{ "announces too much", "long-lie", .want = -SP_ERR_LIMIT },
	{ "longer than announced in metadata", "good", .want = -SP_ERR_LIMIT, .expected = 10 },
	{ "shorter than announced in metadata", "short", .want = -SP_ERR_DAMAGED, .expected = SIZE },
	{ "headers for ever", "headers", .want = -SP_ERR_UNREACHABLE },
	{ "no HTTP at all", "not-http", .want = -SP_ERR_UNREACHABLE },
	{ "redirect to a file", "to-file", .want = -SP_ERR_UNREACHABLE },
	{ "redirect to ftp", "to-ftp", .want = -SP_ERR_UNREACHABLE },
	{ "redirects in a circle", "circle", .want = -SP_ERR_UNREACHABLE },
	{ "stops in the middle", "stall", .want = -SP_ERR_TIMEOUT, .expected = SIZE },
	{ "accepts, never answers", "silent", .want = -SP_ERR_TIMEOUT },
	// clang-format on
};

static void fetches_as_table_says(void **state)
{
	const struct row *row = *state;
	struct sp_fetch_options options = {
		.user = row->user,
		.password = row->password,
		.retries = row->retries,
		.stall_seconds = 1,
	};
	SP_AUTO(sp_fetch_freep) struct sp_fetch *fetch = NULL;
	SP_AUTO(sp_closep) int fd = memfd_create("fetched", MFD_CLOEXEC);
	struct sp_error err = SP_ERROR_INIT;
	char url[128];
	int r;

	snprintf(url, sizeof url, "http://127.0.0.1:%d/%s", port, row->path);
	assert_int_equal(sp_fetch_new(&options, &fetch, &err), 0);
	r = sp_fetch_file(fetch, url, fd, row->expected, MAX, &err);
	if (r != row->want)
		print_message("%s\n", err.text);
	assert_int_equal(r, row->want);
	if (r < 0) {
		assert_non_null(strstr(err.text, row->path));
		if (row->password)
			assert_null(strstr(err.text, row->password));
	}
	if (r == 0)
		assert_int_equal(lseek(fd, 0, SEEK_END), (off_t)row->want_bytes);
}

static void has_the_right_bytes_after_a_cut(void **state)
{
	struct sp_fetch_options options = { .retries = 3 };
	SP_AUTO(sp_fetch_freep) struct sp_fetch *fetch = NULL;
	SP_AUTO(sp_str_freep) char *whole = NULL;
	SP_AUTO(sp_str_freep)
	char *url = sp_text_format("http://127.0.0.1:%d/good", port);
	struct sp_error err = SP_ERROR_INIT;
	size_t len;

	(void)state;
	assert_int_equal(sp_fetch_new(&options, &fetch, &err), 0);
	assert_int_equal(sp_fetch_bytes(fetch, url, MAX, &whole, &len, &err), 0);
	assert_int_equal(len, SIZE);
	for (size_t i = 0; i < len; i++)
		assert_int_equal((unsigned char)whole[i], (i % 65536) * 7 % 251);
}

static void says_that_nobody_listens(void **state)
{
	struct sp_fetch_options options = { 0 };
	SP_AUTO(sp_fetch_freep) struct sp_fetch *fetch = NULL;
	SP_AUTO(sp_closep) int fd = memfd_create("fetched", MFD_CLOEXEC);
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_fetch_new(&options, &fetch, &err), 0);
	assert_int_equal(sp_fetch_file(fetch, "http://127.0.0.1:1/x", fd, 0, MAX, &err),
			 -SP_ERR_UNREACHABLE);
}

static void joins_urls(void **state)
{
	SP_AUTO(sp_str_freep) char *plain = sp_fetch_url_join("http://h/a/", "b/c.rpm");
	SP_AUTO(sp_str_freep) char *odd = sp_fetch_url_join("http://h/a", "b c+%#.rpm");

	(void)state;
	assert_string_equal(plain, "http://h/a/b/c.rpm");
	assert_string_equal(odd, "http://h/a/b%20c%2B%25%23.rpm");
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(has_the_right_bytes_after_a_cut),
		cmocka_unit_test(says_that_nobody_listens),
		cmocka_unit_test(joins_urls),
	};
	int failed;

	if (server_start(NULL) < 0)
		return 1;
	failed = table_run("fetch", rows, fetches_as_table_says);
	failed += cmocka_run_group_tests_name("fetch, other", others, NULL, server_stop);
	return failed;
}
