/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Every attribute is a row: how it is read, what it may say, what it does.  A value that
 * is wrong, and a name that is not in the table, end the installation before it begins:
 * silence would be a host without its driver. */

#include "installer-plugin/unattended_attributes.h"

#include <ctype.h>
#include <string.h>

#include "base/json.h"
#include "installer-plugin/unattended.h"
#include "repo/location.h"

enum { MAX_TIMEOUT_S = 86400, MAX_RETRIES = 100, DIGEST_DIGITS = 64, KEY_DIGITS = 40 };

/* ---- values --------------------------------------------------------------------- */

/* 0, WRONG, or < 0. */
typedef int (*read_fn)(const char *value, void *field, struct sp_error *err);
enum { WRONG = 1 };

static int read_yes_no(const char *value, void *field, struct sp_error *err)
{
	(void)err;
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return WRONG;
	*(bool *)field = !strcmp(value, "yes");
	return 0;
}

static int read_number(const char *value, unsigned low, unsigned high, unsigned *ret)
{
	unsigned long number;
	char *end;

	if (!isdigit((unsigned char)*value) || strlen(value) > 9)
		return WRONG;
	number = strtoul(value, &end, 10);
	if (*end || number < low || number > high)
		return WRONG;
	*ret = (unsigned)number;
	return 0;
}

static int read_seconds(const char *value, void *field, struct sp_error *err)
{
	(void)err;
	return read_number(value, 1, MAX_TIMEOUT_S, field);
}

static int read_retries(const char *value, void *field, struct sp_error *err)
{
	unsigned number = 0;

	(void)err;
	if (read_number(value, 0, MAX_RETRIES, &number))
		return WRONG;
	*(int *)field = (int)number;
	return 0;
}

static int keep_text(const char *value, void *field, struct sp_error *err)
{
	*(char **)field = strdup(value);
	return *(char **)field ? 0 : sp_error_nomem(err);
}

static int read_hex(const char *value, size_t low, size_t high, void *field,
		    struct sp_error *err)
{
	size_t n = strspn(value, "0123456789abcdefABCDEF");

	if (value[n] || n < low || n > high)
		return WRONG;
	return keep_text(value, field, err);
}

/* Written in groups of four it is still a fingerprint. */
static int read_key(const char *value, void *field, struct sp_error *err)
{
	char digits[DIGEST_DIGITS + 1];
	size_t n = 0;

	for (; *value; value++)
		if (*value != ' ') {
			if (n == DIGEST_DIGITS)
				return WRONG;
			digits[n++] = (char)toupper((unsigned char)*value);
		}
	digits[n] = '\0';
	return read_hex(digits, KEY_DIGITS, DIGEST_DIGITS, field, err);
}

static int read_digest(const char *value, void *field, struct sp_error *err)
{
	int r = read_hex(value, DIGEST_DIGITS, DIGEST_DIGITS, field, err);

	for (char *at = *(char **)field; r == 0 && *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return r;
}

static int read_path(const char *value, void *field, struct sp_error *err)
{
	return *value == '/' ? keep_text(value, field, err) : WRONG;
}

static int read_proxy(const char *value, void *field, struct sp_error *err)
{
	SP_AUTO(sp_location_done) struct sp_location location = { 0 };
	struct sp_error ignored = SP_ERROR_INIT;

	if (!sp_text_starts_with(value, "http://") &&
	    !sp_text_starts_with(value, "https://"))
		return WRONG;
	if (sp_location_parse(value, &location, &ignored) < 0)
		return WRONG;
	return keep_text(value, field, err);
}

/* Calls @take for each word; blanks and commas stand between them. */
static int each_word(const char *value, read_fn take, void *field, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv words = { 0 };
	int r = 0;

	while (r == 0 && *value) {
		size_t n = strcspn(value, " ,");

		r = n ? sp_strv_add_n(&words, value, n, err) : 0;
		value += n + (value[n] != '\0');
	}
	for (size_t i = 0; r == 0 && i < words.n; i++)
		r = take(words.items[i], field, err);
	return r == 0 && !words.n ? WRONG : r;
}

static int take_accept(const char *word, void *field, struct sp_error *err)
{
	struct sp_error cause = SP_ERROR_INIT;
	int r = sp_accept_parse(field, word, &cause);

	if (r < 0 && cause.code == SP_ERR_USAGE)
		return WRONG;
	return r < 0 ? sp_error_nomem(err) : 0;
}

static int read_accept(const char *value, void *field, struct sp_error *err)
{
	return each_word(value, take_accept, field, err);
}

/* "0000:84:00.0" */
static bool is_address(const char *text)
{
	static const char pattern[] = "xxxx:xx:xx.o";

	for (size_t i = 0; i < sizeof pattern; i++) {
		bool ok = pattern[i] == 'x'   ? isxdigit((unsigned char)text[i])
			  : pattern[i] == 'o' ? text[i] >= '0' && text[i] <= '7'
					      : text[i] == pattern[i];

		if (!ok)
			return false;
	}
	return true;
}

static int take_address(const char *word, void *field, struct sp_error *err)
{
	char lower[13];

	if (!is_address(word))
		return WRONG;
	for (size_t i = 0; i < sizeof lower; i++)
		lower[i] = (char)tolower((unsigned char)word[i]);
	return sp_strv_add(field, lower, err);
}

static int read_expect(const char *value, void *field, struct sp_error *err)
{
	return each_word(value, take_address, field, err);
}

static int read_replace(const char *value, void *field, struct sp_error *err)
{
	if (!strcmp(value, "all"))
		return sp_strv_add(field, value, err);
	return each_word(value, take_address, field, err);
}

static int read_pack_loss(const char *value, void *field, struct sp_error *err)
{
	static const char *const words[] = {
		[SP_UNATTENDED_LOSS_STOP] = "stop",
		[SP_UNATTENDED_LOSS_WARN] = "warn",
		[SP_UNATTENDED_LOSS_GO_ON] = "go-on",
	};

	(void)err;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (!strcmp(value, words[i])) {
			*(enum sp_unattended_loss *)field = (enum sp_unattended_loss)i;
			return 0;
		}
	return WRONG;
}

/* ---- the table ---------------------------------------------------------------------- */

struct attribute {
	const char *name, *allowed, *otherwise, *what;
	read_fn read;
	size_t offset;
};

#define SOURCE(member) offsetof(struct sp_unattended_source, member)

// clang-format off
static const struct attribute source_attributes[] = {
	{ "required", "yes or no", "yes; for <source> no",
	  "whether a source that cannot be used ends the installation",
	  read_yes_no, SOURCE(required) },
	{ "timeout", "a number of seconds from 1 to 86400", "300",
	  "how long reading this source may take",
	  read_seconds, SOURCE(timeout_s) },
	{ "retries", "a number from 0 to 100", "5",
	  "how often a file is asked for again, after growing pauses",
	  read_retries, SOURCE(retries) },
	{ "key", "a key's full fingerprint, 40 to 64 hexadecimal digits", "any trusted key",
	  "the only key that packs of this source may be signed with; it need not be among the trusted ones if it lies with the pack",
	  read_key, SOURCE(key) },
	{ "digest", "a SHA-256 in 64 hexadecimal digits", "any",
	  "what the pack's metadata must have",
	  read_digest, SOURCE(digest) },
	{ "accept", "one or more of unsigned, weak, expired, licence, older and key=FINGERPRINT", "none",
	  "what is used all the same, as with the command's --accept",
	  read_accept, SOURCE(accept) },
	{ "expect-device", "PCI addresses as in 0000:84:00.0", "none",
	  "devices that must have a driver in the end",
	  read_expect, SOURCE(expect) },
	{ "replace", "PCI addresses as in 0000:84:00.0, or all", "none",
	  "devices whose present driver may be replaced, as with the command's --replace",
	  read_replace, SOURCE(replace) },
	{ "ca-file", "an absolute path", "the system's",
	  "the certificates, in PEM, that an https server is checked against",
	  read_path, SOURCE(ca_file) },
	{ "proxy", "an http or https URL", "as the environment has it",
	  "the proxy that the source is reached through",
	  read_proxy, SOURCE(proxy) },
};

static const struct attribute root_attributes[] = {
	{ "pack-loss", "stop, warn or go-on", "stop",
	  "what to do when an upgrade would lose a pack or the driver of a device",
	  read_pack_loss, offsetof(struct sp_unattended, loss) },
};

/* The installer's own; of the top element all are, but those that begin like ours. */
static const char *const installer_attributes[] = { "type", "gpgcheck", "repo-gpgcheck" };
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

bool sp_unattended_attribute_at(size_t index, struct sp_unattended_attribute *ret_row)
{
	bool of_source = index < COUNT(source_attributes);
	const struct attribute *row;

	if (!of_source && index - COUNT(source_attributes) >= COUNT(root_attributes))
		return false;
	row = of_source ? &source_attributes[index]
			: &root_attributes[index - COUNT(source_attributes)];
	*ret_row = (struct sp_unattended_attribute){
		of_source ? "driver-source, source" : "installation",
		row->name,
		row->allowed,
		row->otherwise,
		row->what,
	};
	return true;
}

static const struct attribute *attribute_find(const struct attribute *rows, size_t n,
					      const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

static int read_attribute(const struct sp_unattended_place *place,
			  const struct attribute *row, const char *value, void *into)
{
	int r = row->read(value, (char *)into + row->offset, place->err);
	/* A proxy may hold a password. */
	bool secret = row->read == read_proxy;

	if (r != WRONG)
		return r;
	return sp_error_set(place->err, SP_ERR_USAGE,
			    "line %u: attribute '%s' of <%s> is '%.60s': it must be %s",
			    place->line, row->name, place->element,
			    secret ? "wrong" : value, row->allowed);
}

static int refuse_unknown(const struct sp_unattended_place *place, const char *name,
			  const struct attribute *rows, size_t n)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	SP_AUTO(sp_str_freep) char *all = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = sp_strv_add(&names, rows[i].name, place->err);
	all = sp_strv_join(&names, ", ");
	if (r < 0 || !all)
		return sp_error_nomem(place->err);
	return sp_error_set(place->err, SP_ERR_USAGE,
			    "line %u: <%s> has no attribute '%.60s': there are %s",
			    place->line, place->element, name, all);
}

static bool is_installers(const char *name)
{
	for (size_t i = 0; i < COUNT(installer_attributes); i++)
		if (!strcmp(installer_attributes[i], name))
			return true;
	return false;
}

int sp_unattended_attributes_read(const struct sp_unattended_place *place,
				  const struct json_object *attributes,
				  struct sp_unattended_source *source)
{
	const char *name;
	int r = 0;

	for (size_t i = 0; r == 0 && (name = sp_json_key_at(attributes, i)); i++) {
		const struct attribute *row =
			attribute_find(source_attributes, COUNT(source_attributes), name);

		if (row)
			r = read_attribute(place, row,
					   sp_json_get_string(attributes, name), source);
		else if (!is_installers(name))
			r = refuse_unknown(place, name, source_attributes,
					   COUNT(source_attributes));
	}
	return r;
}

int sp_unattended_attributes_read_root(const struct sp_unattended_place *place,
				       const struct json_object *attributes,
				       struct sp_unattended *unattended)
{
	const char *name;
	int r = 0;

	for (size_t i = 0; r == 0 && (name = sp_json_key_at(attributes, i)); i++) {
		const struct attribute *row =
			attribute_find(root_attributes, COUNT(root_attributes), name);

		if (row)
			r = read_attribute(place, row,
					   sp_json_get_string(attributes, name),
					   unattended);
		else if (sp_text_starts_with(name, "pack-"))
			r = refuse_unknown(place, name, root_attributes,
					   COUNT(root_attributes));
	}
	return r;
}
