/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One reader for the running kernel's files and for those in a release's packages. */

#include "base/builtin.h"

#include <string.h>

#include "base/array.h"
#include "base/module.h"
#include "base/text.h"

#define DIRECTORY "lib/modules/"

bool sp_builtin_is_file(const char *path, char **ret_kernel)
{
	static const char *const names[] = { "/modules.builtin",
					     "/modules.builtin.modinfo" };
	const char *slash;

	path += strspn(path, "/");
	if (sp_text_starts_with(path, "usr/"))
		path += strlen("usr/");
	if (!sp_text_starts_with(path, DIRECTORY))
		return false;
	path += strlen(DIRECTORY);
	slash = strchr(path, '/');
	if (!slash || slash == path ||
	    (strcmp(slash, names[0]) != 0 && strcmp(slash, names[1]) != 0))
		return false;
	if (ret_kernel)
		*ret_kernel = strndup(path, (size_t)(slash - path));
	return true;
}

/* ---- modules.builtin ---------------------------------------------------------------------- */

static int add_name(const char *line, size_t len, struct sp_strv *names,
		    struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *path = sp_text_format(DIRECTORY "x/%.*s", (int)len, line);
	SP_AUTO(sp_str_freep) char *name = NULL;

	if (!path)
		return sp_error_nomem(err);
	return sp_module_path_split(path, NULL, &name) && name
		       ? sp_strv_add(names, name, err)
		       : 0;
}

int sp_builtin_read_names(const char *text, struct sp_strv *names, struct sp_error *err)
{
	int r = 0;

	while (r == 0 && *text) {
		size_t len = strcspn(text, "\n");

		r = add_name(text, len < 4096 ? len : 4096, names, err);
		text += len + (text[len] == '\n');
	}
	return r;
}

/* ---- modules.builtin.modinfo ---------------------------------------------------------------- */

static bool is_of(const struct sp_module_list *modules, const char *path,
		  const char *name, size_t len)
{
	const struct sp_module *last =
		modules->n ? &modules->items[modules->n - 1] : NULL;

	return last && !strcmp(last->path, path) && strlen(last->name) == len &&
	       !memcmp(last->name, name, len);
}

static int add_alias(struct sp_module_list *modules, const char *path, const char *name,
		     size_t name_len, const char *alias, struct sp_error *err)
{
	struct sp_module *module;

	/* All of a module's strings stand together. */
	if (!is_of(modules, path, name, name_len)) {
		module = sp_array_add(&modules->items, &modules->n);
		if (!module)
			return sp_error_nomem(err);
		module->path = strdup(path);
		module->name = strndup(name, name_len);
		if (!module->path || !module->name)
			return sp_error_nomem(err);
	}
	module = &modules->items[modules->n - 1];
	return sp_strv_add(&module->aliases, alias, err);
}

static bool is_one_word(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

int sp_builtin_read_aliases(const char *bytes, size_t len, const char *path,
			    struct sp_module_list *modules, struct sp_error *err)
{
	const char *end = bytes + len, *next;
	int r = 0;

	for (; r == 0 && bytes < end; bytes = next + 1) {
		static const char key[] = ".alias=";
		size_t name_len;

		next = memchr(bytes, '\0', (size_t)(end - bytes));
		if (!next)
			break;
		name_len = strcspn(bytes, ".");
		if (name_len && !strncmp(bytes + name_len, key, strlen(key)) &&
		    is_one_word(bytes))
			r = add_alias(modules, path, bytes, name_len,
				      bytes + name_len + strlen(key), err);
	}
	return r;
}
