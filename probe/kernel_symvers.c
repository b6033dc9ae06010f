/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel exports, and in which version.  The list that comes with the kernel says
 * it at once; an installer image seldom has it, and then the modules that were built
 * together with the kernel say what they import from it. */
#include "probe/kernel.h"

#include "base/archive.h"
#include "base/module.h"
#include "probe/kernel_files.h"
#include "probe/modinfo.h"
#include "probe/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_FILE_BYTES = 16 * 1024 * 1024,
	MAX_TEXT_BYTES = 32 * 1024 * 1024, /* Debian 12: 1.6 MB */
	MAX_MODULES = 200,
};

/* Where the list may be, with the release in the place of %s. */
static const struct {
	const char *before, *after;
} places[] = {
	{ "lib/modules/", "/symvers.gz" },
	{ "lib/modules/", "/symvers.xz" },
	{ "lib/modules/", "/symvers.zst" },
	{ "boot/symvers-", ".gz" },
	{ "boot/symvers-", ".xz" },
	{ "boot/symvers-", ".zst" },
	{ "lib/modules/", "/build/Module.symvers" },
};

struct wanted {
	const char *const *names;
	size_t *order; /* indices of @names, sorted by name */
	size_t n, n_left;
	uint32_t *crcs;
	bool *known;
};

/* ---- finding a name -------------------------------------------------------- */

static int compare_at(const struct wanted *wanted, size_t at, const char *name,
		      size_t len)
{
	const char *other = wanted->names[wanted->order[at]];
	int r = strncmp(name, other, len);

	return r ? r : -(other[len] != '\0');
}

/* The first place in the order where @name could be. */
static size_t lower_bound(const struct wanted *wanted, const char *name, size_t len)
{
	size_t low = 0, high = wanted->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_at(wanted, middle, name, len) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Says the version of a name; the first to say it is right. */
static void learn(struct wanted *wanted, const char *name, size_t len, uint32_t crc)
{
	for (size_t i = lower_bound(wanted, name, len);
	     i < wanted->n && compare_at(wanted, i, name, len) == 0; i++) {
		size_t at = wanted->order[i];

		if (wanted->known[at])
			continue;
		wanted->known[at] = true;
		wanted->crcs[at] = crc;
		wanted->n_left--;
	}
}

static int compare_names(const void *a, const void *b, void *names)
{
	const char *const *text = names;

	return strcmp(text[*(const size_t *)a], text[*(const size_t *)b]);
}

/* ---- the list -------------------------------------------------------------- */

/* "0x12345678<tab>symbol<tab>vmlinux<tab>EXPORT_SYMBOL<tab>" */
static void take_line(struct wanted *wanted, const char *line)
{
	char *end;
	unsigned long crc;

	if (!sp_text_starts_with(line, "0x"))
		return;
	crc = strtoul(line, &end, 16);
	if (*end == '\t' && crc <= UINT32_MAX)
		learn(wanted, end + 1, strcspn(end + 1, "\t\n"), (uint32_t)crc);
}

/* Outcome SP_ROOT_ABSENT, also for a list that is broken: there are other ways. */
static int read_list(const struct sp_root *root, const char *path, struct wanted *wanted,
		     struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	SP_AUTO(sp_str_freep) char *text = NULL;
	struct sp_error why = SP_ERROR_INIT;
	size_t n_bytes = 0, len = 0;
	int r = sp_root_load(root, path, MAX_FILE_BYTES, &bytes, &n_bytes, &why);

	if (r == 0)
		r = sp_archive_inflate(bytes, n_bytes, MAX_TEXT_BYTES, 0, &text, &len,
				       &why);
	if (r != 0)
		return r == -SP_ERR_NOMEM ? sp_error_nomem(err) : SP_ROOT_ABSENT;
	for (const char *line = text; *line;) {
		take_line(wanted, line);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return 0;
}

static int read_lists(const struct sp_root *root, const struct sp_kernel *kernel,
		      struct wanted *wanted, struct sp_error *err)
{
	int r = SP_ROOT_ABSENT;

	for (size_t i = 0; r == SP_ROOT_ABSENT && i < sizeof places / sizeof *places;
	     i++) {
		SP_AUTO(sp_str_freep)
		char *path = sp_text_format("%s%s%s", places[i].before, kernel->release,
					    places[i].after);

		if (!path)
			return sp_error_nomem(err);
		r = read_list(root, path, wanted, err);
	}
	return r < 0 ? r : 0;
}

/* ---- the modules ----------------------------------------------------------- */

static int take_module(void *user, int fd, const char *path, struct sp_error *err)
{
	SP_AUTO(sp_module_done) struct sp_module module = { 0 };
	struct sp_error why = SP_ERROR_INIT;
	struct wanted *wanted = user;
	int r = sp_modinfo_read(fd, path, &module, &why);

	if (r < 0)
		return r == -SP_ERR_NOMEM ? sp_error_nomem(err) : 0;
	for (size_t i = 0; i < module.n_symvers; i++)
		learn(wanted, module.symvers[i].name, strlen(module.symvers[i].name),
		      module.symvers[i].crc);
	return wanted->n_left == 0 ? SP_KERNEL_FILES_ENOUGH : 0;
}

int sp_kernel_symvers(const struct sp_root *root, const struct sp_kernel *kernel,
		      const char *const names[], size_t n, uint32_t ret_crcs[],
		      bool ret_known[], struct sp_error *err)
{
	struct wanted wanted = { names, NULL, n, n, ret_crcs, ret_known };
	int r;

	if (n == 0)
		return 0;
	wanted.order = calloc(n, sizeof *wanted.order);
	if (!wanted.order)
		return sp_error_nomem(err);
	for (size_t i = 0; i < n; i++) {
		wanted.order[i] = i;
		ret_known[i] = false;
		ret_crcs[i] = 0;
	}
	qsort_r(wanted.order, n, sizeof *wanted.order, compare_names,
		(void *)(uintptr_t)names);
	r = read_lists(root, kernel, &wanted, err);
	if (r == 0 && wanted.n_left > 0)
		r = sp_kernel_files_each(root, kernel, MAX_MODULES, take_module, &wanted,
					 err);
	free(wanted.order);
	return r;
}
