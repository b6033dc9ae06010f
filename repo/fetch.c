/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of fetching that every process has; what speaks with servers is loaded when
 * one is spoken with (fetch_module.h). */

#include "repo/fetch.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "repo/fetch_module.h"

struct sp_fetch {
	const struct sp_fetch_module *module;
	struct sp_fetch_session *session;
};

/* ---- the module ---------------------------------------------------------------- */

/* Beside this program, as both were installed: no search, and nothing of the
 * environment. */
static char *module_path(void)
{
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);

	if (len <= 0)
		return NULL;
	program[len] = '\0';
	*strrchr(program, '/') = '\0';
	return sp_text_format("%s/%s", program, SP_FETCH_MODULE);
}

static int fail_module(const char *why, struct sp_error *err)
{
	return sp_error_set(err, SP_ERR_UNREACHABLE,
			    "servers cannot be spoken with here: %s", why);
}

/* It stays loaded: TLS libraries cannot be unloaded safely. */
static int load_module(const struct sp_fetch_module **ret_module, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = module_path();
	const struct sp_fetch_module *module;
	void *handle;

	if (!path)
		return fail_module("where suppack lies is not known", err);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	module = handle ? dlsym(handle, "sp_fetch_module") : NULL;
	if (!module)
		return fail_module(dlerror(), err);
	if (strcmp(module->version, SP_VERSION) != 0)
		return fail_module("fetch.so is of another version of suppack", err);
	*ret_module = module;
	return 0;
}

/* ---- fetching ------------------------------------------------------------------ */

int sp_fetch_new(const struct sp_fetch_options *options, struct sp_fetch **ret_fetch,
		 struct sp_error *err)
{
	SP_AUTO(sp_fetch_freep) struct sp_fetch *fetch = calloc(1, sizeof *fetch);
	int r = fetch ? load_module(&fetch->module, err) : sp_error_nomem(err);

	if (r == 0)
		r = fetch->module->begin(options, &fetch->session, err);
	if (r == 0)
		*ret_fetch = sp_steal(fetch);
	return r;
}

void sp_fetch_free(struct sp_fetch *fetch)
{
	if (fetch && fetch->session)
		fetch->module->end(fetch->session);
	free(fetch);
}

int sp_fetch_file(struct sp_fetch *fetch, const char *url, int fd,
		  uint64_t expected_bytes, uint64_t max_bytes, struct sp_error *err)
{
	return fetch->module->file(fetch->session, url, fd, expected_bytes, max_bytes,
				   err);
}

int sp_fetch_bytes(struct sp_fetch *fetch, const char *url, size_t max_bytes,
		   char **ret_bytes, size_t *ret_len, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	int r;

	fd = memfd_create("fetched", MFD_CLOEXEC);
	if (fd < 0)
		return sp_error_set_errno(err, errno, "keeping '%s'", url);
	r = sp_fetch_file(fetch, url, fd, 0, max_bytes, err);
	if (r != 0)
		return r;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return sp_error_set_errno(err, errno, "keeping '%s'", url);
	return sp_file_read_all(fd, max_bytes, ret_bytes, ret_len, err);
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("-._~/", c));
}

char *sp_fetch_url_join(const char *base, const char *path)
{
	struct sp_strbuf url = { 0 };
	size_t len = strlen(base);

	sp_strbuf_add(&url, "%s%s", base, len && base[len - 1] == '/' ? "" : "/");
	for (; *path; path++)
		if (is_plain(*path))
			sp_strbuf_add_bytes(&url, path, 1);
		else
			sp_strbuf_add(&url, "%%%02X", (unsigned char)*path);
	return sp_strbuf_take(&url);
}
