/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One check, one function, and none stops at the first problem: an operator who has to
 * fetch three things wants to hear of three. */

#include "plan/requirements.h"

#include <stdio.h>
#include <string.h>

#include "plan/steps.h"
#include "repo/evr.h"
#include "repo/legacy_version.h"
#include "repo/pack.h"
#include "repo/target.h"

enum { SPACE_RESERVE_PERCENT = 10, MIB = 1024 * 1024 };

struct asking {
	const struct sp_target *target;
	const struct sp_pack_list *batch;
	const struct sp_pack *pack;
	struct sp_findings *findings;
	struct sp_error *err;
};

static const char *known(const char *text)
{
	return text && *text ? text : "unknown";
}

/* ---- other packs, and the product itself --------------------------------------- */

/* The product's own repositories, which legacy packs require by these ids. */
static const char *product_version_of(const struct sp_target *target, const char *id)
{
	if (!strcmp(id, "xs:main"))
		return target->inventory.product_version;
	if (!strcmp(id, "xcp:main"))
		return target->inventory.platform_version;
	return NULL;
}

static const char *version_in_batch(const struct asking *a, const char *id)
{
	for (size_t i = 0; i < a->batch->n; i++) {
		const struct sp_pack *other = &a->batch->items[i];

		if (other != a->pack && other->id && !strcmp(other->id, id))
			return other->version;
	}
	return NULL;
}

static const char *version_of(const struct asking *a, const char *id)
{
	const char *version = version_in_batch(a, id);

	for (size_t i = 0; !version && i < a->target->n_packs; i++)
		if (!strcmp(a->target->packs[i].id, id))
			version = a->target->packs[i].version;
	return version ? version : product_version_of(a->target, id);
}

static int check_legacy_requirement(struct asking *a, const char *text)
{
	SP_AUTO(sp_legacy_requirement_done) struct sp_legacy_requirement wanted = { 0 };
	const char *have;
	int r = sp_legacy_requirement_parse(text, &wanted, a->err);

	if (r < 0)
		return r;
	have = version_of(a, wanted.id);
	if (sp_legacy_requirement_is_met(&wanted, have))
		return 0;
	return sp_findings_add(
		a->findings, "requirement-missing", sp_step_pack_name(a->pack), a->err,
		"'%s' requires %s %s %s, and %s%s", sp_step_pack_name(a->pack), wanted.id,
		sp_legacy_test_sign(wanted.test), wanted.version,
		have ? "this host has " : "this host does not have it", have ? have : "");
}

/* "product-version = 8.2.0": the gate of a modern pack. */
static int check_gate(struct asking *a, const char *text)
{
	const struct {
		const char *name, *word, *have;
	} gates[] = {
		{ "product-version = ", "version", a->target->inventory.product_version },
		{ "platform-version = ", "platform version",
		  a->target->inventory.platform_version },
	};

	for (size_t i = 0; i < sizeof gates / sizeof gates[0]; i++) {
		const char *wanted = text + strlen(gates[i].name);

		if (!sp_text_starts_with(text, gates[i].name) ||
		    (gates[i].have && sp_evr_compare(gates[i].have, wanted) == 0))
			continue;
		return sp_findings_add(a->findings, "requirement-missing",
				       sp_step_pack_name(a->pack), a->err,
				       "'%s' is for product %s %s, and this host's is %s",
				       sp_step_pack_name(a->pack), gates[i].word, wanted,
				       known(gates[i].have));
	}
	return 0;
}

static int check_requires(struct asking *a)
{
	for (size_t i = 0; i < a->pack->requires_.n; i++) {
		const char *text = a->pack->requires_.items[i];
		bool legacy = a->pack->format == SP_PACK_LEGACY ||
			      a->pack->format == SP_PACK_LEGACY_TEXT;
		int r = legacy ? check_legacy_requirement(a, text) : check_gate(a, text);

		if (r < 0)
			return r;
	}
	return 0;
}

static int check_product(struct asking *a)
{
	const struct sp_inventory *inventory = &a->target->inventory;
	const char *product = a->pack->product;

	if (!product || !*product ||
	    (inventory->product_brand && !strcmp(product, inventory->product_brand)) ||
	    (inventory->platform_name && !strcmp(product, inventory->platform_name)))
		return 0;
	return sp_findings_add(
		a->findings, "requirement-missing", sp_step_pack_name(a->pack), a->err,
		"'%s' is for product '%s', and this host is '%s'",
		sp_step_pack_name(a->pack), product, known(inventory->product_brand));
}

/* ---- machine and space ---------------------------------------------------------- */

static int check_architecture(struct asking *a)
{
	for (size_t i = 0; i < a->pack->n_packages; i++) {
		const struct sp_package *package = &a->pack->packages[i];
		int r;

		if (!package->arch || !*package->arch ||
		    !strcmp(package->arch, "noarch") ||
		    !strcmp(package->arch, a->target->arch))
			continue;
		r = sp_findings_add(a->findings, "wrong-architecture", package->name,
				    a->err, "'%s' of '%s' is for %s, and this host is %s",
				    package->name, sp_step_pack_name(a->pack),
				    package->arch, a->target->arch);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A driver that is a file of its own lies in no kernel's directory yet. */
static int add_module_kernel(const struct sp_module *module, struct sp_strv *kernels,
			     struct sp_error *err)
{
	const char *said = module->kernel ? module->kernel : module->vermagic;
	SP_AUTO(sp_str_freep)
	char *kernel = said ? strndup(said, strcspn(said, " ")) : NULL;

	if (!said)
		return 0;
	if (!kernel)
		return sp_error_nomem(err);
	return sp_strv_has(kernels, kernel) ? 0 : sp_strv_add(kernels, kernel, err);
}

/* All kernels that the pack has something for, as it says itself. */
static int list_kernels(const struct sp_pack *pack, struct sp_strv *kernels,
			struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < pack->modules.n; i++)
		r = add_module_kernel(&pack->modules.items[i], kernels, err);
	for (size_t i = 0; r == 0 && i < pack->n_packages; i++) {
		const char *kernel = pack->packages[i].kernel;

		if (kernel && strcmp(kernel, "any") != 0 && !sp_strv_has(kernels, kernel))
			r = sp_strv_add(kernels, kernel, err);
	}
	return r;
}

static int check_kernel(struct asking *a)
{
	SP_AUTO(sp_strv_done) struct sp_strv kernels = { 0 };
	SP_AUTO(sp_str_freep) char *have = sp_strv_join(&a->target->kernels, ", ");
	int r = have ? list_kernels(a->pack, &kernels, a->err) : sp_error_nomem(a->err);

	for (size_t i = 0; r == 0 && i < kernels.n; i++)
		if (!sp_strv_has(&a->target->kernels, kernels.items[i]))
			r = sp_findings_add(
				a->findings, "wrong-kernel", sp_step_pack_name(a->pack),
				a->err,
				"'%s' brings modules for kernel %s, and this host has %s",
				sp_step_pack_name(a->pack), kernels.items[i],
				known(have));
	return r;
}

static uint64_t needed_bytes(const struct sp_pack *pack)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < pack->n_packages; i++)
		if (__builtin_add_overflow(sum, pack->packages[i].installed_bytes, &sum))
			return UINT64_MAX;
	if (sum < pack->installation_bytes)
		sum = pack->installation_bytes;
	if (__builtin_add_overflow(sum, sum / (100 / SPACE_RESERVE_PERCENT), &sum))
		return UINT64_MAX;
	return sum;
}

static int check_space(struct asking *a)
{
	uint64_t needed = needed_bytes(a->pack);

	if (needed <= a->target->free_bytes)
		return 0;
	return sp_findings_add(
		a->findings, "no-space", sp_step_pack_name(a->pack), a->err,
		"'%s' needs %llu MiB, and this host has %llu MiB free",
		sp_step_pack_name(a->pack), (unsigned long long)(needed / MIB + 1),
		(unsigned long long)(a->target->free_bytes / MIB));
}

static int check_memory(struct asking *a)
{
	if (!a->target->memory_mb || a->pack->memory_mb <= a->target->memory_mb)
		return 0;
	return sp_findings_add(
		a->findings, "requirement-missing", sp_step_pack_name(a->pack), a->err,
		"'%s' needs %llu MiB of memory in the control domain, and this "
		"host gives it %llu MiB",
		sp_step_pack_name(a->pack), (unsigned long long)a->pack->memory_mb,
		(unsigned long long)a->target->memory_mb);
}

typedef int (*check_fn)(struct asking *asking);

static const check_fn checks[] = {
	check_product, check_requires, check_architecture,
	check_kernel,  check_space,    check_memory,
};

int sp_requirements_check(const struct sp_target *target,
			  const struct sp_pack_list *batch, size_t index,
			  struct sp_findings *findings, struct sp_error *err)
{
	struct asking asking = { target, batch, &batch->items[index], findings, err };

	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		int r = checks[i](&asking);

		if (r < 0)
			return r;
	}
	return 0;
}
