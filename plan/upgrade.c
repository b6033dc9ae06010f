/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A verdict for each pack of the old host: the worst of its devices', or, where it
 * drives none, what becomes of the pack itself. */

#include "plan/upgrade.h"

#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/outcome.h"
#include "plan/plan.h"
#include "plan/upgrade_devices.h"
#include "probe/device.h"
#include "repo/evr.h"
#include "repo/legacy_version.h"
#include "repo/old_host.h"
#include "repo/pack.h"

#define NONE ((size_t)-1)

static const char *const fate_names[] = {
	[SP_FATE_COVERED] = "covered", [SP_FATE_RENEWED] = "renewed",
	[SP_FATE_OLDER] = "older",     [SP_FATE_UNKNOWN] = "unknown",
	[SP_FATE_LOST] = "lost",
};

const char *sp_fate_name(enum sp_fate fate)
{
	return fate_names[fate];
}

void sp_upgrade_done(struct sp_upgrade *upgrade)
{
	for (size_t i = 0; i < upgrade->n_packs; i++) {
		free(upgrade->packs[i].text);
		free(upgrade->packs[i].advice);
	}
	for (size_t i = 0; i < upgrade->n_devices; i++)
		free(upgrade->devices[i].evidence);
	free(upgrade->packs);
	free(upgrade->devices);
	sp_findings_done(&upgrade->findings);
	*upgrade = (struct sp_upgrade){ 0 };
}

struct judging {
	const struct sp_upgrade_input *input;
	struct sp_upgrade *upgrade;
	struct sp_error *err;
};

/* ---- the pack itself ------------------------------------------------------------ */

static bool is_same_pack(const struct sp_old_pack *old, const struct sp_pack *pack)
{
	return (pack->id && !strcmp(pack->id, old->id)) ||
	       (pack->label && !strcmp(pack->label, old->label));
}

static int compare_versions(const struct sp_old_pack *old, const struct sp_pack *pack)
{
	const char *version = pack->version ? pack->version : "";

	if (old->sources & SP_OLD_LEGACY)
		return sp_legacy_version_compare(version, old->version);
	return sp_evr_compare(version, old->version);
}

/* The newest of the same pack at hand; NONE if there is none. */
static size_t find_at_hand(const struct judging *j, const struct sp_old_pack *old)
{
	const struct sp_pack_list *packs = j->input->at_hand;
	size_t best = NONE;

	for (size_t i = 0; packs && i < packs->n; i++)
		if (is_same_pack(old, &packs->items[i]) &&
		    (!j->input->accept ||
		     !sp_accept_refuses(j->input->accept, &packs->items[i])) &&
		    (best == NONE || sp_evr_compare(packs->items[i].version,
						    packs->items[best].version) > 0))
			best = i;
	return best;
}

static enum sp_fate fate_of_devices(const struct judging *j, size_t pack, size_t *ret_n)
{
	enum sp_fate worst = SP_FATE_COVERED;

	*ret_n = 0;
	for (size_t i = 0; i < j->upgrade->n_devices; i++) {
		const struct sp_upgrade_device *at = &j->upgrade->devices[i];

		if (at->pack != pack)
			continue;
		(*ret_n)++;
		if (at->fate > worst)
			worst = at->fate;
	}
	return worst;
}

/* Another pack may do as well: it says so of the devices. */
static size_t find_for_devices(const struct judging *j, size_t pack)
{
	for (size_t i = 0; i < j->upgrade->n_devices; i++)
		if (j->upgrade->devices[i].pack == pack &&
		    j->upgrade->devices[i].renewed_by != NONE)
			return j->upgrade->devices[i].renewed_by;
	return NONE;
}

static enum sp_fate fate_without_devices(const struct judging *j, size_t index,
					 size_t at_hand)
{
	const struct sp_old_pack *old = &j->input->old->packs[index];

	if (old->hotfix || old->is_product)
		return SP_FATE_COVERED;
	if (at_hand == NONE)
		/* Its drivers are for devices this machine does not have: no loss. */
		return old->modules.n ? SP_FATE_COVERED : SP_FATE_LOST;
	return compare_versions(old, &j->input->at_hand->items[at_hand]) < 0
		       ? SP_FATE_OLDER
		       : SP_FATE_RENEWED;
}

// clang-format off
static const struct words {
	const char *with_devices, *without; /* what becomes of '%s' */
	const char *advice;
} words[] = {
	[SP_FATE_COVERED] = {
		"the new release drives its devices", "nothing of it is needed any more",
		"Nothing has to be done." },
	[SP_FATE_RENEWED] = {
		"a pack at hand drives its devices", "a pack at hand renews it",
		"Let the pack at hand be installed with the upgrade." },
	[SP_FATE_OLDER] = {
		"only an older version is at hand", "only an older version is at hand",
		"Get the version for the new release from its vendor, or go on with the older one." },
	[SP_FATE_UNKNOWN] = {
		"whether the new release drives its devices is not known",
		"what becomes of it is not known",
		"Give the new release's repository, so that its drivers can be looked at." },
	[SP_FATE_LOST] = {
		"the new release has no driver for its devices", "it will be gone after the upgrade",
		"Get this pack for the new release from its vendor, and insert it now." },
};
// clang-format on

static int judge_pack(struct judging *j, size_t index)
{
	const struct sp_old_pack *old = &j->input->old->packs[index];
	struct sp_upgrade_pack *verdict =
		sp_array_add(&j->upgrade->packs, &j->upgrade->n_packs);
	size_t n_devices;

	if (!verdict)
		return sp_error_nomem(j->err);
	verdict->pack = index;
	verdict->renewed_by = find_for_devices(j, index);
	if (verdict->renewed_by == NONE)
		verdict->renewed_by = find_at_hand(j, old);
	verdict->fate = fate_of_devices(j, index, &n_devices);
	if (!n_devices)
		verdict->fate = fate_without_devices(j, index, verdict->renewed_by);
	verdict->text = sp_text_format("'%s'%s%s: %s", old->label,
				       *old->version ? " " : "", old->version,
				       n_devices ? words[verdict->fate].with_devices
						 : words[verdict->fate].without);
	verdict->advice = strdup(words[verdict->fate].advice);
	return verdict->text && verdict->advice ? 0 : sp_error_nomem(j->err);
}

/* ---- what is said ------------------------------------------------------------- */

static const char *role_of(const struct sp_upgrade_input *input,
			   const struct sp_upgrade_device *at)
{
	if (at->is_boot)
		return input->boot_is_guess ? "the boot disk may be behind it; "
					    : "the boot disk is behind it; ";
	if (at->is_management)
		return input->management_is_guess
			       ? "the management interface may be on it; "
			       : "the management interface is on it; ";
	return at->is_storage ? "local storage is behind it; " : "";
}

static int say_device(struct judging *j, const struct sp_upgrade_device *at)
{
	const struct sp_device *device = &j->input->devices->items[at->device];

	if (at->fate != SP_FATE_LOST)
		return 0;
	if (at->is_boot || at->is_management)
		j->upgrade->stop = true;
	j->upgrade->exit_code = SP_EXIT_WOULD_LOSE;
	return sp_findings_add(&j->upgrade->findings, "would-lose", device->address,
			       j->err, "%s %s would lose its driver '%s': %s%s",
			       device->address, device->name ? device->name : "",
			       at->module, role_of(j->input, at), at->evidence);
}

static int say_pack(struct judging *j, const struct sp_upgrade_pack *at)
{
	const struct sp_old_pack *old = &j->input->old->packs[at->pack];
	size_t n_devices;

	(void)fate_of_devices(j, at->pack, &n_devices);
	/* Lost devices have spoken for their pack already. */
	if (at->fate != SP_FATE_LOST || n_devices || old->hidden)
		return 0;
	j->upgrade->exit_code = SP_EXIT_WOULD_LOSE;
	return sp_findings_add(&j->upgrade->findings, "would-lose", old->label, j->err,
			       "%s", at->text);
}

int sp_upgrade_check(const struct sp_upgrade_input *input, struct sp_upgrade *ret_upgrade,
		     struct sp_error *err)
{
	SP_AUTO(sp_upgrade_done) struct sp_upgrade upgrade = { 0 };
	struct judging j = { input, &upgrade, err };
	int r = sp_upgrade_devices_find(input, &upgrade, err);

	for (size_t i = 0; r == 0 && i < input->old->n_packs; i++)
		r = judge_pack(&j, i);
	for (size_t i = 0; r == 0 && i < upgrade.n_devices; i++)
		r = say_device(&j, &upgrade.devices[i]);
	for (size_t i = 0; r == 0 && i < upgrade.n_packs; i++)
		r = say_pack(&j, &upgrade.packs[i]);
	if (r < 0)
		return r;
	sp_findings_sort(&upgrade.findings);
	*ret_upgrade = upgrade;
	upgrade = (struct sp_upgrade){ 0 };
	return 0;
}

/* ---- JSON ------------------------------------------------------------------------ */

static struct json_object *device_to_json(const struct sp_upgrade_device *at,
					  const struct sp_upgrade_input *input)
{
	struct json_object *json = sp_json_object();

	sp_json_set_string(json, "address", input->devices->items[at->device].address);
	sp_json_set_string(json, "name", input->devices->items[at->device].name);
	sp_json_set_string(json, "pack", input->old->packs[at->pack].id);
	sp_json_set_string(json, "module", at->module);
	sp_json_set_string(json, "fate", sp_fate_name(at->fate));
	sp_json_set_bool(json, "boot", at->is_boot);
	sp_json_set_bool(json, "storage", at->is_storage);
	sp_json_set_bool(json, "management", at->is_management);
	sp_json_set_string(json, "evidence", at->evidence);
	return json;
}

static struct json_object *pack_to_json(const struct sp_upgrade_pack *at,
					const struct sp_upgrade_input *input)
{
	const struct sp_old_pack *old = &input->old->packs[at->pack];
	struct json_object *json = sp_json_object();

	sp_json_set_string(json, "id", old->id);
	sp_json_set_string(json, "label", old->label);
	sp_json_set_string(json, "version", old->version);
	sp_json_set_bool(json, "hidden", old->hidden);
	sp_json_set_bool(json, "hotfix", old->hotfix);
	sp_json_set_string(json, "fate", sp_fate_name(at->fate));
	sp_json_set_string(json, "text", at->text);
	sp_json_set_string(json, "advice", at->advice);
	sp_json_set_string(
		json, "renewed_by",
		at->renewed_by == NONE ? NULL : input->at_hand->items[at->renewed_by].id);
	return json;
}

struct json_object *sp_upgrade_to_json(const struct sp_upgrade *upgrade,
				       const struct sp_upgrade_input *input)
{
	struct json_object *json = sp_json_object();
	struct json_object *packs = sp_json_array();
	struct json_object *devices = sp_json_array();

	for (size_t i = 0; i < upgrade->n_packs; i++)
		sp_json_append(packs, pack_to_json(&upgrade->packs[i], input));
	for (size_t i = 0; i < upgrade->n_devices; i++)
		sp_json_append(devices, device_to_json(&upgrade->devices[i], input));
	sp_json_set(json, "packs", packs);
	sp_json_set(json, "devices", devices);
	sp_json_set_bool(json, "stop", upgrade->stop);
	return json;
}
