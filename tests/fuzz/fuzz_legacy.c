/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XS-REPOSITORY, a NUL, XS-PACKAGES; and all of it as a list of directories. */
#include "base/finding.h"
#include "base/text.h"
#include "repo/legacy.h"
#include "repo/pack.h"
#include "fuzz/memory.h"

static void check_pack(const struct sp_pack *pack)
{
	FUZZ_PROMISE(pack->id && pack->label && pack->version);
	FUZZ_PROMISE(pack->trust.state == SP_TRUST_UNSIGNED);
	for (size_t i = 0; i < pack->n_packages; i++) {
		SP_AUTO(sp_str_freep) char *path = NULL;
		struct sp_error err = SP_ERROR_INIT;

		FUZZ_PROMISE(sp_text_path_is_safe(pack->packages[i].file));
		if (sp_legacy_destination(&pack->packages[i], "4.4.0+10", &path, &err) ==
		    0)
			FUZZ_PROMISE(!path[0] || sp_text_path_is_safe(path));
	}
}

static void check_directories(const char *bytes, size_t len)
{
	SP_AUTO(sp_strv_done) struct sp_strv directories = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	if (sp_legacy_directories(bytes, len, &directories, &findings, &err) < 0)
		return;
	for (size_t i = 0; i < directories.n; i++)
		FUZZ_PROMISE(!directories.items[i][0] ||
			     sp_text_path_is_safe(directories.items[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	const char *bytes = (const char *)data;
	const char *end = size ? memchr(bytes, '\0', size) : NULL;
	struct sp_legacy_files files = { .repository = bytes, .repository_len = size };
	int r;

	if (end) {
		files.repository_len = (size_t)(end - bytes);
		files.packages = end + 1;
		files.packages_len = size - files.repository_len - 1;
	} else {
		files.packages = "";
	}
	r = sp_legacy_read(&files, &pack, &err);
	FUZZ_PROMISE(r == 0 || (r < 0 && err.text[0] != '\0'));
	if (r == 0)
		check_pack(&pack);
	check_directories(bytes, size);
	return 0;
}
