/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Old hosts of every era, made row by row, and what is read of them. */

#include "repo/old_host_read.h"

#include "support/table.h"

#include "base/file.h"
#include "repo/old_host.h"
#include "support/tree.h"

#define UUID "e4b9fe85-ffe6-4cbf-9fcb-1d88ecf5b102"
#define OTHER "d7c435bd-90e6-43d1-b81f-37785ac1f347"
#define STAMP(uuid, label)                                                      \
	"<update name-label=\"" label "\" uuid=\"" uuid "\" version=\"7.1.5\">" \
	"<name-description>d</name-description></update>\n"
#define XML(attributes, name)                                                           \
	"<repository originator=\"acme\" name=\"" name "\" version=\"1.2\" " attributes \
	"><description>Acme " name "</description></repository>"
#define MD5 "89f6e058f71d87b381117dbb137445c3"
#define PACKAGE(attributes)                                                     \
	"<packages><package label=\"n\" size=\"1\" md5=\"" MD5 "\" " attributes \
	">n</package></packages>"
#define RECORD(id, label, rest)                                                      \
	"{\"suppack_record\":1,\"directory\":\"x\",\"pack\":{\"format\":\"update\"," \
	"\"id\":\"" id "\",\"label\":\"" label "\",\"version\":\"1\","               \
	"\"trust\":{\"state\":\"trusted\"}}" rest "}"
#define INVENTORY "etc/xensource-inventory"
#define REPOS "etc/xensource/installed-repos/"
#define APPLIED "var/update/applied/"
#define DB                                 \
	{                                  \
		"var/lib/rpm/Packages", "" \
	}
#define K "lib/modules/4.19.0+1/"
#define SCRIPTS "etc/sysconfig/network-scripts/"
#define DYNAMIC SCRIPTS "interface-rename-data/dynamic-rules.json"

/* A package of the rpm database: one file and one requirement at most. */
struct rpm {
	const char *name, *evr, *file, *requires_;
};

static const struct row {
	const char *name;
	struct tree_file files[TREE_MAX_FILES];
	struct rpm rpms[6]; /* none: the database could not be read */
	const char *packs;  /* "label|version|sources|flags|name alias,…;…" */
	const char *findings;
} rows[] = {
	// clang-format off
	{ "nothing at all", { { "etc/", NULL } }, { { 0 } }, "",
	  "no-inventory etc/xensource-inventory;unreadable-rpmdb var/lib/rpm" },
	{ "E0", { { INVENTORY, "" }, DB,
	  { REPOS "xs:main/XS-REPOSITORY", "xs:main\nBase Pack\nXenServer\n5.5.0-15119p\n" },
	  { REPOS "acme:nic/XS-REPOSITORY", "acme:nic\nAcme nic\n" },
	  { REPOS "acme:nic/XS-PACKAGES",
	    "n 1 " MD5 " driver n.ko /lib/modules/${KERNEL_VERSION}/kernel/net/n.ko\n" },
	  { "lib/modules/2.6.18/kernel/net/n.ko", "pci:a" }, { "lib/modules/2.6.18/kernel/net/m.ko", "pci:b" } },
	  { { "xe", "1-1", NULL, NULL } },
	  "Acme nic||L||n pci:a;Base Pack|5.5.0-15119p|L|product|", "" },
	{ "E1, driver-rpm by label", { { INVENTORY, "" }, DB,
	  { REPOS "acme:nic/XS-REPOSITORY", XML("hidden=\"true\"", "nic") },
	  { REPOS "acme:nic/XS-PACKAGES", PACKAGE("type=\"driver-rpm\" kernel=\"4.19.0+1\"") },
	  { K "extra/n.ko", "pci:a" } },
	  { { "n-4.19.0+1-modules", "1-1", "/" K "extra/n.ko", NULL } },
	  "Acme nic|1.2|L|hidden|n pci:a", "" },
	{ "E1, broken list of packages", { { INVENTORY, "" }, DB,
	  { REPOS "acme:nic/XS-REPOSITORY", XML("", "nic") }, { REPOS "acme:nic/XS-PACKAGES", "<packages>" } },
	  { { "xe", "1-1", NULL, NULL } }, "Acme nic|1.2|L||", "damaged-record " REPOS "acme:nic" },
	{ "E2, by the update package", { { INVENTORY, "" }, DB, { APPLIED UUID, STAMP(UUID, "acme") },
	  { K "updates/n.ko", "pci:a\npci:b" } },
	  { { "update-acme", "7.1.5-1", NULL, "acme-net >= 2.0-1" },
	    { "control-acme", "7.1.5-1", NULL, "product-version = 8.2.0" },
	    { "acme-net", "1:2.0-1", "/" K "updates/n.ko", NULL } },
	  "acme|7.1.5|SR||n pci:a pci:b", "" },
	{ "E2, by the label alone", { { INVENTORY, "" }, DB, { APPLIED UUID, STAMP(UUID, "acme-net") },
	  { "usr/" K "updates/n.ko.xz", "pci:a" }, { "lib", "->usr/lib" } },
	  { { "acme-net", "1:2.0-1", "/usr/" K "updates/n.ko.xz", NULL } },
	  "acme-net|7.1.5|S||n pci:a", "" },
	{ "E2, no stamp left", { { INVENTORY, "" }, DB },
	  { { "update-acme", "7.1.5-1", NULL, NULL }, { "control-acme", "7.1.5-1", NULL, NULL } },
	  "acme|7.1.5|R||", "hotfix-or-pack acme" },
	{ "hotfixes", { { INVENTORY, "" }, DB, { APPLIED UUID, STAMP(UUID, "XS71ECU2001") },
	  { APPLIED OTHER, STAMP(OTHER, "XSfoo") } },
	  { { "update-XS82E001", "1-1", NULL, NULL } },
	  "XSfoo|7.1.5|S||;XS71ECU2001|7.1.5|S|hotfix|;XS82E001|1|R|hotfix|", "hotfix-or-pack XSfoo" },
	{ "our record, called like a hotfix", { { INVENTORY, "" }, DB,
	  { REPOS UUID "/record.json", RECORD(UUID, "XS71E", "") } }, { { "xe", "1-1", NULL, NULL } },
	  "XS71E|1|J||", "" },
	{ "our record says which modules", { { INVENTORY, "" }, DB, { APPLIED UUID, STAMP(UUID, "acme") },
	  { REPOS UUID "/record.json", RECORD(UUID, "acme",
	    ",\"installed_modules\":[\"" K "updates/n.ko\",\"" K "kernel/o.ko\",\"" K "gone.ko\"]") },
	  { K "updates/n.ko", "pci:a" }, { K "kernel/o.ko", "pci:o" } }, { { "xe", "1-1", NULL, NULL } },
	  "acme|1|JS||n pci:a,o pci:o", "" },
	{ "two packs of one uuid", { { INVENTORY, "" }, DB,
	  { REPOS UUID "/record.json", RECORD(UUID, "a", ",\"installed_modules\":[\"" K "extra/n.ko\"]") },
	  { REPOS UUID "+b/record.json", RECORD(UUID, "b", "") }, { K "extra/n.ko", "pci:a" } },
	  { { "xe", "1-1", NULL, NULL } }, "a|1|J||n pci:a;b|1|J||", "" },
	{ "a package of no pack", { { INVENTORY, "" }, DB, { K "override/x/n.ko", "pci:a" } },
	  { { "acme-alt", "2:1.0-3", "/" K "override/x/n.ko", NULL } }, "acme-alt|1.0-3|R||n pci:a", "" },
	{ "the product's own drivers", { { INVENTORY, "" }, DB, { K "updates/ice.ko", "pci:i" },
	  { K "extra/k.ko", "pci:k" } },
	  { { "intel-ice", "1.0-3", "/" K "updates/ice.ko", NULL },
	    { "vendor-drivers", "1-1", NULL, "intel-ice >= 1.0" }, { "kernel", "4.19-1", "/" K "extra/k.ko", NULL } },
	  "intel-ice|1.0-3|R|product|ice pci:i;kernel|4.19-1|R|product|k pci:k", "" },
	{ "a module of nobody", { { INVENTORY, "" }, DB, { K "extra/n.ko", "pci:a" }, { K "kernel/k.ko", "pci:k" },
	  { K "extra/readme", "" } }, { { "xe", "1-1", NULL, NULL } }, K "extra/n.ko||F||n pci:a", "" },
	{ "two kernels, the newer counts", { { INVENTORY, "" }, DB, { "lib/modules/4.9/extra/n.ko", "pci:old" },
	  { "lib/modules/4.19/extra/n.ko", "pci:new" } },
	  { { "acme", "1-1", "/lib/modules/4.9/extra/n.ko", NULL }, { "acme", "2-1", "/lib/modules/4.19/extra/n.ko", NULL } },
	  "acme|2-1|R||n pci:new", "" },
	{ "driver of several versions", { { INVENTORY, "" }, DB, { K "dmv/ice/generic/ice.ko", "pci:g" },
	  { K "dmv/ice/big/ice.ko", "pci:b" }, { K "dmv/ice/big/help.ko", "pci:h" },
	  { K "updates/ice.ko", "->/" K "dmv/ice/big/ice.ko" },
	  { K "updates/help.ko", "->../dmv/ice/big/help.ko" } }, { { "xe", "1-1", NULL, NULL } },
	  "ice (big)||F||help pci:h,ice pci:b", "" },
	{ "links that lead out, or nowhere", { { INVENTORY, "" }, DB, { K "extra/a.ko", "->/../../../../etc/passwd" },
	  { K "extra/b.ko", "->b.ko" }, { K "extra/c.ko", "->c.ko/" }, { K "extra/d", "->.." },
	  { K "extra/n.ko", "pci:a" } }, { { "xe", "1-1", NULL, NULL } }, K "extra/n.ko||F||n pci:a",
	  "damaged-record " K "extra/a.ko;damaged-record " K "extra/b.ko;damaged-record " K "extra/c.ko" },
	{ "a module past reading", { { INVENTORY, "" }, DB, { K "extra/n.ko", "damaged" } },
	  { { "xe", "1-1", NULL, NULL } }, K "extra/n.ko||F||n", "damaged-record " K "extra/n.ko" },
	{ "a directory called like a module", { { INVENTORY, "" }, DB, { K "extra/n.ko/", NULL } },
	  { { "xe", "1-1", NULL, NULL } }, K "extra/n.ko||F||n", "damaged-record " K "extra/n.ko" },
	{ "damaged records", { { INVENTORY, "" }, DB, { APPLIED UUID, "<update" },
	  { APPLIED OTHER, STAMP(OTHER, "XS82E001") }, { REPOS "x/record.json", "{}" } },
	  { { "xe", "1-1", NULL, NULL } }, "XS82E001|7.1.5|S|hotfix|",
	  "damaged-record x;damaged-record " APPLIED UUID },
	{ "database of another rpm", { { INVENTORY, "" }, DB, { K "extra/n.ko", "pci:a" } }, { { 0 } },
	  K "extra/n.ko||F||n pci:a", "unreadable-rpmdb var/lib/rpm" },
	// clang-format on
};

/* A module of these tests is a text: its aliases, one a line. */
static int read_text_module(int fd, const char *path, struct sp_module *ret_module,
			    struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	size_t len;
	int r = sp_file_read_all(fd, 1000, &text, &len, err);

	assert_int_equal(r, 0);
	if (!strcmp(text, "damaged"))
		return sp_error_set(err, SP_ERR_DAMAGED, "no ELF");
	assert_true(sp_module_path_split(path, &ret_module->kernel, &ret_module->name));
	ret_module->path = strdup(path);
	for (char *rest = NULL, *line = strtok_r(text, "\n", &rest); r == 0 && line;
	     line = strtok_r(NULL, "\n", &rest))
		r = sp_strv_add(&ret_module->aliases, line, err);
	return r;
}

static void tell_module(struct sp_strbuf *out, const struct sp_module *module)
{
	sp_strbuf_add(out, "%s", module->name);
	for (size_t i = 0; i < module->aliases.n; i++)
		sp_strbuf_add(out, " %s", module->aliases.items[i]);
}

static char *tell_packs(const struct sp_old_host *host)
{
	struct sp_strbuf out = { 0 };

	for (size_t i = 0; i < host->n_packs; i++) {
		const struct sp_old_pack *pack = &host->packs[i];

		sp_strbuf_add(&out, "%s%s|%s|", i ? ";" : "", pack->label, pack->version);
		for (unsigned bit = 0; bit < 5; bit++)
			if (pack->sources & 1U << bit)
				sp_strbuf_add(&out, "%c", "JLSRF"[bit]);
		sp_strbuf_add(&out, "|%s%s%s|", pack->hidden ? "hidden" : "",
			      pack->hotfix ? "hotfix" : "",
			      pack->is_product ? "product" : "");
		for (size_t m = 0; m < pack->modules.n; m++) {
			sp_strbuf_add(&out, "%s", m ? "," : "");
			tell_module(&out, &pack->modules.items[m]);
		}
	}
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

#define ONE(text)                                                           \
	{                                                                   \
		.items = (char **)(uintptr_t) & (text), .n = (text) ? 1 : 0 \
	}

static void reads(void **state)
{
	const struct row *row = *state;
	SP_AUTO(machine_done) struct machine machine = { { 0 } };
	SP_AUTO(sp_closep) int fd = tree_make(&machine, row->files);
	SP_AUTO(sp_old_host_done) struct sp_old_host host = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	struct sp_strv files[6], requires_[6];
	struct sp_old_rpm rpms[6];
	size_t n = 0;

	for (; n < 6 && row->rpms[n].name; n++) {
		files[n] = (struct sp_strv)ONE(row->rpms[n].file);
		requires_[n] = (struct sp_strv)ONE(row->rpms[n].requires_);
		rpms[n] = (struct sp_old_rpm){ row->rpms[n].name, row->rpms[n].evr,
					       &files[n], &requires_[n] };
	}
	const struct sp_old_host_input input = { fd, read_text_module, n ? rpms : NULL,
						 n };

	if (sp_old_host_read(&input, &host, &findings, &err) != 0)
		fail_msg("%s", err.text);
	SP_AUTO(sp_str_freep) char *packs = tell_packs(&host);
	SP_AUTO(sp_str_freep) char *found = tell_findings(&findings);

	assert_string_equal(packs, row->packs);
	assert_string_equal(found, row->findings);
}

/* ---- disks and cards -------------------------------------------------------------------- */

static const struct card_row {
	const char *name;
	struct tree_file files[TREE_MAX_FILES];
	const char *is; /* "disk|devices|macs" */
	size_t n_findings;
} card_rows[] = {
	// clang-format off
	{ "by convention", { { INVENTORY, "PRIMARY_DISK='/dev/sda'\nMANAGEMENT_INTERFACE='xenbr0'\n" } },
	  "sda|eth0|", 0 },
	{ "disk by id", { { INVENTORY, "PRIMARY_DISK='/dev/disk/by-id/scsi-3600'\n" } },
	  "disk/by-id/scsi-3600||", 0 },
	{ "disk climbs", { { INVENTORY, "PRIMARY_DISK='/dev/../etc/x'\n" } }, "||", 0 },
	{ "no bridge", { { INVENTORY, "MANAGEMENT_INTERFACE='eth1'\n" } }, "|eth1|", 0 },
	{ "bridge of no number", { { INVENTORY, "MANAGEMENT_INTERFACE='xenbr0x'\n" } }, "||", 0 },
	{ "hostile name", { { INVENTORY, "MANAGEMENT_INTERFACE='../../x'\n" } }, "||", 0 },
	{ "networkd, objects", { { INVENTORY, "MANAGEMENT_INTERFACE='xenbr0'\n" },
	  { "var/lib/xcp/networkd.db", "{\"bridge_config\":{\"xenbr1\":{\"ports\":{\"x\":{\"interfaces\":[\"eth7\"]}}},"
	    "\"xenbr0\":{\"ports\":{\"bond0\":{\"interfaces\":[\"eth2\",\"eth3\"]}}}}}" },
	  { "etc/firstboot.d/data/management.conf", "LABEL='eth0'\n" } }, "|eth2,eth3|", 0 },
	{ "networkd, pairs", { { INVENTORY, "MANAGEMENT_INTERFACE='xapi3'\n" },
	  { "var/lib/xcp/networkd.db",
	    "{\"bridge_config\":[[\"xapi3\",{\"ports\":[[\"eth4\",{\"interfaces\":[\"eth4\"]}]]}]]}" } }, "|eth4|", 0 },
	{ "networkd, damaged", { { INVENTORY, "MANAGEMENT_INTERFACE='xenbr0'\n" },
	  { "var/lib/xcp/networkd.db", "{" } }, "|eth0|", 1 },
	{ "networkd, a VLAN on a bond", { { INVENTORY, "MANAGEMENT_INTERFACE='xapi4'\n" },
	  { "var/lib/xcp/networkd.db", "{\"bridge_config\":{\"xapi4\":{\"ports\":{},\"vlan\":[\"xapi1\",10]},"
	    "\"xapi1\":{\"ports\":{\"bond0\":{\"interfaces\":[\"eth2\",\"eth3\"]}},\"vlan\":null}}}" } },
	  "|eth2,eth3|", 0 },
	{ "networkd, a VLAN, in pairs", { { INVENTORY, "MANAGEMENT_INTERFACE='xapi4'\n" },
	  { "var/lib/xcp/networkd.db", "{\"bridge_config\":[[\"xapi4\",{\"ports\":[],\"vlan\":[[\"xenbr0\",10]]}],"
	    "[\"xenbr0\",{\"ports\":[[\"eth0\",{\"interfaces\":[\"eth0\"]}]],\"vlan\":[]}]]}" } }, "|eth0|", 0 },
	{ "networkd, a VLAN on itself", { { INVENTORY, "MANAGEMENT_INTERFACE='xapi4'\n" },
	  { "var/lib/xcp/networkd.db", "{\"bridge_config\":{\"xapi4\":{\"vlan\":[\"xapi4\",10]}}}" } }, "|xapi4|", 0 },
	{ "first boot", { { INVENTORY, "MANAGEMENT_INTERFACE='xapi1'\n" },
	  { "etc/firstboot.d/data/management.conf", "MODE='dhcp'\nLABEL='eth5'\r\n" } }, "|eth5|", 0 },
	{ "scripts", { { INVENTORY, "MANAGEMENT_INTERFACE='xenbr1'\n" },
	  { SCRIPTS "ifcfg-eth0", "BRIDGE=xenbr0\nHWADDR=00:11:22:33:44:00\n" },
	  { SCRIPTS "ifcfg-eth9", "HWADDR=00:11:22:33:44:AA\nBRIDGE=xenbr1\n" } }, "|eth9|00:11:22:33:44:aa", 0 },
	{ "scripts, a VLAN on a bond", { { INVENTORY, "MANAGEMENT_INTERFACE='xapi2'\n" },
	  { SCRIPTS "ifcfg-bond0.7", "BRIDGE=xapi2\nVLAN=yes\n" }, { SCRIPTS "ifcfg-eth0", "BRIDGE=xenbr0\n" },
	  { SCRIPTS "ifcfg-eth1", "MASTER=bond0\nHWADDR=00:11:22:33:44:01\n" },
	  { SCRIPTS "ifcfg-eth2", "MASTER='bond0'\nHWADDR=00:11:22:33:44:02\n" } },
	  "|bond0,eth1,eth2|00:11:22:33:44:01,00:11:22:33:44:02", 0 },
	{ "dynamic rules", { { INVENTORY, "MANAGEMENT_INTERFACE='xenbr0'\n" },
	  { DYNAMIC, "# Automatically adjusted file.\n{\"lastboot\":[[\"00:50:56:00:00:01\",\"0000:03:00.0\",\"eth1\"],"
	    "[\"00:50:56:00:00:0A\",\"0000:03:00.1\",\"eth0\"],[1],[]],\"old\":[]}" } },
	  "|eth0|00:50:56:00:00:0a", 0 },
	{ "dynamic rules, empty", { { INVENTORY, "MANAGEMENT_INTERFACE='xenbr0'\n" }, { DYNAMIC, "# nothing" } },
	  "|eth0|", 0 },
	{ "dynamic rules, damaged", { { INVENTORY, "MANAGEMENT_INTERFACE='xenbr0'\n" }, { DYNAMIC, "# n\n[" } },
	  "|eth0|", 1 },
	{ "static rules", { { INVENTORY, "MANAGEMENT_INTERFACE='xenbr0'\n" },
	  { SCRIPTS "interface-rename-data/static-rules.conf",
	    "# eth0:mac=\"00:00:00:00:00:01\"\neth1:mac=\"00:00:00:00:00:02\"\neth0 : mac = \"00:00:00:00:00:0F\"\n"
	    "eth0:pci=\"0000:01:00.0\"\neth0:mac=\"zz:00\"" } }, "|eth0|00:00:00:00:00:0f", 0 },
	{ "rules out of the root", { { INVENTORY, "MANAGEMENT_INTERFACE='xenbr0'\n" },
	  { DYNAMIC, "->/../../../../../../../../etc/passwd" } }, "|eth0|", 0 },
	// clang-format on
};

static int refuse_module(int fd, const char *path, struct sp_module *ret_module,
			 struct sp_error *err)
{
	(void)fd;
	(void)path;
	(void)ret_module;
	(void)err;
	fail_msg("there is no module here");
	return 0;
}

static void cards_are_known(void **state)
{
	const struct card_row *row = *state;
	SP_AUTO(machine_done) struct machine machine = { { 0 } };
	SP_AUTO(sp_closep) int fd = tree_make(&machine, row->files);
	SP_AUTO(sp_old_host_done) struct sp_old_host host = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	const struct sp_old_rpm rpm = { "xe", "1-1", NULL, NULL };
	const struct sp_old_host_input input = { fd, refuse_module, &rpm, 1 };
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_old_host_read(&input, &host, &findings, &err), 0);
	SP_AUTO(sp_str_freep) char *disks = sp_strv_join(&host.boot_disks, ",");
	SP_AUTO(sp_str_freep) char *devices = sp_strv_join(&host.management_devices, ",");
	SP_AUTO(sp_str_freep) char *macs = sp_strv_join(&host.management_macs, ",");
	SP_AUTO(sp_str_freep) char *is = sp_text_format("%s|%s|%s", disks, devices, macs);

	assert_string_equal(is, row->is);
	assert_int_equal(findings.n, row->n_findings);
}

/* ---- databases, and many of everything ------------------------------------------------------ */

static void databases_are_told_by_name(void **state)
{
	static const struct {
		struct tree_file files[3];
		const char *is;
	} databases[] = {
		{ { { "var/lib/rpm/Packages", "" } }, "Berkeley DB" },
		{ { { "var/lib/rpm/Packages.db", "" } }, "ndb" },
		{ { { "usr/lib/sysimage/rpm/rpmdb.sqlite", "" },
		    { "var/lib/rpm", "->../../usr/lib/sysimage/rpm" } },
		  "SQLite" },
		{ { { "var/lib/", NULL } }, "none" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof databases / sizeof databases[0]; i++) {
		struct tree_file files[TREE_MAX_FILES] = { { 0 } };
		SP_AUTO(machine_done) struct machine machine = { { 0 } };
		SP_AUTO(sp_closep) int fd = -1;

		memcpy(files, databases[i].files, sizeof databases[i].files);
		fd = tree_make(&machine, files);
		assert_string_equal(sp_old_rpmdb_name(sp_old_host_rpmdb(fd)),
				    databases[i].is);
	}
}

static void a_thousand_packs_are_read(void **state)
{
	static const struct tree_file files[TREE_MAX_FILES] = { { INVENTORY, "" } };
	SP_AUTO(machine_done) struct machine machine = { { 0 } };
	SP_AUTO(sp_closep) int fd = tree_make(&machine, files);
	SP_AUTO(sp_old_host_done) struct sp_old_host host = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	const struct sp_old_rpm rpm = { "xe", "1-1", NULL, NULL };
	const struct sp_old_host_input input = { fd, read_text_module, &rpm, 1 };
	struct sp_error err = SP_ERROR_INIT;
	char path[200], text[300];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(path, sizeof path, REPOS "acme:p%d/XS-REPOSITORY", i);
		(void)snprintf(
			text, sizeof text,
			"<repository originator=\"acme\" name=\"p%d\" "
			"version=\"1\"><description>p%d</description></repository>",
			i, i);
		machine_write(&machine, path, text);
		(void)snprintf(path, sizeof path, K "extra/m%d.ko", i);
		machine_write(&machine, path, "pci:a");
	}
	assert_int_equal(sp_old_host_read(&input, &host, &findings, &err), 0);
	assert_int_equal(host.n_packs, 2000);
	assert_int_equal(findings.n, 0);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(databases_are_told_by_name),
		cmocka_unit_test(a_thousand_packs_are_read),
	};
	int failed = table_run("old host", rows, reads);

	failed += table_run("disks and cards", card_rows, cards_are_known);
	return failed + cmocka_run_group_tests(others, NULL, NULL);
}
