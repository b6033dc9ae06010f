/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The target as it stands after the base installation, or a running host: read anew each
 * time, since packs change it. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

#include "base/array.h"
#include "base/inside.h"
#include "repo/host_packs.h"
#include "repo/target.h"

#define MODULES "lib/modules"

enum { KERNELS_MAX = 256 };

static int read_inventory(int root_fd, struct sp_target *target,
			  struct sp_findings *findings, struct sp_error *err)
{
	struct sp_error cause = SP_ERROR_INIT;
	int r = sp_inventory_read(root_fd, &target->inventory, &cause);

	if (r == 0)
		return 0;
	if (cause.code == SP_ERR_IO) {
		*err = cause;
		return r;
	}
	return sp_findings_add(findings, "no-inventory", "etc/xensource-inventory", err,
			       r < 0 ? "the inventory cannot be read: %s"
				     : "the root has no inventory%s",
			       cause.text);
}

/* ---- what the root itself shows --------------------------------------------------------- */

static bool is_kind(int root_fd, const char *path, mode_t kind)
{
	SP_AUTO(sp_str_freep) char *real = NULL;
	struct sp_error ignored = SP_ERROR_INIT;
	struct stat st;

	return sp_inside_resolve(root_fd, path, &real, &ignored) == 0 &&
	       fstatat(root_fd, real, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (st.st_mode & S_IFMT) == kind;
}

static int read_kernels(int root_fd, struct sp_target *target,
			struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	struct sp_error cause = SP_ERROR_INIT;
	int r = sp_inside_list(root_fd, MODULES, KERNELS_MAX, &names, &cause);

	if (r < 0 && cause.code == SP_ERR_IO && cause.sys_errno != ENOTDIR) {
		*err = cause;
		return r;
	}
	if (r < 0)
		return sp_findings_add(findings, "damaged-record", MODULES, err,
				       "the kernels cannot be listed: %s", cause.text);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		SP_AUTO(sp_str_freep)
		char *path = sp_text_format(MODULES "/%s", names.items[i]);

		if (!path)
			return sp_error_nomem(err);
		if (is_kind(root_fd, path, S_IFDIR))
			r = sp_strv_add(&target->kernels, names.items[i], err);
	}
	return r < 0 ? r : 0;
}

// clang-format off
/* A program's loader tells whose machine code a root is made for. */
static const struct loader {
	const char *path, *arch;
} loaders[] = {
	{ "lib64/ld-linux-x86-64.so.2", "x86_64"  },
	{ "lib/ld-linux-aarch64.so.1",  "aarch64" },
	{ "lib/ld-linux.so.2",          "i686"    },
};
// clang-format on

static int read_arch(int root_fd, struct sp_target *target, struct sp_error *err)
{
	struct utsname machine;
	const char *arch = "x86_64";

	if (uname(&machine) == 0)
		arch = machine.machine;
	for (size_t i = 0; i < sizeof loaders / sizeof loaders[0]; i++)
		if (is_kind(root_fd, loaders[i].path, S_IFREG)) {
			arch = loaders[i].arch;
			break;
		}
	target->arch = strdup(arch);
	return target->arch ? 0 : sp_error_nomem(err);
}

static int read_space(int root_fd, struct sp_target *target, struct sp_error *err)
{
	struct statvfs fs;

	if (fstatvfs(root_fd, &fs) < 0)
		return sp_error_set_errno(err, errno, "asking for the free space");
	if (__builtin_mul_overflow((uint64_t)fs.f_bavail, (uint64_t)fs.f_frsize,
				   &target->free_bytes))
		target->free_bytes = UINT64_MAX;
	return 0;
}

/* "752", "752M": anything else is not known. */
static void read_memory(struct sp_target *target)
{
	const char *text = target->inventory.dom0_mem ? target->inventory.dom0_mem : "";
	size_t digits = strspn(text, "0123456789");

	if (digits && digits < 10 && (!text[digits] || !strcmp(text + digits, "M")))
		target->memory_mb = strtoull(text, NULL, 10);
}

/* ---- packs ----------------------------------------------------------------------------- */

static int read_packs(int root_fd, struct sp_target *target, struct sp_findings *findings,
		      struct sp_error *err)
{
	SP_AUTO(sp_host_packs_done) struct sp_host_packs packs = { 0 };
	int r = sp_host_packs_read(root_fd, &packs, findings, err);

	for (size_t i = 0; r == 0 && i < packs.n; i++) {
		struct sp_target_pack *pack =
			sp_array_add(&target->packs, &target->n_packs);

		if (!pack)
			return sp_error_nomem(err);
		pack->id = sp_steal(packs.items[i].id);
		pack->label = sp_steal(packs.items[i].label);
		pack->version = sp_steal(packs.items[i].version);
	}
	return r;
}

int sp_target_read(int root_fd, struct sp_target *target, struct sp_findings *findings,
		   struct sp_error *err)
{
	int r = read_inventory(root_fd, target, findings, err);

	if (r == 0)
		r = read_kernels(root_fd, target, findings, err);
	if (r == 0)
		r = read_arch(root_fd, target, err);
	if (r == 0)
		r = read_space(root_fd, target, err);
	if (r == 0)
		r = read_packs(root_fd, target, findings, err);
	if (r == 0)
		read_memory(target);
	return r;
}
