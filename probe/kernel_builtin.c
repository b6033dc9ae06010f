/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Read only where it is asked for: planning a load does not need it. */

#include "probe/kernel.h"

#include "base/builtin.h"
#include "base/module.h"
#include "probe/root.h"

enum { MAX_FILE_BYTES = 16 * 1024 * 1024 };

static void add_lines(const struct sp_module_list *modules, struct sp_strbuf *text)
{
	for (size_t i = 0; i < modules->n; i++)
		for (size_t a = 0; a < modules->items[i].aliases.n; a++)
			sp_strbuf_add(text, "alias %s %s\n",
				      modules->items[i].aliases.items[a],
				      modules->items[i].name);
}

int sp_kernel_builtin_aliases(const struct sp_root *root, const struct sp_kernel *kernel,
			      struct sp_strbuf *text, struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *path = sp_text_format("lib/modules/%s/modules.builtin.modinfo",
				    kernel->release ? kernel->release : "");
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	SP_AUTO(sp_module_list_done) struct sp_module_list modules = { 0 };
	size_t len = 0;
	int r = path ? sp_root_load(root, path, MAX_FILE_BYTES, &bytes, &len, err)
		     : sp_error_nomem(err);

	if (r != 0)
		return r < 0 ? r : 0;
	r = sp_builtin_read_aliases(bytes, len, path, &modules, err);
	if (r == 0)
		add_lines(&modules, text);
	return r < 0 || !text->failed ? r : sp_error_nomem(err);
}
