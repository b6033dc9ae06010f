/* SPDX-License-Identifier: GPL-2.0-or-later */

/* XS-REPOSITORY and XS-PACKAGES of 4.0 to 5.5: lines, and words between single blanks.
 * These packs are twenty years old; hosts that were upgraded since still keep them. */

#include <ctype.h>
#include <string.h>

#include "base/finding.h"
#include "repo/legacy.h"
#include "repo/legacy_era.h"
#include "repo/pack.h"

enum { WORDS_MAX = 7, LINE_MAX_BYTES = 4000, REPOSITORY_LINES = 4 };

/* Takes the next line off @*bytes, cleaned; false when there is none left. */
static bool line_next(const char **bytes, size_t *len, char ret_line[LINE_MAX_BYTES])
{
	const char *eol = *len ? memchr(*bytes, '\n', *len) : NULL;
	size_t n = eol ? (size_t)(eol - *bytes) : *len;

	if (!*len)
		return false;
	sp_text_clean(*bytes, n, ret_line, LINE_MAX_BYTES);
	n += eol != NULL;
	*bytes += n;
	*len -= n;
	return true;
}

/* ---- XS-REPOSITORY --------------------------------------------------------------------- */

static int copy(char **field, const char *text, struct sp_error *err)
{
	*field = sp_text_clean_dup(text);
	return *field ? 0 : sp_error_nomem(err);
}

/* Old installers made nothing of a version that does not begin with a number. */
static const char *version_or_none(const char *text)
{
	return isdigit((unsigned char)*text) ? text : "";
}

static int take_lines(char (*lines)[LINE_MAX_BYTES], size_t n, struct sp_pack *pack,
		      struct sp_error *err)
{
	/* Fewer than four lines say nothing of product and version. */
	bool whole = n >= REPOSITORY_LINES;
	int r = copy(&pack->id, lines[0], err);

	if (r == 0)
		r = copy(&pack->label, lines[1], err);
	if (r == 0)
		r = copy(&pack->description, lines[1], err);
	if (r == 0 && whole && *lines[2])
		r = copy(&pack->product, lines[2], err);
	if (r == 0)
		r = copy(&pack->version, whole ? version_or_none(lines[3]) : "", err);
	return r;
}

int sp_legacy_text_read_repository(const char *bytes, size_t len, struct sp_pack *pack,
				   struct sp_error *err)
{
	char lines[REPOSITORY_LINES][LINE_MAX_BYTES];
	size_t n = 0;

	while (n < REPOSITORY_LINES && line_next(&bytes, &len, lines[n]))
		n++;
	if (n < 2 || !strchr(lines[0], ':') || !*lines[1])
		return sp_error_set(err, SP_ERR_FORMAT,
				    SP_LEGACY_REPOSITORY
				    " is neither XML nor an identifier and a name");
	return take_lines(lines, n, pack, err);
}

/* ---- XS-PACKAGES ------------------------------------------------------------------------ */

/* What stands behind "name size md5 type", by type; PASS is of no use to us. */
enum word { PASS, FILE_, ROOT, KERNEL };

static const struct shape {
	const char *type;
	enum word words[3];
	size_t n;
} shapes[] = {
	{ "tbz2", { PASS, FILE_, ROOT }, 3 }, /* "required" or "optional" first */
	{ "driver", { FILE_, ROOT }, 2 },
	{ "firmware", { FILE_ }, 1 },
	{ "rpm", { FILE_ }, 1 },
	{ "driver-rpm", { KERNEL, FILE_ }, 2 },
};

static const struct shape *shape_of(const char *type)
{
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
		if (!strcmp(shapes[i].type, type))
			return &shapes[i];
	return NULL;
}

static size_t split(char *line, const char *words[WORDS_MAX])
{
	char *rest = NULL;
	size_t n = 0;

	for (char *word = strtok_r(line, " ", &rest); word && n < WORDS_MAX;
	     word = strtok_r(NULL, " ", &rest))
		words[n++] = word;
	return n;
}

static void place(struct sp_legacy_era_package *raw, enum word word, const char *text)
{
	const char *ignored;
	const char **fields[] = {
		[PASS] = &ignored,
		[FILE_] = &raw->file,
		[ROOT] = &raw->root,
		[KERNEL] = &raw->kernel,
	};

	*fields[word] = text;
}

static int read_line(char *line, struct sp_pack *pack, struct sp_error *err)
{
	const char *words[WORDS_MAX] = { 0 };
	struct sp_legacy_era_package raw = { 0 };
	size_t n = split(line, words);
	const struct shape *shape = n >= 4 ? shape_of(words[3]) : NULL;

	if (!n)
		return 0;
	raw.label = words[0];
	raw.size = words[1];
	raw.md5 = words[2];
	raw.type = words[3];
	/* Of an unknown type, or cut short: the common check says which. */
	for (size_t i = 0; shape && i < shape->n && 4 + i < n; i++)
		place(&raw, shape->words[i], words[4 + i]);
	return sp_legacy_era_add_package(pack, &raw, err);
}

int sp_legacy_text_read_packages(const char *bytes, size_t len, struct sp_pack *pack,
				 struct sp_error *err)
{
	char line[LINE_MAX_BYTES];

	while (line_next(&bytes, &len, line)) {
		int r = read_line(line, pack, err);

		if (r < 0)
			return r;
	}
	return 0;
}
