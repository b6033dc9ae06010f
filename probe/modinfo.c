/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a module says of itself decides which devices it is for and whether this
 * kernel would take it; it is read here the way the kernel reads it (of a key given
 * twice the first counts), so that the two never see different modules. */
#include "probe/modinfo.h"

#include "base/array.h"
#include "base/text.h"
#include "probe/elf.h"

#include <endian.h>
#include <stddef.h>
#include <string.h>

enum {
	INFO_MAX_BYTES = 1024 * 1024,
	INFO_MAX_ENTRIES = 32768,
	NAME_MAX_LEN = 55, /* MODULE_NAME_LEN, without its NUL */
	SYMBOL_BYTES = 56,
	VERSIONS_MAX_BYTES = 1024 * 1024,
};

/* One element of the section __versions. */
struct version_entry {
	uint64_t crc;
	char name[SYMBOL_BYTES];
};

SP_DEFINE_FREEP(struct sp_module *, sp_module_done)

static int damaged(const struct sp_elf *elf, const char *why, struct sp_error *err)
{
	return sp_error_set(err, SP_ERR_DAMAGED, "module '%s' is damaged: %s",
			    sp_elf_name(elf), why);
}

/* ---- .modinfo: key=value, each with its NUL --------------------------------- */

static int set_first(void *field, const char *value, struct sp_error *err)
{
	char **text = field;

	if (*text)
		return 0;
	*text = strdup(value);
	return *text ? 0 : sp_error_nomem(err);
}

static int add_value(void *field, const char *value, struct sp_error *err)
{
	return sp_strv_add(field, value, err);
}

/* "a,b-c": module names, as the kernel has them. */
static int add_names(void *field, const char *value, struct sp_error *err)
{
	struct sp_strv *list = field;
	int r = 0;

	for (size_t len; *value && r == 0; value += len + (value[len] == ',')) {
		len = strcspn(value, ",");
		if (len == 0)
			continue;
		r = sp_strv_add_n(list, value, len, err);
		for (char *at = r == 0 ? list->items[list->n - 1] : NULL; at && *at; at++)
			if (*at == '-')
				*at = '_';
	}
	return r;
}

// clang-format off
static const struct info_key {
	const char *key;
	int (*take)(void *field, const char *value, struct sp_error *err);
	size_t offset;
} info_keys[] = {
	{ "alias",      add_value, offsetof(struct sp_module, aliases) },
	{ "depends",    add_names, offsetof(struct sp_module, depends) },
	{ "firmware",   add_value, offsetof(struct sp_module, firmware) },
	{ "name",       set_first, offsetof(struct sp_module, name) },
	{ "softdep",    add_value, offsetof(struct sp_module, softdeps) },
	{ "srcversion", set_first, offsetof(struct sp_module, srcversion) },
	{ "vermagic",   set_first, offsetof(struct sp_module, vermagic) },
	{ "version",    set_first, offsetof(struct sp_module, version) },
};
// clang-format on

static int take_entry(struct sp_module *module, const char *entry, struct sp_error *err)
{
	size_t key_len = strcspn(entry, "=");

	if (entry[key_len] != '=')
		return 0;
	for (size_t i = 0; i < sizeof info_keys / sizeof info_keys[0]; i++)
		if (strlen(info_keys[i].key) == key_len &&
		    memcmp(info_keys[i].key, entry, key_len) == 0)
			return info_keys[i].take((char *)module + info_keys[i].offset,
						 entry + key_len + 1, err);
	return 0;
}

static int read_info(struct sp_elf *elf, struct sp_module *module, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *info = NULL;
	size_t len, n = 0;
	int r = sp_elf_read_section(elf, ".modinfo", INFO_MAX_BYTES, &info, &len, err);

	if (r == SP_ELF_ABSENT)
		return damaged(elf, "it says nothing about itself", err);
	if (r < 0)
		return r;
	if (info[len - 1] != '\0')
		return damaged(elf, "what it says about itself does not end", err);
	for (size_t at = 0; at < len && r == 0; at += strlen(info + at) + 1) {
		if (info[at] == '\0')
			continue;
		if (++n > INFO_MAX_ENTRIES)
			return sp_error_set(err, SP_ERR_LIMIT,
					    "module '%s' says more than %d things",
					    sp_elf_name(elf), INFO_MAX_ENTRIES);
		r = take_entry(module, info + at, err);
	}
	return r;
}

/* ---- __versions ------------------------------------------------------------- */

static int add_version(struct sp_module *module, const struct version_entry *entry,
		       struct sp_error *err)
{
	struct sp_symver *symver = sp_array_add(&module->symvers, &module->n_symvers);

	if (!symver)
		return sp_error_nomem(err);
	symver->crc = (uint32_t)le64toh(entry->crc);
	symver->name = strdup(entry->name);
	return symver->name ? 0 : sp_error_nomem(err);
}

static int read_versions(struct sp_elf *elf, struct sp_module *module,
			 struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct version_entry entry;
	size_t len;
	int r = sp_elf_read_section(elf, "__versions", VERSIONS_MAX_BYTES, &bytes, &len,
				    err);

	if (r == SP_ELF_ABSENT)
		return 0;
	if (r == 0 && len % sizeof entry != 0)
		return damaged(elf, "its symbol versions do not end", err);
	for (size_t at = 0; r == 0 && at < len; at += sizeof entry) {
		memcpy(&entry, bytes + at, sizeof entry);
		if (entry.name[SYMBOL_BYTES - 1] != '\0' || entry.name[0] == '\0' ||
		    le64toh(entry.crc) > UINT32_MAX)
			return damaged(elf, "a symbol version is malformed", err);
		r = add_version(module, &entry, err);
	}
	return r;
}

/* ---- where it stands --------------------------------------------------------- */

static int take_file_name(struct sp_module *module, const char *path,
			  struct sp_error *err)
{
	const char *slash = strrchr(path, '/');
	const char *file = slash ? slash + 1 : path;
	const char *end = strstr(file, ".ko");

	module->name = strndup(file, end ? (size_t)(end - file) : strlen(file));
	return module->name ? 0 : sp_error_nomem(err);
}

static int check_name(const struct sp_elf *elf, char *name, struct sp_error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_";

	for (char *at = name; *at; at++)
		if (*at == '-')
			*at = '_';
	if (!*name || strlen(name) > NAME_MAX_LEN || name[strspn(name, allowed)] != '\0')
		return damaged(elf, "its name is no module's name", err);
	return 0;
}

static int take_place(const struct sp_elf *elf, struct sp_module *module,
		      const char *path, struct sp_error *err)
{
	int r = 0;

	while (sp_text_starts_with(path, "./") || path[0] == '/')
		path += path[0] == '/' ? 1 : 2;
	module->path = strdup(path);
	if (!module->path)
		return sp_error_nomem(err);
	(void)sp_module_path_split(path, &module->kernel, NULL);
	if (!module->name)
		r = take_file_name(module, path, err);
	return r < 0 ? r : check_name(elf, module->name, err);
}

int sp_modinfo_read(int fd, const char *path, struct sp_module *ret_module,
		    struct sp_error *err)
{
	SP_AUTO(sp_elf_freep) struct sp_elf *elf = NULL;
	struct sp_module module = { 0 };
	SP_AUTO(sp_module_donep) struct sp_module *owned = &module;
	int r = sp_elf_open(fd, path, SP_MODINFO_MAX_BYTES, &elf, err);

	if (r == 0)
		r = read_info(elf, &module, err);
	if (r == 0)
		r = read_versions(elf, &module, err);
	if (r == 0)
		r = take_place(elf, &module, path, err);
	if (r < 0)
		return r;
	module.has_signature = sp_elf_has_signature(elf);
	*ret_module = module;
	(void)sp_steal(owned);
	return 0;
}
