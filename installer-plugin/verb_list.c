/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `suppack list`: the packs a host has on record, of every era.  Changes nothing. */

#include "installer-plugin/verb.h"

#include <string.h>

#include "base/json.h"
#include "installer-plugin/host.h"
#include "installer-plugin/recover.h"
#include "installer-plugin/report.h"

static const struct sp_record *record_of(const struct sp_host *host, const char *id,
					 const char *label)
{
	for (size_t i = 0; i < host->records.n; i++) {
		const struct sp_pack *pack = &host->records.items[i].pack;

		if (!strcmp(pack->id, id) &&
		    (!label || !pack->label || !strcmp(pack->label, label)))
			return &host->records.items[i];
	}
	return NULL;
}

/* What we recorded ourselves is said whole, what others recorded as far as it goes. */
static struct json_object *pack_json(const struct sp_target_pack *pack,
				     const struct sp_record *record)
{
	struct json_object *json = sp_json_object();

	sp_json_set_string(json, "id", pack->id);
	sp_json_set_string(json, "label", pack->label);
	sp_json_set_string(json, "version", pack->version);
	sp_json_set_bool(json, "recorded", record != NULL);
	if (!record)
		return json;
	sp_json_set_string(json, "record", record->directory);
	sp_json_set_string(json, "format", sp_pack_format_name(record->pack.format));
	sp_json_set_string(json, "decision", record->decision);
	sp_json_set_string(json, "time", record->time);
	sp_json_set_string(json, "incomplete", record->incomplete);
	sp_json_set_strv(json, "modules", &record->installed_modules);
	return json;
}

static void say(struct sp_report *report, const struct sp_target_pack *pack,
		const struct sp_record *record)
{
	const char *name = pack->label ? pack->label : pack->id;

	sp_strbuf_add(&report->text, "%s%s%s\n    id %s%s%s%s\n", name,
		      *pack->version ? " " : "", pack->version, pack->id,
		      record ? ", installed " : "",
		      record && record->time ? record->time : "",
		      record ? "" : ", not installed by suppack");
	if (record && record->incomplete)
		sp_strbuf_add(&report->text, "    not all of it is there: %s\n",
			      record->incomplete);
}

int sp_verb_list(struct sp_context *context, struct sp_report *report,
		 struct sp_error *err)
{
	SP_AUTO(sp_host_done) struct sp_host host = { 0 };
	struct json_object *packs = sp_json_array();
	int r;

	sp_json_set(report->body, "packs", packs);
	r = sp_host_open(context, &host, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < host.target.n_packs; i++) {
		const struct sp_target_pack *pack = &host.target.packs[i];
		const struct sp_record *record = record_of(&host, pack->id, pack->label);

		sp_json_append(packs, pack_json(pack, record));
		say(report, pack, record);
	}
	if (!host.target.n_packs)
		sp_strbuf_add(&report->text, "No pack is on record.\n");
	r = sp_recover_look(&host, &report->findings, err);
	return r < 0 ? r : sp_findings_move(&report->findings, &host.findings, err);
}
