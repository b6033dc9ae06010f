/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record apart from sysfs: what the kernel and the system say about themselves.
 * Every file is named here; lines that could tell more than is needed are rewritten. */
#include "probe/capture.h"

#include "base/file.h"
#include "base/text.h"
#include "probe/capture_out.h"
#include "probe/capture_sysfs.h"
#include "probe/kernel.h"
#include "probe/kernel_files.h"
#include "probe/modinfo.h"
#include "probe/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MAX_BYTES = 32 * 1024 * 1024,
	MAX_KEY_BYTES = 64 * 1024,
	MAX_FIRMWARE = 16384,
	MAX_FIRMWARE_DEPTH = 8,
	MODULE_TRIES = 8,
};

/* ---- files as they are ----------------------------------------------------- */

static const char *const plain_files[] = {
	"proc/sys/kernel/osrelease",
	"sys/module/module/parameters/sig_enforce",
	"sys/kernel/security/lockdown",
	"etc/os-release",
};

/* With the release in the place of %s. */
static const struct {
	const char *before, *after;
} kernel_files[] = {
	{ "lib/modules/", "/modules.alias" },
	{ "lib/modules/", "/modules.dep" },
	{ "lib/modules/", "/modules.builtin" },
	{ "lib/modules/", "/modules.builtin.modinfo" },
	{ "lib/modules/", "/modules.softdep" },
	{ "lib/modules/", "/symvers.gz" },
	{ "lib/modules/", "/symvers.xz" },
	{ "lib/modules/", "/symvers.zst" },
	{ "boot/symvers-", ".gz" },
	{ "boot/symvers-", ".xz" },
	{ "boot/symvers-", ".zst" },
};

static int copy_files(const struct sp_capture_out *out, const struct sp_kernel *kernel,
		      struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof plain_files / sizeof *plain_files; i++)
		r = sp_capture_out_copy(out, plain_files[i], MAX_BYTES, err);
	for (size_t i = 0; r == 0 && i < sizeof kernel_files / sizeof *kernel_files;
	     i++) {
		SP_AUTO(sp_str_freep)
		char *path = sp_text_format("%s%s%s", kernel_files[i].before,
					    kernel->release, kernel_files[i].after);

		r = path ? sp_capture_out_copy(out, path, MAX_BYTES, err)
			 : sp_error_nomem(err);
	}
	return r;
}

/* Public keys: whom this machine trusts is part of what it would do. */
static int copy_keys(const struct sp_capture_out *out, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	int r = sp_root_list(out->root, "etc/pki/rpm-gpg", &names, err);

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		SP_AUTO(sp_str_freep)
		char *path = sp_text_format("etc/pki/rpm-gpg/%s", names.items[i]);

		r = path ? sp_capture_out_copy(out, path, MAX_KEY_BYTES, err)
			 : sp_error_nomem(err);
	}
	return r < 0 ? r : 0;
}

/* ---- lines that are rewritten ---------------------------------------------- */

/* Adds what may be known of one line, of @len bytes, to @text. */
typedef void (*line_fn)(const char *line, size_t len, struct sp_strbuf *text);

static int rewrite(const struct sp_capture_out *out, const char *path, line_fn fn,
		   struct sp_error *err)
{
	SP_AUTO(sp_strbuf_done) struct sp_strbuf text = { 0 };
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct sp_error why = SP_ERROR_INIT;
	size_t len = 0;
	int r = sp_root_load(out->root, path, MAX_BYTES, &bytes, &len, &why);

	if (r != 0)
		return r == -SP_ERR_NOMEM ? sp_error_nomem(err) : 0;
	for (const char *line = bytes; *line;) {
		size_t end = strcspn(line, "\n");

		fn(line, end, &text);
		line += end + (line[end] == '\n');
	}
	if (text.failed)
		return sp_error_nomem(err);
	return sp_capture_out_write(out, path, text.text ? text.text : "", text.len, err);
}

/* "e1000e 286720 0 - Live 0xffffffffc0a3c000 (OE)": not where it is in memory */
static void add_module_line(const char *line, size_t len, struct sp_strbuf *text)
{
	const char *address = memmem(line, len, " 0x", 3);
	size_t known = address ? (size_t)(address - line) : len;

	sp_strbuf_add(text, "%.*s 0x0000000000000000\n", (int)known, line);
}

static const char *const harmless_options[] = {
	"acpi",
	"amd_iommu",
	"console",
	"intel_iommu",
	"iommu",
	"lockdown",
	"mitigations",
	"modprobe.blacklist",
	"module.sig_enforce",
	"module_blacklist",
	"pci",
	"rd.driver.blacklist",
	"xen-pciback.hide",
};

static bool is_harmless(const char *word, size_t len)
{
	const char *equals = memchr(word, '=', len);
	size_t key = equals ? (size_t)(equals - word) : len;

	if (!equals)
		return true;
	for (size_t i = 0; i < sizeof harmless_options / sizeof *harmless_options; i++)
		if (strlen(harmless_options[i]) == key &&
		    memcmp(harmless_options[i], word, key) == 0)
			return true;
	return false;
}

/* What stands behind "--" is for init, and may be anything. */
static void add_command_line(const char *line, size_t len, struct sp_strbuf *text)
{
	const char *end = line + len, *word = line;
	const char *gap = "";

	while (word < end) {
		size_t n = 0;

		while (word + n < end && word[n] != ' ')
			n++;
		if (n == 2 && memcmp(word, "--", 2) == 0)
			break;
		if (n > 0 && is_harmless(word, n)) {
			sp_strbuf_add(text, "%s%.*s", gap, (int)n, word);
			gap = " ";
		}
		word += n + 1;
	}
	sp_strbuf_add(text, "\n");
}

static void add_inventory_line(const char *line, size_t len, struct sp_strbuf *text)
{
	static const char *const starts[] = { "PRODUCT_", "PLATFORM_", "BUILD_NUMBER=" };

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (strncmp(line, starts[i], strlen(starts[i])) == 0)
			sp_strbuf_add(text, "%.*s\n", (int)len, line);
}

/* ---- modules and firmware -------------------------------------------------- */

/* The same module that sp_kernel_read() would ask. */
static int copy_module(void *user, int fd, const char *path, struct sp_error *err)
{
	SP_AUTO(sp_module_done) struct sp_module module = { 0 };
	const struct sp_capture_out *out = user;
	struct sp_error why = SP_ERROR_INIT;
	int r = sp_modinfo_read(fd, path, &module, &why);

	if (r == -SP_ERR_NOMEM)
		return sp_error_nomem(err);
	if (r < 0 || !module.vermagic || !strchr(module.vermagic, ' '))
		return 0;
	r = sp_capture_out_copy(out, path, MAX_BYTES, err);
	return r < 0 ? r : SP_KERNEL_FILES_ENOUGH;
}

struct firmware {
	const struct sp_capture_out *out;
	size_t n;
};

static int name_firmware(struct firmware *firmware, const char *dir, int depth,
			 struct sp_error *err);

static int name_file(struct firmware *firmware, const char *path, int depth,
		     struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error why = SP_ERROR_INIT;
	struct stat st;

	if (firmware->n >= MAX_FIRMWARE ||
	    sp_root_open(firmware->out->root, path, O_PATH, &fd, &why) != 0 ||
	    fstat(fd, &st) < 0)
		return 0;
	if (S_ISDIR(st.st_mode) && depth < MAX_FIRMWARE_DEPTH)
		return name_firmware(firmware, path, depth + 1, err);
	if (!S_ISREG(st.st_mode))
		return 0;
	firmware->n++;
	return sp_capture_out_write(firmware->out, path, "", 0, err);
}

static int name_firmware(struct firmware *firmware, const char *dir, int depth,
			 struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	int r = sp_root_list(firmware->out->root, dir, &names, err);

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		SP_AUTO(sp_str_freep)
		char *path = sp_text_format("%s/%s", dir, names.items[i]);

		r = path ? name_file(firmware, path, depth, err) : sp_error_nomem(err);
	}
	return r < 0 ? r : 0;
}

/* ---- all of it ------------------------------------------------------------- */

static int write_arch(const struct sp_capture_out *out, const struct sp_kernel *kernel,
		      struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *line = sp_text_format("%s\n", kernel->arch);

	return line ? sp_capture_out_write(out, "proc/sys/kernel/arch", line,
					   strlen(line), err)
		    : sp_error_nomem(err);
}

static int write_kernel(const struct sp_capture_out *out, struct sp_error *err)
{
	SP_AUTO(sp_kernel_done) struct sp_kernel kernel = { 0 };
	int r = sp_kernel_read(out->root, NULL, &kernel, err);

	if (r == 0)
		r = copy_files(out, &kernel, err);
	if (r == 0)
		r = write_arch(out, &kernel, err);
	if (r == 0)
		r = sp_kernel_files_each(out->root, &kernel, MODULE_TRIES, copy_module,
					 (void *)(uintptr_t)out, err);
	return r;
}

static int write_all(const struct sp_capture_out *out, struct sp_error *err)
{
	struct firmware firmware = { .out = out };
	int r = write_kernel(out, err);

	if (r == 0)
		r = rewrite(out, "proc/modules", add_module_line, err);
	if (r == 0)
		r = rewrite(out, "proc/cmdline", add_command_line, err);
	if (r == 0)
		r = rewrite(out, "etc/xensource-inventory", add_inventory_line, err);
	if (r == 0)
		r = copy_keys(out, err);
	if (r == 0)
		r = name_firmware(&firmware, "lib/firmware", 0, err);
	return r == 0 ? sp_capture_sysfs_write(out, err) : r;
}

static int open_empty(const char *dir, int *ret_fd, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	SP_AUTO(sp_closep) int fd = -1;
	int r;

	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		return sp_error_set_errno(err, errno, "creating directory '%s'", dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return sp_error_set_errno(err, errno, "opening directory '%s'", dir);
	r = sp_root_list_at(fd, &names, err);
	if (r < 0)
		return r;
	if (names.n > 0)
		return sp_error_set(err, SP_ERR_USAGE, "the directory '%s' is not empty",
				    dir);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int sp_capture_write(const struct sp_root *root, const char *dir, struct sp_error *err)
{
	struct sp_capture_out out = { root, -1 };
	int r = open_empty(dir, &out.fd, err);

	if (r < 0)
		return r;
	r = write_all(&out, err);
	sp_closep(&out.fd);
	return r < 0 ? sp_error_context(err, "recording this machine in '%s'", dir) : 0;
}
