/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Whom a flow talks to: one small set of questions and notices.  Screens answer them
 * over the protocol (docs/protocol.md; operator_screen.c), or the command's options
 * and the answerfile's policy do (operator_policy.c); a flow cannot tell which. */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct json_object;
struct sp_patience;

enum sp_answer {
	SP_ANSWER_NEXT,
	SP_ANSWER_BACK,
	SP_ANSWER_AGAIN,
	SP_ANSWER_CANCEL, /* also: the operator has gone */
	SP_ANSWER_VERIFY, /* only to a question that offers it */
};

/* "next", "back", ...: as in docs/protocol.md. */
const char *sp_answer_name(enum sp_answer answer);

struct sp_operator;

/* What an operator is made of. */
struct sp_operator_ops {
	/* Asks @question (an object as in docs/protocol.md, without its id; borrowed).
	 * *@ret_reply is what the answer carries (NULL if nothing); caller frees. */
	int (*ask)(struct sp_operator *op, struct json_object *question,
		   enum sp_answer *ret_answer, struct json_object **ret_reply,
		   struct sp_error *err);
	/* Sends a notice (consumed). Cannot fail: a lost operator shows at the next ask. */
	void (*notify)(struct sp_operator *op, struct json_object *notice);
	/* Has the operator asked to cancel since the last ask or resume?  Never blocks. */
	bool (*is_cancelled)(struct sp_operator *op);
	/* What was cancelled is undone: goes on with something else.  An operator who
	 * has gone stays so. */
	void (*resume)(struct sp_operator *op);
	/* Descriptor to poll for that; -1: none. */
	int (*poll_fd)(struct sp_operator *op);
	void (*free)(struct sp_operator *op);
};

struct sp_operator {
	const struct sp_operator_ops *ops;
};

/* Asks @question (consumed).  @ret_reply may be NULL if only the answer counts. */
SP_MUST_CHECK
int sp_operator_ask(struct sp_operator *op, struct json_object *question,
		    enum sp_answer *ret_answer, struct json_object **ret_reply,
		    struct sp_error *err);

/* Notices.  @text NULL: what was going on is over. */
void sp_operator_busy(struct sp_operator *op, const char *text);
void sp_operator_progress(struct sp_operator *op, const char *text, uint64_t done,
			  uint64_t total);

/* For workers and waits: cancels them when the operator does. */
struct sp_patience sp_operator_patience(struct sp_operator *op);

/* NULL is allowed. */
void sp_operator_free(struct sp_operator *op);
SP_DEFINE_FREEP(struct sp_operator *, sp_operator_free)
