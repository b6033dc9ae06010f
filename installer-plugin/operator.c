/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The few lines that every asker would write again. */

#include "installer-plugin/operator.h"

#include "base/json.h"
#include "base/worker.h"

// clang-format off
static const char *const answer_names[] = {
	[SP_ANSWER_NEXT]   = "next",
	[SP_ANSWER_BACK]   = "back",
	[SP_ANSWER_AGAIN]  = "again",
	[SP_ANSWER_CANCEL] = "cancel",
	[SP_ANSWER_VERIFY] = "verify",
};
// clang-format on

const char *sp_answer_name(enum sp_answer answer)
{
	return answer_names[answer];
}

int sp_operator_ask(struct sp_operator *op, struct json_object *question,
		    enum sp_answer *ret_answer, struct json_object **ret_reply,
		    struct sp_error *err)
{
	SP_AUTO(sp_json_freep) struct json_object *owned = question;
	SP_AUTO(sp_json_freep) struct json_object *reply = NULL;
	int r = op->ops->ask(op, owned, ret_answer, &reply, err);

	if (r == 0 && ret_reply)
		*ret_reply = sp_steal(reply);
	return r;
}

static void notify(struct sp_operator *op, const char *key, struct json_object *value)
{
	struct json_object *notice = sp_json_object();

	sp_json_set(notice, key, value);
	op->ops->notify(op, notice);
}

void sp_operator_busy(struct sp_operator *op, const char *text)
{
	notify(op, "busy", sp_json_string(text));
}

void sp_operator_progress(struct sp_operator *op, const char *text, uint64_t done,
			  uint64_t total)
{
	struct json_object *progress = sp_json_object();

	sp_json_set_string(progress, "text", text);
	sp_json_set_int(progress, "done", (int64_t)done);
	sp_json_set_int(progress, "total", (int64_t)total);
	notify(op, "progress", progress);
}

static int tick(void *user)
{
	struct sp_operator *op = user;

	return op->ops->is_cancelled(op);
}

struct sp_patience sp_operator_patience(struct sp_operator *op)
{
	return (struct sp_patience){ .fd = op->ops->poll_fd(op),
				     .tick = tick,
				     .user = op };
}

void sp_operator_free(struct sp_operator *op)
{
	if (op)
		op->ops->free(op);
}
