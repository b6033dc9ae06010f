/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe/modinfo.h"
#include "fuzz/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_module module = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int fd = fuzz_file(data, size);
	int r = sp_modinfo_read(fd, "lib/modules/4.19.0+1/updates/x.ko", &module, &err);

	FUZZ_PROMISE(r <= 0);
	FUZZ_PROMISE(r < 0 ? err.text[0] != '\0' : module.name != NULL);
	sp_module_done(&module);
	(void)close(fd);
	return 0;
}
