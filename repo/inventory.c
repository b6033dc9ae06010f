/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The inventory is written by a shell and read by everybody: KEY='value', one a line. */

#include "repo/inventory.h"

#include <string.h>

#include "base/file.h"
#include "base/text.h"

enum { INVENTORY_MAX_BYTES = 64 * 1024 };

// clang-format off
static const struct field {
	const char *key;
	size_t offset;
} fields[] = {
	{ "PRODUCT_BRAND",        offsetof(struct sp_inventory, product_brand) },
	{ "PRODUCT_VERSION",      offsetof(struct sp_inventory, product_version) },
	{ "PLATFORM_NAME",        offsetof(struct sp_inventory, platform_name) },
	{ "PLATFORM_VERSION",     offsetof(struct sp_inventory, platform_version) },
	{ "BUILD_NUMBER",         offsetof(struct sp_inventory, build_number) },
	{ "PRIMARY_DISK",         offsetof(struct sp_inventory, primary_disk) },
	{ "MANAGEMENT_INTERFACE", offsetof(struct sp_inventory, management_interface) },
	{ "INSTALLATION_UUID",    offsetof(struct sp_inventory, installation_uuid) },
	{ "DOM0_MEM",             offsetof(struct sp_inventory, dom0_mem) },
};
// clang-format on

enum { N_FIELDS = sizeof fields / sizeof fields[0] };

static char **field_of(struct sp_inventory *inventory, size_t index)
{
	return (void *)((char *)inventory + fields[index].offset);
}

void sp_inventory_done(struct sp_inventory *inventory)
{
	for (size_t i = 0; i < N_FIELDS; i++)
		free(*field_of(inventory, i));
	*inventory = (struct sp_inventory){ 0 };
}

static char **field_find(struct sp_inventory *inventory, const char *key, size_t len)
{
	for (size_t i = 0; i < N_FIELDS; i++)
		if (len == strlen(fields[i].key) && !memcmp(key, fields[i].key, len))
			return field_of(inventory, i);
	return NULL;
}

static int take_line(struct sp_inventory *inventory, const char *line, size_t len,
		     struct sp_error *err)
{
	const char *sign = memchr(line, '=', len);
	char value[SP_TEXT_MAX];
	const char *at;
	size_t n;
	char **field;

	if (!sign)
		return 0;
	field = field_find(inventory, line, (size_t)(sign - line));
	if (!field)
		return 0;
	at = sign + 1;
	n = len - (size_t)(at - line);
	if (n && at[n - 1] == '\r')
		n--;
	if (n >= 2 && (*at == '\'' || *at == '"') && at[n - 1] == *at)
		at++, n -= 2;
	sp_text_clean(at, n, value, sizeof value);
	free(*field); /* said twice: the last one counts, as in a shell */
	*field = strdup(value);
	return *field ? 0 : sp_error_nomem(err);
}

int sp_inventory_parse(const char *text, size_t len, struct sp_inventory *ret_inventory,
		       struct sp_error *err)
{
	SP_AUTO(sp_inventory_done) struct sp_inventory inventory = { 0 };
	const char *end = text + len;

	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		size_t line_len = (size_t)((eol ? eol : end) - text);
		int r = take_line(&inventory, text, line_len, err);

		if (r < 0)
			return r;
		text += line_len + 1;
	}
	*ret_inventory = inventory;
	inventory = (struct sp_inventory){ 0 };
	return 0;
}

int sp_inventory_read(int root_fd, struct sp_inventory *ret_inventory,
		      struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	size_t len;
	int r = sp_file_load(root_fd, "etc/xensource-inventory", INVENTORY_MAX_BYTES,
			     &text, &len, err);

	if (r == SP_FILE_ABSENT)
		return SP_INVENTORY_ABSENT;
	if (r < 0)
		return sp_error_context(err, "reading the inventory");
	return sp_inventory_parse(text, len, ret_inventory, err);
}
