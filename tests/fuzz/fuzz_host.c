/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host to be upgraded says about itself, and an installation source: the first byte
 * is the number of the file. */
#include "base/text.h"
#include "repo/inventory.h"
#include "repo/pack.h"
#include "repo/treeinfo.h"
#include "repo/updatexml.h"
#include "fuzz/memory.h"

static void read_inventory(const char *text, size_t len)
{
	struct sp_inventory inventory = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int r = sp_inventory_parse(text, len, &inventory, &err);

	FUZZ_PROMISE(r == 0 || (r < 0 && err.text[0]));
	FUZZ_PROMISE(!inventory.product_version ||
		     sp_text_is_utf8(inventory.product_version,
				     strlen(inventory.product_version)));
	sp_inventory_done(&inventory);
}

static void read_stamp(const char *text, size_t len)
{
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int r = sp_updatexml_read_stamp(text, len, &pack, &err);

	FUZZ_PROMISE(r >= 0 || err.text[0]);
	if (r < 0)
		return;
	FUZZ_PROMISE(sp_updatexml_is_uuid(pack.id) && pack.label && pack.version);
	for (size_t i = 0; i < pack.rolls_up.n; i++)
		FUZZ_PROMISE(sp_updatexml_is_uuid(pack.rolls_up.items[i]));
}

static void read_treeinfo(const char *text)
{
	SP_AUTO(sp_str_freep) char *product = sp_treeinfo_product(text);

	FUZZ_PROMISE(product && sp_text_is_utf8(product, strlen(product)));
	FUZZ_PROMISE(!strpbrk(product, "\n\r\033"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SP_AUTO(sp_str_freep) char *text = NULL;

	if (size == 0)
		return 0;
	text = malloc(size);
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] % 3 == 0)
		read_inventory(text, size - 1);
	else if (data[0] % 3 == 1)
		read_stamp(text, size - 1);
	else
		read_treeinfo(text);
	return 0;
}
