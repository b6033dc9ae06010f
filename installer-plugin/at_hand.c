/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is read belongs together: packs are measured by the host they are for, so a new look
 * reads that again, too. */

#include "installer-plugin/at_hand.h"

#include "base/outcome.h"
#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/keep.h"
#include "installer-plugin/look_consent.h"
#include "installer-plugin/operator.h"

void sp_at_hand_done(struct sp_at_hand *hand)
{
	sp_host_done(&hand->host);
	sp_installed_done(&hand->installed);
	sp_base_files_done(&hand->base);
	hand->context->base = NULL;
	sp_look_done(&hand->look);
	sp_accept_done(&hand->accept);
	sp_batch_done(&hand->batch);
}

/* ---- what there is ------------------------------------------------------------------------ */

static int read_host(struct sp_at_hand *hand, struct sp_error *err)
{
	struct sp_patience patience = sp_operator_patience(hand->op);
	int r = sp_host_read(&hand->host, err);

	sp_installed_done(&hand->installed);
	hand->installed = (struct sp_installed){ 0 };
	return r < 0 ? r
		     : sp_installed_read(hand->host.path, &patience, &hand->installed,
					 err);
}

/* What packs are measured by while they are read. */
static int read_base(struct sp_at_hand *hand, struct sp_error *err)
{
	struct sp_patience patience = sp_operator_patience(hand->op);

	sp_base_files_done(&hand->base);
	hand->context->base = &hand->base;
	return sp_base_files_read(&hand->host, &patience, &hand->base, err);
}

/* ---- what can go in ------------------------------------------------------------------------ */

static struct sp_batch_input input_of(const struct sp_at_hand *hand,
				      const struct sp_patience *patience)
{
	return (struct sp_batch_input){ &hand->host, &hand->installed, &hand->look.packs,
					&hand->accept, patience };
}

static int make_batch(struct sp_at_hand *hand, struct sp_error *err)
{
	struct sp_patience patience = sp_operator_patience(hand->op);
	const struct sp_batch_input input = input_of(hand, &patience);

	return sp_batch_make(&input, &hand->batch, err);
}

int sp_at_hand_look(struct sp_at_hand *hand, struct sp_strv *locations,
		    struct sp_error *err)
{
	int r;

	sp_batch_done(&hand->batch);
	sp_look_done(&hand->look);
	r = read_host(hand, err);
	if (r == 0)
		r = read_base(hand, err);
	if (r == 0)
		r = sp_look_with_consent(hand->context, locations, &hand->accept,
					 hand->op, &hand->look, err);
	if (r >= 0)
		r = sp_keep_accept(hand->context, &hand->look.packs, &hand->accept, err);
	return r == 0 ? make_batch(hand, err) : r;
}

static size_t count_chosen(const struct sp_batch *batch)
{
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++)
		n += batch->items[i].chosen;
	return n;
}

int sp_at_hand_check(struct sp_at_hand *hand, bool *ret_lost, struct sp_error *err)
{
	struct sp_patience patience = sp_operator_patience(hand->op);
	const struct sp_batch_input input = input_of(hand, &patience);
	size_t before = count_chosen(&hand->batch);
	int r = sp_batch_check(&input, &hand->batch, err);

	if (r == 0)
		*ret_lost = count_chosen(&hand->batch) < before;
	return r;
}

/* ---- what there is to say ------------------------------------------------------------------ */

int sp_at_hand_findings(const struct sp_at_hand *hand, struct sp_findings *to,
			struct sp_error *err)
{
	int r = sp_look_findings(&hand->look, to, err);

	for (size_t i = 0; r == 0 && i < hand->batch.n; i++)
		r = sp_findings_copy(to, &hand->batch.items[i].findings, err);
	return r;
}

int sp_at_hand_exit(const struct sp_at_hand *hand)
{
	int exit = hand->look.exit;

	for (size_t i = 0; i < hand->batch.n; i++)
		if (!hand->batch.items[i].chosen && !hand->batch.items[i].there)
			exit = sp_outcome_worse(exit, hand->batch.items[i].exit);
	return exit;
}

bool sp_at_hand_is_all_there(const struct sp_at_hand *hand)
{
	for (size_t i = 0; i < hand->batch.n; i++)
		if (!hand->batch.items[i].there)
			return false;
	return hand->batch.n > 0 && !hand->look.exit;
}
