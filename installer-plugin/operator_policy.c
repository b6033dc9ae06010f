/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Every answer is a row: what a careful person would press who had decided all
 * beforehand.  Cancelling comes by signal, through a descriptor, so that no handler
 * ever runs code of ours. */

#include "installer-plugin/operator_policy.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "installer-plugin/interrupt.h"
#include "installer-plugin/log.h"

struct policy {
	struct sp_operator op;
	struct sp_log *log;
	bool show;
	struct json_object *decisions;
	struct sp_interrupt interrupt;
};

// clang-format off
static const struct rule {
	const char *ask;
	enum sp_answer answer;
} rules[] = {
	{ "source",  SP_ANSWER_BACK },   /* there is nobody to insert another disk */
	{ "packs",   SP_ANSWER_NEXT },
	{ "verified", SP_ANSWER_NEXT },
	{ "trust",   SP_ANSWER_BACK },
	{ "licence", SP_ANSWER_BACK },
	{ "confirm", SP_ANSWER_NEXT },
	{ "proof",   SP_ANSWER_NEXT },
	{ "problem", SP_ANSWER_BACK },
	{ "upgrade", SP_ANSWER_NEXT },   /* where nothing is lost: that is danger */
};
// clang-format on

static struct policy *policy_of(struct sp_operator *op)
{
	return (struct policy *)(void *)op;
}

static bool is_cancelled(struct sp_operator *op)
{
	return sp_interrupt_came(&policy_of(op)->interrupt);
}

/* What a question says, for whoever reads along. */
static void show(const struct policy *policy, const struct json_object *question)
{
	const struct json_object *rows = sp_json_get(question, "rows");
	const char *title = sp_json_get_string(question, "title");
	const char *text = sp_json_get_string(question, "text");

	if (!policy->show)
		return;
	if (title)
		printf("== %s\n", title);
	if (text)
		printf("%s\n", text);
	for (size_t i = 0; i < sp_json_length(rows); i++) {
		const struct json_object *row = sp_json_at(rows, i);
		const char *line = sp_json_text(row) ? sp_json_text(row)
						     : sp_json_get_string(row, "text");
		const char *detail = sp_json_get_string(row, "detail");
		bool heading = sp_json_get_bool(row, "heading", true);

		bool plain = sp_json_get_bool(row, "plain", false);

		printf("%s%s\n",
		       heading                                   ? ""
		       : plain                                   ? "  "
		       : sp_json_get_bool(row, "checked", false) ? "  [*] "
								 : "  [ ] ",
		       line ? line : "");
		if (detail && *detail)
			printf("      %s\n", detail);
	}
	fflush(stdout);
}

static void keep_decision(struct policy *policy, const struct json_object *question,
			  enum sp_answer answer)
{
	struct json_object *row = sp_json_object();

	sp_json_set_string(row, "ask", sp_json_get_string(question, "ask"));
	sp_json_set_string(row, "title", sp_json_get_string(question, "title"));
	sp_json_set_string(row, "answer", sp_answer_name(answer));
	sp_json_append(policy->decisions, row);
}

static int ask(struct sp_operator *op, struct json_object *question,
	       enum sp_answer *ret_answer, struct json_object **ret_reply,
	       struct sp_error *err)
{
	struct policy *policy = policy_of(op);
	const char *kind = sp_json_get_string(question, "ask");

	(void)err;
	*ret_reply = NULL;
	show(policy, question);
	*ret_answer = SP_ANSWER_BACK;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (kind && !strcmp(kind, rules[i].ask))
			*ret_answer = rules[i].answer;
	/* Danger is never gone into unasked. */
	if (sp_json_get_bool(question, "danger", false))
		*ret_answer = SP_ANSWER_BACK;
	if (is_cancelled(op))
		*ret_answer = SP_ANSWER_CANCEL;
	keep_decision(policy, question, *ret_answer);
	sp_log_line(policy->log, "asked '%s': %s", kind ? kind : "",
		    sp_answer_name(*ret_answer));
	return 0;
}

static void notify(struct sp_operator *op, struct json_object *notice)
{
	SP_AUTO(sp_json_freep) struct json_object *owned = notice;
	struct policy *policy = policy_of(op);
	const char *busy = sp_json_get_string(owned, "busy");

	if (policy->show && busy) {
		printf("-- %s\n", busy);
		fflush(stdout);
	}
}

/* A signal is for good. */
static void resume(struct sp_operator *op)
{
	(void)op;
}

static int poll_fd(struct sp_operator *op)
{
	return policy_of(op)->interrupt.fd;
}

static void policy_free(struct sp_operator *op)
{
	struct policy *policy = policy_of(op);

	sp_interrupt_done(&policy->interrupt);
	sp_json_free(policy->decisions);
	free(policy);
}

static const struct sp_operator_ops policy_ops = { ask,    notify,  is_cancelled,
						   resume, poll_fd, policy_free };

int sp_operator_policy_new(struct sp_log *log, bool show_it, struct sp_operator **ret_op,
			   struct sp_error *err)
{
	SP_AUTO(sp_operator_freep) struct sp_operator *op = NULL;
	struct policy *policy = calloc(1, sizeof *policy);
	int r;

	if (!policy)
		return sp_error_nomem(err);
	*policy = (struct policy){ .op.ops = &policy_ops,
				   .log = log,
				   .show = show_it,
				   .decisions = sp_json_array(),
				   .interrupt = SP_INTERRUPT_INIT };
	op = &policy->op;
	r = sp_interrupt_init(&policy->interrupt, err);
	if (r == 0)
		*ret_op = sp_steal(op);
	return r;
}

struct json_object *sp_operator_policy_decisions(struct sp_operator *op)
{
	return policy_of(op)->decisions;
}
