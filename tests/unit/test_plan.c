/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/plan.h"
#include "support/table.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/outcome.h"
#include "probe/device.h"
#include "probe/kernel.h"
#include "repo/pack.h"

/* Real ids: an Intel 82574L, as lspci -n shows it on a desktop board. */
#define NIC "pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00"
#define EXACT "pci:v00008086d000010D3sv*sd*bc*sc*i*"
#define BOARD "pci:v00008086d000010D3sv00008086sd0000A01Fbc*sc*i*"
#define VENDOR "pci:v00008086d*sv*sd*bc02sc*i*"
#define OTHER "pci:v00001000d00000060sv*sd*bc*sc*i*"

/* A disk controller, where a row has one. */
#define DISK_ID "pci:v00001000d0000005Dsv00001028sd00001F42bc01sc04i00"
#define DISK "pci:v00001000d0000005Dsv*sd*bc*sc*i*"

#define KERNEL "4.19.0+1"
#define MAGIC KERNEL " SMP mod_unload modversions "

/* One pack with one module; unset fields mean "as it should be". */
struct pack_row {
	const char *alias, *kernel, *vermagic, *depends, *firmware, *arch, *version,
		*damage;
	unsigned crc, unknown_crc;
	const char *epoch;
	enum sp_trust_state trust;
	bool plain, unsigned_module, bare_rpms;
	bool unplaced;        /* a module that is below no kernel's directory */
	bool loose;           /* of an old pack: a module that is in no RPM */
	const char *loose_fw; /* ... and a firmware file beside it */
};

static const struct row {
	const char *name;
	struct pack_row packs[2];
	const char *driver; /* bound to the NIC */
	const char *accept;
	const char *replace;
	const char *installed; /* EVR of the package on the system */
	bool disk;             /* the machine has a disk controller too */
	const char *disk_driver;
	bool enforce, no_flags, no_symvers;
	const char *blacklist, *loaded;
	bool placed; /* loose files are in their places */
	bool misfit; /* the first pack's packages cannot be installed */
	int want_exit;
	const char *want_verdict; /* of the first match; NULL: no match */
	const char *want_code;    /* a finding that must be there; NULL: none at all */
	size_t want_modules;
	bool want_tie;
} rows[] = {
	// clang-format off
	{ "exact claim is loaded", { { .alias = EXACT } }, .want_verdict = "load", .want_modules = 1 },
	{ "no claim", { { .alias = OTHER } }, .want_exit = 15, .want_code = "claims-no-device" },
	{ "other kernel", { { .alias = EXACT, .kernel = "4.19.0+2" } }, .want_exit = 15,
	  .want_verdict = "refused", .want_code = "wrong-kernel" },
	{ "other flags", { { .alias = EXACT, .vermagic = KERNEL " SMP preempt mod_unload " } },
	  .want_exit = 15, .want_verdict = "refused", .want_code = "vermagic-flags" },
	{ "other symbols", { { .alias = EXACT, .crc = 7 } }, .want_exit = 15,
	  .want_verdict = "refused", .want_code = "symbol-mismatch" },
	{ "same symbols", { { .alias = EXACT, .crc = 1 } }, .want_verdict = "load", .want_modules = 1 },
	{ "other architecture", { { .alias = EXACT, .arch = "aarch64" } }, .want_exit = 15,
	  .want_verdict = "refused", .want_code = "wrong-architecture" },
	{ "unsigned", { { .alias = EXACT, .trust = SP_TRUST_UNSIGNED } }, .want_exit = 12,
	  .want_verdict = "refused", .want_code = "unsigned" },
	{ "unsigned, accepted", { { .alias = EXACT, .trust = SP_TRUST_UNSIGNED } },
	  .accept = "unsigned", .want_verdict = "load", .want_code = "accepted-unsigned",
	  .want_modules = 1 },
	{ "weak", { { .alias = EXACT, .trust = SP_TRUST_WEAK } }, .want_exit = 12,
	  .want_verdict = "refused", .want_code = "weak-signature" },
	{ "weak is not unsigned", { { .alias = EXACT, .trust = SP_TRUST_WEAK } }, .accept = "unsigned",
	  .want_exit = 12, .want_verdict = "refused", .want_code = "weak-signature" },
	{ "expired, accepted", { { .alias = EXACT, .trust = SP_TRUST_EXPIRED } }, .accept = "expired",
	  .want_verdict = "load", .want_code = "accepted-expired", .want_modules = 1 },
	{ "stranger's key", { { .alias = EXACT, .trust = SP_TRUST_UNKNOWN_KEY } }, .want_exit = 12,
	  .want_verdict = "refused", .want_code = "unknown-key" },
	{ "stranger's key, accepted", { { .alias = EXACT, .trust = SP_TRUST_UNKNOWN_KEY } },
	  .accept = "key=0123456789abcdef0123456789abcdef01234567",
	  .want_verdict = "load", .want_code = "accepted-key", .want_modules = 1 },
	{ "another stranger's key accepted", { { .alias = EXACT, .trust = SP_TRUST_UNKNOWN_KEY } },
	  .accept = "key=9999999999abcdef0123456789abcdef01234567", .want_exit = 12,
	  .want_verdict = "refused", .want_code = "unknown-key" },
	{ "bad stays bad", { { .alias = EXACT, .trust = SP_TRUST_BAD } }, .accept = "unsigned",
	  .want_exit = 12, .want_verdict = "refused", .want_code = "bad-signature" },
	{ "revoked stays revoked", { { .alias = EXACT, .trust = SP_TRUST_REVOKED } },
	  .accept = "expired", .want_exit = 12, .want_verdict = "refused",
	  .want_code = "revoked-key" },
	{ "damaged package", { { .alias = EXACT, .damage = "damaged-package" } }, .want_exit = 13,
	  .want_verdict = "refused" },
	{ "not a driver disk", { { .alias = EXACT, .plain = true } }, .want_exit = 15,
	  .want_verdict = "refused", .want_code = "not-a-driver-disk" },
	{ "needs a module nobody has", { { .alias = EXACT, .depends = "mdio_bitbang" } },
	  .want_exit = 14, .want_verdict = "refused", .want_code = "requirement-missing" },
	{ "needs a module the system has", { { .alias = EXACT, .depends = "ptp" } },
	  .want_verdict = "load", .want_modules = 1 },
	{ "dashes are underscores", { { .alias = EXACT, .depends = "i2c-algo-bit" } },
	  .want_verdict = "load", .want_modules = 1 },
	{ "firmware nobody has", { { .alias = EXACT, .firmware = "e1000e/none.bin" } },
	  .want_verdict = "load", .want_code = "firmware-missing", .want_modules = 1 },
	{ "firmware of the system", { { .alias = EXACT, .firmware = "there.bin" } },
	  .want_verdict = "load", .want_modules = 1 },
	{ "signed modules only", { { .alias = EXACT, .unsigned_module = true } }, .enforce = true,
	  .want_exit = 16, .want_verdict = "refused", .want_code = "load-key-rejected" },
	{ "older than installed", { { .alias = EXACT, .version = "1.0" } }, .installed = "2.0-1",
	  .want_exit = 14, .want_verdict = "refused", .want_code = "older-than-installed" },
	{ "packages that do not fit", { { .alias = EXACT } }, .misfit = true, .want_exit = 14,
	  .want_verdict = "refused", .want_code = "requirement-missing" },
	{ "another takes the place of what does not fit",
	  { { .alias = EXACT, .version = "2" }, { .alias = EXACT, .version = "1" } }, .misfit = true,
	  .want_exit = 14, .want_verdict = "load", .want_code = "requirement-missing",
	  .want_modules = 1 },
	{ "driver in place", { { .alias = EXACT } }, .driver = "e1000", .want_exit = 15,
	  .want_verdict = "keep", .want_code = "driver-in-place" },
	{ "driver replaced on request", { { .alias = EXACT } }, .driver = "e1000",
	  .replace = "0000:04:00.0", .want_verdict = "replace", .want_modules = 1 },
	{ "another device's request", { { .alias = EXACT } }, .driver = "e1000",
	  .replace = "0000:05:00.0", .want_exit = 15, .want_verdict = "keep",
	  .want_code = "driver-in-place" },
	{ "loaded already", { { .alias = EXACT, .version = "2.0" } }, .driver = "mod0",
	  .installed = "2.0-1", .want_verdict = "loaded" },
	{ "a loose driver", { { .alias = EXACT, .loose = true } }, .installed = "2.0-1",
	  .want_verdict = "load", .want_modules = 1 },
	{ "a loose driver is loaded already", { { .alias = EXACT, .loose = true } }, .driver = "mod0",
	  .placed = true, .want_verdict = "loaded" },
	{ "another's driver of its name", { { .alias = EXACT, .loose = true } }, .driver = "mod0",
	  .installed = "2.0-1", .want_exit = 15, .want_verdict = "keep", .want_code = "driver-in-place" },
	{ "loose firmware", { { .alias = EXACT, .firmware = "chip.bin", .loose = true, .loose_fw = "fw/chip.bin" } },
	  .want_verdict = "load", .want_modules = 1 },
	{ "loose firmware of another name",
	  { { .alias = EXACT, .firmware = "chip.bin", .loose = true, .loose_fw = "fw/hip.bin" } },
	  .want_verdict = "load", .want_code = "firmware-missing", .want_modules = 1 },
	{ "subsystem beats device", { { .alias = EXACT, .version = "9" }, { .alias = BOARD, .version = "1" } },
	  .want_verdict = "load", .want_modules = 1 },
	{ "device beats vendor", { { .alias = VENDOR, .version = "9" }, { .alias = EXACT, .version = "1" } },
	  .want_verdict = "load", .want_modules = 1 },
	{ "newer wins, and it is said", { { .alias = EXACT, .version = "1" }, { .alias = EXACT, .version = "2" } },
	  .want_verdict = "load", .want_code = "ambiguous-drivers", .want_modules = 1 },
	{ "of equals the one found first", { { .alias = EXACT }, { .alias = EXACT } },
	  .want_verdict = "load", .want_code = "ambiguous-drivers", .want_modules = 1, .want_tie = true },
	{ "one is used, one is for other hardware", { { .alias = EXACT }, { .alias = OTHER } },
	  .want_verdict = "load", .want_code = "claims-no-device", .want_modules = 1 },
	{ "one is used, one is for another kernel",
	  { { .alias = EXACT }, { .alias = EXACT, .kernel = "4.19.0+2" } },
	  .want_verdict = "load", .want_code = "wrong-kernel", .want_modules = 1 },
	{ "one is used, one is no driver disk",
	  { { .alias = EXACT }, { .alias = OTHER, .plain = true } },
	  .want_verdict = "load", .want_code = "not-a-driver-disk", .want_modules = 1 },
	{ "neither is used", { { .alias = OTHER }, { .alias = OTHER } }, .want_exit = 15,
	  .want_code = "claims-no-device" },
	{ "one is used, a device is left without the other",
	  { { .alias = EXACT }, { .alias = DISK, .crc = 7 } }, .disk = true, .want_exit = 15,
	  .want_verdict = "load", .want_code = "symbol-mismatch", .want_modules = 1 },
	{ "the same device has a driver", { { .alias = EXACT }, { .alias = DISK, .crc = 7 } },
	  .disk = true, .disk_driver = "ahci", .want_verdict = "load",
	  .want_code = "symbol-mismatch", .want_modules = 1 },
	{ "dependency in another pack", { { .alias = EXACT, .depends = "mod1" }, { .alias = OTHER } },
	  .want_verdict = "load", .want_modules = 2 },
	{ "unsigned module where none is asked for", { { .alias = EXACT, .unsigned_module = true } },
	  .want_verdict = "load", .want_modules = 1 },
	{ "signed module where one is asked for", { { .alias = EXACT } }, .enforce = true,
	  .want_verdict = "load", .want_modules = 1 },
	{ "bare packages need no mark", { { .alias = EXACT, .plain = true, .bare_rpms = true } },
	  .want_verdict = "load", .want_modules = 1 },
	{ "for every architecture", { { .alias = EXACT, .arch = "noarch" } },
	  .want_verdict = "load", .want_modules = 1 },
	{ "below no kernel's directory", { { .alias = EXACT, .unplaced = true } },
	  .want_verdict = "load", .want_modules = 1 },
	{ "... and for another kernel", { { .alias = EXACT, .unplaced = true, .vermagic = "4.19.0+2 SMP " } },
	  .want_exit = 15, .want_verdict = "refused", .want_code = "wrong-kernel" },
	{ "... and for one of a longer name",
	  { { .alias = EXACT, .unplaced = true, .vermagic = "4.19.0+10 SMP mod_unload modversions " } },
	  .want_exit = 15, .want_verdict = "refused", .want_code = "wrong-kernel" },
	{ "... and for one of a shorter name",
	  { { .alias = EXACT, .unplaced = true, .vermagic = "4.19.0+ SMP mod_unload modversions " } },
	  .want_exit = 15, .want_verdict = "refused", .want_code = "wrong-kernel" },
	{ "... and for one of the same length",
	  { { .alias = EXACT, .unplaced = true, .vermagic = "4.19.0+3 SMP mod_unload modversions " } },
	  .want_exit = 15, .want_verdict = "refused", .want_code = "wrong-kernel" },
	{ "... and says for none", { { .alias = EXACT, .unplaced = true, .vermagic = "" } },
	  .want_exit = 15, .want_verdict = "refused", .want_code = "wrong-kernel" },
	{ "a kernel of no known flags", { { .alias = EXACT, .vermagic = "x" } }, .no_flags = true,
	  .want_verdict = "load", .want_modules = 1 },
	{ "a module of no vermagic", { { .alias = EXACT, .vermagic = "" } },
	  .want_verdict = "load", .want_modules = 1 },
	{ "a symbol of another module", { { .alias = EXACT, .unknown_crc = 7 } },
	  .want_verdict = "load", .want_modules = 1 },
	{ "a kernel that does not say its symbols", { { .alias = EXACT, .crc = 7 } }, .no_symvers = true,
	  .want_verdict = "load", .want_modules = 1 },
	{ "needs a module that is loaded", { { .alias = EXACT, .depends = "bnxt-en" } }, .loaded = "bnxt_en",
	  .want_verdict = "load", .want_modules = 1 },
	{ "forbidden by the command line", { { .alias = EXACT } }, .blacklist = "mod0", .want_exit = 15,
	  .want_verdict = "refused", .want_code = "blacklisted" },
	{ "another is forbidden", { { .alias = EXACT } }, .blacklist = "mod1",
	  .want_verdict = "load", .want_modules = 1 },
	{ "newer by its epoch", { { .alias = EXACT, .version = "1.0", .epoch = "1" } }, .installed = "99.0-1",
	  .want_verdict = "load", .want_modules = 1 },
	{ "older by its epoch", { { .alias = EXACT, .version = "3.0" } }, .installed = "1:2.0-1",
	  .want_exit = 14, .want_verdict = "refused", .want_code = "older-than-installed" },
	{ "damaged, and unsigned, which is accepted",
	  { { .alias = EXACT, .trust = SP_TRUST_UNSIGNED, .damage = "damaged-package" } }, .accept = "unsigned",
	  .want_exit = 13, .want_verdict = "refused" },
	{ "unsigned, as a finding says, and accepted",
	  { { .alias = EXACT, .trust = SP_TRUST_UNSIGNED, .damage = "unsigned" } }, .accept = "unsigned",
	  .want_verdict = "load", .want_modules = 1 },
	{ "with a finding that is no refusal", { { .alias = EXACT, .damage = "signed-rpm" } },
	  .want_verdict = "load", .want_modules = 1 },
	{ "worst pack counts", { { .alias = EXACT }, { .alias = OTHER, .trust = SP_TRUST_UNSIGNED } },
	  .want_exit = 12, .want_verdict = "load", .want_code = "unsigned",
	  .want_modules = 1 },
	// clang-format on
};

static const char *or_text(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static char *copy(const char *text)
{
	char *copied = strdup(text);

	assert_non_null(copied);
	return copied;
}

static void fill_package(struct sp_pack *pack, const struct pack_row *row, size_t index)
{
	struct sp_package *package = sp_array_add(&pack->packages, &pack->n_packages);

	assert_non_null(package);
	package->name = sp_text_format("driver%zu", index);
	if (row->loose) {
		package->type = copy("driver");
		package->file = copy("mod.ko");
		return;
	}
	package->epoch = copy(or_text(row->epoch, ""));
	package->version = copy(or_text(row->version, "1.0"));
	package->release = copy("1");
	package->arch = copy(or_text(row->arch, "x86_64"));
}

static void fill_firmware(struct sp_pack *pack, const struct pack_row *row)
{
	struct sp_package *package = sp_array_add(&pack->packages, &pack->n_packages);

	assert_non_null(package);
	package->name = copy("firmware");
	package->type = copy("firmware");
	package->file = copy(row->loose_fw);
}

static void fill_module(struct sp_pack *pack, const struct pack_row *row, size_t index)
{
	struct sp_error err = SP_ERROR_INIT;
	struct sp_module *module = sp_array_add(&pack->modules.items, &pack->modules.n);

	assert_non_null(module);
	module->name = sp_text_format("mod%zu", index);
	module->kernel = row->unplaced ? NULL : copy(or_text(row->kernel, KERNEL));
	if (!row->vermagic || *row->vermagic)
		module->vermagic = copy(or_text(row->vermagic, MAGIC));
	module->version = copy(or_text(row->version, "1.0"));
	module->has_signature = !row->unsigned_module;
	assert_int_equal(sp_strv_add(&module->aliases, row->alias, &err), 0);
	if (row->depends)
		assert_int_equal(sp_strv_add(&module->depends, row->depends, &err), 0);
	if (row->firmware)
		assert_int_equal(sp_strv_add(&module->firmware, row->firmware, &err), 0);
	if (row->crc || row->unknown_crc) {
		struct sp_symver *version =
			sp_array_add(&module->symvers, &module->n_symvers);

		*version = row->crc ? (struct sp_symver){ row->crc, copy("printk") }
				    : (struct sp_symver){ row->unknown_crc, copy("x") };
	}
}

static void fill_pack(struct sp_pack_list *packs, const struct pack_row *row,
		      size_t index)
{
	struct sp_error err = SP_ERROR_INIT;
	struct sp_pack *pack = sp_array_add(&packs->items, &packs->n);

	assert_non_null(pack);
	pack->format = row->bare_rpms ? SP_PACK_RPMS : SP_PACK_UPDATE;
	pack->id = sp_text_format("id%zu", index);
	pack->label = sp_text_format("pack%zu", index);
	pack->driver_disk = !row->plain;
	pack->trust.state = row->trust;
	pack->trust.detail = copy("because.");
	pack->trust.key = copy("0123456789ABCDEF0123456789ABCDEF01234567");
	fill_package(pack, row, index);
	if (row->loose_fw)
		fill_firmware(pack, row);
	fill_module(pack, row, index);
	if (row->damage)
		assert_int_equal(sp_findings_add(&pack->findings, row->damage, "x.rpm",
						 &err, "x.rpm is damaged"),
				 0);
}

static bool has_firmware(void *user, const char *name)
{
	(void)user;
	return !strcmp(name, "there.bin");
}

static int symvers(void *user, const char *const names[], size_t n, unsigned crcs[],
		   bool known[], struct sp_error *err)
{
	(void)user;
	(void)err;
	for (size_t i = 0; i < n; i++) {
		crcs[i] = 1;
		known[i] = strcmp(names[i], "x") != 0;
	}
	return 0;
}

static const char *misfit(void *user, size_t pack)
{
	(void)user;
	return pack == 0 ? "'a' needs 'b', which neither the pack nor this host provides"
			 : NULL;
}

static const char *installed(void *user, const char *name)
{
	(void)name;
	return user;
}

static bool has_placed(void *user, const struct sp_package *package)
{
	(void)user;
	return !strcmp(package->type, "driver");
}

/* All that sp_plan_make() looks at, owned together. */
struct world {
	struct sp_device_list devices;
	struct sp_kernel kernel;
	struct sp_pack_list packs;
	struct sp_accept accept;
	struct sp_strv replace, blacklist;
};

static void add_device(struct sp_device_list *devices, const char *address,
		       const char *modalias, enum sp_device_kind kind, const char *driver)
{
	struct sp_device *device = sp_array_add(&devices->items, &devices->n);

	assert_non_null(device);
	device->bus = copy("pci");
	device->address = copy(address);
	device->modalias = copy(modalias);
	device->name = copy("a device");
	device->kind = kind;
	if (driver) {
		device->driver = copy(driver);
		device->module = copy(driver);
	}
}

static void world_init(struct world *world, const struct row *row)
{
	struct sp_error err = SP_ERROR_INIT;

	add_device(&world->devices, "0000:04:00.0", NIC, SP_DEVICE_NETWORK, row->driver);
	if (row->disk)
		add_device(&world->devices, "0000:05:00.0", DISK_ID, SP_DEVICE_STORAGE,
			   row->disk_driver);
	world->kernel.release = copy(KERNEL);
	world->kernel.arch = copy("x86_64");
	if (!row->no_flags)
		world->kernel.vermagic_flags = copy("SMP mod_unload modversions ");
	world->kernel.enforces_signatures = row->enforce;
	assert_int_equal(sp_strv_add(&world->kernel.available, "ptp", &err), 0);
	assert_int_equal(sp_strv_add(&world->kernel.builtin, "i2c_algo_bit", &err), 0);
	if (row->loaded)
		assert_int_equal(sp_strv_add(&world->kernel.loaded, row->loaded, &err),
				 0);
	if (row->blacklist)
		assert_int_equal(sp_strv_add(&world->blacklist, row->blacklist, &err), 0);
	if (row->accept)
		assert_int_equal(sp_accept_parse(&world->accept, row->accept, &err), 0);
	if (row->replace)
		assert_int_equal(sp_strv_add(&world->replace, row->replace, &err), 0);
	for (size_t i = 0; i < 2 && row->packs[i].alias; i++)
		fill_pack(&world->packs, &row->packs[i], i);
}

static void world_done(struct world *world)
{
	sp_device_list_done(&world->devices);
	sp_kernel_done(&world->kernel);
	sp_pack_list_done(&world->packs);
	sp_accept_done(&world->accept);
	sp_strv_done(&world->replace);
	sp_strv_done(&world->blacklist);
}

static void plans_as_table_says(void **state)
{
	const struct row *row = *state;
	SP_AUTO(world_done) struct world world = { 0 };
	SP_AUTO(sp_plan_done) struct sp_plan plan = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	char evr[32] = "";
	struct sp_plan_input input = {
		.devices = &world.devices,
		.kernel = &world.kernel,
		.packs = &world.packs,
		.accept = &world.accept,
		.replace = &world.replace,
		.blacklist = row->blacklist ? &world.blacklist : NULL,
		.facts = { .has_firmware = has_firmware,
			   .symvers = row->no_symvers ? NULL : symvers,
			   .installed = row->installed ? installed : NULL,
			   .has_placed = row->placed ? has_placed : NULL,
			   .misfit = row->misfit ? misfit : NULL,
			   .user = evr },
	};

	world_init(&world, row);
	snprintf(evr, sizeof evr, "%s", or_text(row->installed, ""));
	assert_int_equal(sp_plan_make(&input, &plan, &err), 0);

	if (row->want_verdict) {
		assert_true(plan.n_matches > 0);
		assert_string_equal(sp_verdict_name(plan.matches[0].verdict),
				    row->want_verdict);
	} else {
		assert_int_equal(plan.n_matches, 0);
	}
	/* The package is installed with the driver. */
	if (row->packs[0].loose_fw)
		assert_int_equal(plan.n_packages, row->want_code ? 1 : 2);
	if (row->want_code)
		assert_true(sp_findings_has(&plan.findings, row->want_code));
	assert_int_equal(plan.n_modules, row->want_modules);
	assert_int_equal(sp_plan_is_tied(&plan), row->want_tie);
	for (size_t i = 0; row->want_tie && i < plan.n_matches; i++) {
		assert_true(plan.matches[i].is_tied);
		assert_non_null(strstr(plan.matches[i].reason, "found first"));
	}
	assert_int_equal(plan.exit_code, row->want_exit);
	assert_int_equal(strlen(plan.digest), 64);
}

int main(void)
{
	return table_run("plan", rows, plans_as_table_says);
}
