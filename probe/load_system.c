/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What loading needs before and may need after: the module index, which depmod writes,
 * and the way back.  depmod reads every module there with the library that aborts on a
 * crafted one (kmod 30), so it runs as a program of its own. */
#include "probe/load.h"

#include "base/child.h"
#include "probe/in_use.h"
#include "probe/root.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DEPMOD_DEADLINE_MS = 60000, NAME_MAX_LEN = 55 };

/* ---- depmod --------------------------------------------------------------------- */

static bool is_component(const char *name)
{
	return *name && name[0] != '.' && name[0] != '-' && !strchr(name, '/');
}

static int judge_depmod(const struct sp_child_result *result, const char *release,
			struct sp_error *err)
{
	char words[SP_TEXT_MAX];

	if (result->status == 0)
		return 0;
	if (result->status == 128 + SIGABRT || result->status == 128 + SIGSEGV ||
	    result->status == 128 + SIGBUS)
		return sp_error_set(err, SP_ERR_DAMAGED,
				    "a module of kernel '%s' made depmod crash", release);
	sp_text_clean(result->output, strlen(result->output), words, sizeof words);
	return sp_error_set(err, SP_ERR_LOAD,
			    "depmod failed for kernel '%s' with status %d: %s", release,
			    result->status, words);
}

int sp_load_depmod(const char *root_dir, const char *release, struct sp_error *err)
{
	const char *const argv[] = { "/sbin/depmod", "-b", root_dir, release, NULL };
	struct sp_child_result result = { 0 };
	int r;

	if (!is_component(release))
		return sp_error_set(err, SP_ERR_USAGE, "'%s' is no kernel version",
				    release);
	r = sp_child_run(argv, NULL, DEPMOD_DEADLINE_MS, &result, err);
	if (r == 0)
		r = judge_depmod(&result, release, err);
	free(result.output);
	return r;
}

/* ---- unloading ------------------------------------------------------------------- */

static int remove_module(const char *name, struct sp_strv *users, struct sp_error *err)
{
	if (syscall(SYS_delete_module, name, O_NONBLOCK) == 0)
		return 0;
	if (errno == ENOENT)
		return SP_LOAD_ABSENT;
	if (errno == EWOULDBLOCK || errno == EBUSY)
		return sp_strv_add(users, "the kernel says that it is in use", err) < 0
			       ? -SP_ERR_NOMEM
			       : SP_LOAD_IN_USE;
	return sp_error_set(err, SP_ERR_LOAD, "module '%s' cannot be taken out: %s", name,
			    strerror(errno));
}

/* A user nobody can name still counts. */
static int check_count(const char *count, size_t n_named, struct sp_strv *users,
		       struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = NULL;

	if (n_named > 0)
		return SP_LOAD_IN_USE;
	if (strtol(count, NULL, 10) == 0)
		return 0;
	text = sp_text_format("its count of users is %s", count);
	if (!text)
		return sp_error_nomem(err);
	return sp_strv_add(users, text, err) < 0 ? -SP_ERR_NOMEM : SP_LOAD_IN_USE;
}

int sp_load_unload(const struct sp_root *root, const char *name, struct sp_strv *users,
		   struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = sp_text_format("sys/module/%s/refcnt", name);
	SP_AUTO(sp_str_freep) char *count = NULL;
	size_t n_users = users->n;
	int r;

	if (!path)
		return sp_error_nomem(err);
	if (!is_component(name) || strlen(name) > NAME_MAX_LEN)
		return SP_LOAD_ABSENT;
	r = sp_root_read_line(root, path, &count, err);
	if (r != 0)
		return r < 0 ? r : SP_LOAD_ABSENT;
	r = sp_in_use_module(root, name, users, err);
	if (r == 0)
		r = check_count(count, users->n - n_users, users, err);
	if (r == 0 && strcmp(sp_root_path(root), "/") == 0)
		r = remove_module(name, users, err);
	return r;
}
