/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How exactly a pattern names a device is read from its parts: labels in lower case,
 * each followed by an id or a star.  Which part means what differs from bus to bus,
 * and is a table. */
#include "plan/alias.h"
#include "plan/glob.h"
#include "plan/rank.h"

#include <string.h>

enum role {
	ROLE_NONE,
	ROLE_CLASS,
	ROLE_VENDOR,
	ROLE_DEVICE,
	ROLE_SUBVENDOR,
	ROLE_SUBDEVICE,
	N_ROLES,
};

enum { MAX_PARTS = 8, NAMING_BYTES = 4 };

struct part {
	const char *label;
	enum role role;
};

// clang-format off
static const struct bus {
	const char *name;
	bool has_vendor; /* a device's id says nothing without its vendor's */
	struct part parts[MAX_PARTS];
} buses[] = {
	{ "pci:", true, { { "v", ROLE_VENDOR }, { "d", ROLE_DEVICE },
			  { "sv", ROLE_SUBVENDOR }, { "sd", ROLE_SUBDEVICE },
			  { "bc", ROLE_CLASS }, { "sc", ROLE_CLASS }, { "i", ROLE_CLASS } } },
	{ "usb:", true, { { "v", ROLE_VENDOR }, { "p", ROLE_DEVICE },
			  { "dc", ROLE_CLASS }, { "dsc", ROLE_CLASS },
			  { "ic", ROLE_CLASS }, { "isc", ROLE_CLASS } } },
	{ "hid:", true, { { "v", ROLE_VENDOR }, { "p", ROLE_DEVICE }, { "g", ROLE_CLASS } } },
	{ "pcmcia:", true, { { "m", ROLE_VENDOR }, { "c", ROLE_DEVICE }, { "f", ROLE_CLASS } } },
	{ "sdio:", true, { { "v", ROLE_VENDOR }, { "d", ROLE_DEVICE }, { "c", ROLE_CLASS } } },
	{ "sdw:", true, { { "m", ROLE_VENDOR }, { "p", ROLE_DEVICE } } },
	{ "ssb:", true, { { "v", ROLE_VENDOR }, { "id", ROLE_DEVICE } } },
	{ "bcma:", true, { { "m", ROLE_VENDOR }, { "id", ROLE_DEVICE } } },
	{ "ieee1394:", true, { { "ven", ROLE_VENDOR }, { "mo", ROLE_DEVICE },
			       { "sp", ROLE_CLASS }, { "ver", ROLE_CLASS } } },
	{ "virtio:", false, { { "d", ROLE_DEVICE } } },
	{ "hdaudio:", false, { { "v", ROLE_DEVICE } } },
	{ "serio:", false, { { "ty", ROLE_CLASS } } },
	{ "scsi:", false, { { "t", ROLE_CLASS } } },
	{ "nd:", false, { { "t", ROLE_CLASS } } },
	{ "input:", false, { { "b", ROLE_CLASS } } },
};

static const char *const names[] = {
	[SP_RANK_NONE] = "none",
	[SP_RANK_CLASS] = "class",
	[SP_RANK_VENDOR] = "vendor",
	[SP_RANK_DEVICE] = "device",
	[SP_RANK_SUBSYSTEM] = "subsystem",
};
// clang-format on

const char *sp_rank_name(enum sp_rank rank)
{
	return (size_t)rank < sizeof names / sizeof names[0] ? names[rank] : "none";
}

static const struct bus *find_bus(const char *pattern, size_t len)
{
	for (size_t i = 0; i < sizeof buses / sizeof buses[0]; i++) {
		size_t name_len = strlen(buses[i].name);

		if (len >= name_len && memcmp(pattern, buses[i].name, name_len) == 0)
			return &buses[i];
	}
	return NULL;
}

static enum role role_of(const struct bus *bus, const char *label, size_t len)
{
	for (size_t i = 0; i < MAX_PARTS && bus->parts[i].label; i++)
		if (strncmp(bus->parts[i].label, label, len) == 0 &&
		    bus->parts[i].label[len] == '\0')
			return bus->parts[i].role;
	return ROLE_NONE;
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* An id without a wildcard.  The star that the kernel's build puts behind every
 * pattern is not the id's. */
static bool is_concrete(const char *value, size_t len, bool is_last)
{
	if (is_last && len > 1 && value[len - 1] == '*')
		len--;
	return len > 0 && sp_glob_literal_length(value, len) == len;
}

static enum sp_rank rank_parts(const struct bus *bus, const char *at, const char *end)
{
	bool has[N_ROLES] = { false };

	while (at < end) {
		const char *label = at, *value;
		enum role role;

		while (at < end && is_lower(*at))
			at++;
		value = at;
		while (at < end && !is_lower(*at))
			at++;
		role = role_of(bus, label, (size_t)(value - label));
		if (is_concrete(value, (size_t)(at - value), at == end))
			has[role] = true;
	}
	if (has[ROLE_DEVICE] && (has[ROLE_VENDOR] || !bus->has_vendor))
		return has[ROLE_SUBVENDOR] && has[ROLE_SUBDEVICE] ? SP_RANK_SUBSYSTEM
								  : SP_RANK_DEVICE;
	return has[ROLE_VENDOR] ? SP_RANK_VENDOR : SP_RANK_CLASS;
}

/* A bus whose parts nobody has told us: a name behind the bus's, whole or of some length,
 * is taken for the device's ("i2c:it87", "acpi*:PNP0C0A:*", "of:N*T*Cvirtio,mmio"). */
static enum sp_rank rank_name(const char *pattern, size_t len)
{
	const char *colon = memchr(pattern, ':', len);
	size_t at = colon ? (size_t)(colon - pattern) + 1 : 0, start, literal;

	if (is_concrete(pattern + at, len - at, true))
		return SP_RANK_DEVICE;
	while (sp_glob_next_literal(pattern, len, &at, &start, &literal))
		if (literal >= NAMING_BYTES)
			return SP_RANK_DEVICE;
	return SP_RANK_CLASS;
}

enum sp_rank sp_rank_of_sound(const char *pattern, size_t len)
{
	const struct bus *bus = find_bus(pattern, len);

	return bus ? rank_parts(bus, pattern + strlen(bus->name), pattern + len)
		   : rank_name(pattern, len);
}

enum sp_rank sp_alias_rank_n(const char *pattern, size_t len)
{
	return sp_glob_is_sound(pattern, len) ? sp_rank_of_sound(pattern, len)
					      : SP_RANK_NONE;
}

enum sp_rank sp_alias_rank(const char *pattern)
{
	return sp_alias_rank_n(pattern, strlen(pattern));
}
