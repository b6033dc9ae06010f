/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The plan in words and in JSON. */

#include "plan/plan.h"

#include <string.h>

#include "base/json.h"
#include "plan/steps.h"
#include "probe/device.h"
#include "repo/pack.h"

static const char *const rank_words[] = {
	[SP_RANK_NONE] = "claims it",
	[SP_RANK_CLASS] = "claims every device of its class",
	[SP_RANK_VENDOR] = "claims every device of its vendor",
	[SP_RANK_DEVICE] = "claims it exactly",
	[SP_RANK_SUBSYSTEM] = "claims this very board",
};

static struct json_object *match_to_json(const struct sp_match *match,
					 const struct sp_plan_input *input)
{
	const struct sp_pack *pack = &input->packs->items[match->pack];
	const struct sp_module *module = &pack->modules.items[match->module];
	struct json_object *json = sp_json_object();

	sp_json_set_string(json, "address", match->address);
	sp_json_set_string(json, "module", module->name);
	sp_json_set_string(json, "module_version", module->version);
	sp_json_set_string(json, "pack", pack->id);
	sp_json_set_string(json, "rank", sp_rank_name(match->rank));
	sp_json_set_string(json, "current_driver", match->current_driver);
	sp_json_set_string(json, "verdict", sp_verdict_name(match->verdict));
	sp_json_set_string(json, "code", match->code);
	sp_json_set_string(json, "reason", match->reason);
	return json;
}

struct json_object *sp_plan_matches_to_json(const struct sp_plan *plan,
					    const struct sp_plan_input *input)
{
	struct json_object *array = sp_json_array();

	for (size_t i = 0; i < plan->n_matches; i++)
		sp_json_append(array, match_to_json(&plan->matches[i], input));
	return array;
}

char *sp_plan_match_text(const struct sp_match *match, const struct sp_plan_input *input)
{
	const struct sp_device *device = &input->devices->items[match->device];
	const struct sp_pack *pack = &input->packs->items[match->pack];
	const struct sp_module *module = &pack->modules.items[match->module];
	SP_AUTO(sp_str_freep) char *title = sp_device_title(device);
	struct sp_strbuf text = { 0 };

	sp_strbuf_add(&text, "%s %s: ", device->address, title ? title : "");
	sp_strbuf_add(&text, "%s%s", device->driver ? "driven by " : "no driver",
		      device->driver ? device->driver : "");
	sp_strbuf_add(&text, " → %s%s%s from '%s' ", module->name,
		      module->version ? " " : "", module->version ? module->version : "",
		      sp_step_pack_name(pack));
	if (match->verdict == SP_VERDICT_LOAD || match->verdict == SP_VERDICT_REPLACE)
		sp_strbuf_add(&text, "%s", rank_words[match->rank]);
	else
		sp_strbuf_add(&text, "will not be loaded: %s", match->reason);
	return sp_strbuf_take(&text);
}
