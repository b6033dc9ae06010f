/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Links of another system's root, followed as it meant them. */

#include "base/inside.h"
#include "support/table.h"

#include "support/machine.h"

struct tree {
	struct machine machine;
	int fd;
};

/* The root is "root", beside what it must never reach. */
static int setup(void **state)
{
	static struct tree tree;
	struct machine *m = &tree.machine;

	machine_init(m);
	machine_write(m, "secret", "outside\n");
	machine_write(m, "root/usr/lib/modules/4.19/x.ko", "module\n");
	machine_write(m, "root/etc/a", "a\n");
	machine_write(m, "root/secret", "inside\n");
	machine_link(m, "root/lib", "usr/lib");
	machine_link(m, "root/absolute", "/etc/a");
	machine_link(m, "root/etc/up", "../../../../secret");
	machine_link(m, "root/usr/lib/modules/4.19/dmv.ko", "/lib/modules/4.19/x.ko");
	machine_link(m, "root/self", "self");
	machine_link(m, "root/ping", "pong");
	machine_link(m, "root/pong", "ping/x");
	machine_link(m, "root/dangling", "nowhere/x");
	machine_link(m, "root/etcetera", "etc//.");
	tree.fd = open(machine_path(m, "root"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(tree.fd >= 0);
	*state = &tree;
	return 0;
}

static int teardown(void **state)
{
	struct tree *tree = *state;

	close(tree->fd);
	machine_done(&tree->machine);
	return 0;
}

static const struct row {
	const char *path;
	int want;
	const char *real, *text; /* text NULL: no regular file */
} rows[] = {
	{ "etc/a", 0, "etc/a", "a\n" },
	{ "/etc/a", 0, "etc/a", "a\n" },
	{ "lib/modules/4.19/x.ko", 0, "usr/lib/modules/4.19/x.ko", "module\n" },
	{ "lib/modules/4.19/dmv.ko", 0, "usr/lib/modules/4.19/x.ko", "module\n" },
	{ "absolute", 0, "etc/a", "a\n" },
	{ "etc/up", 0, "secret", "inside\n" },
	{ "../secret", 0, "secret", "inside\n" },
	{ "etc/../../secret", 0, "secret", "inside\n" },
	{ "etcetera/a", 0, "etc/a", "a\n" },
	{ "", 0, "", NULL },
	{ "..", 0, "", NULL },
	{ "etc", 0, "etc", NULL },
	{ "nowhere", SP_INSIDE_ABSENT, NULL, NULL },
	{ "dangling", SP_INSIDE_ABSENT, NULL, NULL },
	{ "etc/a/b", SP_INSIDE_ABSENT, NULL, NULL },
	{ "self", -SP_ERR_FORMAT, NULL, NULL },
	{ "ping", -SP_ERR_FORMAT, NULL, NULL },
};

static void resolves(void **state)
{
	const struct tree *tree = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		SP_AUTO(sp_str_freep) char *real = NULL;
		SP_AUTO(sp_str_freep) char *bytes = NULL;
		struct sp_error err = SP_ERROR_INIT;
		size_t len;
		int r = sp_inside_resolve(tree->fd, rows[i].path, &real, &err);

		if (r != rows[i].want)
			fail_msg("'%s': %d", rows[i].path, r);
		if (rows[i].real)
			assert_string_equal(real, rows[i].real);
		r = sp_inside_load(tree->fd, rows[i].path, 100, &bytes, &len, &err);
		if (rows[i].text)
			assert_string_equal(bytes, rows[i].text);
		else if (r == 0)
			fail_msg("'%s' was read", rows[i].path);
	}
}

static void too_long_is_refused(void **state)
{
	const struct tree *tree = *state;
	struct sp_error err = SP_ERROR_INIT;
	char path[2 * PATH_MAX], *real = NULL;

	memset(path, 'a', sizeof path);
	path[sizeof path - 1] = '\0';
	assert_int_equal(sp_inside_resolve(tree->fd, path, &real, &err), -SP_ERR_FORMAT);
	path[300] = '\0';
	assert_int_equal(sp_inside_resolve(tree->fd, path, &real, &err), -SP_ERR_FORMAT);
	assert_null(real);
}

/* The last bytes of so long a path are "etc/a". */
static int resolve_dots(const struct tree *tree, size_t len)
{
	static const char end[] = "etc/a";
	SP_AUTO(sp_str_freep) char *real = NULL;
	struct sp_error err = SP_ERROR_INIT;
	char path[2 * PATH_MAX];

	for (size_t i = 0; i < len; i++)
		path[i] = i % 2 ? '/' : '.';
	if (len % 2 == 0)
		path[0] = '/';
	memcpy(path + len - strlen(end), end, sizeof end);
	path[len - strlen(end) - 1] = '/';
	return sp_inside_resolve(tree->fd, path, &real, &err);
}

static void is_so_long_and_no_longer(void **state)
{
	const struct tree *tree = *state;
	SP_AUTO(sp_str_freep) char *real = NULL;
	struct sp_error err = SP_ERROR_INIT;
	char name[NAME_MAX + 2];

	assert_int_equal(resolve_dots(tree, PATH_MAX - 1), 0);
	assert_int_equal(resolve_dots(tree, PATH_MAX), -SP_ERR_FORMAT);
	memset(name, 'a', sizeof name);
	name[NAME_MAX] = '\0';
	assert_int_equal(sp_inside_resolve(tree->fd, name, &real, &err),
			 SP_INSIDE_ABSENT);
	name[NAME_MAX] = 'a';
	name[NAME_MAX + 1] = '\0';
	assert_int_equal(sp_inside_resolve(tree->fd, name, &real, &err), -SP_ERR_FORMAT);
}

/* As the kernel: forty links, and not one more. */
static void follows_so_many_links(void **state)
{
	const struct tree *tree = *state;
	SP_AUTO(sp_str_freep) char *real = NULL;
	struct sp_error err = SP_ERROR_INIT;
	char last[16] = "etc/a", name[16];

	for (int i = 1; i <= 41; i++) {
		(void)snprintf(name, sizeof name, "link%d", i);
		assert_int_equal(symlinkat(last, tree->fd, name), 0);
		(void)snprintf(last, sizeof last, "%s", name);
	}
	assert_int_equal(sp_inside_resolve(tree->fd, "link40", &real, &err), 0);
	assert_string_equal(real, "etc/a");
	free(sp_steal(real));
	assert_int_equal(sp_inside_resolve(tree->fd, "link41", &real, &err),
			 -SP_ERR_FORMAT);
}

/* What a link says and what is left of the path go together into one. */
static void a_link_makes_it_no_longer(void **state)
{
	const struct tree *tree = *state;
	SP_AUTO(sp_str_freep) char *real = NULL;
	struct sp_error err = SP_ERROR_INIT;
	char target[PATH_MAX] = "", path[PATH_MAX];

	for (size_t i = 0; i < 4000; i++)
		target[i] = i % 2 ? '/' : '.';
	assert_int_equal(symlinkat(target, tree->fd, "dots"), 0);
	(void)snprintf(path, sizeof path, "dots/%s", "etc/a");
	assert_int_equal(sp_inside_resolve(tree->fd, path, &real, &err), 0);
	(void)snprintf(path, sizeof path, "dots/%.200s/etc/a", target);
	assert_int_equal(sp_inside_resolve(tree->fd, path, &real, &err), -SP_ERR_FORMAT);
}

static void lists(void **state)
{
	const struct tree *tree = *state;
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	SP_AUTO(sp_str_freep) char *joined = NULL;
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_inside_list(tree->fd, "lib/modules/4.19", 2, &names, &err),
			 0);
	joined = sp_strv_join(&names, ",");
	assert_string_equal(joined, "dmv.ko,x.ko");
	assert_int_equal(sp_inside_list(tree->fd, "lib/modules/4.19", 1, &names, &err),
			 -SP_ERR_LIMIT);
	assert_int_equal(names.n, 2);
	assert_int_equal(sp_inside_list(tree->fd, "lib/none", 1, &names, &err),
			 SP_INSIDE_ABSENT);
	assert_true(sp_inside_list(tree->fd, "etc/a", 1, &names, &err) < 0);
	assert_int_equal(sp_inside_list(tree->fd, "", 100, &names, &err), 0);
	assert_true(sp_strv_has(&names, "absolute"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolves),
		cmocka_unit_test(too_long_is_refused),
		cmocka_unit_test(lists),
		cmocka_unit_test(is_so_long_and_no_longer),
		cmocka_unit_test(follows_so_many_links),
		cmocka_unit_test(a_link_makes_it_no_longer),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
