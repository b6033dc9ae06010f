/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One check, one function; sp_usable_check() walks the table and stops at the first
 * that says no, so the reason shown is the one that matters most. */

#include "plan/usable.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/outcome.h"
#include "plan/plan.h"
#include "plan/steps.h"
#include "probe/kernel.h"
#include "repo/evr.h"
#include "repo/pack.h"

enum { SYMBOLS_NAMED = 3 };

struct question {
	const struct sp_plan_input *input;
	const struct sp_pack *pack;
	const struct sp_module *module;
	const struct sp_package *package;
};

void sp_usable_done(struct sp_usable *usable)
{
	free(usable->reason);
	*usable = (struct sp_usable){ 0 };
}

SP_PRINTF(4, 5)
static int refuse(struct sp_usable *usable, struct sp_error *err, const char *code,
		  const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&usable->reason, fmt, args);
	va_end(args);
	if (len < 0) {
		usable->reason = NULL;
		return sp_error_nomem(err);
	}
	usable->code = code;
	return 0;
}

static int check_trust(const struct question *q, struct sp_usable *usable,
		       struct sp_error *err)
{
	const char *code = sp_accept_refuses(q->input->accept, q->pack);

	if (!code)
		return 0;
	usable->reason = sp_trust_refusal(&q->pack->trust, sp_step_pack_name(q->pack));
	if (!usable->reason)
		return sp_error_nomem(err);
	usable->code = code;
	return 0;
}

static int check_damage(const struct question *q, struct sp_usable *usable,
			struct sp_error *err)
{
	const struct sp_finding *found = sp_findings_first_refusal(&q->pack->findings);

	/* Trust has been asked for already, and may have been accepted. */
	for (size_t i = 0; found && i < q->pack->findings.n; i++) {
		found = &q->pack->findings.items[i];
		if (sp_finding_weight(found->code) == SP_WEIGHT_REFUSAL &&
		    sp_finding_exit_code(found->code) != SP_EXIT_UNTRUSTED)
			return refuse(usable, err, found->code, "%s", found->text);
	}
	return 0;
}

static int check_driver_disk(const struct question *q, struct sp_usable *usable,
			     struct sp_error *err)
{
	if (q->pack->driver_disk || q->pack->format == SP_PACK_RPMS)
		return 0;
	return refuse(usable, err, "not-a-driver-disk",
		      "'%s' is a supplemental pack, but not marked as a driver disk",
		      sp_step_pack_name(q->pack));
}

static int check_architecture(const struct question *q, struct sp_usable *usable,
			      struct sp_error *err)
{
	const char *arch = q->package->arch;

	if (!arch || !*arch || !strcmp(arch, "noarch") ||
	    !strcmp(arch, q->input->kernel->arch))
		return 0;
	return refuse(usable, err, "wrong-architecture",
		      "'%s' is for %s, and this machine is %s", q->package->name, arch,
		      q->input->kernel->arch);
}

size_t sp_usable_vermagic_release_len(const char *vermagic)
{
	return strcspn(vermagic, " ");
}

static int check_kernel(const struct question *q, struct sp_usable *usable,
			struct sp_error *err)
{
	const char *release = q->input->kernel->release;
	const char *vermagic = q->module->vermagic ? q->module->vermagic : "";
	size_t len = sp_usable_vermagic_release_len(vermagic);

	if (q->module->kernel) {
		if (!strcmp(q->module->kernel, release))
			return 0;
		return refuse(usable, err, "wrong-kernel",
			      "module '%s' is for kernel %s, and the running one is %s",
			      q->module->name, q->module->kernel, release);
	}
	if (len == strlen(release) && !memcmp(vermagic, release, len))
		return 0;
	return refuse(usable, err, "wrong-kernel",
		      "module '%s' is for kernel %.*s, and the running one is %s",
		      q->module->name, len ? (int)len : 7, len ? vermagic : "unknown",
		      release);
}

/* What follows the release decides whether the kernel takes the module at all. */
static int check_flags(const struct question *q, struct sp_usable *usable,
		       struct sp_error *err)
{
	const char *want = q->input->kernel->vermagic_flags;
	const char *have = q->module->vermagic;

	if (!want || !have)
		return 0;
	have += sp_usable_vermagic_release_len(have);
	have += strspn(have, " ");
	want += strspn(want, " ");
	if (!strcmp(have, want))
		return 0;
	return refuse(
		usable, err, "vermagic-flags",
		"module '%s' was built for a kernel with '%s', and this one has '%s'",
		q->module->name, have, want);
}

struct symbols {
	const char **names;
	uint32_t *crcs;
	bool *known;
};

static void symbols_done(struct symbols *symbols)
{
	free(symbols->names);
	free(symbols->crcs);
	free(symbols->known);
}

static int symbols_look_up(const struct question *q, struct symbols *symbols,
			   struct sp_error *err)
{
	const struct sp_plan_facts *facts = &q->input->facts;
	size_t n = q->module->n_symvers;

	symbols->names = calloc(n, sizeof *symbols->names);
	symbols->crcs = calloc(n, sizeof *symbols->crcs);
	symbols->known = calloc(n, sizeof *symbols->known);
	if (!symbols->names || !symbols->crcs || !symbols->known)
		return sp_error_nomem(err);
	for (size_t i = 0; i < n; i++)
		symbols->names[i] = q->module->symvers[i].name;
	return facts->symvers(facts->user, symbols->names, n, symbols->crcs,
			      symbols->known, err);
}

static int check_symbols(const struct question *q, struct sp_usable *usable,
			 struct sp_error *err)
{
	SP_AUTO(symbols_done) struct symbols symbols = { 0 };
	struct sp_strbuf differ = { 0 };
	size_t n_differ = 0;
	int r;

	if (!q->input->facts.symvers || !q->module->n_symvers)
		return 0;
	r = symbols_look_up(q, &symbols, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < q->module->n_symvers; i++) {
		if (!symbols.known[i] || symbols.crcs[i] == q->module->symvers[i].crc)
			continue;
		if (n_differ++ < SYMBOLS_NAMED)
			sp_strbuf_add(&differ, "%s%s", n_differ > 1 ? ", " : "",
				      symbols.names[i]);
	}
	if (n_differ)
		r = refuse(usable, err, "symbol-mismatch",
			   "module '%s' was built against another kernel: %zu symbol%s "
			   "differ%s (%s%s)",
			   q->module->name, n_differ, n_differ > 1 ? "s" : "",
			   n_differ > 1 ? "" : "s", differ.text ? differ.text : "",
			   n_differ > SYMBOLS_NAMED ? ", ..." : "");
	sp_strbuf_done(&differ);
	return r;
}

bool sp_usable_is_module(const char *depends, const char *name)
{
	for (; *depends && *name; depends++, name++)
		if ((*depends == '-' ? '_' : *depends) != (*name == '-' ? '_' : *name))
			return false;
	return *depends == *name;
}

static bool list_has_module(const struct sp_strv *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (sp_usable_is_module(list->items[i], name))
			return true;
	return false;
}

static bool packs_have_module(const struct sp_pack_list *packs, const char *name,
			      const char *release)
{
	for (size_t p = 0; p < packs->n; p++)
		for (size_t m = 0; m < packs->items[p].modules.n; m++) {
			const struct sp_module *module =
				&packs->items[p].modules.items[m];

			if (sp_usable_is_module(module->name, name) &&
			    (!module->kernel || !strcmp(module->kernel, release)))
				return true;
		}
	return false;
}

static int check_depends(const struct question *q, struct sp_usable *usable,
			 struct sp_error *err)
{
	const struct sp_kernel *kernel = q->input->kernel;

	for (size_t i = 0; i < q->module->depends.n; i++) {
		const char *name = q->module->depends.items[i];

		if (list_has_module(&kernel->loaded, name) ||
		    list_has_module(&kernel->builtin, name) ||
		    list_has_module(&kernel->available, name) ||
		    packs_have_module(q->input->packs, name, kernel->release))
			continue;
		return refuse(usable, err, "requirement-missing",
			      "module '%s' needs module '%s', which neither this system "
			      "nor a pack at hand has",
			      q->module->name, name);
	}
	return 0;
}

static int check_signature(const struct question *q, struct sp_usable *usable,
			   struct sp_error *err)
{
	if (!q->input->kernel->enforces_signatures || q->module->has_signature)
		return 0;
	return refuse(usable, err, "load-key-rejected",
		      "module '%s' carries no signature, and this kernel takes signed "
		      "modules only",
		      q->module->name);
}

static int check_installed(const struct question *q, struct sp_usable *usable,
			   struct sp_error *err)
{
	const struct sp_plan_facts *facts = &q->input->facts;
	SP_AUTO(sp_str_freep) char *evr = NULL;
	const char *have;

	have = facts->installed ? facts->installed(facts->user, q->package->name) : NULL;
	/* Old packs' loose files have no version, whatever has their name. */
	if (!have || !q->package->version)
		return 0;
	evr = sp_text_format("%s%s%s-%s", q->package->epoch ? q->package->epoch : "",
			     q->package->epoch && *q->package->epoch ? ":" : "",
			     q->package->version, q->package->release);
	if (!evr)
		return sp_error_nomem(err);
	if (sp_evr_compare(have, evr) <= 0)
		return 0;
	return refuse(usable, err, "older-than-installed",
		      "'%s' %s is older than the installed %s", q->package->name, evr,
		      have);
}

static int check_packages(const struct question *q, struct sp_usable *usable,
			  struct sp_error *err)
{
	const struct sp_plan_facts *facts = &q->input->facts;
	size_t index = (size_t)(q->pack - q->input->packs->items);
	const char *why = facts->misfit ? facts->misfit(facts->user, index) : NULL;

	if (!why)
		return 0;
	return refuse(usable, err, "requirement-missing",
		      "what module '%s' comes with cannot be installed: %s",
		      q->module->name, why);
}

static int check_blacklist(const struct question *q, struct sp_usable *usable,
			   struct sp_error *err)
{
	if (!q->input->blacklist ||
	    !list_has_module(q->input->blacklist, q->module->name))
		return 0;
	return refuse(usable, err, "blacklisted",
		      "module '%s' is not loaded, because the kernel's command line "
		      "forbids it",
		      q->module->name);
}

typedef int (*check_fn)(const struct question *q, struct sp_usable *usable,
			struct sp_error *err);

static const check_fn checks[] = {
	check_trust,   check_damage,    check_driver_disk, check_architecture,
	check_kernel,  check_blacklist, check_flags,       check_symbols,
	check_depends, check_signature, check_installed,   check_packages,
};

int sp_usable_check(const struct sp_plan_input *input, const struct sp_pack *pack,
		    const struct sp_module *module, struct sp_usable *ret_usable,
		    struct sp_error *err)
{
	struct question q = { input, pack, module, NULL };

	if (module->package >= pack->n_packages)
		return sp_error_set(err, SP_ERR_INTERNAL,
				    "module '%s' belongs to no package", module->name);
	q.package = &pack->packages[module->package];
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		int r = checks[i](&q, ret_usable, err);

		if (r < 0 || ret_usable->code)
			return r;
	}
	return 0;
}
