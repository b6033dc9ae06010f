/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Legacy packs: which notation they are in, and what holds for both. */

#include "repo/legacy.h"

#include <string.h>

#include "base/finding.h"
#include "repo/digest.h"
#include "repo/legacy_era.h"
#include "repo/pack.h"

#define DETAIL "packs of this format carry no signature"

typedef int (*read_fn)(const char *bytes, size_t len, struct sp_pack *pack,
		       struct sp_error *err);

static const struct notation {
	enum sp_pack_format format;
	read_fn repository, packages;
} notations[] = {
	{ SP_PACK_LEGACY, sp_legacy_xml_read_repository, sp_legacy_xml_read_packages },
	{ SP_PACK_LEGACY_TEXT, sp_legacy_text_read_repository,
	  sp_legacy_text_read_packages },
};

/* A byte-order mark is no reason to take XML for text. */
static bool is_xml(const char *bytes, size_t len)
{
	size_t at = len >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0;

	while (at < len && strchr(" \t\r\n", bytes[at]) && bytes[at])
		at++;
	return at < len && bytes[at] == '<';
}

static const struct notation *notation_of(const char *bytes, size_t len)
{
	return &notations[is_xml(bytes, len) ? 0 : 1];
}

static int check_size(const char *name, size_t len, struct sp_error *err)
{
	if (len > SP_LEGACY_MAX_BYTES)
		return sp_error_set(err, SP_ERR_LIMIT, "%s has %zu bytes, more than %d",
				    name, len, SP_LEGACY_MAX_BYTES);
	return 0;
}

int sp_legacy_read_repository(const char *bytes, size_t len, struct sp_pack *pack,
			      struct sp_error *err)
{
	const struct notation *notation = notation_of(bytes, len);
	int r = check_size(SP_LEGACY_REPOSITORY, len, err);

	if (r == 0)
		r = notation->repository(bytes, len, pack, err);
	if (r < 0)
		return r;
	pack->format = notation->format;
	if (!sp_legacy_era_is_name(pack->id))
		return sp_error_set(err, SP_ERR_FORMAT,
				    SP_LEGACY_REPOSITORY ": '%.80s' is no identifier",
				    pack->id);
	if (strchr(pack->version, ' '))
		return sp_error_set(err, SP_ERR_FORMAT,
				    SP_LEGACY_REPOSITORY ": '%.80s' is no version",
				    pack->version);
	return 0;
}

int sp_legacy_read_packages(const char *bytes, size_t len, struct sp_pack *pack,
			    struct sp_error *err)
{
	const struct notation *notation = notation_of(bytes, len);
	bool is_empty = len == 0 && pack->format == SP_PACK_LEGACY_TEXT;
	int r = check_size(SP_LEGACY_PACKAGES, len, err);

	if (r < 0 || is_empty)
		return r;
	if (notation->format != pack->format)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "one of " SP_LEGACY_REPOSITORY
				    " and " SP_LEGACY_PACKAGES
				    " is XML and the other is not");
	return notation->packages(bytes, len, pack, err);
}

static int make_digest(const struct sp_legacy_files *files, struct sp_pack *pack,
		       struct sp_error *err)
{
	SP_AUTO(sp_digest_freep) struct sp_digest *digest = NULL;
	char hex[SP_DIGEST_HEX_SIZE];
	int r = sp_digest_new(SP_DIGEST_MD5, &digest, err);

	if (r < 0)
		return r;
	sp_digest_add(digest, files->repository, files->repository_len);
	sp_digest_add(digest, files->packages, files->packages_len);
	r = sp_digest_take(digest, hex, err);
	if (r < 0)
		return r;
	pack->metadata_digest = strdup(hex);
	return pack->metadata_digest ? 0 : sp_error_nomem(err);
}

/* Packed files are at least as large once unpacked. */
static void add_up(struct sp_pack *pack)
{
	for (size_t i = 0; i < pack->n_packages; i++) {
		const struct sp_package *package = &pack->packages[i];

		if (__builtin_add_overflow(pack->installation_bytes, package->size_bytes,
					   &pack->installation_bytes))
			pack->installation_bytes = UINT64_MAX;
		if (sp_text_starts_with(package->type, "driver"))
			pack->driver_disk = true;
	}
}

static int set_unsigned(struct sp_pack *pack, struct sp_error *err)
{
	pack->trust.state = SP_TRUST_UNSIGNED;
	free(pack->trust.detail);
	pack->trust.detail = strdup(DETAIL);
	return pack->trust.detail ? 0 : sp_error_nomem(err);
}

/* An old installation medium holds the product in the same format. */
static int check_product(struct sp_pack *pack, struct sp_error *err)
{
	if (strcmp(pack->id, "xs:main") != 0 && strcmp(pack->id, "xcp:main") != 0)
		return 0;
	return sp_findings_add(&pack->findings, "installation-source", pack->id, err,
			       "'%s' is the product itself, not a pack", pack->label);
}

int sp_legacy_read(const struct sp_legacy_files *files, struct sp_pack *pack,
		   struct sp_error *err)
{
	int r = sp_legacy_read_repository(files->repository, files->repository_len, pack,
					  err);

	if (r == 0)
		r = sp_legacy_read_packages(files->packages, files->packages_len, pack,
					    err);
	if (r == 0)
		r = make_digest(files, pack, err);
	if (r == 0)
		r = set_unsigned(pack, err);
	if (r == 0)
		r = check_product(pack, err);
	if (r == 0)
		add_up(pack);
	return r;
}

/* ---- where on a medium ------------------------------------------------------------ */

static const char *const known_directories[] = { "", "packages", "packages.main",
						 "packages.linux", "packages.site" };

enum { N_KNOWN = sizeof known_directories / sizeof known_directories[0] };

/* Lines are stripped as the product strips them; "x/" and "x" are the same place. */
static int add_line(const char *line, size_t len, struct sp_strv *directories,
		    struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = NULL;

	while (len && strchr(" \t\r/", line[len - 1]) && line[len - 1])
		len--;
	while (len && (*line == ' ' || *line == '\t'))
		line++, len--;
	if (!len)
		return 0;
	path = strndup(line, len);
	if (!path)
		return sp_error_nomem(err);
	if (memchr(line, '\0', len) || !sp_text_path_is_safe(path))
		return sp_findings_add(findings, "unsafe-path", SP_LEGACY_LIST, err,
				       SP_LEGACY_LIST
				       " names '%s', which is no directory of the medium",
				       path);
	return sp_strv_has(directories, path) ? 0 : sp_strv_add(directories, path, err);
}

int sp_legacy_directories(const char *bytes, size_t len, struct sp_strv *ret_directories,
			  struct sp_findings *findings, struct sp_error *err)
{
	const char *end = bytes ? bytes + len : NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < N_KNOWN; i++)
		r = sp_strv_add(ret_directories, known_directories[i], err);
	while (r == 0 && bytes < end) {
		const char *eol = memchr(bytes, '\n', (size_t)(end - bytes));
		size_t line_len = (size_t)((eol ? eol : end) - bytes);

		r = add_line(bytes, line_len, ret_directories, findings, err);
		if (r == 0 &&
		    ret_directories->n + findings->n > SP_LEGACY_MAX_DIRECTORIES)
			return sp_error_set(err, SP_ERR_LIMIT,
					    SP_LEGACY_LIST " names more than %d places",
					    SP_LEGACY_MAX_DIRECTORIES - N_KNOWN);
		bytes += line_len + (eol != NULL);
	}
	return r;
}
