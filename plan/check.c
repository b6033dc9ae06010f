/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One check, one function; all of them are asked, since whoever makes a pack wants to
 * hear of everything at once. */

#include "plan/check.h"

#include <string.h>
#include <time.h>

#include "base/text.h"
#include "plan/steps.h"
#include "repo/pack.h"

enum { DAY_SECONDS = 24 * 60 * 60 };

struct question {
	const struct sp_check *check;
	const struct sp_pack_list *packs;
	struct sp_pack *pack;
};

/* ---- the pack itself ---------------------------------------------------------------- */

static int check_key(const struct question *q, struct sp_error *err)
{
	const struct sp_trust *trust = &q->pack->trust;
	int64_t left = trust->expires - q->check->now;
	time_t seconds = (time_t)trust->expires;
	char day[32] = "";
	struct tm tm;

	if (!trust->expires || trust->state > SP_TRUST_UNKNOWN_KEY || left <= 0 ||
	    left > (int64_t)SP_CHECK_SOON_DAYS * DAY_SECONDS)
		return 0;
	if (gmtime_r(&seconds, &tm))
		(void)strftime(day, sizeof day, "%Y-%m-%d", &tm);
	return sp_findings_add(
		&q->pack->findings, "key-expires-soon", sp_step_pack_name(q->pack), err,
		"'%.100s' is signed by key %s, which expires on %s: in %lld "
		"days",
		sp_step_pack_name(q->pack), trust->key ? trust->key : "", day,
		(long long)(left / DAY_SECONDS));
}

static int check_version(const struct question *q, struct sp_error *err)
{
	const char *version = q->pack->version ? q->pack->version : "";
	const char *dash = strchr(version, '-');

	if (q->pack->format == SP_PACK_RPMS || !dash || !strchr(dash + 1, '-'))
		return 0;
	return sp_findings_add(
		&q->pack->findings, "odd-version", sp_step_pack_name(q->pack), err,
		"the version '%.100s' of '%.100s' has more than one dash: "
		"what is before the first is compared by some and ignored by "
		"others",
		version, sp_step_pack_name(q->pack));
}

/* Those before it: then each pair is told of once. */
static int check_id(const struct question *q, struct sp_error *err)
{
	const struct sp_pack *pack = q->pack;

	for (const struct sp_pack *at = q->packs->items; at < pack; at++)
		if (at->format == pack->format && !strcmp(at->id, pack->id) &&
		    !strcmp(at->location, pack->location) && !sp_pack_is_same(at, pack))
			return sp_findings_add(
				&q->pack->findings, "duplicate-id", pack->id, err,
				"'%.100s' %.60s and '%.100s' %.60s have the same id, "
				"%.100s",
				sp_step_pack_name(at), at->version,
				sp_step_pack_name(pack), pack->version, pack->id);
	return 0;
}

/* What could not be read may hold anything. */
static bool is_all_read(const struct sp_pack *pack)
{
	for (size_t i = 0; i < pack->n_packages; i++)
		if (!pack->packages[i].verified || pack->packages[i].unread)
			return false;
	return pack->n_packages != 0;
}

static int check_group(const struct question *q, struct sp_error *err)
{
	const char *name = sp_step_pack_name(q->pack);

	if (!is_all_read(q->pack) || q->pack->driver_disk == (q->pack->modules.n != 0))
		return 0;
	if (q->pack->driver_disk)
		return sp_findings_add(
			&q->pack->findings, "group-without-modules", name, err,
			"'%.100s' is marked as a driver disk, and holds no "
			"kernel module",
			name);
	return sp_findings_add(&q->pack->findings, "modules-without-group", name, err,
			       "'%.100s' holds %zu kernel module%s, but is not marked as "
			       "a driver disk: the installer does not load %s",
			       name, q->pack->modules.n,
			       q->pack->modules.n == 1 ? "" : "s",
			       q->pack->modules.n == 1 ? "it" : "them");
}

/* ---- update.xml ---------------------------------------------------------------------- */

static int say_attribute(const struct question *q, struct sp_error *err,
			 const char *attribute, const char *text)
{
	return sp_findings_add(&q->pack->findings, "update-attribute", attribute, err,
			       "update.xml of '%.100s': %s", sp_step_pack_name(q->pack),
			       text);
}

static int check_size(const struct question *q, struct sp_error *err)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < q->pack->n_packages; i++)
		if (__builtin_add_overflow(sum, q->pack->packages[i].installed_bytes,
					   &sum))
			return 0;
	if (q->pack->installation_bytes >= sum)
		return 0;
	return say_attribute(q, err, "installation-size",
			     q->pack->installation_bytes
				     ? "'installation-size' is less than its packages "
				       "take"
				     : "it has no 'installation-size', and so nobody "
				       "looks whether there is room");
}

static bool is_guidance(const char *word, size_t len)
{
	static const char *const words[] = { "restartXAPI", "restartHost", "restartPV",
					     "restartHVM" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strlen(words[i]) == len && !memcmp(words[i], word, len))
			return true;
	return false;
}

static int check_guidance(const struct question *q, struct sp_error *err)
{
	for (const char *at = q->pack->guidance; at && *at;) {
		size_t len = strcspn(at, ",");

		if (!is_guidance(at, len))
			return say_attribute(q, err, "after-apply-guidance",
					     "'after-apply-guidance' has a word that is "
					     "not known, and then none of it counts");
		at += len + (at[len] == ',');
	}
	return 0;
}

static int check_key_file(const struct question *q, struct sp_error *err)
{
	if (q->pack->trust.state == SP_TRUST_UNSIGNED || q->pack->key_file)
		return 0;
	return say_attribute(q, err, "key",
			     "it has no 'key', and so a host does not check the "
			     "signatures of the packages");
}

static int check_control(const struct question *q, struct sp_error *err)
{
	if (q->pack->control)
		return 0;
	return say_attribute(q, err, "control",
			     "it names no 'control' package, without which the product's "
			     "own installer may not install it");
}

/* ---- all of it ----------------------------------------------------------------------- */

static int check_packages(const struct question *q, struct sp_error *err)
{
	return sp_check_packages(q->pack, err);
}

static int check_modules(const struct question *q, struct sp_error *err)
{
	return sp_check_modules(q->check, q->packs, q->pack, err);
}

// clang-format off
static const struct row {
	bool only_update; /* of the modern format */
	int (*ask)(const struct question *q, struct sp_error *err);
} rows[] = {
	{ false, check_key },
	{ false, check_version },
	{ false, check_id },
	{ true,  check_group },
	{ true,  check_size },
	{ true,  check_guidance },
	{ true,  check_key_file },
	{ true,  check_control },
	{ false, check_packages },
	{ false, check_modules },
};
// clang-format on

int sp_check_packs(const struct sp_check *check, struct sp_pack_list *packs,
		   struct sp_error *err)
{
	int r = 0;

	for (size_t p = 0; p < packs->n; p++) {
		const struct question q = { check, packs, &packs->items[p] };
		bool is_update = q.pack->format == SP_PACK_UPDATE;

		for (size_t i = 0; r == 0 && i < sizeof rows / sizeof rows[0]; i++)
			if (is_update || !rows[i].only_update)
				r = rows[i].ask(&q, err);
	}
	return r;
}
