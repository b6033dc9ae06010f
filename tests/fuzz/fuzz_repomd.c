/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"
#include "repo/repomd.h"
#include "fuzz/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_repomd repomd = { 0 };
	struct sp_error err = SP_ERROR_INIT, why = SP_ERROR_INIT;
	const char *code = NULL;
	int r = sp_repomd_parse((const char *)data, size, &repomd, &code, &err);

	FUZZ_PROMISE(r <= 0);
	FUZZ_PROMISE(r == 0 || err.text[0] != '\0');
	FUZZ_PROMISE(r < 0 || repomd.files[SP_REPOMD_PRIMARY].path);
	for (int i = 0; r == 0 && i < SP_REPOMD_KINDS; i++) {
		const struct sp_repomd_file *file = &repomd.files[i];

		if (!file->path)
			continue;
		FUZZ_PROMISE(sp_text_path_is_safe(file->path));
		FUZZ_PROMISE(strlen(file->digest) >= 64);
		FUZZ_PROMISE(sp_repomd_check(file, data, size, &why) < 0);
	}
	sp_repomd_done(&repomd);
	return 0;
}
