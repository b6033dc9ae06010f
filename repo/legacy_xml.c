/* SPDX-License-Identifier: GPL-2.0-or-later */

/* XS-REPOSITORY and XS-PACKAGES of 5.6 to 7.0.  Old installers took elements wherever in
 * the document they stood, and so does this; hosts' agents take the first child of
 * <repository> for the description, which is the vendor's business. */

#include <errno.h>
#include <string.h>

#include "base/finding.h"
#include "repo/legacy.h"
#include "repo/legacy_era.h"
#include "repo/legacy_version.h"
#include "repo/pack.h"
#include "repo/xml.h"

enum { REQUIRES_MAX = 256 };

#define IN_REPOSITORY SP_LEGACY_REPOSITORY ": "

/* The attributes of <repository> and <requires>, read in one go. */
struct attributes {
	char *originator, *name, *product, *version, *build, *test;
	char *hidden, *homogeneous, *memory;
};

// clang-format off
static const struct attribute {
	const char *name;
	size_t offset;
} attribute_table[] = {
	{ "originator",            offsetof(struct attributes, originator)  },
	{ "name",                  offsetof(struct attributes, name)        },
	{ "product",               offsetof(struct attributes, product)     },
	{ "version",               offsetof(struct attributes, version)     },
	{ "build",                 offsetof(struct attributes, build)       },
	{ "test",                  offsetof(struct attributes, test)        },
	{ "hidden",                offsetof(struct attributes, hidden)      },
	{ "enforce-homogeneity",   offsetof(struct attributes, homogeneous) },
	{ "memory-requirement-mb", offsetof(struct attributes, memory)      },
};

static const struct attribute package_table[] = {
	{ "label",   offsetof(struct sp_legacy_era_package, label)   },
	{ "type",    offsetof(struct sp_legacy_era_package, type)    },
	{ "size",    offsetof(struct sp_legacy_era_package, size)    },
	{ "md5",     offsetof(struct sp_legacy_era_package, md5)     },
	{ "root",    offsetof(struct sp_legacy_era_package, root)    },
	{ "kernel",  offsetof(struct sp_legacy_era_package, kernel)  },
	{ "options", offsetof(struct sp_legacy_era_package, options) },
};
// clang-format on

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static char **field_at(void *of, size_t offset)
{
	return (void *)((char *)of + offset);
}

static void attributes_done(struct attributes *attributes)
{
	for (size_t i = 0; i < COUNT(attribute_table); i++)
		free(*field_at(attributes, attribute_table[i].offset));
}

/* What is not there is "", as old installers had it. */
static int attributes_read(const struct sp_xml_node *node, struct attributes *attributes,
			   struct sp_error *err)
{
	for (size_t i = 0; i < COUNT(attribute_table); i++) {
		char **field = field_at(attributes, attribute_table[i].offset);

		*field = sp_xml_attribute(node, attribute_table[i].name);
		if (!*field)
			*field = strdup("");
		if (!*field)
			return sp_error_nomem(err);
	}
	return 0;
}

static bool is_part(const char *text)
{
	return sp_legacy_era_is_name(text) && !strchr(text, ':');
}

static int check_identity(const struct attributes *attributes, const char *element,
			  struct sp_error *err)
{
	if (!is_part(attributes->originator))
		return sp_error_set(err, SP_ERR_FORMAT,
				    IN_REPOSITORY "'%.80s' is no originator in <%s>",
				    attributes->originator, element);
	if (!is_part(attributes->name))
		return sp_error_set(err, SP_ERR_FORMAT,
				    IN_REPOSITORY "'%.80s' is no name in <%s>",
				    attributes->name, element);
	if (!*attributes->version)
		return sp_error_set(err, SP_ERR_FORMAT,
				    IN_REPOSITORY "<%s> has no version", element);
	if (!is_part(attributes->version) ||
	    (*attributes->build && !is_part(attributes->build)))
		return sp_error_set(err, SP_ERR_FORMAT,
				    IN_REPOSITORY "'%.80s%s%.80s' is no version in <%s>",
				    attributes->version, *attributes->build ? "-" : "",
				    attributes->build, element);
	return 0;
}

static char *version_of(const struct attributes *attributes)
{
	return sp_text_format("%s%s%s", attributes->version,
			      *attributes->build ? "-" : "", attributes->build);
}

/* ---- <repository> --------------------------------------------------------------------- */

static int read_memory(const struct attributes *attributes, struct sp_pack *pack,
		       struct sp_error *err)
{
	const char *text = attributes->memory;
	size_t digits = strspn(text, "0123456789");

	if (!*text)
		return 0;
	errno = 0;
	pack->memory_mb = strtoull(text, NULL, 10);
	if (!digits || text[digits] || errno || pack->memory_mb > INT64_MAX)
		return sp_error_set(err, SP_ERR_FORMAT,
				    IN_REPOSITORY "'%.40s' is no memory requirement",
				    text);
	return 0;
}

static int read_description(const struct sp_xml_node *root, struct sp_pack *pack,
			    struct sp_error *err)
{
	const struct sp_xml_node *at = sp_xml_find(root, "description", NULL);

	if (!at)
		return sp_error_set(err, SP_ERR_FORMAT,
				    IN_REPOSITORY "there is no <description>");
	pack->description = sp_xml_text(at);
	pack->label = pack->description ? sp_text_clean_dup(pack->description) : NULL;
	return pack->label ? 0 : sp_error_nomem(err);
}

static int read_requirement(const struct sp_xml_node *node, struct sp_pack *pack,
			    struct sp_error *err)
{
	SP_AUTO(attributes_done) struct attributes attributes = { 0 };
	SP_AUTO(sp_str_freep) char *version = NULL;
	SP_AUTO(sp_str_freep) char *text = NULL;
	int r = attributes_read(node, &attributes, err);

	if (r == 0)
		r = check_identity(&attributes, "requires", err);
	if (r < 0)
		return r;
	version = version_of(&attributes);
	text = version ? sp_text_format("%s:%s %s %s", attributes.originator,
					attributes.name, attributes.test, version)
		       : NULL;
	if (!text)
		return sp_error_nomem(err);
	if (!sp_legacy_test_sign(attributes.test) || strchr(version, ' '))
		return sp_error_set(err, SP_ERR_FORMAT,
				    IN_REPOSITORY "'%.100s' is no requirement", text);
	return sp_strv_add(&pack->requires_, text, err);
}

static int read_requires(const struct sp_xml_node *root, struct sp_pack *pack,
			 struct sp_error *err)
{
	const struct sp_xml_node *at = NULL;

	while ((at = sp_xml_find(root, "requires", at))) {
		int r = read_requirement(at, pack, err);

		if (r < 0)
			return r;
		if (pack->requires_.n > REQUIRES_MAX)
			return sp_error_set(err, SP_ERR_LIMIT,
					    IN_REPOSITORY "more than %d requirements",
					    REQUIRES_MAX);
	}
	return 0;
}

static int read_repository(const struct sp_xml_node *node, struct sp_pack *pack,
			   struct sp_error *err)
{
	SP_AUTO(attributes_done) struct attributes attributes = { 0 };
	int r = attributes_read(node, &attributes, err);

	if (r == 0)
		r = check_identity(&attributes, "repository", err);
	if (r == 0)
		r = read_memory(&attributes, pack, err);
	if (r < 0)
		return r;
	pack->id = sp_text_format("%s:%s", attributes.originator, attributes.name);
	pack->version = version_of(&attributes);
	if (!pack->id || !pack->version)
		return sp_error_nomem(err);
	pack->product = *attributes.product ? sp_steal(attributes.product) : NULL;
	pack->hidden = !strcmp(attributes.hidden, "true");
	pack->homogeneous = !strcmp(attributes.homogeneous, "true");
	return 0;
}

int sp_legacy_xml_read_repository(const char *bytes, size_t len, struct sp_pack *pack,
				  struct sp_error *err)
{
	SP_AUTO(sp_xml_freep) struct sp_xml *xml = NULL;
	const struct sp_xml_node *root, *repository;
	int r = sp_xml_parse(bytes, len, &xml, err);

	if (r < 0)
		return sp_error_context(err, "reading " SP_LEGACY_REPOSITORY);
	root = sp_xml_root(xml);
	repository = sp_xml_find(root, "repository", NULL);
	if (!repository)
		return sp_error_set(err, SP_ERR_FORMAT,
				    IN_REPOSITORY "there is no <repository>");
	r = read_repository(repository, pack, err);
	if (r == 0)
		r = read_description(root, pack, err);
	if (r == 0)
		r = read_requires(root, pack, err);
	return r;
}

/* ---- <packages> ------------------------------------------------------------------------ */

static int read_package(const struct sp_xml_node *node, struct sp_pack *pack,
			struct sp_error *err)
{
	struct sp_legacy_era_package raw = { 0 };
	SP_AUTO(sp_str_freep) char *file = sp_xml_text(node);
	char *texts[COUNT(package_table)];
	int r;

	for (size_t i = 0; i < COUNT(package_table); i++) {
		const char **field = (void *)((char *)&raw + package_table[i].offset);

		texts[i] = sp_xml_attribute(node, package_table[i].name);
		*field = texts[i];
	}
	raw.file = file;
	r = sp_legacy_era_add_package(pack, &raw, err);
	for (size_t i = 0; i < COUNT(texts); i++)
		free(texts[i]);
	return r;
}

int sp_legacy_xml_read_packages(const char *bytes, size_t len, struct sp_pack *pack,
				struct sp_error *err)
{
	SP_AUTO(sp_xml_freep) struct sp_xml *xml = NULL;
	const struct sp_xml_node *at = NULL;
	int r = sp_xml_parse(bytes, len, &xml, err);

	if (r < 0)
		return sp_error_context(err, "reading " SP_LEGACY_PACKAGES);
	while (r == 0 && (at = sp_xml_find(sp_xml_root(xml), "package", at)))
		r = read_package(at, pack, err);
	return r;
}
