/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The verdict for people and for programs. */

#include "installer-plugin/study.h"

#include <string.h>

#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/context.h"
#include "installer-plugin/log.h"
#include "installer-plugin/old_root_message.h"
#include "installer-plugin/report.h"

bool sp_study_is_shown(const struct sp_study *study, size_t index)
{
	const struct sp_upgrade_pack *verdict = &study->verdict.packs[index];
	const struct sp_old_pack *pack = &study->old.packs[verdict->pack];
	bool is_covered = verdict->fate == SP_FATE_COVERED;

	return !pack->is_product && !((pack->hidden || pack->hotfix) && is_covered);
}

const char *sp_study_role(const struct sp_study *study,
			  const struct sp_upgrade_device *device)
{
	if (device->is_boot)
		return study->roles.boot_is_guess ? "boot disk?" : "boot disk";
	if (device->is_management)
		return study->roles.management_is_guess ? "management interface?"
							: "management interface";
	return device->is_storage ? "local storage" : "";
}

bool sp_study_has_news(const struct sp_study *study)
{
	for (size_t i = 0; i < study->verdict.n_packs; i++)
		if (sp_study_is_shown(study, i))
			return true;
	for (size_t i = 0; i < study->old_findings.n; i++)
		if (sp_finding_weight(study->old_findings.items[i].code) !=
		    SP_WEIGHT_NOTE)
			return true;
	return false;
}

bool sp_study_is_danger(const struct sp_study *study)
{
	if (study->accept.loss)
		return false;
	return study->warns ? study->verdict.stop : study->verdict.exit_code != 0;
}

static void add_devices(const struct sp_study *study, size_t pack, struct sp_strbuf *text)
{
	for (size_t i = 0; i < study->verdict.n_devices; i++) {
		const struct sp_upgrade_device *at = &study->verdict.devices[i];
		const struct sp_device *device =
			&study->context->devices.items[at->device];
		const char *role = sp_study_role(study, at);

		if (at->pack != pack)
			continue;
		sp_strbuf_add(text, "  %s %s%s%s%s (%s): %s, %s\n", device->address,
			      device->name ? device->name : device->modalias,
			      *role ? " [" : "", role, *role ? "]" : "", at->module,
			      sp_fate_name(at->fate), at->evidence);
	}
}

static void add_text(const struct sp_study *study, struct sp_strbuf *text)
{
	const struct sp_inventory *inventory = &study->old.inventory;
	size_t n = 0;

	sp_strbuf_add(text, "old host: %s %s\n",
		      inventory->product_brand ? inventory->product_brand
					       : "unknown product",
		      inventory->product_version ? inventory->product_version : "");
	if (study->release.what)
		sp_strbuf_add(text, "new release: %s\n", study->release.what);
	for (size_t i = 0; i < study->verdict.n_packs; i++) {
		const struct sp_upgrade_pack *at = &study->verdict.packs[i];

		if (!sp_study_is_shown(study, i))
			continue;
		n++;
		sp_strbuf_add(text, "%s: %s\n", sp_fate_name(at->fate), at->text);
		add_devices(study, at->pack, text);
		if (*at->advice)
			sp_strbuf_add(text, "  %s\n", at->advice);
	}
	if (!n)
		sp_strbuf_add(text, "no packs are on record\n");
}

static struct json_object *release_to_json(const struct sp_release *release)
{
	struct json_object *json = sp_json_object();

	sp_json_set_string(json, "product", release->what);
	sp_json_set_string(json, "kernel", release->kernel);
	sp_json_set_int(json, "modules",
			(int64_t)(release->modules.n + release->names.n +
				  release->builtin_modules.n + release->builtin.n));
	return json;
}

static void add_json(const struct sp_study *study, struct json_object *body)
{
	sp_json_set(body, "old_host", sp_old_root_inventory_to_json(&study->old));
	if (study->release.what)
		sp_json_set(body, "release", release_to_json(&study->release));
	sp_json_set(body, "packs", sp_pack_list_to_json(&study->look.packs));
	sp_json_set(body, "upgrade", sp_upgrade_to_json(&study->verdict, &study->input));
}

static bool drives(const struct sp_study *study, enum sp_device_kind kind)
{
	for (size_t i = 0; i < study->verdict.n_devices; i++)
		if (study->context->devices.items[study->verdict.devices[i].device]
			    .kind == kind)
			return true;
	return false;
}

static int add_guesses(const struct sp_study *study, struct sp_findings *to,
		       struct sp_error *err)
{
	int r = 0;

	if (study->roles.boot_is_guess && drives(study, SP_DEVICE_STORAGE))
		r = sp_findings_add(to, "boot-disk-unknown", NULL, err,
				    "the old host's boot disk was not found among the "
				    "disks of this machine");
	if (r == 0 && study->roles.management_is_guess &&
	    drives(study, SP_DEVICE_NETWORK))
		r = sp_findings_add(to, "management-unknown", NULL, err,
				    "the old host's management interface was not found "
				    "among the interfaces of this machine");
	return r;
}

int sp_study_findings(const struct sp_study *study, struct sp_findings *to,
		      struct sp_error *err)
{
	int r = sp_findings_copy(to, &study->old_findings, err);

	if (r == 0)
		r = sp_findings_copy(to, &study->release_findings, err);
	if (r == 0)
		r = sp_look_findings(&study->look, to, err);
	if (r == 0)
		r = sp_findings_copy(to, &study->made.plan.findings, err);
	if (r == 0)
		r = sp_findings_copy(to, &study->verdict.findings, err);
	return r == 0 ? add_guesses(study, to, err) : r;
}

static int say_accepted(const struct sp_study *study, struct sp_report *report,
			struct sp_error *err)
{
	return sp_findings_add(&report->findings, "accepted-loss", NULL, err,
			       "the upgrade goes on although %s would be lost",
			       study->verdict.stop
				       ? "the driver of the boot disk or of the "
					 "management interface"
				       : "a driver or a pack");
}

int sp_study_report(struct sp_study *study, struct sp_report *report,
		    struct sp_error *err)
{
	int r = sp_study_findings(study, &report->findings, err);

	add_text(study, &report->text);
	add_json(study, report->body);
	report->exit = study->accept.loss ? SP_EXIT_DONE : study->verdict.exit_code;
	if (r == 0 && study->accept.loss && study->verdict.exit_code)
		r = say_accepted(study, report, err);
	sp_log_findings(study->context->log, &report->findings);
	return r;
}
