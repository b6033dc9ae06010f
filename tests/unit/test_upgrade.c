/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/upgrade.h"
#include "support/table.h"

#include <string.h>

#include "base/array.h"
#include "base/outcome.h"
#include "probe/device.h"
#include "repo/old_host.h"
#include "repo/pack.h"

#define NIC "pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00"
#define EXACT "pci:v00008086d000010D3sv*sd*bc*sc*i*"
#define ALIASES "alias " EXACT " e1000e\n"
#define ADDRESS "0000:04:00.0"

/* An old host with one pack, "acme" 2.0, and (unless it is userspace) module e1000e. */
static const struct row {
	const char *name;
	bool userspace, hidden, hotfix;
	const char *release; /* modules.alias of the new release; NULL: not known */
	const char *release_module; /* only names are known: this one; NULL: none */
	const char *builtin; /* built into the new release, by name; NULL: not known */
	const char *release_builtin;   /* the same, with aliases */
	const char *installer;         /* the running installer's aliases */
	const char *installer_builtin; /* the same of what is built in */
	const char *installer_module;  /* built in, by name */
	const char *at_hand;           /* version of the same pack at hand; NULL: none */
	bool boot, management;
	enum sp_fate want;
	bool want_stop;
	int want_exit;
	size_t want_findings;
} rows[] = {
	// clang-format off
	{ "release claims the device", .release = ALIASES, .want = SP_FATE_COVERED },
	{ "release has the name", .release_module = "e1000e", .want = SP_FATE_COVERED },
	{ "release has other names", .release_module = "igb", .want = SP_FATE_LOST,
	  .want_exit = 19, .want_findings = 1 },
	{ "release has no driver", .release = "", .want = SP_FATE_LOST, .want_exit = 19,
	  .want_findings = 1 },
	{ "release counts more than the installer", .release = "", .installer = ALIASES,
	  .want = SP_FATE_LOST, .want_exit = 19, .want_findings = 1 },
	{ "only the installer is known", .installer = ALIASES, .want = SP_FATE_COVERED },
	{ "installer has no driver", .installer = "", .want = SP_FATE_LOST, .want_exit = 19,
	  .want_findings = 1 },
	{ "nothing is known", .want = SP_FATE_UNKNOWN },
	{ "built into the release", .release = "", .release_builtin = ALIASES,
	  .want = SP_FATE_COVERED },
	{ "built into the release, which does not say what it claims", .release = "",
	  .builtin = "e1000e", .want = SP_FATE_COVERED },
	{ "something else is built into the release", .release = "", .builtin = "ahci",
	  .want = SP_FATE_LOST, .want_exit = 19, .want_findings = 1 },
	{ "built into the installer", .installer = "", .installer_builtin = ALIASES,
	  .want = SP_FATE_COVERED },
	{ "built into the installer, which does not say what it claims", .installer = "",
	  .installer_module = "e1000e", .want = SP_FATE_COVERED },
	{ "what is built into the release is not known: the installer's counts",
	  .release_module = "igb", .installer = "", .installer_builtin = ALIASES,
	  .want = SP_FATE_COVERED },
	{ "what is built into the release is known: the installer's does not count",
	  .release = "", .builtin = "ahci", .installer = "", .installer_builtin = ALIASES,
	  .want = SP_FATE_LOST, .want_exit = 19, .want_findings = 1 },
	{ "the release has the installer's driver, by name", .release_module = "e1000x",
	  .installer = "alias " EXACT " e1000x\n", .want = SP_FATE_COVERED },
	{ "boot disk", .release = "", .boot = true, .want = SP_FATE_LOST, .want_stop = true,
	  .want_exit = 19, .want_findings = 1 },
	{ "management interface", .release = "", .management = true, .want = SP_FATE_LOST,
	  .want_stop = true, .want_exit = 19, .want_findings = 1 },
	{ "boot disk, covered", .release = ALIASES, .boot = true, .want = SP_FATE_COVERED },
	{ "hidden packs are checked", .release = "", .hidden = true, .want = SP_FATE_LOST,
	  .want_exit = 19, .want_findings = 1 },
	{ "userspace, lost", .userspace = true, .want = SP_FATE_LOST, .want_exit = 19,
	  .want_findings = 1 },
	{ "userspace, hidden", .userspace = true, .hidden = true, .want = SP_FATE_LOST },
	{ "userspace, renewed", .userspace = true, .at_hand = "2.1", .want = SP_FATE_RENEWED },
	{ "userspace, same version", .userspace = true, .at_hand = "2.0",
	  .want = SP_FATE_RENEWED },
	{ "userspace, older", .userspace = true, .at_hand = "1.9", .want = SP_FATE_OLDER },
	{ "a hotfix of the product", .userspace = true, .hotfix = true,
	  .want = SP_FATE_COVERED },
	// clang-format on
};

static char *copy(const char *text)
{
	char *copied = strdup(text);

	assert_non_null(copied);
	return copied;
}

static size_t length(const char *text)
{
	return text ? strlen(text) : 0;
}

static const struct sp_strv *add_name(struct sp_strv *names, const char *name)
{
	struct sp_error err = SP_ERROR_INIT;

	if (!name)
		return NULL;
	assert_int_equal(sp_strv_add(names, name, &err), 0);
	return names;
}

static void old_init(struct sp_old_host *old, const struct row *row)
{
	struct sp_error err = SP_ERROR_INIT;
	struct sp_old_pack *pack = sp_array_add(&old->packs, &old->n_packs);
	struct sp_module *module;

	pack->sources = SP_OLD_STAMP;
	pack->id = copy("5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0001");
	pack->label = copy("acme");
	pack->version = copy("2.0");
	pack->hidden = row->hidden;
	pack->hotfix = row->hotfix;
	if (row->userspace)
		return;
	module = sp_array_add(&pack->modules.items, &pack->modules.n);
	module->name = copy("e1000e");
	assert_int_equal(sp_strv_add(&module->aliases, EXACT, &err), 0);
}

static void devices_init(struct sp_device_list *devices)
{
	struct sp_device *nic = sp_array_add(&devices->items, &devices->n);

	nic->bus = copy("pci");
	nic->address = copy(ADDRESS);
	nic->modalias = copy(NIC);
}

static void at_hand_init(struct sp_pack_list *packs, const char *version)
{
	struct sp_pack *pack;

	if (!version)
		return;
	pack = sp_array_add(&packs->items, &packs->n);
	pack->id = copy("another-uuid");
	pack->label = copy("acme");
	pack->version = copy(version);
}

static void judges_as_table_says(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_old_host_done) struct sp_old_host old = { 0 };
	SP_AUTO(sp_device_list_done) struct sp_device_list devices = { 0 };
	SP_AUTO(sp_pack_list_done) struct sp_pack_list at_hand = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv address = { 0 };
	SP_AUTO(sp_upgrade_done) struct sp_upgrade got = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_strv_done) struct sp_strv builtin = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv installer_names = { 0 };
	struct sp_upgrade_kernel release = {
		.what = "XenServer 9",
		.alias_text = row->release,
		.alias_len = length(row->release),
		.builtin_text = row->release_builtin,
		.builtin_len = length(row->release_builtin),
		.names = add_name(&names, row->release_module),
		.builtin = add_name(&builtin, row->builtin),
		.lacks_builtin = !row->builtin && !row->release_builtin,
	};
	struct sp_upgrade_kernel installer = {
		.what = "the installer",
		.alias_text = row->installer,
		.alias_len = length(row->installer),
		.builtin_text = row->installer_builtin,
		.builtin_len = length(row->installer_builtin),
		.builtin = add_name(&installer_names, row->installer_module),
	};
	bool is_known = row->release || row->release_module || row->builtin ||
			row->release_builtin;
	struct sp_upgrade_input input = {
		.old = &old,
		.devices = &devices,
		.release = is_known ? &release : NULL,
		.installer = &installer,
		.at_hand = &at_hand,
		.boot_devices = row->boot ? &address : NULL,
		.management_devices = row->management ? &address : NULL,
	};

	old_init(&old, row);
	devices_init(&devices);
	at_hand_init(&at_hand, row->at_hand);
	assert_int_equal(sp_strv_add(&address, ADDRESS, &err), 0);

	assert_int_equal(sp_upgrade_check(&input, &got, &err), 0);
	assert_int_equal(got.n_packs, 1);
	assert_string_equal(sp_fate_name(got.packs[0].fate), sp_fate_name(row->want));
	assert_int_equal(got.stop, row->want_stop);
	assert_int_equal(got.exit_code, row->want_exit);
	assert_int_equal(got.findings.n, row->want_findings);
	assert_int_equal(got.n_devices, row->userspace ? 0 : 1);
}

int main(void)
{
	return table_run("upgrade", rows, judges_as_table_says);
}
