/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of things: install, have it proved by somebody else, or undo it.  Whatever
 * becomes of a worker, the next one looks at what is really there. */
#include "repo/transaction.h"

#include "base/array.h"
#include "base/file.h"
#include "base/inside.h"
#include "base/json.h"
#include "base/outcome.h"
#include "base/worker.h"
#include "repo/pack.h"
#include "repo/rpm_run.h"
#include "repo/transaction_work.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum {
	INSTALL_DEADLINE_MS = 30 * 60 * 1000,
	PROVE_DEADLINE_MS = 5 * 60 * 1000,
	UNDO_DEADLINE_MS = 15 * 60 * 1000,
	CPU_SECONDS = 24 * 60 * 60,
	FILES_NAMED = 20,
};

/* What has been heard of the workers. */
struct talk {
	const struct sp_transaction *transaction;
	struct sp_transaction_memo *memos;
	size_t n_memos;
	struct sp_findings findings;
	uint64_t sizes[SP_TRANSACTION_MAX_ITEMS], done[SP_TRANSACTION_MAX_ITEMS];
	bool running; /* from here on, the root may have changed */
	bool cancelled;
	int outcome;
};

void sp_transaction_result_done(struct sp_transaction_result *result)
{
	for (size_t i = 0; i < result->n_packages; i++) {
		free(result->packages[i].nevra);
		sp_strv_done(&result->packages[i].replaced);
	}
	free(result->packages);
	sp_findings_done(&result->findings);
	*result = (struct sp_transaction_result){ 0 };
}

static void talk_done(struct talk *talk)
{
	for (size_t i = 0; i < talk->n_memos; i++) {
		free(talk->memos[i].nevra);
		sp_strv_done(&talk->memos[i].replaced);
		sp_strv_done(&talk->memos[i].fresh);
	}
	free(talk->memos);
	sp_findings_done(&talk->findings);
}

/* ---- listening ------------------------------------------------------------------ */

static int fail_nonsense(struct sp_error *err)
{
	return sp_error_set(err, SP_ERR_WORKER, "the process answered nonsense");
}

static void take_log(const struct talk *talk, const char *line)
{
	char text[SP_TEXT_MAX];

	if (!talk->transaction->on_log)
		return;
	sp_text_clean(line, strlen(line), text, sizeof text);
	talk->transaction->on_log(talk->transaction->user, text);
}

static int take_progress(struct talk *talk, const struct json_object *json,
			 struct sp_error *err)
{
	const struct sp_transaction *transaction = talk->transaction;
	uint64_t all = 0, all_done = 0;
	int64_t index = sp_json_get_int(json, "index", -1);
	int64_t done = sp_json_get_int(json, "done", -1);
	int64_t total = sp_json_get_int(json, "total", -1);
	double part;

	if (index < 0 || (uint64_t)index >= talk->n_memos || done < 0 || total < 0)
		return fail_nonsense(err);
	part = total > 0 && done < total ? (double)done / (double)total : 1.0;
	talk->done[index] = (uint64_t)((double)talk->sizes[index] * part);
	for (size_t i = 0; i < talk->n_memos; i++) {
		all += talk->memos[i].already ? 0 : talk->sizes[i];
		all_done += talk->done[i];
	}
	if (transaction->on_progress)
		transaction->on_progress(transaction->user, all_done, all,
					 talk->memos[index].nevra);
	return 0;
}

static int take_memo(struct talk *talk, const struct json_object *json,
		     struct sp_error *err)
{
	const char *nevra = sp_json_get_string(json, "nevra");
	struct sp_transaction_memo *memo;
	int r;

	if (!nevra || talk->n_memos >= talk->transaction->n_items)
		return fail_nonsense(err);
	memo = sp_array_add(&talk->memos, &talk->n_memos);
	if (!memo)
		return sp_error_nomem(err);
	memo->nevra = sp_text_clean_dup(nevra);
	if (!memo->nevra)
		return sp_error_nomem(err);
	memo->already = sp_json_get_bool(json, "already", false);
	r = sp_json_get_strv(json, "replaced", &memo->replaced, err);
	return r == 0 ? sp_json_get_strv(json, "fresh", &memo->fresh, err) : r;
}

static int take_message(void *user, struct json_object *message, struct sp_error *err)
{
	struct talk *talk = user;
	const char *line = sp_json_get_string(message, "log");
	const struct json_object *value;

	if (line) {
		take_log(talk, line);
		return 0;
	}
	value = sp_json_get(message, "progress");
	if (value)
		return take_progress(talk, value, err);
	value = sp_json_get(message, "memo");
	if (value)
		return take_memo(talk, value, err);
	if (sp_json_get_bool(message, "running", false)) {
		talk->running = true;
		return 0;
	}
	value = sp_json_get(message, "findings");
	if (!value)
		return fail_nonsense(err);
	talk->outcome = (int)sp_json_get_int(message, "outcome", SP_RPM_RUN_FAILED);
	return sp_findings_from_json(value, &talk->findings, err);
}

/* ---- workers ------------------------------------------------------------------------ */

/* Once something may have changed, an operator's wish to stop waits for its end. */
static int tick(void *user)
{
	struct talk *talk = user;
	const struct sp_patience *patience = talk->transaction->patience;
	int r = patience->tick(patience->user);

	if (r)
		talk->cancelled = true;
	return talk->running ? 0 : r;
}

static int work(struct talk *talk, sp_worker_fn run, const char *what,
		const struct sp_strv *erase, unsigned deadline_ms, struct sp_error *err)
{
	const struct sp_patience *given = talk->transaction->patience;
	struct sp_patience patience = { given ? given->fd : -1, tick, talk };
	struct sp_transaction_work arg = { .transaction = talk->transaction,
					   .memos = talk->memos,
					   .n_memos = talk->n_memos,
					   .erase = erase };
	struct sp_worker_job job = {
		.what = what,
		.run = run,
		.arg = &arg,
		.on_message = take_message,
		.user = talk,
		.flags = SP_WORKER_PRIVILEGED,
		/* Scriptlets inherit them, and make initrds. */
		.limits = { .deadline_ms = deadline_ms,
			    .cpu_seconds = CPU_SECONDS,
			    .memory_bytes = (size_t)8 << 30,
			    .file_bytes = (uint64_t)1 << 40,
			    .message_bytes = 16 << 20,
			    .messages = 1 << 20 },
	};

	talk->outcome = SP_RPM_RUN_FAILED;
	return sp_worker_run(
		&job, given && run != sp_transaction_work_undo ? &patience : NULL, err);
}

/* ---- what came of it ----------------------------------------------------------------- */

static const char *reason(const struct talk *talk)
{
	const struct sp_finding *first = sp_findings_first_refusal(&talk->findings);

	if (!first && talk->findings.n)
		first = &talk->findings.items[0];
	return first ? first->text : "no reason is known";
}

static int refuse(const struct talk *talk, struct sp_error *err)
{
	int exit = sp_findings_exit_code(&talk->findings);
	enum sp_code code =
		exit == SP_EXIT_DAMAGED ? SP_ERR_DAMAGED : SP_ERR_REQUIREMENTS;

	return sp_error_set(err, code, "the packages cannot be installed: %s",
			    reason(talk));
}

/* Whoever was to undo it did not come so far as to say what stays. */
static int name_files(struct talk *talk, const struct sp_transaction_memo *memo,
		      int root_fd, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0, n = 0; r == 0 && i < memo->fresh.n && n < FILES_NAMED; i++) {
		SP_AUTO(sp_str_freep) char *real = NULL;
		const char *path = memo->fresh.items[i];
		struct sp_error ignored = SP_ERROR_INIT;

		if (sp_inside_resolve(root_fd, path, &real, &ignored) != 0)
			continue;
		n++;
		r = sp_findings_add(&talk->findings, "left-behind", path, err,
				    "'%s' of '%s' is left%s", path, memo->nevra,
				    n == FILES_NAMED ? ", and perhaps more" : "");
	}
	return r;
}

static int name_rest(struct talk *talk, const struct sp_error *cause,
		     struct sp_error *err)
{
	const char *root = talk->transaction->root;
	SP_AUTO(sp_closep) int root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = sp_findings_add(&talk->findings, "left-behind", root, err,
				"the transaction could not be undone: %s", cause->text);

	for (size_t i = 0; r == 0 && root_fd >= 0 && i < talk->n_memos; i++)
		r = name_files(talk, &talk->memos[i], root_fd, err);
	return r;
}

static int undo(struct talk *talk, struct sp_error *err)
{
	struct sp_error cause = SP_ERROR_INIT;
	int r = work(talk, sp_transaction_work_undo, "undoing the transaction", NULL,
		     UNDO_DEADLINE_MS, &cause);

	if (r < 0)
		r = name_rest(talk, &cause, err);
	if (r < 0)
		return r;
	if (talk->cancelled)
		return sp_error_set(err, SP_ERR_CANCELLED,
				    "the installation was cancelled and undone");
	return sp_error_set(err, SP_ERR_TRANSACTION, "the installation failed%s: %s",
			    sp_findings_has(&talk->findings, "left-behind")
				    ? ", and could not be undone altogether"
				    : " and was undone",
			    reason(talk));
}

static bool is_all_there(const struct talk *talk)
{
	for (size_t i = 0; i < talk->n_memos; i++)
		if (!talk->memos[i].already)
			return false;
	return talk->n_memos == talk->transaction->n_items;
}

/* Has the fresh look at what was installed found nothing wrong? */
static bool is_proved(struct talk *talk, struct sp_error *ret_cause)
{
	int r = work(talk, sp_transaction_work_prove, "looking at what was installed",
		     NULL, PROVE_DEADLINE_MS, ret_cause);

	return r == 0 && talk->outcome == 0 && talk->findings.n == 0;
}

static int conclude(struct talk *talk, struct sp_error *cause, struct sp_error *err)
{
	int r = 0;

	if (!cause->code && talk->outcome == 0 && !talk->cancelled &&
	    is_proved(talk, cause))
		return 0;
	if (cause->code)
		r = sp_findings_add_error(&talk->findings, talk->transaction->root, cause,
					  err);
	return r < 0 ? r : undo(talk, err);
}

static int run(struct talk *talk, struct sp_error *err)
{
	const struct sp_transaction *transaction = talk->transaction;
	struct sp_error cause = SP_ERROR_INIT;
	int r = work(talk, sp_transaction_work_install, "installing packages", NULL,
		     transaction->deadline_ms ? transaction->deadline_ms
					      : INSTALL_DEADLINE_MS,
		     &cause);

	if (r < 0 && (!talk->running || transaction->test_only)) {
		*err = cause;
		return r;
	}
	/* A wish that came with the last news of a quick transaction counts, too. */
	if (r == 0 && transaction->patience)
		(void)tick(talk);
	if (r == 0 && (talk->outcome == SP_RPM_RUN_REFUSED ||
		       (talk->outcome != 0 && transaction->test_only)))
		return refuse(talk, err);
	if (r == 0 && talk->outcome == 0 &&
	    (transaction->test_only || (is_all_there(talk) && !talk->cancelled)))
		return 0;
	return conclude(talk, &cause, err);
}

static int fill_result(struct talk *talk, struct sp_transaction_result *result,
		       struct sp_error *err)
{
	for (size_t i = 0; i < talk->n_memos; i++) {
		struct sp_transaction_package *package =
			sp_array_add(&result->packages, &result->n_packages);

		if (!package)
			return sp_error_nomem(err);
		package->nevra = sp_steal(talk->memos[i].nevra);
		package->state = talk->memos[i].already ? SP_TRANSACTION_ALREADY
							: SP_TRANSACTION_INSTALLED;
		package->replaced = talk->memos[i].replaced;
		talk->memos[i].replaced = (struct sp_strv){ 0 };
	}
	return 0;
}

static int take_sizes(struct talk *talk, struct sp_error *err)
{
	const struct sp_transaction *transaction = talk->transaction;
	struct stat st;

	if (transaction->n_items > SP_TRANSACTION_MAX_ITEMS)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "%zu packages are more than the %d that are "
				    "installed at once",
				    transaction->n_items, SP_TRANSACTION_MAX_ITEMS);
	for (size_t i = 0; i < transaction->n_items; i++)
		if (fstat(transaction->items[i].fd, &st) == 0 && st.st_size > 0)
			talk->sizes[i] = (uint64_t)st.st_size;
	return 0;
}

int sp_transaction_run(const struct sp_transaction *transaction,
		       struct sp_transaction_result *result, struct sp_error *err)
{
	SP_AUTO(talk_done) struct talk talk = { .transaction = transaction };
	struct sp_error ignored = SP_ERROR_INIT;
	int r = take_sizes(&talk, err);

	if (r == 0)
		r = run(&talk, err);
	if (r == 0)
		return fill_result(&talk, result, err);
	(void)!sp_findings_move(&result->findings, &talk.findings, &ignored);
	return r;
}

int sp_transaction_erase(const struct sp_transaction *transaction,
			 const struct sp_strv *nevras, struct sp_findings *findings,
			 struct sp_error *err)
{
	SP_AUTO(talk_done) struct talk talk = { .transaction = transaction };
	struct sp_error ignored = SP_ERROR_INIT;
	int r = work(&talk, sp_transaction_work_erase, "erasing packages", nevras,
		     INSTALL_DEADLINE_MS, err);

	if (r == 0 && talk.outcome == SP_RPM_RUN_REFUSED)
		r = sp_error_set(err, SP_ERR_REQUIREMENTS,
				 "the packages cannot be erased: %s", reason(&talk));
	else if (r == 0 && (talk.outcome != 0 || talk.findings.n))
		r = sp_error_set(err, SP_ERR_TRANSACTION,
				 "erasing the packages failed: %s", reason(&talk));
	(void)!sp_findings_move(findings, &talk.findings, &ignored);
	return r;
}
