/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libsolv itself is not instrumented; what is made of its answers is.  The first byte says
 * which document the rest is, behind a primary that is sound. */
#include "base/archive.h"
#include "base/text.h"
#include "repo/pack.h"
#include "repo/repodata.h"
#include "fuzz/memory.h"

enum { MAX_BYTES = 16 << 20 };

static const char primary[] =
	"<metadata xmlns=\"http://linux.duke.edu/metadata/common\" packages=\"1\">"
	"<package type=\"rpm\"><name>a</name><arch>x86_64</arch>"
	"<version epoch=\"0\" ver=\"1\" rel=\"1\"/>"
	"<checksum type=\"sha256\" pkgid=\"YES\">"
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef</checksum>"
	"<size package=\"9\" installed=\"9\" archive=\"9\"/><location href=\"a.rpm\"/>"
	"</package></metadata>";

static void check(const struct sp_pack *pack)
{
	for (size_t i = 0; i < pack->n_packages; i++) {
		const struct sp_package *package = &pack->packages[i];

		FUZZ_PROMISE(package->name && package->version && package->arch);
		FUZZ_PROMISE(sp_text_path_is_safe(package->file));
		FUZZ_PROMISE(!package->verified);
	}
}

static int add(struct sp_repodata *repodata, enum sp_repomd_kind kind, const void *bytes,
	       size_t len, struct sp_error *err)
{
	SP_AUTO(sp_inflater_freep) struct sp_inflater *inflater = NULL;
	int r = sp_inflater_new(bytes, len, MAX_BYTES, 0, &inflater, err);

	return r < 0 ? r
		     : sp_repodata_add(repodata, kind, sp_inflater_read, inflater, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_repodata *repodata = NULL;
	struct sp_pack pack = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	enum sp_repomd_kind kind;
	int r;

	if (size == 0)
		return 0;
	kind = (enum sp_repomd_kind)(data[0] % SP_REPOMD_KINDS);
	r = sp_repodata_new(&repodata, &err);
	if (r == 0 && kind != SP_REPOMD_PRIMARY)
		r = add(repodata, SP_REPOMD_PRIMARY, primary, sizeof primary - 1, &err);
	FUZZ_PROMISE(r == 0);
	r = add(repodata, kind, data + 1, size - 1, &err);
	if (r == 0)
		r = sp_repodata_fill(repodata, &pack, NULL, &err);
	FUZZ_PROMISE(r == 0 || (r < 0 && err.text[0] != '\0'));
	if (r == 0)
		check(&pack);
	sp_pack_done(&pack);
	sp_repodata_free(repodata);
	return 0;
}
