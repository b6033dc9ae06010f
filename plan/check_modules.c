/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A module says for which kernel it was built, its path for which it is installed, and
 * its package for which it may be: three words that should be one. */

#include "plan/check.h"

#include <string.h>

#include "base/text.h"
#include "plan/plan.h"
#include "plan/steps.h"
#include "repo/pack.h"

#define GATE "kernel-uname-r"
#define HOST_ARCH "x86_64" /* the only one that the product runs on */

struct question {
	const struct sp_check *check;
	const struct sp_pack_list *packs;
	struct sp_pack *pack;
	const struct sp_module *module;
	const struct sp_package *package;
};

/* Old packs' loose files go where the pack says. */
static bool is_in_rpm(const struct question *q)
{
	return sp_text_ends_with(q->package->type, "rpm");
}

/* ---- its kernel -------------------------------------------------------------------------- */

/* "kernel-uname-r = 4.19.0+1": what follows the "="; NULL if it is no such thing. */
static const char *kernel_of(const char *dependency)
{
	const char *at = dependency + strlen(GATE);

	if (!sp_text_starts_with(dependency, GATE) || *at != ' ')
		return NULL;
	at += strspn(at, " ");
	return at[0] == '=' && at[1] == ' ' ? at + 2 : NULL;
}

/* *@ret_any: a kernel is required at all. */
static bool requires_kernel(const struct sp_strv *list, const char *kernel, bool *ret_any)
{
	bool found = false;

	for (size_t i = 0; i < list->n; i++) {
		const char *one = kernel_of(list->items[i]);

		*ret_any |= sp_text_starts_with(list->items[i], GATE);
		found |= one && !strcmp(one, kernel);
	}
	return found;
}

static int check_requirement(const struct question *q, struct sp_error *err)
{
	const struct sp_module *module = q->module;
	bool any = false;

	if (!module->kernel || q->pack->format == SP_PACK_LEGACY ||
	    q->pack->format == SP_PACK_LEGACY_TEXT ||
	    requires_kernel(&q->package->requires_, module->kernel, &any))
		return 0;
	/* The control package may ask for it as well. */
	if (!any && requires_kernel(&q->pack->requires_, module->kernel, &any))
		return 0;
	if (!any)
		return sp_findings_add(&q->pack->findings, "kernel-not-required",
				       module->name, err,
				       "module '%s' is for kernel %s, which its package "
				       "'%.100s' does not require",
				       module->name, module->kernel, q->package->name);
	return sp_findings_add(&q->pack->findings, "kernel-mismatch", module->name, err,
			       "module '%s' is for kernel %s, and its package '%.100s' "
			       "requires another",
			       module->name, module->kernel, q->package->name);
}

static int check_vermagic(const struct question *q, struct sp_error *err)
{
	const struct sp_module *module = q->module;
	size_t len =
		module->vermagic ? sp_usable_vermagic_release_len(module->vermagic) : 0;

	/* What a server was not asked for says nothing. */
	if (!module->kernel || q->package->unread ||
	    (len == strlen(module->kernel) &&
	     !memcmp(module->vermagic, module->kernel, len)))
		return 0;
	return sp_findings_add(
		&q->pack->findings, "kernel-mismatch", module->name, err,
		"module '%s' lies where kernel %s looks, and was built for "
		"kernel %.*s",
		module->name, module->kernel, len ? (int)len : 7,
		len ? module->vermagic : "unknown");
}

static int check_place(const struct question *q, struct sp_error *err)
{
	const struct sp_module *module = q->module;
	bool is_kernels = module->path && strstr(module->path, "/kernel/");

	if (!is_in_rpm(q) || (module->kernel && !is_kernels))
		return 0;
	return sp_findings_add(&q->pack->findings, "module-misplaced", module->name, err,
			       is_kernels
				       ? "module '%s' lies among the kernel's own: '%s'"
				       : "module '%s' lies where no kernel looks: '%s'",
			       module->name, module->path ? module->path : "");
}

/* ---- what it says of itself ------------------------------------------------------------------ */

static bool has_word(const struct sp_strv *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (sp_usable_is_module(list->items[i], name))
			return true;
	return false;
}

/* "pre: crc32c post: x" */
static bool is_in_softdeps(const struct sp_strv *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strstr(list->items[i], name))
			return true;
	return false;
}

static bool is_needed(const struct sp_pack_list *packs, const char *name)
{
	for (size_t p = 0; p < packs->n; p++)
		for (size_t m = 0; m < packs->items[p].modules.n; m++) {
			const struct sp_module *by = &packs->items[p].modules.items[m];

			if (has_word(&by->depends, name) ||
			    is_in_softdeps(&by->softdeps, name))
				return true;
		}
	return false;
}

static int check_aliases(const struct question *q, struct sp_error *err)
{
	if (q->module->aliases.n || q->package->unread ||
	    is_needed(q->packs, q->module->name))
		return 0;
	return sp_findings_add(&q->pack->findings, "module-claims-nothing",
			       q->module->name, err,
			       "module '%s' claims no device, and no module needs it: "
			       "nothing loads it",
			       q->module->name);
}

static bool has_firmware(const struct sp_pack_list *packs, const char *name)
{
	static const char *const endings[] = { "", ".xz", ".zst" };

	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		SP_AUTO(sp_str_freep)
		char *file = sp_text_format("%s%s", name, endings[i]);

		if (file && sp_plan_firmware_pack(packs, file))
			return true;
	}
	return false;
}

static int check_firmware(const struct question *q, struct sp_error *err)
{
	const struct sp_strv *wanted = &q->module->firmware;
	int r = 0;

	for (size_t i = 0; r == 0 && i < wanted->n; i++)
		if (!has_firmware(q->packs, wanted->items[i]))
			r = sp_findings_add(
				&q->pack->findings, "firmware-missing", q->module->name,
				err,
				"module '%s' may ask for firmware '%.200s', which the "
				"pack does not bring",
				q->module->name, wanted->items[i]);
	return r;
}

static int check_signature(const struct question *q, struct sp_error *err)
{
	const char *name = q->module->name;

	if (q->module->has_signature || q->package->unread)
		return 0;
	if (!q->check->enforces_signatures)
		return sp_findings_add(&q->pack->findings, "module-unsigned", name, err,
				       "module '%s' carries no signature", name);
	return sp_findings_add(&q->pack->findings, "load-key-rejected", name, err,
			       "module '%s' carries no signature, and this kernel takes "
			       "signed modules only",
			       name);
}

static int check_arch(const struct question *q, struct sp_error *err)
{
	const char *arch = q->package->arch ? q->package->arch : "";

	if (!*arch || !strcmp(arch, HOST_ARCH) || !strcmp(arch, "noarch"))
		return 0;
	return sp_findings_add(&q->pack->findings, "wrong-architecture", q->package->name,
			       err,
			       "'%.100s' with module '%s' is for %s, and hosts are "
			       "" HOST_ARCH,
			       q->package->name, q->module->name, arch);
}

/* ---- all of them ------------------------------------------------------------------------------- */

static int (*const checks[])(const struct question *q, struct sp_error *err) = {
	check_requirement, check_vermagic,  check_place, check_aliases,
	check_firmware,    check_signature, check_arch,
};

/* One for it is enough: packs for several releases have modules for each. */
static int check_wanted_kernel(const struct sp_check *check, struct sp_pack *pack,
			       struct sp_error *err)
{
	if (!check->kernel || !pack->modules.n)
		return 0;
	for (size_t i = 0; i < pack->modules.n; i++)
		if (pack->modules.items[i].kernel &&
		    !strcmp(pack->modules.items[i].kernel, check->kernel))
			return 0;
	return sp_findings_add(&pack->findings, "wrong-kernel", sp_step_pack_name(pack),
			       err, "'%.100s' has no module for kernel %s",
			       sp_step_pack_name(pack), check->kernel);
}

int sp_check_modules(const struct sp_check *check, const struct sp_pack_list *packs,
		     struct sp_pack *pack, struct sp_error *err)
{
	int r = check_wanted_kernel(check, pack, err);

	for (size_t m = 0; r == 0 && m < pack->modules.n; m++) {
		struct question q = { check, packs, pack, &pack->modules.items[m], NULL };

		if (q.module->package >= pack->n_packages)
			return sp_error_set(err, SP_ERR_INTERNAL,
					    "module '%s' belongs to no package",
					    q.module->name);
		q.package = &pack->packages[q.module->package];
		for (size_t i = 0; r == 0 && i < sizeof checks / sizeof checks[0]; i++)
			r = checks[i](&q, err);
	}
	return r;
}
