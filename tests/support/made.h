/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A directory of files that the real tools make while the test runs. */

#include "base/child.h"
#include "base/file.h"
#include "support/table.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char top_path[] = "/tmp/test-made.XXXXXX";
static int top = -1;

enum { LIMIT = 1 << 24 };

/* The test's own shell script, in the test's own directory. */
static inline int make(const char *script)
{
	const char *const argv[] = { "/bin/sh", "-euc", script, "sh", top_path, NULL };
	struct sp_child_result result = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int r = sp_child_run(argv, NULL, 60000, &result, &err);

	if (r < 0 || result.status != 0)
		print_error("%s: %s\n", r < 0 ? err.text : result.output, script);
	r = r < 0 ? r : result.status;
	free(result.output);
	return r;
}

static inline int made_open(void)
{
	if (!mkdtemp(top_path))
		return -1;
	top = open(top_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return top < 0 ? -1 : 0;
}

static inline int made_close(void **state)
{
	struct sp_error err = SP_ERROR_INIT;
	int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = sp_file_remove_tree(tmp, strrchr(top_path, '/') + 1, &err);

	(void)state;
	(void)close(tmp);
	(void)close(top);
	return r;
}

static inline char *load(const char *path, size_t *ret_len)
{
	struct sp_error err = SP_ERROR_INIT;
	char *bytes = NULL;

	assert_int_equal(sp_file_load(top, path, LIMIT, &bytes, ret_len, &err), 0);
	return bytes;
}
