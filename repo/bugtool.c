/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The report's loader asserts where it could complain, so this complains for it.  Both
 * documents are tables: which attributes, and what may stand in each. */

#include "repo/bugtool.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/json.h"
#include "repo/python_regex.h"
#include "repo/xml.h"

/* ---- the language ------------------------------------------------------------------------ */

static bool is_word_of(const char *value, const char *const words[])
{
	for (; *words; words++)
		if (!strcasecmp(value, *words))
			return true;
	return false;
}

static bool is_bool(const char *value)
{
	static const char *const words[] = { "true", "false", "yes", "no", NULL };

	return is_word_of(value, words);
}

static bool is_pii(const char *value)
{
	static const char *const words[] = { "no", "yes", "maybe", "if_customized",
					     NULL };

	return is_word_of(value, words);
}

static bool is_mime(const char *value)
{
	static const char *const words[] = { "application/data", "text/plain", NULL };

	return is_word_of(value, words);
}

static bool is_int(const char *value)
{
	size_t sign = *value == '-' || *value == '+';
	size_t digits = strspn(value + sign, "0123456789");

	return digits && !value[sign + digits];
}

static bool is_regex(const char *value)
{
	return !sp_python_regex_fault(value);
}

/* It is a file's name in the report. */
static bool is_label(const char *value)
{
	return *value && !strchr(value, '/') && strcmp(value, "..") != 0;
}

typedef bool (*is_fn)(const char *value);

struct attribute {
	const char *name;
	is_fn is;
};

// clang-format off
enum { ATTRIBUTES_MAX = 8 };

struct element {
	const char *name;
	enum sp_bugtool_kind kind;
	struct attribute attributes[ATTRIBUTES_MAX + 1];
	const char *detail; /* the attribute that goes into an item's detail */
	bool many;          /* its text is several of them */
};

static const struct element capability = { .name = "capability", .attributes = {
	{ "pii", is_pii }, { "min_size", is_int }, { "max_size", is_int },
	{ "min_time", is_int }, { "max_time", is_int }, { "mime", is_mime },
	{ "checked", is_bool }, { "hidden", is_bool },
} };

static const struct element collect = { .name = "collect" };

static const struct element elements[] = {
	{ "files",     SP_BUGTOOL_FILES,      { { NULL, NULL } },          NULL, true },
	{ "list",      SP_BUGTOOL_LIST,       { { "recursive", is_bool } }, NULL, true },
	{ "directory", SP_BUGTOOL_DIRECTORY_, { { "pattern", is_regex }, { "negate", is_bool } },
	  "pattern", false },
	{ "command",   SP_BUGTOOL_COMMAND,    { { "label", is_label } },    "label", false },
};

static const char *const kind_names[] = {
	[SP_BUGTOOL_FILES]      = "files",
	[SP_BUGTOOL_LIST]       = "list",
	[SP_BUGTOOL_DIRECTORY_] = "directory",
	[SP_BUGTOOL_COMMAND]    = "command",
};

/* Categories that hosts have of themselves. */
static const char *const built_in[] = {
	"CVSM", "disk-info", "firstboot", "hardware-info", "high-availability",
	"host-crashdump-dumps", "host-crashdump-logs", "kernel-info", "loopback-devices",
	"multipath", "network-status", "pam", "process-list", "persistent-stats",
	"system-logs", "system-services", "tapdisk-logs", "vncterm", "wlb", "X11", "X11-auth",
	"xapi-subprocess", "xenserver-config", "xenserver-domains", "xenserver-databases",
	"xenserver-install", "xenserver-logs", "xen-info", "xha-liveset", "yum",
};
// clang-format on

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

const char *sp_bugtool_kind_name(enum sp_bugtool_kind kind)
{
	return kind_names[kind];
}

void sp_bugtool_done(struct sp_bugtool *bugtool)
{
	for (size_t i = 0; i < bugtool->n; i++) {
		free(bugtool->items[i].category);
		free(bugtool->items[i].what);
		free(bugtool->items[i].detail);
	}
	free(bugtool->items);
	*bugtool = (struct sp_bugtool){ 0 };
}

/* ---- saying what is wrong ---------------------------------------------------------------- */

struct checking {
	const struct sp_bugtool_file *files;
	size_t n;
	const struct sp_bugtool_file *file; /* the one being read */
	char *category;
	struct sp_bugtool *bugtool;
	struct sp_findings *findings;
	struct sp_error *err;
};

SP_PRINTF(2, 3)
static int say(struct checking *checking, const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return sp_findings_add(checking->findings, "bad-report-metadata",
			       checking->file->path, checking->err, "'%.200s' %s",
			       checking->file->path, text);
}

static const struct attribute *attribute_find(const struct element *element,
					      const char *name)
{
	for (size_t i = 0; i < ATTRIBUTES_MAX && element->attributes[i].name; i++)
		if (!strcmp(element->attributes[i].name, name))
			return &element->attributes[i];
	return NULL;
}

static int check_attribute(struct checking *checking, const struct element *element,
			   const char *name, const char *value)
{
	const struct attribute *attribute = attribute_find(element, name);
	const char *fault;

	if (!attribute)
		return say(checking, "has the unknown attribute '%.60s' in <%s>", name,
			   element->name);
	if (attribute->is(value))
		return 0;
	fault = attribute->is == is_regex ? sp_python_regex_fault(value) : NULL;
	return say(checking, "has %s=\"%.80s\" in <%s>, which cannot be%s%s", name, value,
		   element->name, fault ? ": " : "", fault ? fault : "");
}

static int check_attributes(struct checking *checking, const struct element *element,
			    const struct sp_xml_node *node)
{
	const char *name;
	int r = 0;

	for (size_t i = 0; r == 0 && (name = sp_xml_attribute_name(node, i)); i++) {
		SP_AUTO(sp_str_freep) char *value = sp_xml_attribute(node, name);

		if (!value)
			return sp_error_nomem(checking->err);
		r = check_attribute(checking, element, name, value);
	}
	return r;
}

/* ---- what is collected --------------------------------------------------------------------- */

static int item_add(struct checking *checking, const struct element *element,
		    const char *what, size_t len, const char *detail)
{
	struct sp_bugtool *bugtool = checking->bugtool;
	struct sp_bugtool_item *item;

	if (bugtool->n >= SP_BUGTOOL_MAX_ITEMS)
		return bugtool->n > SP_BUGTOOL_MAX_ITEMS
			       ? 0
			       : say(checking, "collects more than anybody would read");
	item = sp_array_add(&bugtool->items, &bugtool->n);
	if (!item)
		return sp_error_nomem(checking->err);
	item->category = strdup(checking->category);
	item->kind = element->kind;
	item->what = strndup(what, len);
	item->detail = strdup(detail ? detail : "");
	return item->category && item->what && item->detail
		       ? 0
		       : sp_error_nomem(checking->err);
}

static int add_path(struct checking *checking, const struct element *element,
		    const char *path, size_t len, const char *detail)
{
	if (*path != '/' && element->kind != SP_BUGTOOL_COMMAND)
		return say(checking, "names '%.*s' in <%s>, which is no absolute path",
			   len > 80 ? 80 : (int)len, path, element->name);
	return item_add(checking, element, path, len, detail);
}

static int read_item(struct checking *checking, const struct element *element,
		     const struct sp_xml_node *node)
{
	SP_AUTO(sp_str_freep) char *text = sp_xml_text(node);
	SP_AUTO(sp_str_freep)
	char *detail = element->detail ? sp_xml_attribute(node, element->detail) : NULL;
	int r = check_attributes(checking, element, node);

	if (!text)
		return sp_error_nomem(checking->err);
	if (r == 0 && !*text)
		return say(checking, "names nothing in <%s>", element->name);
	for (const char *at = text; r == 0 && *at; at += strspn(at, " ")) {
		size_t len = element->many ? strcspn(at, " ") : strlen(at);

		r = add_path(checking, element, at, len, detail);
		at += len;
	}
	return r;
}

static const struct element *element_find(const char *name)
{
	for (size_t i = 0; i < COUNT(elements); i++)
		if (!strcmp(elements[i].name, name))
			return &elements[i];
	return NULL;
}

static int read_items(struct checking *checking, const struct sp_xml_node *top)
{
	int r = 0;

	for (const struct sp_xml_node *at = sp_xml_child(top, NULL); r == 0 && at;
	     at = sp_xml_next(at, NULL)) {
		const struct element *element = element_find(sp_xml_name(at));

		if (element)
			r = read_item(checking, element, at);
		else
			r = say(checking, "has an element <%.60s>, which means nothing",
				sp_xml_name(at));
		if (r == 0)
			r = read_items(checking, at);
	}
	return r;
}

/* ---- documents ------------------------------------------------------------------------------ */

/* @ret_xml stays NULL when the file is no such document, which is a finding. */
static int parse(struct checking *checking, const struct element *root,
		 struct sp_xml **ret_xml)
{
	const struct sp_bugtool_file *file = checking->file;
	SP_AUTO(sp_xml_freep) struct sp_xml *xml = NULL;
	struct sp_error cause = SP_ERROR_INIT;
	int r;

	if (file->len > SP_BUGTOOL_MAX_BYTES)
		return say(checking, "has more than %d bytes", SP_BUGTOOL_MAX_BYTES);
	r = sp_xml_parse(file->bytes, file->len, &xml, &cause);
	if (r < 0 && cause.code == SP_ERR_NOMEM)
		return sp_error_nomem(checking->err);
	if (r < 0)
		return say(checking, "cannot be read: %s", cause.text);
	if (strcmp(sp_xml_name(sp_xml_root(xml)), root->name) != 0)
		return say(checking,
			   "begins with <%.60s>, not with <%s>: the whole report would "
			   "fail",
			   sp_xml_name(sp_xml_root(xml)), root->name);
	*ret_xml = sp_steal(xml);
	return 0;
}

/* What stands below the directory, or NULL. */
static const char *below(const char *path)
{
	path += *path == '/';
	if (!sp_text_starts_with(path, SP_BUGTOOL_DIRECTORY "/"))
		return NULL;
	return path + strlen(SP_BUGTOOL_DIRECTORY "/");
}

static bool is_built_in(const char *category)
{
	for (size_t i = 0; i < COUNT(built_in); i++)
		if (!strcmp(built_in[i], category))
			return true;
	return false;
}

/* Is there a file @category followed by @rest (or by anything, if that is "/")? */
static bool has_file(const struct checking *checking, const char *category,
		     const char *rest)
{
	size_t len = strlen(category);

	for (size_t i = 0; i < checking->n; i++) {
		const char *path = below(checking->files[i].path);

		if (path && !strncmp(path, category, len) &&
		    (!strcmp(path + len, rest) ||
		     (!strcmp(rest, "/") && path[len] == '/')))
			return true;
	}
	return false;
}

static int read_capability(struct checking *checking)
{
	SP_AUTO(sp_xml_freep) struct sp_xml *xml = NULL;
	int r = parse(checking, &capability, &xml);

	if (r == 0 && xml)
		r = check_attributes(checking, &capability, sp_xml_root(xml));
	if (r == 0 && is_built_in(checking->category))
		return say(checking, "is skipped: '%s' is a category of the host itself",
			   checking->category);
	if (r == 0 && !has_file(checking, checking->category, "/"))
		return say(checking, "is skipped: there is no directory '%s' beside it",
			   checking->category);
	return r;
}

static int read_collect(struct checking *checking)
{
	SP_AUTO(sp_xml_freep) struct sp_xml *xml = NULL;
	int r = parse(checking, &collect, &xml);

	if (r < 0)
		return r;
	if (!is_built_in(checking->category) &&
	    !has_file(checking, checking->category, ".xml"))
		return say(checking, "is skipped: there is no '%s.xml' for its category",
			   checking->category);
	if (!xml)
		return 0;
	r = check_attributes(checking, &collect, sp_xml_root(xml));
	return r == 0 ? read_items(checking, sp_xml_root(xml)) : r;
}

static int read_file(struct checking *checking)
{
	const char *path = below(checking->file->path);
	const char *slash = path ? strchr(path, '/') : NULL;
	SP_AUTO(sp_str_freep) char *name = NULL;

	if (!path || !sp_text_ends_with(path, ".xml") ||
	    (slash && strchr(slash + 1, '/')))
		return say(checking, "is skipped: the report does not look there");
	name = strndup(path,
		       slash ? (size_t)(slash - path) : strlen(path) - strlen(".xml"));
	if (!name)
		return sp_error_nomem(checking->err);
	checking->category = sp_text_clean_dup(name);
	if (!checking->category)
		return sp_error_nomem(checking->err);
	return slash ? read_collect(checking) : read_capability(checking);
}

int sp_bugtool_check(const struct sp_bugtool_file *files, size_t n,
		     struct sp_bugtool *bugtool, struct sp_findings *findings,
		     struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct checking checking = { .files = files,
					     .n = n,
					     .file = &files[i],
					     .bugtool = bugtool,
					     .findings = findings,
					     .err = err };

		r = read_file(&checking);
		free(checking.category);
	}
	return r;
}
