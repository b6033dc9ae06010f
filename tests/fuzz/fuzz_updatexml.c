/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The same bytes as update.xml of a pack, and as a host's stamp. */
#include "repo/pack.h"
#include "repo/updatexml.h"
#include "fuzz/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_pack pack = { 0 }, stamp = { 0 };
	struct sp_error err = SP_ERROR_INIT, why = SP_ERROR_INIT;
	int r = sp_updatexml_read((const char *)data, size, &pack, &err);
	int r_stamp = sp_updatexml_read_stamp((const char *)data, size, &stamp, &why);

	FUZZ_PROMISE(r <= 0);
	FUZZ_PROMISE(r == 0 || err.text[0] != '\0');
	FUZZ_PROMISE(r_stamp >= 0 || why.text[0] != '\0');
	if (r == 0) {
		FUZZ_PROMISE(sp_updatexml_is_uuid(pack.id));
		FUZZ_PROMISE(pack.label && pack.version && pack.description);
		FUZZ_PROMISE(r_stamp >= 0); /* asks for less */
	}
	sp_pack_done(&pack);
	sp_pack_done(&stamp);
	return 0;
}
