/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One package of a legacy pack: what each type must say, and where it may go.  An old
 * installer handed `root` to tar and `options` to rpm as they stood; nothing of that
 * reaches either here unless it is of a closed set. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "base/finding.h"
#include "repo/legacy.h"
#include "repo/legacy_era.h"
#include "repo/pack.h"

enum { FILE_MAX = 250, NAME_PART_MAX = 128, MD5_DIGITS = 32 };

enum goes_to { BY_RPM, TO_DIRECTORY, TO_FILE, TO_FIRMWARE };

// clang-format off
static const struct kind {
	const char *type;
	enum goes_to to;
	bool needs_md5; /* old installers checked it, so every pack has it */
	bool has_kernel;
} kinds[] = {
	{ "tbz2",       TO_DIRECTORY, true,  false },
	{ "driver",     TO_FILE,      false, false },
	{ "firmware",   TO_FIRMWARE,  false, false },
	{ "rpm",        BY_RPM,       true,  false },
	{ "driver-rpm", BY_RPM,       true,  true  },
};

/* What a pack may ask of rpm: to replace what is there, or to stand beside it.  The
 * rest only makes rpm talk. */
static const struct option {
	const char *word, *means;
} rpm_options[] = {
	{ "-U", "-U" }, { "-Uh", "-U" }, { "-Uv", "-U" }, { "-Uvh", "-U" }, { "-Uhv", "-U" },
	{ "-i", "-i" }, { "-ih", "-i" }, { "-iv", "-i" }, { "-ivh", "-i" }, { "-ihv", "-i" },
	{ "-v", NULL }, { "-h", NULL }, { "-vh", NULL }, { "--verbose", NULL }, { "--hash", NULL },
};

/* How packs of the two eras leave the kernel's version open. */
static const char *const placeholders[] = { "${KERNEL_VERSION}", "${LINUX_KABI_VERSION}" };
// clang-format on

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const struct kind *kind_of(const char *type)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (!strcmp(kinds[i].type, type))
			return &kinds[i];
	return NULL;
}

bool sp_legacy_era_is_name(const char *part)
{
	size_t len = strlen(part);

	return len && len <= NAME_PART_MAX && *part != '.' && *part != '-' &&
	       strspn(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789_.+:-") == len;
}

/* ---- destinations ------------------------------------------------------------------- */

static const char *placeholder_at(const char *text)
{
	for (size_t i = 0; i < COUNT(placeholders); i++)
		if (sp_text_starts_with(text, placeholders[i]))
			return placeholders[i];
	return NULL;
}

static char *expand(const char *text, const char *kernel)
{
	struct sp_strbuf out = { 0 };

	while (*text) {
		const char *placeholder = placeholder_at(text);

		if (placeholder)
			sp_strbuf_add(&out, "%s", kernel);
		else
			sp_strbuf_add_bytes(&out, text, 1);
		text += placeholder ? strlen(placeholder) : 1;
	}
	return sp_strbuf_take(&out);
}

/* "/lib/modules/" → "lib/modules"; "/" → "". */
static char *relative(const char *path)
{
	size_t len;

	path += strspn(path, "/");
	len = strlen(path);
	while (len && path[len - 1] == '/')
		len--;
	return strndup(path, len);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_safe_destination(const char *path, enum goes_to to)
{
	return strlen(path) <= FILE_MAX &&
	       (sp_text_path_is_safe(path) || (to == TO_DIRECTORY && !*path));
}

int sp_legacy_destination(const struct sp_package *package, const char *kernel,
			  char **ret_path, struct sp_error *err)
{
	const struct kind *kind = kind_of(package->type);
	SP_AUTO(sp_str_freep) char *path = NULL;

	if (!kind || kind->to == BY_RPM)
		return SP_LEGACY_BY_RPM;
	if (kind->to == TO_FIRMWARE)
		path = sp_text_format("lib/firmware/%s", base_name(package->file));
	else
		path = expand(package->root ? package->root : "", kernel);
	if (!path)
		return sp_error_nomem(err);
	if (!is_safe_destination(path, kind->to))
		return sp_error_set(err, SP_ERR_FORMAT,
				    "'%s' would go to '%s', outside of the target",
				    package->name, path);
	*ret_path = sp_steal(path);
	return 0;
}

/* ---- one field after another ---------------------------------------------------------- */

struct adding {
	struct sp_pack *pack;
	const struct sp_legacy_era_package *raw;
	const struct kind *kind;
	struct sp_package package;
};

static void adding_done(struct adding *adding)
{
	sp_package_done(&adding->package);
}

static bool is_said(const char *text)
{
	return text && *text;
}

static const char *said(const char *text)
{
	return text ? text : "";
}

static const char *name_of(const struct sp_legacy_era_package *raw)
{
	return is_said(raw->label) ? raw->label : said(raw->file);
}

/* The finding that @raw's field @what is wrong. */
static int complain(struct adding *adding, const char *code, const char *what,
		    const char *value, struct sp_error *err)
{
	const char *name = name_of(adding->raw);

	if (!is_said(value))
		return sp_findings_add(&adding->pack->findings, code, name, err,
				       "package '%s' names no %s", name, what);
	return sp_findings_add(&adding->pack->findings, code, name, err,
			       "the %s of package '%s' cannot be '%s'", what, name,
			       value);
}

static int keep(char **field, const char *text, struct sp_error *err)
{
	*field = strdup(text);
	return *field ? 0 : sp_error_nomem(err);
}

static int take_size(struct adding *adding, struct sp_error *err)
{
	const char *text = said(adding->raw->size);
	size_t digits = strspn(text, "0123456789");

	errno = 0;
	adding->package.size_bytes = strtoull(text, NULL, 10);
	if (digits && !text[digits] && errno == 0 &&
	    adding->package.size_bytes <= INT64_MAX)
		return 0;
	adding->package.size_bytes = 0;
	return complain(adding, "damaged-metadata", "size", text, err);
}

static int take_md5(struct adding *adding, struct sp_error *err)
{
	const char *text = said(adding->raw->md5);

	if (!*text && !adding->kind->needs_md5)
		return 0;
	if (strlen(text) != MD5_DIGITS ||
	    strspn(text, "0123456789abcdefABCDEF") != MD5_DIGITS)
		return complain(adding, "damaged-metadata", "MD5", text, err);
	return keep(&adding->package.md5, text, err);
}

static int take_root(struct adding *adding, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = relative(said(adding->raw->root));
	SP_AUTO(sp_str_freep) char *expanded = NULL;
	enum goes_to to = adding->kind->to;

	if (to != TO_DIRECTORY && to != TO_FILE)
		return 0;
	expanded = path ? expand(path, "kernel") : NULL;
	if (!expanded)
		return sp_error_nomem(err);
	if (!is_safe_destination(expanded, to))
		return complain(adding, "unsafe-path", "destination", adding->raw->root,
				err);
	adding->package.root = sp_steal(path);
	return 0;
}

static int take_kernel(struct adding *adding, struct sp_error *err)
{
	const char *text = said(adding->raw->kernel);

	if (!adding->kind->has_kernel)
		return 0;
	if (!*text || strpbrk(text, " /") || *text == '.')
		return complain(adding, "damaged-metadata", "kernel", text, err);
	return keep(&adding->package.kernel, text, err);
}

static const struct option *option_find(const char *word, size_t len)
{
	for (size_t i = 0; i < COUNT(rpm_options); i++)
		if (strlen(rpm_options[i].word) == len &&
		    !memcmp(rpm_options[i].word, word, len))
			return &rpm_options[i];
	return NULL;
}

/* @ret_mode is NULL if the options say neither; false if they say something else. */
static bool options_parse(const char *text, const char **ret_mode)
{
	*ret_mode = NULL;
	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		size_t len = strcspn(text, " ");
		const struct option *option = option_find(text, len);

		if (!option ||
		    (option->means && *ret_mode && strcmp(option->means, *ret_mode) != 0))
			return false;
		if (option->means)
			*ret_mode = option->means;
		text += len;
	}
	return true;
}

static int take_options(struct adding *adding, struct sp_error *err)
{
	const char *mode;

	if (adding->kind->to != BY_RPM)
		return 0;
	if (!options_parse(said(adding->raw->options), &mode))
		return complain(adding, "damaged-metadata", "options",
				adding->raw->options, err);
	return keep(&adding->package.options, mode ? mode : "-U", err);
}

typedef int (*take_fn)(struct adding *adding, struct sp_error *err);

static const take_fn takes[] = { take_size, take_md5, take_root, take_kernel,
				 take_options };

static int take_all(struct adding *adding, struct sp_error *err)
{
	const struct sp_legacy_era_package *raw = adding->raw;
	int r = keep(&adding->package.name, name_of(raw), err);

	if (r == 0)
		r = keep(&adding->package.type, adding->kind->type, err);
	if (r == 0)
		r = keep(&adding->package.file, raw->file, err);
	for (size_t i = 0; r == 0 && i < COUNT(takes); i++)
		r = takes[i](adding, err);
	return r;
}

int sp_legacy_era_add_package(struct sp_pack *pack,
			      const struct sp_legacy_era_package *raw,
			      struct sp_error *err)
{
	SP_AUTO(adding_done) struct adding adding = { .pack = pack, .raw = raw };
	struct sp_package *added;
	int r;

	if (pack->n_packages >= SP_LEGACY_MAX_PACKAGES ||
	    pack->findings.n >= SP_LEGACY_MAX_PACKAGES)
		return sp_error_set(err, SP_ERR_LIMIT,
				    SP_LEGACY_PACKAGES " names more than %d packages",
				    SP_LEGACY_MAX_PACKAGES);
	adding.kind = kind_of(said(raw->type));
	if (!adding.kind)
		return complain(&adding, "damaged-metadata", "type", raw->type, err);
	if (!is_said(raw->file) || strlen(raw->file) > FILE_MAX ||
	    !sp_text_path_is_safe(raw->file))
		return complain(&adding, "unsafe-path", "file", raw->file, err);
	r = take_all(&adding, err);
	if (r < 0)
		return r;
	added = sp_array_add(&pack->packages, &pack->n_packages);
	if (!added)
		return sp_error_nomem(err);
	*added = adding.package;
	adding.package = (struct sp_package){ 0 };
	return 0;
}
