/* SPDX-License-Identifier: GPL-2.0-or-later */

/* At most one look more than without it: what was fetched for the first is still there
 * for the second. */

#include "installer-plugin/look_consent.h"

#include "installer-plugin/consent.h"
#include "installer-plugin/context.h"
#include "installer-plugin/login.h"
#include "installer-plugin/look.h"
#include "installer-plugin/operator.h"
#include "plan/plan.h"

static int look_at(struct sp_context *context, struct sp_strv *locations,
		   const struct sp_accept *accept, struct sp_operator *op,
		   struct sp_look *look, struct sp_error *err)
{
	int r;

	context->accept = accept;
	r = sp_login_look(context, locations, op, look, err);
	context->accept = NULL;
	return r;
}

/* *@ret_accepted: of one at least the packages are wanted after all. */
static int ask(const struct sp_context *context, const struct sp_look *look,
	       struct sp_accept *accept, struct sp_operator *op, bool *ret_accepted,
	       struct sp_error *err)
{
	for (size_t i = 0; i < look->packs.n; i++) {
		const struct sp_pack *pack = &look->packs.items[i];
		int r;

		if (!pack->withheld || !sp_trust_can_be_accepted(pack->trust.state))
			continue;
		sp_operator_busy(op, NULL);
		r = sp_consent_ask(pack, accept, op, context->log, err);
		if (r < 0 || r == SP_CONSENT_CANCELLED)
			return r;
		*ret_accepted |= r == 0;
	}
	return 0;
}

int sp_look_with_consent(struct sp_context *context, struct sp_strv *locations,
			 struct sp_accept *accept, struct sp_operator *op,
			 struct sp_look *look, struct sp_error *err)
{
	bool accepted = false;
	int r = look_at(context, locations, accept, op, look, err);

	if (r == 0)
		r = ask(context, look, accept, op, &accepted, err);
	if (r != 0 || !accepted)
		return r;
	sp_look_done(look);
	sp_operator_busy(op, "Fetching what was agreed to");
	context->downloads.keep = true;
	r = look_at(context, locations, accept, op, look, err);
	context->downloads.keep = false;
	return r;
}
