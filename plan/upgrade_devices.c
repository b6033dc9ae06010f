/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Device by device: who would drive it after the upgrade?  The evidence is asked in
 * this order: the new release's kernel, the running installer's, the packs at hand. */

#include "plan/upgrade_devices.h"

#include <string.h>

#include "base/array.h"
#include "plan/alias.h"
#include "plan/plan.h"
#include "plan/usable.h"
#include "probe/device.h"
#include "repo/old_host.h"
#include "repo/pack.h"

enum { HITS_MAX = 64 };

struct looking {
	const struct sp_upgrade_input *input;
	struct sp_alias_index *old;       /* tags: index of the old pack */
	struct sp_alias_index *release;   /* NULL: its aliases are not known */
	struct sp_alias_index *installer; /* NULL: not known */
	struct sp_upgrade *upgrade;
	struct sp_error *err;
};

static void looking_done(struct looking *looking)
{
	sp_alias_index_freep(&looking->old);
	sp_alias_index_freep(&looking->release);
	sp_alias_index_freep(&looking->installer);
}

static int index_old(struct looking *l)
{
	const struct sp_old_host *old = l->input->old;
	int r = sp_alias_index_new(&l->old, l->err);

	for (size_t p = 0; r == 0 && p < old->n_packs; p++)
		for (size_t m = 0; r == 0 && m < old->packs[p].modules.n; m++) {
			const struct sp_module *module = &old->packs[p].modules.items[m];

			for (size_t a = 0; r == 0 && a < module->aliases.n; a++)
				r = sp_alias_index_add(l->old, module->aliases.items[a],
						       module->name, p, l->err);
		}
	return r;
}

enum tag { OF_MODULES, OF_BUILTIN };

static int index_kernel(const struct sp_upgrade_kernel *kernel,
			struct sp_alias_index **ret_index, struct sp_error *err)
{
	int r;

	if (!kernel || (!kernel->alias_text && !kernel->builtin_text))
		return 0;
	r = sp_alias_index_new(ret_index, err);
	if (r == 0 && kernel->alias_text)
		r = sp_alias_index_add_file(*ret_index, kernel->alias_text,
					    kernel->alias_len, OF_MODULES, err);
	if (r == 0 && kernel->builtin_text)
		r = sp_alias_index_add_file(*ret_index, kernel->builtin_text,
					    kernel->builtin_len, OF_BUILTIN, err);
	return r;
}

/* Who claims it there?  False: nobody, or it is not known. */
static bool claims(struct sp_alias_index *index, const char *modalias,
		   struct sp_alias_hit *ret_hit)
{
	return index && sp_alias_index_find(index, modalias, ret_hit, 1) > 0;
}

static bool has_name(const struct sp_strv *names, const char *module)
{
	for (size_t i = 0; names && i < names->n; i++)
		if (sp_usable_is_module(names->items[i], module))
			return true;
	return false;
}

/* The match of a pack at hand that would be loaded for the device; NULL: none. */
static const struct sp_match *match_at_hand(const struct sp_upgrade_input *input,
					    size_t device)
{
	const struct sp_plan *plan = input->plan;

	for (size_t i = 0; plan && i < plan->n_matches; i++)
		if (plan->matches[i].device == device &&
		    plan->matches[i].verdict != SP_VERDICT_REFUSED)
			return &plan->matches[i];
	return NULL;
}

static bool release_is_known(const struct sp_upgrade_kernel *release)
{
	return release && (release->alias_text || release->builtin_text ||
			   release->names || release->builtin);
}

/* ---- evidence: each sets *@ret_evidence (NULL: out of memory) if it is one -------------- */

static bool release_drives(const struct looking *l, const struct sp_upgrade_device *at,
			   const char *modalias, char **ret_evidence)
{
	const struct sp_upgrade_kernel *release = l->input->release;
	struct sp_alias_hit hit;

	if (claims(l->release, modalias, &hit))
		*ret_evidence = sp_text_format(
			"%s '%.*s' of %s claims it",
			hit.tag == OF_BUILTIN ? "built-in driver" : "module",
			(int)hit.module_len, hit.module, release->what);
	else if (release && has_name(release->names, at->module))
		*ret_evidence =
			sp_text_format("%s has a module of that name", release->what);
	else if (release && has_name(release->builtin, at->module))
		*ret_evidence = sp_text_format("%s has a driver of that name built in",
					       release->what);
	else
		return false;
	return true;
}

/* The running kernel says what a driver claims; does the new release have that driver, as
 * far as it is known? */
static bool has_driver(const struct sp_upgrade_kernel *release,
		       const struct sp_alias_hit *hit)
{
	SP_AUTO(sp_str_freep) char *name = strndup(hit->module, hit->module_len);

	if (!release_is_known(release))
		return true;
	if (hit->tag == OF_BUILTIN && release->lacks_builtin)
		return true;
	return name &&
	       (has_name(release->names, name) || has_name(release->builtin, name));
}

/* The installer of the new release runs the new release's kernel, most of the time: what
 * is not known of the one is asked of the other. */
static bool installer_drives(const struct looking *l, const struct sp_upgrade_device *at,
			     const char *modalias, char **ret_evidence)
{
	const struct sp_upgrade_kernel *release = l->input->release;
	const struct sp_upgrade_kernel *installer = l->input->installer;
	struct sp_alias_hit hits[HITS_MAX];
	size_t n = l->installer
			   ? sp_alias_index_find(l->installer, modalias, hits, HITS_MAX)
			   : 0;

	for (size_t i = 0; i < n && i < HITS_MAX; i++)
		if (has_driver(release, &hits[i])) {
			*ret_evidence = sp_text_format(
				"%s '%.*s' of %s claims it",
				hits[i].tag == OF_BUILTIN ? "built-in driver" : "module",
				(int)hits[i].module_len, hits[i].module, installer->what);
			return true;
		}
	if (!installer || !has_name(installer->builtin, at->module) ||
	    (release_is_known(release) && !release->lacks_builtin))
		return false;
	*ret_evidence =
		sp_text_format("%s has a driver of that name built in", installer->what);
	return true;
}

static bool pack_drives(const struct looking *l, struct sp_upgrade_device *at,
			char **ret_evidence)
{
	const struct sp_match *match = match_at_hand(l->input, at->device);
	const struct sp_pack *pack =
		match ? &l->input->at_hand->items[match->pack] : NULL;

	if (!pack)
		return false;
	at->renewed_by = match->pack;
	*ret_evidence = sp_text_format("'%s' at hand drives it",
				       pack->label ? pack->label : pack->id);
	return true;
}

static int find_fate(struct looking *l, struct sp_upgrade_device *at)
{
	const char *modalias = l->input->devices->items[at->device].modalias;
	const struct sp_upgrade_kernel *release = l->input->release;

	at->renewed_by = (size_t)-1;
	if (release_drives(l, at, modalias, &at->evidence) ||
	    installer_drives(l, at, modalias, &at->evidence)) {
		at->fate = SP_FATE_COVERED;
	} else if (pack_drives(l, at, &at->evidence)) {
		at->fate = SP_FATE_RENEWED;
	} else if (!release_is_known(release) && !l->installer) {
		at->fate = SP_FATE_UNKNOWN;
		at->evidence = strdup("nothing is known of the new release's drivers");
	} else {
		at->fate = SP_FATE_LOST;
		at->evidence = sp_text_format(
			"neither %s nor a pack at hand has a driver for it",
			release_is_known(release) ? release->what
						  : l->input->installer->what);
	}
	return at->evidence ? 0 : sp_error_nomem(l->err);
}

static bool is_among(const struct sp_strv *addresses, const char *address)
{
	return addresses && sp_strv_has(addresses, address);
}

static const char *module_name(const struct sp_old_pack *pack,
			       const struct sp_alias_hit *hit)
{
	for (size_t m = 0; m < pack->modules.n; m++) {
		const char *name = pack->modules.items[m].name;

		if (strlen(name) == hit->module_len &&
		    !memcmp(name, hit->module, hit->module_len))
			return name;
	}
	return "";
}

static int add_device(struct looking *l, size_t device, const struct sp_alias_hit *hit)
{
	const char *address = l->input->devices->items[device].address;
	struct sp_upgrade_device *at =
		sp_array_add(&l->upgrade->devices, &l->upgrade->n_devices);

	if (!at)
		return sp_error_nomem(l->err);
	at->pack = hit->tag;
	at->device = device;
	at->module = module_name(&l->input->old->packs[hit->tag], hit);
	at->is_boot = is_among(l->input->boot_devices, address);
	at->is_storage = is_among(l->input->storage_devices, address);
	at->is_management = is_among(l->input->management_devices, address);
	return find_fate(l, at);
}

int sp_upgrade_devices_find(const struct sp_upgrade_input *input,
			    struct sp_upgrade *upgrade, struct sp_error *err)
{
	SP_AUTO(looking_done)
	struct looking l = { .input = input, .upgrade = upgrade, .err = err };
	int r = index_old(&l);

	if (r == 0)
		r = index_kernel(input->release, &l.release, err);
	if (r == 0)
		r = index_kernel(input->installer, &l.installer, err);
	for (size_t d = 0; r == 0 && d < input->devices->n; d++) {
		struct sp_alias_hit hits[HITS_MAX];
		size_t n = sp_alias_index_find(l.old, input->devices->items[d].modalias,
					       hits, HITS_MAX);

		for (size_t i = 0; r == 0 && i < n && i < HITS_MAX; i++)
			r = add_device(&l, d, &hits[i]);
	}
	return r;
}
