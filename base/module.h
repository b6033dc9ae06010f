/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a kernel module says about itself.  The reader is probe/modinfo.c; the
 * description lives here because packs (repo/) hold modules too. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct json_object;

/* One imported symbol's version (section __versions). */
struct sp_symver {
	uint32_t crc;
	char *name;
};

/* Strings are owned; those that may be missing are NULL. */
struct sp_module {
	char *name;    /* underscores, as the kernel has it: "snd_hda_intel" */
	char *path;    /* in its package or root: "lib/modules/4.19.0+1/updates/x.ko" */
	char *kernel;  /* the <kver> of that path; NULL if it is elsewhere */
	char *version; /* may be NULL */
	char *srcversion; /* may be NULL */
	char *vermagic;   /* "6.1.0-50-amd64 SMP preempt mod_unload modversions " */
	struct sp_strv aliases;
	struct sp_strv depends;
	struct sp_strv softdeps; /* verbatim: "pre: crc32c post: x" */
	struct sp_strv firmware; /* below lib/firmware */
	struct sp_symver *symvers;
	size_t n_symvers;
	bool has_signature; /* appended; not checked here */
	size_t package;     /* index of its package in the pack */
};

void sp_module_done(struct sp_module *module);

struct sp_module_list {
	struct sp_module *items;
	size_t n;
};

void sp_module_list_done(struct sp_module_list *list);

/* Moves @module to the end of @list; @module is empty after it, also where it failed:
 * SP_ERR_LIMIT beyond @max of one pack. */
SP_MUST_CHECK
int sp_module_list_take(struct sp_module_list *list, struct sp_module *module, size_t max,
			struct sp_error *err);

/* Everything but symbol versions; with them if @with_symvers (worker messages). */
struct json_object *sp_module_to_json(const struct sp_module *module, bool with_symvers);
SP_MUST_CHECK
int sp_module_from_json(const struct json_object *json, struct sp_module *ret_module,
			struct sp_error *err);

/* "lib/modules/4.19.0+1/updates/e1000e.ko.xz" → kernel "4.19.0+1", name "e1000e";
 * a leading "/", "./", or "usr/" is skipped.  False if @path is no module's.
 * Either result may be NULL; caller frees. */
bool sp_module_path_split(const char *path, char **ret_kernel, char **ret_name);
