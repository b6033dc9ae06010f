/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Every answer is a row: what a careful person would press who had decided all
 * beforehand.  Cancelling comes by signal, through a descriptor, so that no handler
 * ever runs code of ours. */

#include "installer-plugin/operator_policy.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/json.h"
#include "installer-plugin/log.h"

struct policy {
	struct sp_operator op;
	struct sp_log *log;
	bool show, cancelled;
	int signal_fd;
	sigset_t before;
};

// clang-format off
static const struct rule {
	const char *ask;
	enum sp_answer answer;
} rules[] = {
	{ "source",  SP_ANSWER_BACK },   /* there is nobody to insert another disk */
	{ "packs",   SP_ANSWER_NEXT },
	{ "trust",   SP_ANSWER_BACK },
	{ "licence", SP_ANSWER_BACK },
	{ "confirm", SP_ANSWER_NEXT },
	{ "proof",   SP_ANSWER_NEXT },
	{ "problem", SP_ANSWER_BACK },
};
// clang-format on

static struct policy *policy_of(struct sp_operator *op)
{
	return (struct policy *)(void *)op;
}

static bool is_cancelled(struct sp_operator *op)
{
	struct policy *policy = policy_of(op);
	struct signalfd_siginfo info;

	if (read(policy->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
		policy->cancelled = true;
	return policy->cancelled;
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
		const char *line = sp_json_text(row) ? sp_json_text(row) :
						       sp_json_get_string(row, "text");
		const char *detail = sp_json_get_string(row, "detail");
		bool heading = sp_json_get_bool(row, "heading", true);

		printf("%s%s\n", heading ? "" : sp_json_get_bool(row, "checked", false) ?
						 "  [*] " : "  [ ] ",
		       line ? line : "");
		if (detail && *detail)
			printf("      %s\n", detail);
	}
	fflush(stdout);
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
	sp_log_line(policy->log, "asked '%s': %s", kind ? kind : "",
		    *ret_answer == SP_ANSWER_NEXT   ? "went on" :
		    *ret_answer == SP_ANSWER_CANCEL ? "cancelled" :
						      "went back");
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

static int poll_fd(struct sp_operator *op)
{
	return policy_of(op)->signal_fd;
}

static void policy_free(struct sp_operator *op)
{
	struct policy *policy = policy_of(op);

	sp_closep(&policy->signal_fd);
	(void)sigprocmask(SIG_SETMASK, &policy->before, NULL);
	free(policy);
}

static const struct sp_operator_ops policy_ops = { ask, notify, is_cancelled, poll_fd,
						   policy_free };

int sp_operator_policy_new(struct sp_log *log, bool show_it, struct sp_operator **ret_op,
			   struct sp_error *err)
{
	SP_AUTO(sp_operator_freep) struct sp_operator *op = NULL;
	struct policy *policy = calloc(1, sizeof *policy);
	sigset_t set;

	if (!policy)
		return sp_error_nomem(err);
	op = &policy->op;
	op->ops = &policy_ops;
	policy->log = log;
	policy->show = show_it;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, &policy->before);
	policy->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (policy->signal_fd < 0)
		return sp_error_set_errno(err, errno, "watching for signals");
	*ret_op = sp_steal(op);
	return 0;
}
