/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A root of its own in a mount namespace of the test's, RPMs of the factory (RPMS), and what
 * rpm itself says is installed there. */

#include "repo/transaction.h"

#include "base/child.h"
#include "base/file.h"
#include "repo/pack.h"
#include "support/table.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define UPDATES "lib/modules/4.19.0+1/updates/"

enum { MAX_PACKAGES = 4 };

/* ---- the root ------------------------------------------------------------------------ */

struct stage {
	char path[40];
	int fd;
	int fds[MAX_PACKAGES];
	struct sp_package packages[MAX_PACKAGES];
	struct sp_transaction_item items[MAX_PACKAGES];
	size_t n_items;
	bool mounted;
	struct sp_strbuf log;
	uint64_t last_done, last_total;
	bool in_order, cancel; /* progress goes on; something runs */
};

static inline void make_dirs(const struct stage *stage, const char *path)
{
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_file_make_dirs(stage->fd, path, 0755, &err), 0);
}

static inline void put(const struct stage *stage, const char *path, const char *text)
{
	SP_AUTO(sp_closep)
	int fd = openat(stage->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct sp_error err = SP_ERROR_INIT;

	assert_true(fd >= 0);
	assert_int_equal(sp_file_write_all(fd, text, strlen(text), &err), 0);
}

static inline void mount_small(struct stage *stage, const char *below,
			       const char *options)
{
	SP_AUTO(sp_str_freep) char *path = sp_text_format("%s/%s", stage->path, below);

	assert_int_equal(mount("test", path, "tmpfs", 0, options), 0);
	if (*below)
		return;
	stage->mounted = true;
	sp_closep(&stage->fd);
	stage->fd = open(stage->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static inline void stage_open(struct stage *stage)
{
	memset(stage, 0, sizeof *stage);
	(void)snprintf(stage->path, sizeof stage->path, "/tmp/test-root.XXXXXX");
	assert_non_null(mkdtemp(stage->path));
	stage->fd = open(stage->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(stage->fd >= 0);
	stage->in_order = true;
}

static inline void drop_items(struct stage *stage)
{
	for (size_t i = 0; i < stage->n_items; i++) {
		sp_package_done(&stage->packages[i]);
		sp_closep(&stage->fds[i]);
	}
	memset(stage->packages, 0, sizeof stage->packages);
	stage->n_items = 0;
}

static inline void stage_close(struct stage *stage)
{
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_closep) int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SP_AUTO(sp_str_freep) char *db = sp_text_format("%s/var/lib/rpm", stage->path);

	drop_items(stage);
	sp_strbuf_done(&stage->log);
	sp_closep(&stage->fd);
	(void)umount2(db, MNT_DETACH);
	(void)umount2(stage->path, MNT_DETACH);
	assert_int_equal(sp_file_remove_tree(tmp, stage->path + strlen("/tmp/"), &err),
			 0);
}

/* ---- packages ------------------------------------------------------------------------ */

static inline char *load_rpm(const char *name, size_t *ret_len)
{
	SP_AUTO(sp_closep) int fd = -1;
	SP_AUTO(sp_str_freep) char *path = sp_text_format("%s/%s.rpm", RPMS, name);
	struct sp_error err = SP_ERROR_INIT;
	char *bytes = NULL;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail_msg("no '%s'", path);
	assert_int_equal(sp_file_read_all(fd, 64 << 20, &bytes, ret_len, &err), 0);
	return bytes;
}

/* "dir/name-1.0-1.noarch" */
static inline void fill_package(struct sp_package *package, const char *name)
{
	const char *base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	char copy[128], *arch, *release, *version;

	(void)snprintf(copy, sizeof copy, "%s", base);
	arch = strrchr(copy, '.');
	*arch++ = '\0';
	release = strrchr(copy, '-');
	*release++ = '\0';
	version = strrchr(copy, '-');
	*version++ = '\0';
	package->name = strdup(copy);
	package->epoch = strdup("");
	package->version = strdup(version);
	package->release = strdup(release);
	package->arch = strdup(arch);
}

/* @fd  of its bytes; it and @package are the stage's from here on */
static inline void stage_add(struct stage *stage, int fd,
			     const struct sp_package *package)
{
	size_t i = stage->n_items++;

	assert_true(i < MAX_PACKAGES);
	stage->fds[i] = fd;
	stage->packages[i] = *package;
	stage->items[i] =
		(struct sp_transaction_item){ stage->fds[i], &stage->packages[i] };
}

/* As it is; nobody says a digest. */
static inline void stage_take(struct stage *stage, const char *name)
{
	size_t len = 0;
	SP_AUTO(sp_str_freep) char *bytes = load_rpm(name, &len);
	struct sp_package package = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int fd = -1;

	fill_package(&package, name);
	assert_int_equal(sp_file_sealed("rpm", bytes, len, &fd, &err), 0);
	stage_add(stage, fd, &package);
}

/* What is there before the test; @names may be none. */
static inline void stage_install(struct stage *stage, const char *const names[])
{
	SP_AUTO(sp_transaction_result_done) struct sp_transaction_result result = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv provided = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	struct sp_transaction transaction = { .root = stage->path,
					      .provided = &provided };

	for (size_t i = 0; i < MAX_PACKAGES && names[i]; i++)
		stage_take(stage, names[i]);
	if (!stage->n_items)
		return;
	transaction.items = stage->items;
	transaction.n_items = stage->n_items;
	if (sp_transaction_run(&transaction, &result, &err) < 0)
		fail_msg("before: %s", err.text);
	drop_items(stage);
}

/* ---- what is there --------------------------------------------------------------------- */

/* As rpm itself sees it: "a b c"; "" if there is none. */
static inline char *ask_rpm(const struct stage *stage)
{
	const char *argv[] = { "/usr/bin/rpm",
			       "--root",
			       stage->path,
			       "--dbpath",
			       "/var/lib/rpm",
			       "-qa",
			       "--qf",
			       "%{NAME}-%{EVR}.%{ARCH}\n",
			       NULL };
	struct sp_child_result result = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	char *rest, *line;

	assert_int_equal(sp_child_run(argv, NULL, 20000, &result, &err), 0);
	rest = result.output;
	while ((line = strsep(&rest, "\n")))
		if (*line && !strstr(line, "warning:") && !strstr(line, "error:"))
			assert_int_equal(sp_strv_add(&names, line, &err), 0);
	free(result.output);
	sp_strv_sort(&names);
	return names.n ? sp_strv_join(&names, " ") : strdup("");
}

/* ---- words ------------------------------------------------------------------------------ */

/* @text  by commas */
static inline void split(const char *text, struct sp_strv *list)
{
	SP_AUTO(sp_str_freep) char *copy = strdup(text);
	struct sp_error err = SP_ERROR_INIT;
	char *rest = copy, *word;

	while ((word = strsep(&rest, ",")))
		assert_int_equal(sp_strv_add(list, word, &err), 0);
}

static inline const struct sp_finding *find(const struct sp_findings *findings,
					    const char *code)
{
	for (size_t i = 0; i < findings->n; i++)
		if (strcmp(findings->items[i].code, code) == 0)
			return &findings->items[i];
	return NULL;
}

/* So that nothing mounted outlives the test, and nobody else sees it. */
static inline int stage_alone(void)
{
	if (unshare(CLONE_NEWNS) == 0 &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
		return 0;
	perror("a mount namespace");
	return -1;
}
