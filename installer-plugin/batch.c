/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A pack may need another of the same batch; when that one cannot go in, neither can it.
 * So the check is repeated until nothing changes any more. */

#include "installer-plugin/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/outcome.h"
#include "installer-plugin/host.h"
#include "installer-plugin/installed.h"
#include "installer-plugin/settle.h"
#include "plan/requirements.h"
#include "repo/pack.h"

void sp_batch_done(struct sp_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++)
		sp_findings_done(&batch->items[i].findings);
	free(batch->items);
	*batch = (struct sp_batch){ 0 };
}

bool sp_batch_has_chosen(const struct sp_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++)
		if (batch->items[i].chosen)
			return true;
	return false;
}

/* ---- trust ---------------------------------------------------------------------------- */

// clang-format off
static const char *const decisions[] = {
	[SP_TRUST_TRUSTED]     = "trusted",
	[SP_TRUST_WEAK]        = "accepted-weak",
	[SP_TRUST_EXPIRED]     = "accepted-expired",
	[SP_TRUST_UNKNOWN_KEY] = "accepted-key",
	[SP_TRUST_UNSIGNED]    = "accepted-unsigned",
};
// clang-format on

const char *sp_batch_decision(const struct sp_pack *pack)
{
	size_t n = sizeof decisions / sizeof decisions[0];

	return pack->trust.state < n ? decisions[pack->trust.state] : "refused";
}

static int check_trust(const struct sp_batch_input *input, const struct sp_pack *pack,
		       struct sp_candidate *candidate, struct sp_error *err)
{
	const char *code = sp_accept_refuses(input->accept, pack);
	SP_AUTO(sp_str_freep) char *refusal = NULL;

	if (!code)
		return pack->trust.state == SP_TRUST_TRUSTED
			       ? 0
			       : sp_findings_add(&candidate->findings,
						 sp_batch_decision(pack), pack->label,
						 err, "'%s' is used although it is %s",
						 pack->label,
						 sp_trust_state_name(pack->trust.state));
	candidate->needs_trust = sp_trust_can_be_accepted(pack->trust.state);
	refusal = sp_trust_refusal(&pack->trust, pack->label);
	if (!refusal)
		return sp_error_nomem(err);
	return sp_findings_add(&candidate->findings, code, pack->label, err, "%s",
			       refusal);
}

const struct sp_finding *sp_batch_fault(const struct sp_pack *pack)
{
	for (size_t i = 0; i < pack->findings.n; i++) {
		const char *code = pack->findings.items[i].code;

		if (sp_finding_weight(code) == SP_WEIGHT_REFUSAL &&
		    sp_finding_exit_code(code) != SP_EXIT_UNTRUSTED)
			return &pack->findings.items[i];
	}
	return NULL;
}

/* ---- what is there already ---------------------------------------------------------------- */

static const struct sp_record *record_of(const struct sp_host *host,
					 const struct sp_pack *pack)
{
	for (size_t i = 0; i < host->records.n; i++)
		if (sp_pack_is_same(&host->records.items[i].pack, pack))
			return &host->records.items[i];
	return NULL;
}

static bool is_on_host(const struct sp_host *host, const struct sp_pack *pack)
{
	const struct sp_target *target = &host->target;
	const struct sp_record *record = record_of(host, pack);

	if (record)
		return !record->incomplete;
	for (size_t i = 0; i < target->n_packs; i++)
		if (!strcmp(target->packs[i].id, pack->id) &&
		    !strcmp(target->packs[i].version, pack->version) &&
		    target->packs[i].label &&
		    !strcmp(target->packs[i].label, pack->label))
			return true;
	return false;
}

static int check_versions(const struct sp_batch_input *input, const struct sp_pack *pack,
			  struct sp_candidate *candidate, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *ours = NULL;
	const char *had = NULL;
	int r;

	candidate->there = is_on_host(input->host, pack);
	candidate->incomplete = !candidate->there && record_of(input->host, pack);
	if (candidate->there)
		return sp_findings_add(&candidate->findings, "already-installed",
				       pack->label, err, "'%s' %s is installed already",
				       pack->label, pack->version);
	r = sp_batch_newer_there(input, pack, &had, &ours, err);
	candidate->older = had != NULL;
	if (r < 0 || !had)
		return r;
	return sp_findings_add(&candidate->findings, "older-than-installed", pack->label,
			       err, "'%s' is version %s, and the host has %s",
			       pack->label, ours, had);
}

/* ---- candidates ------------------------------------------------------------------------------ */

static int add_candidate(const struct sp_batch_input *input, size_t index,
			 struct sp_batch *batch, struct sp_error *err)
{
	const struct sp_pack *pack = &input->packs->items[index];
	struct sp_candidate *candidate = sp_array_add(&batch->items, &batch->n);
	const struct sp_finding *fault;
	int r;

	if (!candidate)
		return sp_error_nomem(err);
	candidate->pack = index;
	r = check_trust(input, pack, candidate, err);
	if (r == 0)
		r = check_versions(input, pack, candidate, err);
	if (r == 0 && !candidate->there)
		r = sp_batch_say_base(input, pack, &candidate->findings, err);
	if (r < 0)
		return r;
	fault = sp_batch_fault(pack);
	candidate->exit = fault ? sp_finding_exit_code(fault->code)
				: sp_findings_exit_code(&candidate->findings);
	/* What was not fetched for want of trust was asked about when it was found. */
	candidate->refused = fault || (candidate->exit && !candidate->needs_trust) ||
			     (candidate->needs_trust && pack->withheld);
	candidate->chosen = !candidate->refused && !candidate->there &&
			    (!candidate->older || input->accept->older);
	if (candidate->older && !input->accept->older && !candidate->exit)
		candidate->exit = sp_finding_exit_code("older-than-installed");
	return 0;
}

/* ---- requirements, each with the others --------------------------------------------------------- */

/* The chosen ones as a list, borrowed; which candidate each of them is. */
struct choice {
	struct sp_pack_list packs;
	size_t *candidates;
};

static void choice_done(struct choice *choice)
{
	free(choice->packs.items);
	free(choice->candidates);
}

static int choice_make(const struct sp_batch_input *input, const struct sp_batch *batch,
		       struct choice *choice, struct sp_error *err)
{
	choice->packs.items = calloc(batch->n + 1, sizeof *choice->packs.items);
	choice->candidates = calloc(batch->n + 1, sizeof *choice->candidates);
	if (!choice->packs.items || !choice->candidates)
		return sp_error_nomem(err);
	for (size_t i = 0; i < batch->n; i++) {
		if (!batch->items[i].chosen)
			continue;
		choice->packs.items[choice->packs.n] =
			input->packs->items[batch->items[i].pack];
		choice->candidates[choice->packs.n++] = i;
	}
	return 0;
}

/* One round.  *@ret_changed: somebody is out who was in. */
static int check_once(const struct sp_batch_input *input, struct sp_batch *batch,
		      bool *ret_changed, struct sp_error *err)
{
	SP_AUTO(choice_done) struct choice choice = { 0 };
	int r = choice_make(input, batch, &choice, err);

	*ret_changed = false;
	for (size_t i = 0; r == 0 && i < choice.packs.n; i++) {
		struct sp_candidate *candidate = &batch->items[choice.candidates[i]];
		SP_AUTO(sp_findings_done) struct sp_findings found = { 0 };

		r = sp_requirements_check(&input->host->target, &choice.packs, i, &found,
					  err);
		if (r < 0 || !sp_findings_first_refusal(&found))
			continue;
		candidate->refused = true;
		candidate->chosen = false;
		candidate->exit = sp_findings_exit_code(&found);
		*ret_changed = true;
		r = sp_findings_move(&candidate->findings, &found, err);
	}
	return r;
}

static void size_freep(size_t **numbers)
{
	free(*numbers);
}

static void candidates_freep(struct sp_candidate **candidates)
{
	free(*candidates);
}

static void sort(struct sp_batch *batch, const struct choice *choice,
		 const size_t order[], struct sp_candidate sorted[])
{
	size_t n = 0;

	for (size_t i = 0; i < choice->packs.n; i++)
		sorted[n++] = batch->items[choice->candidates[order[i]]];
	for (size_t i = 0; i < batch->n; i++)
		if (!batch->items[i].chosen)
			sorted[n++] = batch->items[i];
	if (n)
		memcpy(batch->items, sorted, n * sizeof *sorted);
}

static int refuse(struct sp_candidate *candidate, const char *code, const char *label,
		  const char *text, struct sp_error *err)
{
	candidate->chosen = false;
	candidate->refused = true;
	candidate->exit = sp_finding_exit_code(code);
	return sp_findings_add(&candidate->findings, code, label, err, "%s", text);
}

/* Those in a circle cannot be put in any order. */
static int refuse_circle(const struct sp_batch_input *input, struct sp_batch *batch,
			 const struct sp_findings *circles, bool *ret_changed,
			 struct sp_error *err)
{
	for (size_t i = 0; i < batch->n; i++) {
		struct sp_candidate *candidate = &batch->items[i];
		const char *label = input->packs->items[candidate->pack].label;

		for (size_t j = 0; j < circles->n && candidate->chosen; j++) {
			const struct sp_finding *circle = &circles->items[j];
			int r;

			if (!label || !circle->about || strcmp(label, circle->about) != 0)
				continue;
			*ret_changed = true;
			r = refuse(candidate, circle->code, label, circle->text, err);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* Legacy packs require one another by name. */
static int put_in_order(const struct sp_batch_input *input, struct sp_batch *batch,
			bool *ret_changed, struct sp_error *err)
{
	SP_AUTO(choice_done) struct choice choice = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings circles = { 0 };
	SP_AUTO(size_freep) size_t *order = calloc(batch->n + 1, sizeof *order);
	SP_AUTO(candidates_freep)
	struct sp_candidate *sorted = calloc(batch->n + 1, sizeof *sorted);
	int r = order && sorted ? choice_make(input, batch, &choice, err)
				: sp_error_nomem(err);

	*ret_changed = false;
	if (r == 0)
		r = sp_requirements_order(&choice.packs, order, &circles, err);
	if (r == 0)
		sort(batch, &choice, order, sorted);
	return r < 0 ? r : refuse_circle(input, batch, &circles, ret_changed, err);
}

/* ---- and their RPMs ----------------------------------------------------------------------------- */

static int refuse_unsettled(const struct sp_batch_input *input, struct sp_batch *batch,
			    const struct sp_settle *settle, const struct choice *choice,
			    bool *ret_changed, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < settle->n; i++) {
		struct sp_candidate *candidate = &batch->items[choice->candidates[i]];
		const char *label = input->packs->items[candidate->pack].label;
		const struct sp_strv *problems = &settle->packs[i].problems;

		*ret_changed |= !settle->packs[i].fits;
		for (size_t j = 0; r == 0 && j < problems->n; j++)
			r = refuse(candidate, "requirement-missing", label,
				   problems->items[j], err);
	}
	return r;
}

static int settle(const struct sp_batch_input *input, struct sp_batch *batch,
		  bool *ret_changed, struct sp_error *err)
{
	SP_AUTO(choice_done) struct choice choice = { 0 };
	SP_AUTO(sp_settle_done) struct sp_settle settle = { 0 };
	SP_AUTO(candidates_freep)
	struct sp_candidate *sorted = calloc(batch->n + 1, sizeof *sorted);
	const struct sp_settle_place place = sp_host_place(input->host);
	int r = sorted ? choice_make(input, batch, &choice, err) : sp_error_nomem(err);

	*ret_changed = false;
	for (size_t i = 0; r == 0 && i < choice.packs.n; i++)
		r = sp_settle_add(&settle, &choice.packs.items[i],
				  batch->items[choice.candidates[i]].older, err);
	if (r == 0)
		r = sp_settle_run(&settle, &place, input->patience, err);
	if (r == 0)
		r = refuse_unsettled(input, batch, &settle, &choice, ret_changed, err);
	if (r == 0 && !*ret_changed)
		sort(batch, &choice, settle.order, sorted);
	return r;
}

int sp_batch_check(const struct sp_batch_input *input, struct sp_batch *batch,
		   struct sp_error *err)
{
	bool changed = true;

	while (changed) {
		int r = check_once(input, batch, &changed, err);

		if (r == 0 && !changed)
			r = put_in_order(input, batch, &changed, err);
		if (r == 0 && !changed)
			r = settle(input, batch, &changed, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int sp_batch_make(const struct sp_batch_input *input, struct sp_batch *ret_batch,
		  struct sp_error *err)
{
	SP_AUTO(sp_batch_done) struct sp_batch batch = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < input->packs->n; i++)
		r = add_candidate(input, i, &batch, err);
	if (r == 0)
		r = sp_batch_check(input, &batch, err);
	if (r < 0)
		return r;
	*ret_batch = batch;
	batch = (struct sp_batch){ 0 };
	return 0;
}
