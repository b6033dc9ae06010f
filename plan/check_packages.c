/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A pack is installed by name: its control package, and what its groups name.  All the
 * rest goes in because one of these asks for it, or not at all. */

#include "plan/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "plan/steps.h"
#include "repo/pack.h"

static const char *file_of(const struct sp_package *package)
{
	return package->file ? package->file : package->name;
}

static bool is_named(const char *dependency, const char *name)
{
	size_t len = strlen(name);

	return strncmp(dependency, name, len) == 0 &&
	       (dependency[len] == '\0' || dependency[len] == ' ');
}

/* ---- packages that stand for the pack ---------------------------------------------------- */

static bool has_package(const struct sp_pack *pack, const char *name)
{
	for (size_t i = 0; i < pack->n_packages; i++)
		if (!strcmp(pack->packages[i].name, name))
			return true;
	return false;
}

static int ask_for(struct sp_pack *pack, const char *name, const char *what,
		   struct sp_error *err)
{
	if (!name || has_package(pack, name))
		return 0;
	return sp_findings_add(&pack->findings, "role-package-missing", name, err,
			       "'%.100s' has no package '%.100s', which %s",
			       sp_step_pack_name(pack), name, what);
}

static int ask_for_all(struct sp_pack *pack, const struct sp_strv *names,
		       const char *what, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < names->n; i++)
		r = ask_for(pack, names->items[i], what, err);
	return r;
}

static int check_roles(struct sp_pack *pack, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *update = sp_text_format("update-%s", pack->label);
	int r = update ? ask_for(pack, pack->control,
				 "update.xml names as its control package", err)
		       : sp_error_nomem(err);

	if (r == 0)
		r = ask_for(pack, update, "stands for it on a host", err);
	if (r == 0 && !pack->update_packages.n)
		r = sp_findings_add(&pack->findings, "role-package-missing", "update",
				    err,
				    "'%.100s' has no package in a group 'update', by "
				    "which hosts install it",
				    sp_step_pack_name(pack));
	if (r == 0)
		r = ask_for_all(pack, &pack->update_packages, "its group 'update' names",
				err);
	if (r == 0)
		r = ask_for_all(pack, &pack->driver_packages, "its group 'drivers' names",
				err);
	return r;
}

/* ---- packages that nothing asks for -------------------------------------------------------- */

static bool gives(const struct sp_package *package, const char *dependency)
{
	if (is_named(dependency, package->name))
		return true;
	for (size_t i = 0; i < package->provides.n; i++) {
		SP_AUTO(sp_str_freep)
		char *name = strndup(package->provides.items[i],
				     strcspn(package->provides.items[i], " "));

		if (name && is_named(dependency, name))
			return true;
	}
	return false;
}

static bool is_asked_for(const struct sp_package *package, const struct sp_package *by)
{
	for (size_t i = 0; i < by->requires_.n; i++)
		if (gives(package, by->requires_.items[i]))
			return true;
	return false;
}

static bool is_first(const struct sp_pack *pack, const struct sp_package *package)
{
	return sp_strv_has(&pack->update_packages, package->name) ||
	       sp_strv_has(&pack->driver_packages, package->name) ||
	       (pack->control && !strcmp(pack->control, package->name));
}

/* One more round: is anything reached that was not? */
static bool reach(const struct sp_pack *pack, bool reached[])
{
	bool any = false;

	for (size_t i = 0; i < pack->n_packages; i++)
		for (size_t by = 0; !reached[i] && by < pack->n_packages; by++)
			if (reached[by] &&
			    is_asked_for(&pack->packages[i], &pack->packages[by]))
				any = reached[i] = true;
	return any;
}

static int check_reach(struct sp_pack *pack, struct sp_error *err)
{
	SP_AUTO(sp_bool_freep)
	bool *reached = calloc(pack->n_packages + 1, sizeof *reached);
	int r = 0;

	if (!reached)
		return sp_error_nomem(err);
	for (size_t i = 0; i < pack->n_packages; i++)
		reached[i] = is_first(pack, &pack->packages[i]);
	while (reach(pack, reached))
		;
	for (size_t i = 0; r == 0 && i < pack->n_packages; i++)
		if (!reached[i])
			r = sp_findings_add(&pack->findings, "package-unreached",
					    file_of(&pack->packages[i]), err,
					    "'%.200s' is asked for by no package that "
					    "stands for '%.100s'",
					    file_of(&pack->packages[i]),
					    sp_step_pack_name(pack));
	return r;
}

/* ---- each of them ---------------------------------------------------------------------------- */

static int check_licences(struct sp_pack *pack, const struct sp_package *package,
			  struct sp_error *err)
{
	for (size_t i = 0; i < package->files.n; i++)
		if (sp_text_ends_with(package->files.items[i], "EULA"))
			return sp_findings_add(&pack->findings, "brings-licence",
					       file_of(package), err,
					       "'%.200s' brings a licence that has to be "
					       "accepted: '/%.200s'",
					       file_of(package), package->files.items[i]);
	return 0;
}

/* Of packages in metadata this was told while they were read. */
static int check_signers(struct sp_pack *pack, struct sp_error *err)
{
	const char *first = pack->packages[0].signer;

	for (size_t i = 1; pack->format == SP_PACK_RPMS && i < pack->n_packages; i++) {
		const char *other = pack->packages[i].signer;

		if (first && other && strcmp(first, other) != 0)
			return sp_findings_add(
				&pack->findings, "package-signature",
				file_of(&pack->packages[i]), err,
				"'%.200s' is signed by key %s, and '%.200s' by key %s",
				file_of(&pack->packages[i]), other,
				file_of(&pack->packages[0]), first);
	}
	return 0;
}

/* Else it is not known what the pack holds, and why is said already. */
static bool is_known(const struct sp_pack *pack)
{
	return pack->n_packages &&
	       !sp_findings_has(&pack->findings, "damaged-metadata") &&
	       !sp_findings_has(&pack->findings, "unsafe-path") &&
	       !sp_findings_has(&pack->findings, "limit-exceeded");
}

int sp_check_packages(struct sp_pack *pack, struct sp_error *err)
{
	int r = 0;

	if (!is_known(pack))
		return 0;
	if (pack->format == SP_PACK_UPDATE) {
		r = check_roles(pack, err);
		if (r == 0)
			r = check_reach(pack, err);
	}
	for (size_t i = 0; r == 0 && i < pack->n_packages; i++)
		r = check_licences(pack, &pack->packages[i], err);
	return r == 0 ? check_signers(pack, err) : r;
}
