/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The attributes are a table; the checks are what a host does with the stamp later. */

#include "repo/updatexml.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "repo/pack.h"
#include "repo/xml.h"

enum { LABEL_MAX = 128, ROLLUPS_MAX = 1024 };

// clang-format off
static const struct attribute {
	const char *name;
	size_t offset;
	bool required;
} attributes[] = {
	{ "uuid",                 offsetof(struct sp_pack, id),       true },
	{ "name-label",           offsetof(struct sp_pack, label),    true },
	{ "version",              offsetof(struct sp_pack, version),  true },
	{ "control",              offsetof(struct sp_pack, control),  false },
	{ "key",                  offsetof(struct sp_pack, key_file), false },
	{ "after-apply-guidance", offsetof(struct sp_pack, guidance), false },
};
// clang-format on

bool sp_updatexml_is_uuid(const char *text)
{
	static const char pattern[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	for (size_t i = 0; i < sizeof pattern; i++) {
		if (pattern[i] != 'x' && text[i] != pattern[i])
			return false;
		if (pattern[i] == 'x' &&
		    (!text[i] || !strchr("0123456789abcdef", text[i])))
			return false;
	}
	return true;
}

#define WORD                                                             \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" \
	"_.+-"

static bool is_made_of(const char *text, const char *characters)
{
	size_t len = strlen(text);

	return len && len <= LABEL_MAX && text[0] != '-' && text[0] != '.' &&
	       strspn(text, characters) == len;
}

/* It becomes part of package names and file names. */
static bool is_label(const char *text)
{
	return is_made_of(text, WORD);
}

static bool is_version(const char *text)
{
	return is_made_of(text, WORD "~^:");
}

static int read_attributes(const struct sp_xml_node *update, struct sp_pack *pack,
			   struct sp_error *err)
{
	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
		char **field = (void *)((char *)pack + attributes[i].offset);

		*field = sp_xml_attribute(update, attributes[i].name);
		if (*field && **field == '\0' && !attributes[i].required) {
			free(*field);
			*field = NULL;
		}
		if (attributes[i].required && (!*field || !**field))
			return sp_error_set(err, SP_ERR_FORMAT, "update.xml has no '%s'",
					    attributes[i].name);
	}
	if (!sp_updatexml_is_uuid(pack->id))
		return sp_error_set(err, SP_ERR_FORMAT, "update.xml: '%.80s' is no uuid",
				    pack->id);
	if (!is_label(pack->label))
		return sp_error_set(err, SP_ERR_FORMAT,
				    "update.xml: '%.80s' is no name-label", pack->label);
	if (!is_version(pack->version))
		return sp_error_set(err, SP_ERR_FORMAT,
				    "update.xml: '%.80s' is no version", pack->version);
	return 0;
}

static int read_size(const struct sp_xml_node *update, struct sp_pack *pack,
		     struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = sp_xml_attribute(update, "installation-size");
	char *end;

	if (!text || !*text)
		return 0;
	errno = 0;
	pack->installation_bytes = strtoull(text, &end, 10);
	if (errno || *end || !isdigit((unsigned char)*text))
		return sp_error_set(err, SP_ERR_FORMAT,
				    "update.xml: '%.40s' is no installation-size", text);
	return 0;
}

static int read_rollups(const struct sp_xml_node *update, struct sp_pack *pack,
			struct sp_error *err)
{
	const struct sp_xml_node *at = sp_xml_child(update, "rollsup");

	for (; at && pack->rolls_up.n < ROLLUPS_MAX; at = sp_xml_next(at, "rollsup")) {
		SP_AUTO(sp_str_freep) char *uuid = sp_xml_attribute(at, "uuid");
		int r = uuid && sp_updatexml_is_uuid(uuid)
				? sp_strv_add(&pack->rolls_up, uuid, err)
				: 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static void read_homogeneous(const struct sp_xml_node *update, struct sp_pack *pack)
{
	SP_AUTO(sp_str_freep)
	char *text = sp_xml_attribute(update, "enforce-homogeneity");

	pack->homogeneous = text && !strcmp(text, "true");
}

static int read_update(const struct sp_xml_node *update, struct sp_pack *pack,
		       struct sp_error *err)
{
	int r = read_attributes(update, pack, err);

	if (r == 0)
		r = read_size(update, pack, err);
	if (r == 0)
		r = read_rollups(update, pack, err);
	read_homogeneous(update, pack);
	return r;
}

static int read_description(const struct sp_xml_node *update, struct sp_pack *pack)
{
	const struct sp_xml_node *at = sp_xml_child(update, "name-description");

	pack->description = at ? sp_xml_text(at) : NULL;
	return pack->description ? 0 : 1;
}

/* All of it but the description, and what it is rolled up by. */
static int read_file(const struct sp_xml *xml, struct sp_pack *pack,
		     const struct sp_xml_node **ret_update, struct sp_error *err)
{
	const struct sp_xml_node *update = sp_xml_root(xml);
	int r;

	if (strcmp(sp_xml_name(update), "update") != 0)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "update.xml begins with <%.40s>, not with <update>",
				    sp_xml_name(update));
	r = read_update(update, pack, err);
	if (r < 0)
		return r;
	pack->format = SP_PACK_UPDATE;
	*ret_update = update;
	return 0;
}

static int parse(const char *bytes, size_t len, struct sp_xml **ret_xml,
		 struct sp_error *err)
{
	int r = sp_xml_parse(bytes, len, ret_xml, err);

	return r < 0 ? sp_error_context(err, "reading update.xml") : 0;
}

int sp_updatexml_read(const char *bytes, size_t len, struct sp_pack *pack,
		      struct sp_error *err)
{
	SP_AUTO(sp_xml_freep) struct sp_xml *xml = NULL;
	const struct sp_xml_node *update = NULL;
	int r = parse(bytes, len, &xml, err);

	if (r == 0)
		r = read_file(xml, pack, &update, err);
	if (r < 0)
		return r;
	if (read_description(update, pack))
		return sp_error_set(err, SP_ERR_FORMAT,
				    "update.xml has no 'name-description'");
	return 0;
}

int sp_updatexml_read_stamp(const char *bytes, size_t len, struct sp_pack *pack,
			    struct sp_error *err)
{
	SP_AUTO(sp_xml_freep) struct sp_xml *xml = NULL;
	const struct sp_xml_node *update = NULL;
	int r = parse(bytes, len, &xml, err);

	if (r == 0)
		r = read_file(xml, pack, &update, err);
	if (r < 0)
		return r;
	(void)read_description(update, pack);
	return sp_xml_child(update, "rolled-up-by") ? SP_UPDATEXML_SUPERSEDED : 0;
}
