/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Targets made row by row, and what is read of them. */

#include "repo/target.h"

#include <sys/statvfs.h>
#include <sys/utsname.h>

#include "support/table.h"

#include "support/tree.h"

#define UUID "e4b9fe85-ffe6-4cbf-9fcb-1d88ecf5b102"
#define OTHER "d7c435bd-90e6-43d1-b81f-37785ac1f347"
#define STAMP(uuid, label, inner)                                               \
	"<update name-label=\"" label "\" uuid=\"" uuid "\" version=\"7.1.5\">" \
	"<name-description>d</name-description>" inner "</update>\n"
#define XML(name, version)                                                           \
	"<repository originator=\"acme\" name=\"" name "\" version=\"" version "\">" \
	"<description>Acme " name "</description></repository>"
#define RECORD(id, label, version)                                                   \
	"{\"suppack_record\":1,\"directory\":\"x\",\"pack\":{\"format\":\"update\"," \
	"\"id\":\"" id "\",\"label\":\"" label "\",\"version\":\"" version "\","     \
	"\"trust\":{\"state\":\"trusted\"}}}"
#define INVENTORY "etc/xensource-inventory"
#define REPOS "etc/xensource/installed-repos/"
#define APPLIED "var/update/applied/"

static const struct row {
	const char *name;
	struct tree_file files[TREE_MAX_FILES];
	const char *packs;    /* "id|label|version;…" */
	const char *findings; /* "code about;…" */
	const char *rest; /* "brand version memory kernels arch"; NULL: not looked at */
} rows[] = {
	// clang-format off
	{ "nothing at all", { { "etc/", NULL } }, "", "no-inventory etc/xensource-inventory", NULL },
	{ "a plain host", {
	  { INVENTORY, "PRODUCT_BRAND='XenServer'\nPRODUCT_VERSION='8.4.0'\nDOM0_MEM='752'\n" },
	  { "usr/lib/modules/4.19.0+1/modules.dep", "" }, { "lib", "->usr/lib" },
	  { "usr/lib/modules/notes", "" },
	  { "usr/lib64/ld-2.17.so", "" }, { "lib64", "->usr/lib64" },
	  { "usr/lib64/ld-linux-x86-64.so.2", "->ld-2.17.so" },
	  }, "", "", "XenServer 8.4.0 752 4.19.0+1 x86_64" },
	{ "32 bits, two kernels", {
	  { INVENTORY, "PRODUCT_BRAND='XenServer'\nPRODUCT_VERSION='6.2.0'\nDOM0_MEM='1024M'\n" },
	  { "lib/modules/2.6.32.43/", NULL }, { "lib/modules/2.6.18/", NULL },
	  { "lib/ld-linux.so.2", "" } },
	  "", "", "XenServer 6.2.0 1024 2.6.18,2.6.32.43 i686" },
	{ "another architecture", { { INVENTORY, "PRODUCT_BRAND='X'\nPRODUCT_VERSION='1'\n" },
	  { "lib/ld-linux-aarch64.so.1", "" } }, "", "", "X 1 0  aarch64" },
	{ "memory past telling", { { INVENTORY, "PRODUCT_BRAND='X'\nPRODUCT_VERSION='1'\nDOM0_MEM='lots'\n" },
	  { "lib/ld-linux-aarch64.so.1", "" } }, "", "", "X 1 0  aarch64" },
	{ "modules out of the root", { { INVENTORY, "PRODUCT_BRAND='X'\nPRODUCT_VERSION='1'\n" },
	  { "lib/ld-linux-aarch64.so.1", "" }, { "lib/modules", "->/../../../etc" }, { "etc/k/", NULL } },
	  "", "", "X 1 0 k aarch64" },
	{ "legacy, both eras", { { INVENTORY, "" },
	  { REPOS "acme:nic/XS-REPOSITORY", XML("nic", "1.2") },
	  { REPOS "xs:main/XS-REPOSITORY", "xs:main\nBase Pack\nXenServer\n5.5.0-15119p\n" } },
	  "acme:nic|Acme nic|1.2;xs:main|Base Pack|5.5.0-15119p", "", NULL },
	{ "stamps", { { INVENTORY, "" }, { APPLIED UUID, STAMP(UUID, "pack", "") },
	  { APPLIED "README", "no uuid" } }, UUID "|pack|7.1.5", "", NULL },
	{ "superseded stamps", { { INVENTORY, "" }, { APPLIED UUID, STAMP(UUID, "pack", "") },
	  { APPLIED OTHER, STAMP(OTHER, "pack", "<rolled-up-by uuid=\"" UUID "\" name-label=\"pack\"/>") } },
	  UUID "|pack|7.1.5", "", NULL },
	{ "record and stamp are one pack", { { INVENTORY, "" }, { APPLIED UUID, STAMP(UUID, "pack", "") },
	  { REPOS UUID "/record.json", RECORD(UUID, "pack", "7.1.6") },
	  { REPOS UUID "/update.xml", "" } }, UUID "|pack|7.1.6", "", NULL },
	{ "two packs of one uuid", { { INVENTORY, "" },
	  { REPOS UUID "/record.json", RECORD(UUID, "a", "1") },
	  { REPOS UUID "+b/record.json", RECORD(UUID, "b", "2") } }, UUID "|a|1;" UUID "|b|2", "", NULL },
	{ "record and legacy record", { { INVENTORY, "" },
	  { REPOS "acme:nic/record.json", RECORD("acme:nic", "Acme nic", "1.2") },
	  { REPOS "acme:nic/XS-REPOSITORY", XML("nic", "1.2") } }, "acme:nic|Acme nic|1.2", "", NULL },
	{ "damaged record, sound legacy one", { { INVENTORY, "" },
	  { REPOS "acme:nic/record.json", "{\"suppack_record\":" },
	  { REPOS "acme:nic/XS-REPOSITORY", XML("nic", "1.2") } }, "acme:nic|Acme nic|1.2",
	  "damaged-record acme:nic", NULL },
	{ "damaged legacy, the others are read", { { INVENTORY, "" },
	  { REPOS "a:a/XS-REPOSITORY", "<repository" }, { REPOS "a:b/XS-REPOSITORY", XML("b", "1") },
	  { REPOS "a:c/XS-PACKAGES", "" }, { REPOS "file", "" } }, "acme:b|Acme b|1",
	  "damaged-record " REPOS "a:a;damaged-record " REPOS "a:c;damaged-record " REPOS "file", NULL },
	{ "stamp without uuid", { { INVENTORY, "" },
	  { APPLIED UUID, "<update name-label=\"x\" version=\"1\"/>" },
	  { APPLIED OTHER, STAMP(OTHER, "pack", "") } }, OTHER "|pack|7.1.5",
	  "damaged-record " APPLIED UUID, NULL },
	{ "stamp of another uuid", { { INVENTORY, "" }, { APPLIED UUID, STAMP(OTHER, "pack", "") } }, "",
	  "damaged-record " APPLIED UUID, NULL },
	{ "empty stamp", { { INVENTORY, "" }, { APPLIED UUID, "" } }, "", "damaged-record " APPLIED UUID, NULL },
	{ "stamp is a directory", { { INVENTORY, "" }, { APPLIED UUID "/", NULL } }, "",
	  "damaged-record " APPLIED UUID, NULL },
	{ "climbing id", { { INVENTORY, "" }, { REPOS "x/XS-REPOSITORY",
	  "<repository originator=\"../..\" name=\"x\" version=\"1\"><description>d</description></repository>" }
	  }, "", "damaged-record " REPOS "x", NULL },
	{ "record leads out of the root", { { INVENTORY, "" }, { REPOS "x/XS-REPOSITORY",
	  "->/../../../../../../proc/self/status" } }, "", "damaged-record " REPOS "x", NULL },
	{ "records are a file", { { INVENTORY, "" }, { "etc/xensource/installed-repos", "" },
	  { "var/update/applied", "" } }, "",
	  "damaged-record etc/xensource/installed-repos;damaged-record etc/xensource/installed-repos;"
	  "damaged-record var/update/applied", NULL },
	// clang-format on
};

static char *tell_packs(const struct sp_target *target)
{
	struct sp_strbuf out = { 0 };

	for (size_t i = 0; i < target->n_packs; i++)
		sp_strbuf_add(&out, "%s%s|%s|%s", i ? ";" : "", target->packs[i].id,
			      target->packs[i].label, target->packs[i].version);
	return sp_strbuf_take(&out);
}

static char *tell_findings(const struct sp_findings *findings)
{
	struct sp_strbuf out = { 0 };

	for (size_t i = 0; i < findings->n; i++)
		sp_strbuf_add(&out, "%s%s %s", i ? ";" : "", findings->items[i].code,
			      findings->items[i].about);
	return sp_strbuf_take(&out);
}

static char *tell_rest(const struct sp_target *target)
{
	SP_AUTO(sp_str_freep) char *kernels = sp_strv_join(&target->kernels, ",");

	return sp_text_format("%s %s %llu %s %s", target->inventory.product_brand,
			      target->inventory.product_version,
			      (unsigned long long)target->memory_mb, kernels,
			      target->arch);
}

static void target_reads(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_target_done) struct sp_target target = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(machine_done) struct machine machine = { { 0 } };
	SP_AUTO(sp_closep) int fd = tree_make(&machine, row->files);
	struct sp_error err = SP_ERROR_INIT;

	if (sp_target_read(fd, &target, &findings, &err) != 0)
		fail_msg("%s", err.text);
	SP_AUTO(sp_str_freep) char *packs = tell_packs(&target);
	SP_AUTO(sp_str_freep) char *found = tell_findings(&findings);
	SP_AUTO(sp_str_freep) char *rest = tell_rest(&target);

	assert_string_equal(packs, row->packs);
	assert_string_equal(found, row->findings);
	if (row->rest)
		assert_string_equal(rest, row->rest);
}

static void space_is_that_of_the_root(void **state)
{
	static const struct tree_file files[] = { { "etc/", NULL }, { NULL, NULL } };
	SP_AUTO(sp_target_done) struct sp_target target = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(machine_done) struct machine machine = { { 0 } };
	SP_AUTO(sp_closep) int fd = tree_make(&machine, files);
	struct sp_error err = SP_ERROR_INIT;
	struct statvfs fs;
	struct utsname name;

	(void)state;
	assert_int_equal(sp_target_read(fd, &target, &findings, &err), 0);
	assert_int_equal(statvfs(machine.dir, &fs), 0);
	assert_true(target.free_bytes > 0);
	assert_true(target.free_bytes <= (uint64_t)fs.f_blocks * fs.f_frsize);
	assert_int_equal(uname(&name), 0);
	assert_string_equal(target.arch, name.machine); /* nothing there tells another */
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(space_is_that_of_the_root),
	};
	int failed = table_run("target", rows, target_reads);

	return failed + cmocka_run_group_tests(others, NULL, NULL);
}
