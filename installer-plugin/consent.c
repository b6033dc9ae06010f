/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An act of trust is asked for in one place only, and none goes by without a line in
 * the log. */

#include "installer-plugin/consent.h"

#include "installer-plugin/log.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/question.h"
#include "plan/plan.h"
#include "repo/pack.h"

int sp_consent_ask(const struct sp_pack *pack, struct sp_accept *accept,
		   struct sp_operator *op, struct sp_log *log, struct sp_error *err)
{
	const char *code = sp_accept_refuses(accept, pack);
	enum sp_answer answer;
	int r;

	if (!code)
		return 0;
	r = sp_operator_ask(op, sp_question_trust(pack, code), &answer, NULL, err);
	if (r < 0)
		return r;
	sp_log_line(log, "'%s' is %s (key %s): %s", pack->label,
		    sp_trust_state_name(pack->trust.state),
		    pack->trust.key ? pack->trust.key : "none",
		    answer == SP_ANSWER_NEXT ? "accepted by the operator"
					     : "not accepted");
	if (answer == SP_ANSWER_NEXT)
		return sp_strv_add(&accept->packs, sp_plan_pack_key(pack), err);
	return answer == SP_ANSWER_CANCEL ? SP_CONSENT_CANCELLED : SP_CONSENT_REFUSED;
}
