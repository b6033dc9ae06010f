/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `suppack probe`: the devices of this machine, and first of all those that have no
 * driver, since that is why somebody asks. */

#include "installer-plugin/verb.h"

#include "base/json.h"
#include "installer-plugin/context.h"
#include "installer-plugin/report.h"

static void add_names(struct sp_strbuf *text, const struct sp_strv *names)
{
	for (size_t i = 0; i < names->n; i++)
		sp_strbuf_add(text, " %s", names->items[i]);
}

static void add_device(struct sp_strbuf *text, const struct sp_device *device)
{
	SP_AUTO(sp_str_freep) char *title = sp_device_title(device);

	sp_strbuf_add(text, "  %s  %s", device->address, title ? title : "");
	if (device->driver)
		sp_strbuf_add(text, ": %s", device->driver);
	if (device->interfaces.n || device->disks.n)
		sp_strbuf_add(text, " →");
	add_names(text, &device->interfaces);
	add_names(text, &device->disks);
	sp_strbuf_add(text, "\n");
}

static void add_part(struct sp_strbuf *text, const struct sp_device_list *devices,
		     const char *heading, bool orphans)
{
	size_t n = 0;

	for (size_t i = 0; i < devices->n; i++) {
		const struct sp_device *device = &devices->items[i];

		if (sp_device_is_orphan(device) != orphans ||
		    (!orphans && !device->driver))
			continue;
		if (!n++)
			sp_strbuf_add(text, "%s\n", heading);
		add_device(text, device);
	}
	if (!n && orphans)
		sp_strbuf_add(text, "Every device that needs a driver has one.\n");
}

int sp_verb_probe(struct sp_context *context, struct sp_report *report,
		  struct sp_error *err)
{
	struct json_object *devices = sp_json_array();
	int r = sp_context_read_machine(context, err);

	if (r < 0) {
		sp_json_free(devices);
		return r;
	}
	for (size_t i = 0; i < context->devices.n; i++)
		sp_json_append(devices, sp_device_to_json(&context->devices.items[i]));
	sp_json_set(report->body, "devices", devices);
	sp_json_set_string(report->body, "kernel", context->kernel.release);
	add_part(&report->text, &context->devices, "Without a driver:", true);
	add_part(&report->text, &context->devices, "With a driver:", false);
	return 0;
}
