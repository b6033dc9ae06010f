/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the text that depmod and the kernel leave about themselves.  modules.alias is
 * kept as it is: plan/ makes its index of it, once. */
#include "probe/kernel.h"

#include "base/module.h"
#include "probe/kernel_files.h"
#include "probe/modinfo.h"
#include "probe/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

enum {
	MAX_FILE_BYTES = 32 * 1024 * 1024, /* modules.alias of Debian 12: 1.3 MB */
	MAX_CMDLINE_BYTES = 64 * 1024,
	FLAG_TRIES = 8, /* modules looked at for the flags of this kernel */
};

void sp_kernel_done(struct sp_kernel *kernel)
{
	free(kernel->release);
	free(kernel->arch);
	free(kernel->vermagic_flags);
	free(kernel->alias_text);
	sp_strv_done(&kernel->loaded);
	sp_strv_done(&kernel->builtin);
	sp_strv_done(&kernel->available);
	*kernel = (struct sp_kernel){ 0 };
}

/* ---- lines ----------------------------------------------------------------- */

/* "kernel/drivers/net/e1000e.ko.xz" is module "e1000e". */
static int add_path(struct sp_strv *names, const char *path, size_t len,
		    struct sp_error *err)
{
	const char *slash = memrchr(path, '/', len);
	const char *name = slash ? slash + 1 : path, *end = path + len;
	char *added;
	int r;

	for (const char *dot = name; dot + 3 <= path + len; dot++)
		if (memcmp(dot, ".ko", 3) == 0)
			end = dot;
	if (end <= name)
		return 0;
	r = sp_strv_add_n(names, name, (size_t)(end - name), err);
	if (r < 0)
		return r;
	added = names->items[names->n - 1];
	for (char *c = added; (c = strchr(c, '-'));)
		*c = '_';
	return 0;
}

/* Adds the module that stands first in each line of @path, up to one of @ends. */
static int read_names(const struct sp_root *root, const char *path, const char *ends,
		      struct sp_strv *names, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	size_t len;
	int r = sp_root_load(root, path, MAX_FILE_BYTES, &text, &len, err);

	if (r != 0)
		return r < 0 ? r : 0;
	for (const char *line = text; r == 0 && *line;) {
		const char *next = line + strcspn(line, "\n");

		r = add_path(names, line, strcspn(line, ends), err);
		line = *next ? next + 1 : next;
	}
	sp_strv_sort(names);
	return r;
}

/* ---- the kernel itself ----------------------------------------------------- */

static int read_release(const struct sp_root *root, const char *release,
			struct sp_kernel *kernel, struct sp_error *err)
{
	int r = 0;

	if (release)
		kernel->release = strdup(release);
	else
		r = sp_root_read_line(root, "proc/sys/kernel/osrelease", &kernel->release,
				      err);
	if (r == SP_ROOT_ABSENT)
		return sp_error_set(err, SP_ERR_USAGE,
				    "'%s' does not say which kernel it runs",
				    sp_root_path(root));
	if (r < 0)
		return r;
	if (!kernel->release)
		return sp_error_nomem(err);
	if (!sp_text_path_is_safe(kernel->release) || strchr(kernel->release, '/'))
		return sp_error_set(err, SP_ERR_USAGE, "'%s' is no kernel version",
				    kernel->release);
	return 0;
}

/* Before Linux 6.1 only uname() tells. */
static int read_arch(const struct sp_root *root, struct sp_kernel *kernel,
		     struct sp_error *err)
{
	struct utsname name;
	int r = sp_root_read_line(root, "proc/sys/kernel/arch", &kernel->arch, err);

	if (r <= 0)
		return r;
	if (uname(&name) < 0)
		return sp_error_set_errno(err, errno, "asking for the architecture");
	kernel->arch = strdup(name.machine);
	return kernel->arch ? 0 : sp_error_nomem(err);
}

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += len)
		if ((at == text || at[-1] == ' ') && strchr(" \n", at[len]))
			return true;
	return false;
}

static int read_enforcement(const struct sp_root *root, struct sp_kernel *kernel,
			    struct sp_error *err)
{
	static const struct {
		const char *path;
		const char *words[2]; /* any of them says so */
	} signs[] = {
		{ "sys/module/module/parameters/sig_enforce", { "Y", "1" } },
		{ "sys/kernel/security/lockdown",
		  { "[integrity]", "[confidentiality]" } },
		{ "proc/cmdline", { "module.sig_enforce", "module.sig_enforce=1" } },
	};

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		SP_AUTO(sp_str_freep) char *text = NULL;
		int r = sp_root_read_line(root, signs[i].path, &text, err);

		if (r < 0)
			return r;
		if (r == 0 && (has_word(text, signs[i].words[0]) ||
			       has_word(text, signs[i].words[1])))
			kernel->enforces_signatures = true;
	}
	return 0;
}

/* ---- its modules ----------------------------------------------------------- */

/* Outcome SP_KERNEL_FILES_ENOUGH.  A module that cannot be read tells nothing. */
static int take_flags(void *user, int fd, const char *path, struct sp_error *err)
{
	SP_AUTO(sp_module_done) struct sp_module module = { 0 };
	struct sp_kernel *kernel = user;
	const char *blank;
	struct sp_error why = SP_ERROR_INIT;
	int r = sp_modinfo_read(fd, path, &module, &why);

	if (r == -SP_ERR_NOMEM)
		return sp_error_nomem(err);
	blank = r == 0 && module.vermagic ? strchr(module.vermagic, ' ') : NULL;
	if (!blank)
		return 0;
	kernel->vermagic_flags = strdup(blank + 1);
	return kernel->vermagic_flags ? SP_KERNEL_FILES_ENOUGH : sp_error_nomem(err);
}

static int read_alias_text(const struct sp_root *root, struct sp_kernel *kernel,
			   struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *path = sp_text_format("lib/modules/%s/modules.alias", kernel->release);
	int r;

	if (!path)
		return sp_error_nomem(err);
	r = sp_root_load(root, path, MAX_FILE_BYTES, &kernel->alias_text,
			 &kernel->alias_len, err);
	return r < 0 ? r : 0;
}

static int read_modules(const struct sp_root *root, struct sp_kernel *kernel,
			struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *dep = NULL;
	SP_AUTO(sp_str_freep) char *builtin = NULL;
	int r;

	dep = sp_text_format("lib/modules/%s/modules.dep", kernel->release);
	builtin = sp_text_format("lib/modules/%s/modules.builtin", kernel->release);
	if (!dep || !builtin)
		return sp_error_nomem(err);
	r = read_names(root, "proc/modules", " \n", &kernel->loaded, err);
	if (r == 0)
		r = read_names(root, builtin, "\n", &kernel->builtin, err);
	if (r == 0)
		r = read_names(root, dep, ":\n", &kernel->available, err);
	if (r == 0)
		r = read_alias_text(root, kernel, err);
	if (r == 0)
		r = sp_kernel_files_each(root, kernel, FLAG_TRIES, take_flags, kernel,
					 err);
	return r;
}

int sp_kernel_read(const struct sp_root *root, const char *release,
		   struct sp_kernel *kernel, struct sp_error *err)
{
	int r = read_release(root, release, kernel, err);

	if (r == 0)
		r = read_arch(root, kernel, err);
	if (r == 0)
		r = read_enforcement(root, kernel, err);
	if (r == 0)
		r = read_modules(root, kernel, err);
	if (r < 0)
		sp_kernel_done(kernel);
	return r < 0 ? sp_error_context(err, "reading about the kernel") : 0;
}
