/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Every device's modalias against every alias of the packs and of the system, and for
 * every module of a pack, once, whether it may be loaded here at all. */

#include <string.h>

#include "base/array.h"
#include "plan/steps.h"
#include "probe/device.h"
#include "probe/kernel.h"
#include "repo/pack.h"

enum { HITS_MAX = 64 }; /* modules that claim one device: more are not looked at */

/* Tags of the index: modules of packs are numbered through; the system is last. */
#define TAG_SYSTEM ((size_t)-1)

void sp_claims_done(struct sp_claims *claims)
{
	for (size_t i = 0; claims->usable && i < claims->n_modules; i++)
		sp_usable_done(&claims->usable[i]);
	free(claims->usable);
	free(claims->first);
	free(claims->items);
	*claims = (struct sp_claims){ 0 };
}

static int number_modules(const struct sp_pack_list *packs, struct sp_claims *claims,
			  struct sp_error *err)
{
	claims->first = calloc(packs->n + 1, sizeof *claims->first);
	if (!claims->first)
		return sp_error_nomem(err);
	for (size_t p = 0; p < packs->n; p++) {
		claims->first[p] = claims->n_modules;
		claims->n_modules += packs->items[p].modules.n;
	}
	claims->first[packs->n] = claims->n_modules;
	claims->usable = calloc(claims->n_modules + 1, sizeof *claims->usable);
	return claims->usable ? 0 : sp_error_nomem(err);
}

static int index_pack(struct sp_alias_index *index, const struct sp_pack *pack,
		      size_t first, struct sp_error *err)
{
	for (size_t m = 0; m < pack->modules.n; m++) {
		const struct sp_module *module = &pack->modules.items[m];

		for (size_t a = 0; a < module->aliases.n; a++) {
			int r = sp_alias_index_add(index, module->aliases.items[a],
						   module->name, first + m, err);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int index_all(const struct sp_plan_input *input, const struct sp_claims *claims,
		     struct sp_alias_index *index, struct sp_error *err)
{
	const struct sp_kernel *kernel = input->kernel;

	for (size_t p = 0; p < input->packs->n; p++) {
		int r = index_pack(index, &input->packs->items[p], claims->first[p], err);

		if (r < 0)
			return r;
	}
	if (!kernel->alias_text)
		return 0;
	return sp_alias_index_add_file(index, kernel->alias_text, kernel->alias_len,
				       TAG_SYSTEM, err);
}

static size_t pack_of(const struct sp_claims *claims, size_t n_packs, size_t number)
{
	size_t pack = 0;

	while (pack + 1 < n_packs && claims->first[pack + 1] <= number)
		pack++;
	return pack;
}

static int add_claims(const struct sp_plan_input *input, struct sp_claims *claims,
		      struct sp_alias_index *index, size_t device, struct sp_error *err)
{
	struct sp_alias_hit hits[HITS_MAX];
	size_t n = sp_alias_index_find(index, input->devices->items[device].modalias,
				       hits, HITS_MAX);

	for (size_t i = 0; i < n && i < HITS_MAX; i++) {
		struct sp_claim *claim = sp_array_add(&claims->items, &claims->n);

		if (!claim)
			return sp_error_nomem(err);
		claim->device = device;
		claim->rank = hits[i].rank;
		claim->pack = SP_CLAIM_SYSTEM;
		if (hits[i].tag == TAG_SYSTEM)
			continue;
		claim->pack = pack_of(claims, input->packs->n, hits[i].tag);
		claim->module = hits[i].tag - claims->first[claim->pack];
	}
	return 0;
}

static bool module_has_claim(const struct sp_claims *claims, size_t pack, size_t module)
{
	for (size_t i = 0; i < claims->n; i++)
		if (claims->items[i].pack == pack && claims->items[i].module == module)
			return true;
	return false;
}

/* Symbol versions cost file reads: only modules that some device asks for are worth
 * them, and those that such modules depend on are checked by the kernel. */
static int check_modules(const struct sp_plan_input *input, struct sp_claims *claims,
			 struct sp_error *err)
{
	struct sp_plan_input cheap = *input;

	cheap.facts.symvers = NULL;
	for (size_t p = 0; p < input->packs->n; p++) {
		const struct sp_pack *pack = &input->packs->items[p];

		for (size_t m = 0; m < pack->modules.n; m++) {
			bool claimed = module_has_claim(claims, p, m);
			int r = sp_usable_check(
				claimed ? input : &cheap, pack, &pack->modules.items[m],
				&claims->usable[claims->first[p] + m], err);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

int sp_claims_find(const struct sp_plan_input *input, struct sp_claims *ret_claims,
		   struct sp_error *err)
{
	SP_AUTO(sp_claims_done) struct sp_claims claims = { 0 };
	SP_AUTO(sp_alias_index_freep) struct sp_alias_index *index = NULL;
	int r;

	r = number_modules(input->packs, &claims, err);
	if (r == 0)
		r = sp_alias_index_new(&index, err);
	if (r == 0)
		r = index_all(input, &claims, index, err);
	for (size_t d = 0; r == 0 && d < input->devices->n; d++)
		r = add_claims(input, &claims, index, d, err);
	if (r == 0)
		r = check_modules(input, &claims, err);
	if (r < 0)
		return r;
	*ret_claims = claims;
	claims = (struct sp_claims){ 0 };
	return 0;
}
