/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which card the management interface of an old host was on.  The inventory names a
 * bridge; what stands behind it is in one of three places, by era, and so are the
 * addresses of the cards.  Names may have changed since: addresses have not. */

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/inside.h"
#include "base/json.h"
#include "repo/old_host_steps.h"

#define SCRIPTS "etc/sysconfig/network-scripts"
#define RULES SCRIPTS "/interface-rename-data"

enum {
	FILE_MAX_BYTES = 256 * 1024,
	DEVICES_MAX = 16,
	SCRIPTS_MAX = 1024,
	BRIDGES_MAX = 4 /* one above the other */
};

struct network {
	struct sp_old_reading *reading;
	struct sp_strv *devices, *macs, *addresses;
	const char *bridge;
};

/* *@ret_text is NULL when it is not there or cannot be read, which is a finding. */
static int load(struct network *network, const char *path, char **ret_text,
		size_t *ret_len)
{
	struct sp_error cause = SP_ERROR_INIT;
	int r = sp_inside_load(network->reading->input->root_fd, path, FILE_MAX_BYTES,
			       ret_text, ret_len, &cause);

	return r < 0 ? sp_old_host_complain(network->reading, path, &cause) : 0;
}

/* ---- one thing after another ------------------------------------------------------------ */

static bool is_device(const char *name)
{
	size_t len = strlen(name);

	return len && len < 16 && *name != '.' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789_.-") == len;
}

static int device_add(struct network *network, const char *name)
{
	if (!is_device(name) || sp_strv_has(network->devices, name) ||
	    network->devices->n >= DEVICES_MAX)
		return 0;
	return sp_strv_add(network->devices, name, network->reading->err);
}

/* "aa:bb:cc:dd:ee:ff", in any case; anything else is none. */
static int mac_add(struct network *network, const char *text)
{
	static const char pattern[] = "xx:xx:xx:xx:xx:xx";
	char mac[sizeof pattern];

	for (size_t i = 0; i < sizeof pattern; i++) {
		mac[i] = (char)tolower((unsigned char)text[i]);
		if (pattern[i] == 'x' ? !isxdigit((unsigned char)text[i])
				      : pattern[i] != text[i])
			return 0;
	}
	if (sp_strv_has(network->macs, mac) || network->macs->n >= DEVICES_MAX)
		return 0;
	return sp_strv_add(network->macs, mac, network->reading->err);
}

static int address_add(struct network *network, const char *text)
{
	static const char pattern[] = "xxxx:xx:xx.x";

	for (size_t i = 0; text && i < sizeof pattern; i++)
		if (pattern[i] == 'x' ? !isxdigit((unsigned char)text[i])
				      : pattern[i] != text[i])
			return 0;
	if (!text || network->addresses->n >= DEVICES_MAX)
		return 0;
	return sp_strv_add(network->addresses, text, network->reading->err);
}

/* ---- behind the bridge -------------------------------------------------------------------- */

/* What @key stands for in what networkd wrote: an object, or pairs in an array. */
static struct json_object *entry_of(const struct json_object *of, const char *key)
{
	if (sp_json_is_object(of))
		return sp_json_get(of, key);
	for (size_t i = 0; i < sp_json_length(of); i++) {
		const struct json_object *pair = sp_json_at(of, i);
		const char *name = sp_json_text(sp_json_at(pair, 0));

		if (name && !strcmp(name, key))
			return sp_json_at(pair, 1);
	}
	return NULL;
}

static int port_take(struct network *network, const struct json_object *port)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	int r = sp_json_get_strv(port, "interfaces", &names, network->reading->err);

	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = device_add(network, names.items[i]);
	return r;
}

static int ports_take(struct network *network, const struct json_object *ports)
{
	const char *key;
	int r = 0;

	for (size_t i = 0; r == 0 && (key = sp_json_key_at(ports, i)); i++)
		r = port_take(network, sp_json_get(ports, key));
	for (size_t i = 0; r == 0 && i < sp_json_length(ports); i++)
		r = port_take(network, sp_json_at(sp_json_at(ports, i), 1));
	return r;
}

/* The bridge that a VLAN's is made on: ["xenbr0", 10], or one such pair in an array.
 * NULL: it is no VLAN's. */
static const char *parent_of(const struct json_object *entry)
{
	const struct json_object *first = sp_json_at(sp_json_get(entry, "vlan"), 0);
	const char *name = sp_json_text(first);

	return name ? name : sp_json_text(sp_json_at(first, 0));
}

static int bridge_take(struct network *network, const struct json_object *bridges)
{
	const char *bridge = network->bridge;
	int r = 0;

	for (int i = 0; r == 0 && bridge && i < BRIDGES_MAX; i++) {
		const struct json_object *entry = entry_of(bridges, bridge);

		r = ports_take(network, sp_json_get(entry, "ports"));
		bridge = parent_of(entry);
	}
	return r;
}

/* From 6.1 on. */
static int ask_networkd(struct network *network)
{
	static const char *const path = "var/lib/xcp/networkd.db";
	SP_AUTO(sp_str_freep) char *text = NULL;
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	struct sp_error cause = SP_ERROR_INIT;
	size_t len;
	int r = load(network, path, &text, &len);

	if (r < 0 || !text)
		return r;
	if (sp_json_parse(text, len, &json, &cause) < 0)
		return sp_old_host_complain(network->reading, path, &cause);
	return bridge_take(network, sp_json_get(json, "bridge_config"));
}

/* What the installer left for the first boot. */
static int ask_first_boot(struct network *network)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	SP_AUTO(sp_str_freep) char *label = NULL;
	size_t len;
	int r = load(network, "etc/firstboot.d/data/management.conf", &text, &len);

	label = r == 0 && text ? sp_old_host_value(text, "LABEL") : NULL;
	return r == 0 && label ? device_add(network, label) : r;
}

/* "eth0.100" is a VLAN on eth0. */
static int script_take(struct network *network, const char *device)
{
	size_t len = strcspn(device, ".");
	SP_AUTO(sp_str_freep) char *name = strndup(device, len);

	if (!name)
		return sp_error_nomem(network->reading->err);
	return device[len] && device[len + 1 + strspn(device + len + 1, "0123456789")]
		       ? device_add(network, device)
		       : device_add(network, name);
}

/* Takes the device of script @name if @key in it is one of @values. */
static int ask_script(struct network *network, const char *name, const char *key,
		      const struct sp_strv *values)
{
	SP_AUTO(sp_str_freep) char *path = sp_text_format(SCRIPTS "/%s", name);
	SP_AUTO(sp_str_freep) char *text = NULL;
	SP_AUTO(sp_str_freep) char *value = NULL;
	size_t len;
	int r;

	if (!path)
		return sp_error_nomem(network->reading->err);
	r = load(network, path, &text, &len);
	value = r == 0 && text ? sp_old_host_value(text, key) : NULL;
	return value && sp_strv_has(values, value)
		       ? script_take(network, name + strlen("ifcfg-"))
		       : r;
}

/* Up to 6.0.  First what is on the bridge, then what those are made of. */
static int ask_scripts(struct network *network)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	char *bridge = (char *)(uintptr_t)network->bridge;
	const struct sp_strv bridges = { .items = &bridge, .n = 1 };
	struct sp_error cause = SP_ERROR_INIT;
	int r = sp_inside_list(network->reading->input->root_fd, SCRIPTS, SCRIPTS_MAX,
			       &names, &cause);

	if (r < 0)
		return sp_old_host_complain(network->reading, SCRIPTS, &cause);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (sp_text_starts_with(names.items[i], "ifcfg-"))
			r = ask_script(network, names.items[i], "BRIDGE", &bridges);
	for (size_t i = 0; r == 0 && network->devices->n && i < names.n; i++)
		if (sp_text_starts_with(names.items[i], "ifcfg-"))
			r = ask_script(network, names.items[i], "MASTER",
				       network->devices);
	return r < 0 ? r : 0;
}

/* "xenbr0" is the bridge of eth0 unless somebody has said otherwise. */
static int ask_convention(struct network *network)
{
	SP_AUTO(sp_str_freep) char *name = NULL;
	const char *number = network->bridge + strlen("xenbr");

	if (!sp_text_starts_with(network->bridge, "xenbr"))
		return device_add(network, network->bridge);
	if (!*number || number[strspn(number, "0123456789")])
		return 0;
	name = sp_text_format("eth%s", number);
	return name ? device_add(network, name) : sp_error_nomem(network->reading->err);
}

typedef int (*ask_fn)(struct network *network);

/* The first that knows is right: what was configured last comes first. */
static const ask_fn asked[] = { ask_networkd, ask_scripts, ask_first_boot,
				ask_convention };

/* ---- addresses ------------------------------------------------------------------------------ */

/* [["00:50:56:…", "0000:03:00.0", "eth0"], …] */
static int boot_take(struct network *network, const struct json_object *entries)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sp_json_length(entries); i++) {
		const struct json_object *entry = sp_json_at(entries, i);
		const char *mac = sp_json_text(sp_json_at(entry, 0));
		const char *name = sp_json_text(sp_json_at(entry, 2));

		if (!mac || !name || !sp_strv_has(network->devices, name))
			continue;
		r = mac_add(network, mac);
		/* Where no driver is, a device has no other name than this. */
		if (r == 0)
			r = address_add(network, sp_json_text(sp_json_at(entry, 1)));
	}
	return r;
}

/* Comment lines are the only thing in that file that is no JSON. */
static void blank_comments(char *text)
{
	while (text) {
		char *line = text + strspn(text, "\r\n \t");

		text = strchr(line, '\n');
		if (*line == '#')
			memset(line, ' ', text ? (size_t)(text - line) : strlen(line));
	}
}

static int macs_of_dynamic_rules(struct network *network)
{
	static const char *const path = RULES "/dynamic-rules.json";
	SP_AUTO(sp_str_freep) char *text = NULL;
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	struct sp_error cause = SP_ERROR_INIT;
	size_t len;
	int r = load(network, path, &text, &len);

	if (r < 0 || !text)
		return r;
	blank_comments(text);
	if (!text[strspn(text, "\r\n \t")])
		return 0;
	if (sp_json_parse(text, len, &json, &cause) < 0)
		return sp_old_host_complain(network->reading, path, &cause);
	return boot_take(network, sp_json_get(json, "lastboot"));
}

/* eth0:mac="00:50:56:…", with blanks or without. */
static int static_rule_take(struct network *network, const char *line)
{
	size_t n = strcspn(line, ": \t=\n");
	SP_AUTO(sp_str_freep) char *name = strndup(line, n);
	const char *at = line + n;

	if (!name)
		return sp_error_nomem(network->reading->err);
	at += strspn(at, ": \t");
	if (!sp_strv_has(network->devices, name) || !sp_text_starts_with(at, "mac"))
		return 0;
	at += strlen("mac");
	at += strspn(at, " \t=\"'");
	SP_AUTO(sp_str_freep) char *mac = strndup(at, strlen("xx:xx:xx:xx:xx:xx"));

	return mac ? mac_add(network, mac) : sp_error_nomem(network->reading->err);
}

static int macs_of_static_rules(struct network *network)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	size_t len;
	int r = load(network, RULES "/static-rules.conf", &text, &len);

	for (const char *at = text; r == 0 && at; at = strchr(at, '\n')) {
		at += strspn(at, "\r\n \t");
		r = static_rule_take(network, at);
	}
	return r;
}

static int macs_of_scripts(struct network *network)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < network->devices->n; i++) {
		SP_AUTO(sp_str_freep)
		char *path =
			sp_text_format(SCRIPTS "/ifcfg-%s", network->devices->items[i]);
		SP_AUTO(sp_str_freep) char *text = NULL;
		SP_AUTO(sp_str_freep) char *mac = NULL;
		size_t len;

		if (!path)
			return sp_error_nomem(network->reading->err);
		r = load(network, path, &text, &len);
		mac = r == 0 && text ? sp_old_host_value(text, "HWADDR") : NULL;
		if (mac)
			r = mac_add(network, mac);
	}
	return r;
}

int sp_old_host_read_network(struct sp_old_reading *reading)
{
	struct sp_old_host *host = reading->host;
	struct network network = { reading, &host->management_devices,
				   &host->management_macs, &host->management_addresses,
				   host->inventory.management_interface };
	int r = 0;

	if (!network.bridge || !*network.bridge)
		return 0;
	for (size_t i = 0;
	     r == 0 && !network.devices->n && i < sizeof asked / sizeof asked[0]; i++)
		r = asked[i](&network);
	if (r == 0)
		r = macs_of_dynamic_rules(&network);
	if (r == 0)
		r = macs_of_static_rules(&network);
	if (r == 0)
		r = macs_of_scripts(&network);
	return r;
}
