/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Packs of before 7.1: read from bytes, told as one line of text, compared. */

#include "repo/legacy.h"

#include <stdio.h>
#include <string.h>

#include "base/finding.h"
#include "repo/pack.h"
#include "support/table.h"

#include "base/file.h"
#include "support/machine.h"

#define MD5 "89f6e058f71d87b381117dbb137445c3"
#define REPO(attributes, inner)                                                    \
	"<repository originator=\"acme\" name=\"nic\" version=\"1.2\" " attributes \
	"><description>Acme NIC</description>" inner "</repository>"
#define PLAIN REPO("", "")
#define PKG(attributes, file) "<package " attributes ">" file "</package>"
#define RPM(attributes, file) \
	PKG("label=\"nic\" type=\"rpm\" size=\"7\" md5=\"" MD5 "\" " attributes, file)
#define PACKAGES(inner) "<packages>" inner "</packages>"
#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* ---- XS-REPOSITORY ---------------------------------------------------------------------- */

static const struct repository_row {
	const char *name, *bytes;
	int want;       /* 0, or the error's code */
	const char *is; /* "id|version|label|product|flags|requires", if 0 */
} repository_rows[] = {
	// clang-format off
	{ "as published", "<repository build=\"90233c\" name=\"examplepack\" originator=\"example\""
	  " product=\"XCP\" version=\"6.5.0\">\n  <description>Example storage pack</description>\n"
	  "  <requires name=\"main\" originator=\"xcp\" product=\"XCP\" test=\"ge\" version=\"1.9.0\"/>\n"
	  "</repository>\n",
	  0, "example:examplepack|6.5.0-90233c|Example storage pack|XCP||xcp:main ge 1.9.0" },
	{ "no product", PLAIN, 0, "acme:nic|1.2|Acme NIC|-||" },
	{ "hidden", REPO("hidden=\"true\"", ""), 0, "acme:nic|1.2|Acme NIC|-|hidden||" },
	{ "hidden but empty", REPO("hidden=\"\"", ""), 0, "acme:nic|1.2|Acme NIC|-||" },
	{ "hidden is the word true", REPO("hidden=\"yes\"", ""), 0, "acme:nic|1.2|Acme NIC|-||" },
	{ "homogeneous", REPO("enforce-homogeneity=\"true\"", ""), 0,
	  "acme:nic|1.2|Acme NIC|-|homogeneous||" },
	{ "memory", REPO("memory-requirement-mb=\"256\"", ""), 0,
	  "acme:nic|1.2|Acme NIC|-|256 MiB||" },
	{ "two requirements", REPO("", "<requires originator=\"xs\" name=\"main\" test=\"eq\" version=\"6.0\"/>"
	  "<requires originator=\"b\" name=\"c\" test=\"ne\" version=\"2\" build=\"9z\"/>"), 0,
	  "acme:nic|1.2|Acme NIC|-||xs:main eq 6.0,b:c ne 2-9z" },
	{ "description stripped", "<repository originator=\"a\" name=\"b\" version=\"1\">"
	  "<description>\n  two\n  words </description></repository>", 0, "a:b|1|two words|-||" },
	{ "elements anywhere", "<x><repository originator=\"a\" name=\"b\" version=\"1\"/>"
	  "<y><description>d</description></y></x>", 0, "a:b|1|d|-||" },
	{ "byte-order mark", "\xef\xbb\xbf" PLAIN, 0, "acme:nic|1.2|Acme NIC|-||" },
	{ "blank lines first", "\n\n  " PLAIN, 0, "acme:nic|1.2|Acme NIC|-||" },
	{ "escape in the description", "<repository originator=\"a\" name=\"b\" version=\"1\">"
	  "<description>x&#x202e;y</description></repository>", 0, "a:b|1|x?y|-||" },
	{ "not whole", "<repository originator=\"a\"", SP_ERR_FORMAT, NULL },
	{ "entities", "<!DOCTYPE x [<!ENTITY a \"b\">]>" PLAIN, SP_ERR_FORMAT, NULL },
	{ "no repository", "<x/>", SP_ERR_FORMAT, NULL },
	{ "no description", "<repository originator=\"a\" name=\"b\" version=\"1\"/>", SP_ERR_FORMAT, NULL },
	{ "no originator", "<repository name=\"b\" version=\"1\"><description/></repository>",
	  SP_ERR_FORMAT, NULL },
	{ "no version", "<repository originator=\"a\" name=\"b\"><description>d</description></repository>",
	  SP_ERR_FORMAT, NULL },
	{ "version with a blank", "<repository originator=\"a\" name=\"b\" version=\"1 2\">"
	  "<description>d</description></repository>", SP_ERR_FORMAT, NULL },
	{ "name climbs", "<repository originator=\"a\" name=\"../../b\" version=\"1\">"
	  "<description>d</description></repository>", SP_ERR_FORMAT, NULL },
	{ "originator of dots", "<repository originator=\"..\" name=\"b\" version=\"1\">"
	  "<description>d</description></repository>", SP_ERR_FORMAT, NULL },
	{ "name with a colon", "<repository originator=\"a\" name=\"b:c\" version=\"1\">"
	  "<description>d</description></repository>", SP_ERR_FORMAT, NULL },
	{ "name of 200", "<repository originator=\"a\" name=\"" HUNDRED HUNDRED "\" version=\"1\">"
	  "<description>d</description></repository>", SP_ERR_FORMAT, NULL },
	{ "unknown test", REPO("", "<requires originator=\"xs\" name=\"main\" test=\"xx\" version=\"6.0\"/>"),
	  SP_ERR_FORMAT, NULL },
	{ "requirement without version", REPO("", "<requires originator=\"xs\" name=\"main\" test=\"eq\"/>"),
	  SP_ERR_FORMAT, NULL },
	{ "memory no number", REPO("memory-requirement-mb=\"1e9\"", ""), SP_ERR_FORMAT, NULL },
	{ "memory too much", REPO("memory-requirement-mb=\"99999999999999999999\"", ""),
	  SP_ERR_FORMAT, NULL },
	{ "text, four lines", "xs:main\nBase Pack\nXenServer\n4.1.0-5943p\n", 0,
	  "xs:main|4.1.0-5943p|Base Pack|XenServer|text|" },
	{ "text, two lines", "custom:my-repo\nMine\n", 0, "custom:my-repo||Mine|-|text|" },
	{ "text, three lines", "a:b\nMine\nXenServer\n", 0, "a:b||Mine|-|text|" },
	{ "text, stripped", " a:b \r\n Mine \r\n", 0, "a:b||Mine|-|text|" },
	{ "text, version no number", "a:b\nMine\nXenServer\nnightly\n", 0, "a:b||Mine|XenServer|text|" },
	{ "text, one line", "a:b\n", SP_ERR_FORMAT, NULL },
	{ "text, no colon", "main\nBase\n", SP_ERR_FORMAT, NULL },
	{ "text, climbs", "../..:a/b\nBase\n", SP_ERR_FORMAT, NULL },
	{ "text, escapes", "a:b\033[2J\nBase\n", SP_ERR_FORMAT, NULL },
	{ "nothing", "", SP_ERR_FORMAT, NULL },
	// clang-format on
};

static char *tell_repository(const struct sp_pack *pack)
{
	SP_AUTO(sp_str_freep) char *requires_ = sp_strv_join(&pack->requires_, ",");
	char memory[40] = "";

	if (pack->memory_mb)
		(void)snprintf(memory, sizeof memory, "%llu MiB|",
			       (unsigned long long)pack->memory_mb);
	return sp_text_format("%s|%s|%s|%s|%s%s%s%s|%s", pack->id, pack->version,
			      pack->label, pack->product ? pack->product : "-",
			      pack->format == SP_PACK_LEGACY_TEXT ? "text" : "",
			      pack->hidden ? "hidden|" : "",
			      pack->homogeneous ? "homogeneous|" : "", memory, requires_);
}

static void repository_reads(void **state)
{
	const struct repository_row *row = *state;
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int r = sp_legacy_read_repository(row->bytes, strlen(row->bytes), &pack, &err);

	assert_int_equal(-r, row->want);
	if (row->want) {
		assert_true(err.text[0]);
		return;
	}
	SP_AUTO(sp_str_freep) char *is = tell_repository(&pack);

	assert_string_equal(is, row->is);
}

/* ---- XS-PACKAGES -------------------------------------------------------------------------- */

static const char text_head[] = "a:b\nMine\nXenServer\n4.1.0\n";

static const struct packages_row {
	const char *name, *repository, *packages;
	int want;
	const char *is; /* "type name file size md5? root kernel options;…", "!code" */
} packages_rows[] = {
	// clang-format off
	{ "one rpm", PLAIN, PACKAGES(RPM("", "nic-1.rpm")), 0, "rpm nic nic-1.rpm 7 md5 - - -U" },
	{ "in order", PLAIN, PACKAGES(RPM("", "b.rpm") RPM("", "a.rpm")), 0,
	  "rpm nic b.rpm 7 md5 - - -U;rpm nic a.rpm 7 md5 - - -U" },
	{ "kernel package", PLAIN, PACKAGES(RPM("options=\"-i\"", "k.rpm")), 0,
	  "rpm nic k.rpm 7 md5 - - -i" },
	{ "options that talk", PLAIN, PACKAGES(RPM("options=\" -v  -Uvh \"", "k.rpm")), 0,
	  "rpm nic k.rpm 7 md5 - - -U" },
	{ "options that force", PLAIN, PACKAGES(RPM("options=\"-U --force\"", "k.rpm")), 0,
	  "rpm nic k.rpm 7 md5 - - -;!damaged-metadata" },
	{ "options that contradict", PLAIN, PACKAGES(RPM("options=\"-U -i\"", "k.rpm")), 0,
	  "rpm nic k.rpm 7 md5 - - -;!damaged-metadata" },
	{ "options that run", PLAIN, PACKAGES(RPM("options=\"-U --eval=%(reboot)\"", "k.rpm")), 0,
	  "rpm nic k.rpm 7 md5 - - -;!damaged-metadata" },
	{ "tbz2", PLAIN, PACKAGES(PKG("label=\"docs\" type=\"tbz2\" size=\"9\" md5=\"" MD5 "\" root=\"/\"",
	  " docs.tar.bz2 ")), 0, "tbz2 docs docs.tar.bz2 9 md5  - -" },
	{ "tbz2 below", PLAIN, PACKAGES(PKG("label=\"docs\" type=\"tbz2\" size=\"9\" md5=\"" MD5 "\""
	  " root=\"//opt/acme/\"", "d.tar.bz2")), 0, "tbz2 docs d.tar.bz2 9 md5 opt/acme - -" },
	{ "tbz2 without root", PLAIN, PACKAGES(PKG("type=\"tbz2\" size=\"9\" md5=\"" MD5 "\"", "d.tar.bz2")),
	  0, "tbz2 d.tar.bz2 d.tar.bz2 9 md5  - -" },
	{ "driver", PLAIN, PACKAGES(PKG("label=\"e\" type=\"driver\" size=\"9\" md5=\"" MD5 "\""
	  " root=\"/lib/modules/${LINUX_KABI_VERSION}/extra/e.ko\"", "e.ko")), 0,
	  "driver e e.ko 9 md5 lib/modules/${LINUX_KABI_VERSION}/extra/e.ko - -;driver disk" },
	{ "driver without md5", PLAIN, PACKAGES(PKG("label=\"e\" type=\"driver\" size=\"9\" root=\"a/e.ko\"",
	  "e.ko")), 0, "driver e e.ko 9 - a/e.ko - -;driver disk" },
	{ "driver without root", PLAIN, PACKAGES(PKG("label=\"e\" type=\"driver\" size=\"9\"", "e.ko")), 0,
	  "driver e e.ko 9 - - - -;driver disk;!unsafe-path" },
	{ "firmware", PLAIN, PACKAGES(PKG("label=\"f\" type=\"firmware\" size=\"12\"", "fw/f.bin")), 0,
	  "firmware f fw/f.bin 12 - - - -" },
	{ "driver-rpm", PLAIN, PACKAGES(PKG("label=\"n\" type=\"driver-rpm\" size=\"12\" md5=\"" MD5 "\""
	  " kernel=\"3.10.0+2\"", "n.rpm")), 0, "driver-rpm n n.rpm 12 md5 - 3.10.0+2 -U;driver disk" },
	{ "driver-rpm for any", PLAIN, PACKAGES(PKG("label=\"n\" type=\"driver-rpm\" size=\"12\" md5=\"" MD5
	  "\" kernel=\"any\"", "n.rpm")), 0, "driver-rpm n n.rpm 12 md5 - any -U;driver disk" },
	{ "driver-rpm for none", PLAIN, PACKAGES(PKG("label=\"n\" type=\"driver-rpm\" size=\"12\" md5=\"" MD5
	  "\"", "n.rpm")), 0, "driver-rpm n n.rpm 12 md5 - - -U;driver disk;!damaged-metadata" },
	{ "kernel climbs", PLAIN, PACKAGES(PKG("label=\"n\" type=\"driver-rpm\" size=\"12\" md5=\"" MD5
	  "\" kernel=\"../x\"", "n.rpm")), 0, "driver-rpm n n.rpm 12 md5 - - -U;driver disk;!damaged-metadata" },
	{ "no size", PLAIN, PACKAGES(PKG("label=\"n\" type=\"rpm\" md5=\"" MD5 "\"", "n.rpm")), 0,
	  "rpm n n.rpm 0 md5 - - -U;!damaged-metadata" },
	{ "size below nothing", PLAIN, PACKAGES(PKG("label=\"n\" type=\"rpm\" size=\"-1\" md5=\"" MD5 "\"",
	  "n.rpm")), 0, "rpm n n.rpm 0 md5 - - -U;!damaged-metadata" },
	{ "size of 80 digits", PLAIN, PACKAGES(PKG("label=\"n\" type=\"rpm\" size=\"" HUNDRED "\" md5=\"" MD5
	  "\"", "n.rpm")), 0, "rpm n n.rpm 0 md5 - - -U;!damaged-metadata" },
	{ "md5 too short", PLAIN, PACKAGES(PKG("label=\"n\" type=\"rpm\" size=\"1\" md5=\"abc\"", "n.rpm")), 0,
	  "rpm n n.rpm 1 - - - -U;!damaged-metadata" },
	{ "md5 no digits", PLAIN, PACKAGES(PKG("label=\"n\" type=\"driver\" size=\"1\" root=\"e\""
	  " md5=\"zzf6e058f71d87b381117dbb137445c3\"", "n.ko")), 0,
	  "driver n n.ko 1 - e - -;driver disk;!damaged-metadata" },
	{ "rpm without md5", PLAIN, PACKAGES(PKG("label=\"n\" type=\"rpm\" size=\"1\"", "n.rpm")), 0,
	  "rpm n n.rpm 1 - - - -U;!damaged-metadata" },
	{ "unknown type", PLAIN, PACKAGES(PKG("label=\"n\" type=\"deb\" size=\"1\"", "n.deb")
	  RPM("", "a.rpm")), 0, "rpm nic a.rpm 7 md5 - - -U;!damaged-metadata" },
	{ "no type", PLAIN, PACKAGES(PKG("label=\"n\" size=\"1\"", "n.deb")), 0, "!damaged-metadata" },
	{ "file climbs", PLAIN, PACKAGES(RPM("", "../../etc/shadow")), 0, "!unsafe-path" },
	{ "file from the top", PLAIN, PACKAGES(RPM("", "/etc/shadow")), 0, "!unsafe-path" },
	{ "no file", PLAIN, PACKAGES(RPM("", "  ")), 0, "!unsafe-path" },
	{ "file of 300", PLAIN, PACKAGES(RPM("", HUNDRED HUNDRED HUNDRED)), 0, "!unsafe-path" },
	{ "root climbs", PLAIN, PACKAGES(PKG("label=\"d\" type=\"tbz2\" size=\"9\" md5=\"" MD5 "\""
	  " root=\"/a/../../b\"", "d")), 0, "tbz2 d d 9 md5 - - -;!unsafe-path" },
	{ "root climbs at once", PLAIN, PACKAGES(PKG("label=\"d\" type=\"driver\" size=\"9\" root=\"../e.ko\"",
	  "d")), 0, "driver d d 9 - - - -;driver disk;!unsafe-path" },
	{ "driver onto the root", PLAIN, PACKAGES(PKG("label=\"d\" type=\"driver\" size=\"9\" root=\"/\"", "d")),
	  0, "driver d d 9 - - - -;driver disk;!unsafe-path" },
	{ "the product itself", "xs:main\nBase Pack\nXenServer\n5.0.0\n", "", 0, "!installation-source" },
	{ "no packages", PLAIN, PACKAGES(""), 0, "" },
	{ "root of any name", PLAIN, "<x><y>" RPM("", "a.rpm") "</y></x>", 0, "rpm nic a.rpm 7 md5 - - -U" },
	{ "escapes in the label", PLAIN, PACKAGES(PKG("label=\"a&#x9b;b\" type=\"rpm\" size=\"7\" md5=\"" MD5
	  "\"", "a.rpm")), 0, "rpm a?b a.rpm 7 md5 - - -U" },
	{ "not XML beside XML", PLAIN, "docs 1 " MD5 " rpm a.rpm\n", SP_ERR_FORMAT, NULL },
	{ "XML beside text", text_head, PACKAGES(""), SP_ERR_FORMAT, NULL },
	{ "empty beside XML", PLAIN, "", SP_ERR_FORMAT, NULL },
	{ "empty beside text", text_head, "", 0, "" },
	{ "text as in the guide", text_head,
	  "docs 37750 2ba1783d84d10c71f07469252c555427 tbz2 required docs.tar.bz2 /\n"
	  "firmware_example 77001 3452c04dfcc237cde11c63d43e97a303 driver firmware_example.ko"
	  " /lib/modules/${KERNEL_VERSION}/extra/firmware_example.ko\n"
	  "firmware 12 6f5902ac237024bdd0c176cb93063dc4 firmware sample_firware.bin\n", 0,
	  "tbz2 docs docs.tar.bz2 37750 md5  - -;"
	  "driver firmware_example firmware_example.ko 77001 md5"
	  " lib/modules/${KERNEL_VERSION}/extra/firmware_example.ko - -;"
	  "firmware firmware sample_firware.bin 12 md5 - - -;driver disk" },
	{ "text, rpm", text_head, "n 12 " MD5 " rpm n.rpm\r\n\r\n", 0, "rpm n n.rpm 12 md5 - - -U" },
	{ "text, driver-rpm", text_head, "n 12 " MD5 " driver-rpm 2.6.18xen n.rpm", 0,
	  "driver-rpm n n.rpm 12 md5 - 2.6.18xen -U;driver disk" },
	{ "text, unknown type", text_head, "n 12 " MD5 " deb n.rpm\n", 0, "!damaged-metadata" },
	{ "text, cut short", text_head, "n 12 " MD5 " rpm\n", 0, "!unsafe-path" },
	{ "text, one word", text_head, "n\n", 0, "!damaged-metadata" },
	{ "text, climbs", text_head, "n 12 " MD5 " tbz2 optional n.tbz /../..\n", 0,
	  "tbz2 n n.tbz 12 md5 - - -;!unsafe-path" },
	{ "text, a NUL's worth", text_head, "n 12 " MD5 " rpm \001.rpm\n", 0, "rpm n ?.rpm 12 md5 - - -U" },
	// clang-format on
};

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

static char *tell_packages(const struct sp_pack *pack)
{
	struct sp_strbuf out = { 0 };

	for (size_t i = 0; i < pack->n_packages; i++) {
		const struct sp_package *package = &pack->packages[i];

		sp_strbuf_add(&out, "%s%s %s %s %llu %s %s %s %s", i ? ";" : "",
			      package->type, package->name, package->file,
			      (unsigned long long)package->size_bytes,
			      package->md5 ? "md5" : "-", or_dash(package->root),
			      or_dash(package->kernel), or_dash(package->options));
	}
	if (pack->driver_disk)
		sp_strbuf_add(&out, ";driver disk");
	for (size_t i = 0; i < pack->findings.n; i++)
		sp_strbuf_add(&out, "%s!%s", out.len ? ";" : "",
			      pack->findings.items[i].code);
	return sp_strbuf_take(&out);
}

static void packages_read(void **state)
{
	const struct packages_row *row = *state;
	const struct sp_legacy_files files = { row->repository, strlen(row->repository),
					       row->packages, strlen(row->packages) };
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int r = sp_legacy_read(&files, &pack, &err);

	assert_int_equal(-r, row->want);
	if (row->want) {
		assert_true(err.text[0]);
		return;
	}
	SP_AUTO(sp_str_freep) char *is = tell_packages(&pack);

	assert_string_equal(is, row->is);
	assert_int_equal(pack.trust.state, SP_TRUST_UNSIGNED);
	assert_non_null(pack.trust.detail);
	assert_int_equal(strlen(pack.metadata_digest), 32);
}

/* ---- packs as the factory makes them -------------------------------------------------------- */

static char *load(const struct machine *machine, const char *path, size_t *ret_len)
{
	SP_AUTO(sp_closep)
	int fd = open(machine->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct sp_error err = SP_ERROR_INIT;
	char *bytes = NULL;

	if (sp_file_load(fd, path, 1 << 20, &bytes, ret_len, &err) != 0)
		fail_msg("%s", err.text);
	return bytes;
}

static const struct factory_row {
	const char *name, *option;
	const char *repository;
} factory_rows[] = {
	{ "made, XML", "--hidden",
	  "acme:nic|1.2-7z|Acme NIC|XCP|hidden||xcp:main ge 1.9.0" },
	{ "made, text", "--text", "acme:nic|1.2-7z|Acme NIC|XCP|text|" },
};

static void factory_makes(const struct machine *machine, const char *option)
{
	char driver[PATH_MAX], firmware[PATH_MAX], out[PATH_MAX];
	const char *const argv[] = { FACTORY "/make-legacy-pack",
				     "--out",
				     out,
				     "--originator",
				     "acme",
				     "--name",
				     "nic",
				     "--version",
				     "1.2",
				     "--build",
				     "7z",
				     "--product",
				     "XCP",
				     "--description",
				     "Acme NIC",
				     "--requires",
				     "xcp:main,ge,1.9.0",
				     "--package",
				     driver,
				     "--package",
				     firmware,
				     option,
				     NULL };

	machine_write(machine, "e.ko", "module");
	machine_write(machine, "f.bin", "firmware");
	(void)snprintf(driver, sizeof driver,
		       "driver:%s/e.ko:/lib/modules/${KERNEL_VERSION}/e.ko",
		       machine->dir);
	(void)snprintf(firmware, sizeof firmware, "firmware:%s/f.bin", machine->dir);
	(void)snprintf(out, sizeof out, "%s/pack", machine->dir);
	machine_run(argv);
}

static void made_packs_are_read(void **state)
{
	const struct factory_row *row = *state;
	SP_AUTO(machine_done) struct machine machine = { { 0 } };
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	struct sp_legacy_files files;
	size_t len;

	machine_init(&machine);
	factory_makes(&machine, row->option);
	SP_AUTO(sp_str_freep)
	char *repository = load(&machine, "pack/XS-REPOSITORY", &files.repository_len);
	SP_AUTO(sp_str_freep)
	char *packages = load(&machine, "pack/XS-PACKAGES", &files.packages_len);
	SP_AUTO(sp_str_freep) char *md5 = load(&machine, "pack.metadata.md5", &len);

	files.repository = repository;
	files.packages = packages;
	if (sp_legacy_read(&files, &pack, &err) != 0)
		fail_msg("%s", err.text);
	SP_AUTO(sp_str_freep) char *is = tell_repository(&pack);
	SP_AUTO(sp_str_freep) char *contents = tell_packages(&pack);

	assert_string_equal(is, row->repository);
	assert_string_equal(contents,
			    "driver e e.ko 6 md5 lib/modules/${KERNEL_VERSION}/e.ko - -;"
			    "firmware f f.bin 8 md5 - - -;driver disk");
	md5[strcspn(md5, "\n")] = '\0'; /* as vendors publish it beside the image */
	assert_string_equal(pack.metadata_digest, md5);
	assert_int_equal(pack.installation_bytes, 14);
}

/* ---- limits --------------------------------------------------------------------------------- */

static void too_much_is_refused(void **state)
{
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	SP_AUTO(sp_pack_done) struct sp_pack other = { 0 };
	struct sp_strbuf many = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	struct sp_legacy_files files = { text_head, strlen(text_head), NULL, 0 };

	(void)state;
	for (int i = 0; i <= SP_LEGACY_MAX_PACKAGES; i++)
		sp_strbuf_add(&many, "n 12 " MD5 " rpm n.rpm\n");
	files.packages = many.text;
	files.packages_len = many.len;
	assert_int_equal(sp_legacy_read(&files, &pack, &err), -SP_ERR_LIMIT);
	while (many.len <= SP_LEGACY_MAX_BYTES)
		sp_strbuf_add(&many, "%s", HUNDRED);
	files.packages = many.text;
	files.packages_len = many.len;
	assert_int_equal(sp_legacy_read(&files, &other, &err), -SP_ERR_LIMIT);
	sp_strbuf_done(&many);
}

/* ---- XS-REPOSITORY-LIST ---------------------------------------------------------------------- */

#define KNOWN ",packages,packages.main,packages.linux,packages.site"

static const struct list_row {
	const char *name, *bytes;
	const char *is;
	size_t n_findings;
} list_rows[] = {
	{ "none", NULL, KNOWN, 0 },
	{ "empty", "", KNOWN, 0 },
	{ "one", "packages.extra\n", KNOWN ",packages.extra", 0 },
	{ "stripped", "  packages.extra/ \r\n\r\nb", KNOWN ",packages.extra,b", 0 },
	{ "known and twice", "packages\nx\nx\n", KNOWN ",x", 0 },
	{ "below", "a/b/c\n", KNOWN ",a/b/c", 0 },
	{ "climbs", "../x\ny\na/../../z\n", KNOWN ",y", 2 },
	{ "from the top", "/etc\n", KNOWN, 1 },
	{ "itself", ".\n", KNOWN, 1 },
};

static void list_reads(void **state)
{
	const struct list_row *row = *state;
	SP_AUTO(sp_strv_done) struct sp_strv list = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_str_freep) char *is = NULL;
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_legacy_directories(row->bytes,
					       row->bytes ? strlen(row->bytes) : 0, &list,
					       &findings, &err),
			 0);
	is = sp_strv_join(&list, ",");
	assert_string_equal(is, row->is);
	assert_int_equal(findings.n, row->n_findings);
}

static void list_has_a_limit(void **state)
{
	SP_AUTO(sp_strv_done) struct sp_strv list = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_strbuf lines = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	for (int i = 0; i < SP_LEGACY_MAX_DIRECTORIES; i++)
		sp_strbuf_add(&lines, "%s%d\n", i % 2 ? "/" : "", i);
	assert_int_equal(
		sp_legacy_directories(lines.text, lines.len, &list, &findings, &err),
		-SP_ERR_LIMIT);
	sp_strbuf_done(&lines);
}

/* ---- destinations ----------------------------------------------------------------------------- */

static const struct destination_row {
	const char *name, *type, *file, *root, *kernel;
	int want;
	const char *is;
} destination_rows[] = {
	// clang-format off
	{ "rpm", "rpm", "a.rpm", NULL, "4.19", SP_LEGACY_BY_RPM, NULL },
	{ "tbz2 to the root", "tbz2", "a", "", "4.19", 0, "" },
	{ "firmware", "firmware", "x/y.bin", NULL, "4.19", 0, "lib/firmware/y.bin" },
	{ "driver, E0", "driver", "e.ko", "lib/modules/${KERNEL_VERSION}/e.ko", "2.6.18", 0,
	  "lib/modules/2.6.18/e.ko" },
	{ "driver, E1", "driver", "e.ko", "lib/modules/${LINUX_KABI_VERSION}/e.ko", "2.6.18", 0,
	  "lib/modules/2.6.18/e.ko" },
	{ "other variables stay", "driver", "e.ko", "lib/${HOME}/e.ko", "2.6.18", 0, "lib/${HOME}/e.ko" },
	{ "kernel that climbs", "driver", "e.ko", "lib/${KERNEL_VERSION}/e.ko", "../../x", -SP_ERR_FORMAT,
	  NULL },
	// clang-format on
};

static void destination_is(void **state)
{
	const struct destination_row *row = *state;
	const struct sp_package package = { .name = (char *)(uintptr_t)row->name,
					    .type = (char *)(uintptr_t)row->type,
					    .file = (char *)(uintptr_t)row->file,
					    .root = (char *)(uintptr_t)row->root };
	SP_AUTO(sp_str_freep) char *path = NULL;
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_legacy_destination(&package, row->kernel, &path, &err),
			 row->want);
	if (row->is)
		assert_string_equal(path, row->is);
	else
		assert_null(path);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(list_has_a_limit),
	};
	int failed = table_run("legacy repository", repository_rows, repository_reads);

	failed += table_run("legacy packages", packages_rows, packages_read);
	failed += table_run("made packs", factory_rows, made_packs_are_read);
	failed += table_run("legacy list", list_rows, list_reads);
	failed += table_run("legacy destination", destination_rows, destination_is);
	return failed + cmocka_run_group_tests(others, NULL, NULL);
}
