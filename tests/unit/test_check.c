/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/check.h"
#include "support/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "repo/pack.h"

#define K "4.19.0+1"
#define DAY 86400
#define NOW (1000 * DAY)

/* A sound driver disk: update-acme, which asks for acme, which holds one signed module;
 * and control-acme.  A row says what is different. */
static const struct row {
	const char *name;
	const char *version, *guidance, *label;
	const char *requires_;   /* of acme; NULL: its kernel */
	const char *gate;        /* of the pack */
	const char *kernel;      /* in the module's path; NULL: K */
	const char *vermagic;    /* NULL: K */
	const char *path, *arch; /* NULL: as it should be */
	const char *file;        /* another one of acme */
	const char *firmware;
	const char *extra;   /* one more package */
	const char *missing; /* package that is not there */
	const char *wanted;  /* the kernel asked for */
	int expires_days;
	int state; /* of trust */
	bool no_modules, no_group, no_update_group, no_key, no_size, no_alias, needed,
		unsigned_module, enforced, unverified, damaged;
	const char *want[4]; /* in any order */
} rows[] = {
	// clang-format off
	{ "nothing", .version = "1.0" },
	{ "one dash", .version = "1.0-2" },
	{ "two dashes", .version = "1.0-2-3", .want = { "odd-version" } },
	{ "no group", .no_group = true, .want = { "modules-without-group" } },
	{ "a group, and no module", .no_modules = true, .want = { "group-without-modules" } },
	{ "neither", .no_modules = true, .no_group = true },
	{ "no module, but not all was read", .no_modules = true, .unverified = true },
	{ "guidance", .guidance = "restartHost,restartXAPI" },
	{ "odd guidance", .guidance = "restartHost,dance", .want = { "update-attribute" } },
	{ "no size", .no_size = true, .want = { "update-attribute" } },
	{ "no key's name", .no_key = true, .want = { "update-attribute" } },
	{ "no key's name, unsigned", .no_key = true, .state = SP_TRUST_UNSIGNED },
	{ "the key lives on", .expires_days = 91 },
	{ "the key expires soon", .expires_days = 90, .want = { "key-expires-soon" } },
	{ "a stranger's key expires soon", .expires_days = 1, .state = SP_TRUST_UNKNOWN_KEY,
	  .want = { "key-expires-soon" } },
	{ "the key has expired", .expires_days = -1, .state = SP_TRUST_EXPIRED },
	{ "no control package", .missing = "control-acme", .want = { "role-package-missing" } },
	{ "no update package", .missing = "update-acme",
	  .want = { "role-package-missing", "role-package-missing", "role-package-missing", "package-unreached" } },
	{ "no group of updates", .no_update_group = true, .want = { "role-package-missing" } },
	{ "nobody asks for it", .extra = "lonely", .want = { "package-unreached" } },
	{ "metadata that is damaged", .extra = "lonely", .damaged = true },
	{ "no kernel required", .requires_ = "libc", .want = { "kernel-not-required" } },
	{ "another kernel required", .requires_ = "kernel-uname-r = 5", .want = { "kernel-mismatch" } },
	{ "newer kernels required", .requires_ = "kernel-uname-r > " K, .want = { "kernel-mismatch" } },
	{ "a newer kernel required", .requires_ = "kernel-uname-r >= " K, .want = { "kernel-mismatch" } },
	{ "the pack requires it", .requires_ = "libc", .gate = "kernel-uname-r = " K },
	{ "the pack requires another", .requires_ = "libc", .gate = "kernel-uname-r = 5",
	  .want = { "kernel-mismatch" } },
	{ "built for another", .vermagic = "5.0 SMP", .want = { "kernel-mismatch" } },
	{ "built for a shorter name", .vermagic = "4.19.0 SMP", .want = { "kernel-mismatch" } },
	{ "built for a longer name", .vermagic = K "0 SMP", .want = { "kernel-mismatch" } },
	{ "the kernel asked for", .wanted = K },
	{ "another kernel asked for", .wanted = "5", .want = { "wrong-kernel" } },
	{ "among the kernel's own", .path = "lib/modules/" K "/kernel/drivers/acme.ko",
	  .want = { "module-misplaced" } },
	{ "where no kernel looks", .kernel = "", .path = "opt/acme.ko", .want = { "module-misplaced" } },
	{ "claims nothing", .no_alias = true, .want = { "module-claims-nothing" } },
	{ "claims nothing, and is needed", .no_alias = true, .needed = true,
	  .want = { "module-claims-nothing" } }, /* the one that needs it */
	{ "firmware", .firmware = "acme/a.bin", .file = "lib/firmware/acme/a.bin" },
	{ "packed firmware", .firmware = "acme/a.bin", .file = "lib/firmware/acme/a.bin.xz" },
	{ "no firmware", .firmware = "acme/a.bin", .file = "lib/firmware/acme/b.bin",
	  .want = { "firmware-missing" } },
	{ "a licence", .file = "usr/share/doc/acme/EULA", .want = { "brings-licence" } },
	{ "unsigned module", .unsigned_module = true, .want = { "module-unsigned" } },
	{ "unsigned module, enforced", .unsigned_module = true, .enforced = true,
	  .want = { "load-key-rejected" } },
	{ "signed module, enforced", .enforced = true },
	{ "another architecture", .arch = "aarch64", .want = { "wrong-architecture" } },
	// clang-format on
};

static char *copy(const char *text)
{
	char *copied = strdup(text);

	assert_non_null(copied);
	return copied;
}

static void add(struct sp_strv *list, const char *text)
{
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_strv_add(list, text, &err), 0);
}

/* NULL if the row says that it is not there. */
static struct sp_package *add_package(const struct row *row, struct sp_pack *pack,
				      const char *name)
{
	struct sp_package *package;

	if (row->missing && !strcmp(row->missing, name))
		return NULL;
	package = sp_array_add(&pack->packages, &pack->n_packages);
	assert_non_null(package);
	package->name = copy(name);
	package->type = copy("rpm");
	package->file = copy(name);
	package->arch = copy("noarch");
	package->verified = !row->unverified;
	return package;
}

static struct sp_module *add_module(struct sp_pack *pack, const char *name,
				    const struct row *row)
{
	const char *kernel = row->kernel ? row->kernel : K;
	struct sp_module *module = sp_array_add(&pack->modules.items, &pack->modules.n);

	assert_non_null(module);
	module->name = copy(name);
	module->path = copy(row->path ? row->path : "lib/modules/" K "/updates/acme.ko");
	module->kernel = *kernel ? copy(kernel) : NULL;
	module->vermagic = copy(row->vermagic ? row->vermagic : K " SMP mod_unload ");
	module->has_signature = !row->unsigned_module;
	module->package = 0;
	return module;
}

static void add_modules(const struct row *row, struct sp_pack *pack)
{
	struct sp_module *module;

	if (row->no_modules)
		return;
	module = add_module(pack, "acme_nic", row);
	if (!row->no_alias)
		add(&module->aliases, "pci:v*");
	if (row->firmware)
		add(&module->firmware, row->firmware);
	if (row->needed)
		add(&add_module(pack, "acme_more", row)->depends, "acme-nic");
}

static void fill_packages(const struct row *row, struct sp_pack *pack)
{
	struct sp_package *package = add_package(row, pack, "acme");

	package->installed_bytes = 100;
	free(package->arch);
	package->arch = copy(row->arch ? row->arch : "x86_64");
	add(&package->requires_, row->requires_ ? row->requires_ : "kernel-uname-r = " K);
	if (row->file)
		add(&package->files, row->file);
	add(&package->provides, "acme-driver = 1");
	package = add_package(row, pack, "update-acme");
	if (package)
		add(&package->requires_, "acme-driver >= 1");
	(void)add_package(row, pack, "control-acme");
	if (row->extra)
		(void)add_package(row, pack, row->extra);
}

static void fill(const struct row *row, struct sp_pack *pack)
{
	struct sp_error err = SP_ERROR_INIT;

	pack->format = SP_PACK_UPDATE;
	pack->id = copy("uuid");
	pack->label = copy("acme");
	pack->location = copy("here");
	pack->version = copy(row->version ? row->version : "1");
	pack->control = copy("control-acme");
	pack->key_file = row->no_key ? NULL : copy("RPM-GPG-KEY-acme");
	pack->guidance = row->guidance ? copy(row->guidance) : NULL;
	pack->installation_bytes = row->no_size ? 0 : 100;
	pack->driver_disk = !row->no_group;
	pack->trust.state = (enum sp_trust_state)row->state;
	pack->trust.expires = row->expires_days ? NOW + row->expires_days * DAY : 0;
	if (!row->no_update_group)
		add(&pack->update_packages, "update-acme");
	if (!row->no_group)
		add(&pack->driver_packages, "update-acme");
	if (row->gate)
		add(&pack->requires_, row->gate);
	if (row->damaged)
		assert_int_equal(sp_findings_add(&pack->findings, "damaged-metadata", "x",
						 &err, "it is damaged"),
				 0);
	fill_packages(row, pack);
	add_modules(row, pack);
}

static size_t count(const struct sp_findings *findings, const char *code)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->n; i++)
		n += !strcmp(findings->items[i].code, code);
	return n;
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	struct sp_pack_list packs = { &pack, 1 };
	const struct sp_check check = { .kernel = row->wanted,
					.enforces_signatures = row->enforced,
					.now = NOW };
	size_t n = row->damaged;

	fill(row, &pack);
	assert_int_equal(sp_check_packs(&check, &packs, &err), 0);
	for (size_t i = 0; i < 4 && row->want[i]; i++, n++) {
		size_t wanted = 0;

		for (size_t j = 0; j < 4 && row->want[j]; j++)
			wanted += !strcmp(row->want[i], row->want[j]);
		assert_int_equal(count(&pack.findings, row->want[i]), wanted);
	}
	for (size_t i = 0; i < pack.findings.n && pack.findings.n != n; i++)
		print_message("# %s: %s\n", pack.findings.items[i].code,
			      pack.findings.items[i].text);
	assert_int_equal(pack.findings.n, n);
}

int main(void)
{
	return table_run("check", rows, test_row);
}
