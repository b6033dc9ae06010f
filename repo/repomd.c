/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taken apart by our own strict reader rather than by libsolv's: that one takes any
 * digest, or none, and any path. */
#include "repo/repomd.h"

#include "base/text.h"
#include "repo/xml.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void sp_repomd_done(struct sp_repomd *repomd)
{
	for (size_t i = 0; i < SP_REPOMD_KINDS; i++)
		free(repomd->files[i].path);
	*repomd = (struct sp_repomd){ 0 };
}

/* The uncompressed groups are always there in published packs; newer tools write only
 * a compressed one.  The first of these that there is counts. */
static const struct {
	const char *type;
	enum sp_repomd_kind kind;
} types[] = {
	{ "primary", SP_REPOMD_PRIMARY }, { "filelists", SP_REPOMD_FILELISTS },
	{ "group", SP_REPOMD_GROUP },     { "group_gz", SP_REPOMD_GROUP },
	{ "group_xz", SP_REPOMD_GROUP },  { "group_zst", SP_REPOMD_GROUP },
	{ "group_bz2", SP_REPOMD_GROUP },
};

static const size_t digest_digits[] = {
	[SP_DIGEST_MD5] = 32,
	[SP_DIGEST_SHA256] = 64,
	[SP_DIGEST_SHA384] = 96,
	[SP_DIGEST_SHA512] = 128,
};

static bool is_hex(const char *text, size_t digits)
{
	return strlen(text) == digits && strspn(text, "0123456789abcdefABCDEF") == digits;
}

static int read_digest(const struct sp_xml_node *data, struct sp_repomd_file *file,
		       struct sp_error *err)
{
	const struct sp_xml_node *node = sp_xml_child(data, "checksum");
	SP_AUTO(sp_str_freep) char *type = NULL;
	SP_AUTO(sp_str_freep) char *hex = NULL;

	type = node ? sp_xml_attribute(node, "type") : NULL;
	hex = node ? sp_xml_text(node) : NULL;
	if (!type || !hex)
		return sp_error_set(err, SP_ERR_FORMAT, "'%.80s' has no checksum",
				    file->path);
	if (!sp_digest_kind_parse(type, &file->digest_kind) ||
	    file->digest_kind == SP_DIGEST_MD5)
		return sp_error_set(
			err, SP_ERR_FORMAT,
			"'%.80s' has a checksum of kind '%.20s', which proves "
			"nothing",
			file->path, type);
	if (!is_hex(hex, digest_digits[file->digest_kind]))
		return sp_error_set(err, SP_ERR_FORMAT, "the checksum of '%.80s' is none",
				    file->path);
	memcpy(file->digest, hex, strlen(hex) + 1);
	return 0;
}

static int read_size(const struct sp_xml_node *data, struct sp_repomd_file *file,
		     struct sp_error *err)
{
	const struct sp_xml_node *node = sp_xml_child(data, "size");
	SP_AUTO(sp_str_freep) char *text = node ? sp_xml_text(node) : NULL;
	char *end = text;

	if (!text)
		return 0;
	errno = 0;
	if (isdigit((unsigned char)*text))
		file->size_bytes = strtoull(text, &end, 10);
	if (errno || end == text || *end)
		return sp_error_set(err, SP_ERR_FORMAT, "the size of '%.80s' is none",
				    file->path);
	return 0;
}

static int read_data(const struct sp_xml_node *data, const char *type,
		     struct sp_repomd_file *file, const char **ret_code,
		     struct sp_error *err)
{
	const struct sp_xml_node *location = sp_xml_child(data, "location");
	int r;

	file->path = location ? sp_xml_attribute(location, "href") : NULL;
	if (!file->path)
		return sp_error_set(err, SP_ERR_FORMAT, "'%s' has no location", type);
	if (!sp_text_path_is_safe(file->path)) {
		*ret_code = "unsafe-path";
		return sp_error_set(err, SP_ERR_FORMAT,
				    "'%.80s' leads out of the pack's directory",
				    file->path);
	}
	r = read_digest(data, file, err);
	return r == 0 ? read_size(data, file, err) : r;
}

static int read_type(const struct sp_xml_node *root, size_t row, struct sp_repomd *repomd,
		     const char **ret_code, struct sp_error *err)
{
	struct sp_repomd_file *file = &repomd->files[types[row].kind];
	bool seen = false;

	if (file->path)
		return 0;
	for (const struct sp_xml_node *data = sp_xml_child(root, "data"); data;
	     data = sp_xml_next(data, "data")) {
		SP_AUTO(sp_str_freep) char *type = sp_xml_attribute(data, "type");
		int r;

		if (!type || strcmp(type, types[row].type) != 0)
			continue;
		if (seen)
			return sp_error_set(err, SP_ERR_FORMAT, "there are two of '%s'",
					    types[row].type);
		seen = true;
		r = read_data(data, types[row].type, file, ret_code, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int sp_repomd_parse(const char *bytes, size_t len, struct sp_repomd *ret_repomd,
		    const char **ret_code, struct sp_error *err)
{
	SP_AUTO(sp_repomd_done) struct sp_repomd repomd = { 0 };
	SP_AUTO(sp_xml_freep) struct sp_xml *xml = NULL;
	const struct sp_xml_node *root;
	const char *ignored;
	int r = sp_xml_parse(bytes, len, &xml, err);

	if (r < 0)
		return r;
	root = sp_xml_root(xml);
	if (strcmp(sp_xml_name(root), "repomd") != 0)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "it begins with <%.40s>, not with <repomd>",
				    sp_xml_name(root));
	for (size_t row = 0; r == 0 && row < sizeof types / sizeof types[0]; row++)
		r = read_type(root, row, &repomd, ret_code ? ret_code : &ignored, err);
	if (r < 0)
		return r;
	if (!repomd.files[SP_REPOMD_PRIMARY].path)
		return sp_error_set(err, SP_ERR_FORMAT, "it names no list of packages");
	*ret_repomd = repomd;
	repomd = (struct sp_repomd){ 0 };
	return 0;
}

int sp_repomd_check(const struct sp_repomd_file *file, const void *bytes, size_t len,
		    struct sp_error *err)
{
	SP_AUTO(sp_digest_freep) struct sp_digest *digest = NULL;
	char hex[SP_DIGEST_HEX_SIZE];
	int r;

	if (file->size_bytes && file->size_bytes != len)
		return sp_error_set(err, SP_ERR_DAMAGED,
				    "it has %zu bytes and should have %llu", len,
				    (unsigned long long)file->size_bytes);
	r = sp_digest_new(file->digest_kind, &digest, err);
	if (r < 0)
		return r;
	sp_digest_add(digest, bytes, len);
	r = sp_digest_take(digest, hex, err);
	if (r < 0)
		return r;
	if (!sp_digest_is_equal(hex, file->digest))
		return sp_error_set(err, SP_ERR_DAMAGED,
				    "it is not the file that repomd.xml names");
	return 0;
}
