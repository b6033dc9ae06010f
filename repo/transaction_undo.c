/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Back to what was.  A package whose predecessor is gone stays, because its files are
 * all there is; whatever else cannot be put right is named, file by file. */
#include "base/json.h"
#include "repo/rpm_files.h"
#include "repo/rpm_root.h"
#include "repo/rpm_run.h"
#include "repo/transaction_desk.h"

#include <string.h>

enum { FILES_NAMED = 20 };

static bool has(const struct sp_rpm_packages *packages, const char *nevra)
{
	for (size_t i = 0; i < packages->n; i++)
		if (strcmp(packages->items[i].nevra, nevra) == 0)
			return true;
	return false;
}

static int leave(struct sp_transaction_desk *desk, const char *about, const char *text)
{
	return sp_findings_add(&desk->findings, "left-behind", about, desk->err, "%s",
			       text);
}

/* ---- packages ------------------------------------------------------------------- */

static int erase(struct sp_transaction_desk *desk, const struct sp_strv *nevras,
		 bool no_scripts)
{
	SP_AUTO(sp_findings_done) struct sp_findings ignored = { 0 };
	struct sp_rpm_job job = {
		.erase = nevras,
		.no_requirements = true,
		.no_scripts = no_scripts,
		.no_disk_check = true,
	};

	return nevras->n ? sp_rpm_run(desk->root, &job, &ignored, desk->err) : 0;
}

/* Those that the transaction brought in and that left nothing else in their place. */
static int list_fresh_packages(struct sp_transaction_desk *desk,
			       const struct sp_transaction_work *work,
			       struct sp_strv *nevras)
{
	SP_AUTO(sp_rpm_packages_done) struct sp_rpm_packages have = { 0 };
	int r = sp_rpm_root_list(desk->root, NULL, 0, &have, desk->err);

	for (size_t i = 0; r == 0 && i < work->n_memos; i++) {
		const struct sp_transaction_memo *memo = &work->memos[i];

		if (!memo->already && memo->replaced.n == 0 && has(&have, memo->nevra))
			r = sp_strv_add(nevras, memo->nevra, desk->err);
	}
	return r;
}

static int undo_packages(struct sp_transaction_desk *desk,
			 const struct sp_transaction_work *work)
{
	SP_AUTO(sp_strv_done) struct sp_strv nevras = { 0 };
	int r = list_fresh_packages(desk, work, &nevras);

	if (r == 0)
		r = erase(desk, &nevras, work->transaction->no_scripts);
	if (r > 0) {
		sp_strv_done(&nevras);
		r = list_fresh_packages(desk, work, &nevras);
		if (r == 0)
			r = erase(desk, &nevras, true);
	}
	return r < 0 ? r : 0;
}

/* ---- what was replaced ------------------------------------------------------------ */

static int check_replaced(struct sp_transaction_desk *desk,
			  const struct sp_transaction_memo *memo, const char *old,
			  const struct sp_rpm_packages *have)
{
	SP_AUTO(sp_strv_done) struct sp_strv wrong = { 0 };
	SP_AUTO(sp_str_freep) char *text = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < have->n; i++)
		if (strcmp(have->items[i].nevra, old) == 0)
			r = sp_rpm_files_verify(sp_rpm_root_fd(desk->root),
						&have->items[i], &wrong, desk->err);
	if (r < 0 || (has(have, old) && wrong.n == 0))
		return r;
	if (!has(have, old))
		text = sp_text_format("'%s', which '%s' was to replace, is gone, and "
				      "cannot be brought back%s",
				      old, memo->nevra,
				      has(have, memo->nevra) ? "; the new one stays"
							     : "");
	else
		text = sp_text_format("'%s' is not as it was: %s", old, wrong.items[0]);
	return text ? leave(desk, old, text) : sp_error_nomem(desk->err);
}

/* ---- files ------------------------------------------------------------------------- */

static int undo_files(struct sp_transaction_desk *desk,
		      const struct sp_transaction_memo *memo)
{
	SP_AUTO(sp_strv_done) struct sp_strv fresh = { 0 }, left = { 0 };
	int root_fd = sp_rpm_root_fd(desk->root);
	int r = sp_strv_add_all(&fresh, &memo->fresh, desk->err);

	if (r == 0)
		r = sp_rpm_files_sweep(root_fd, &fresh, desk->err);
	if (r == 0)
		r = sp_rpm_files_remove(root_fd, &fresh, &left, desk->err);
	for (size_t i = 0; r == 0 && i < left.n && i < FILES_NAMED; i++) {
		SP_AUTO(sp_str_freep) char *text = NULL;

		text = sp_text_format("'%s' could not be removed%s", left.items[i],
				      i + 1 == FILES_NAMED ? ", nor could more" : "");
		r = text ? leave(desk, left.items[i], text) : sp_error_nomem(desk->err);
	}
	return r;
}

static int settle(struct sp_transaction_desk *desk,
		  const struct sp_transaction_memo *memo)
{
	SP_AUTO(sp_rpm_packages_done) struct sp_rpm_packages have = { 0 };
	SP_AUTO(sp_str_freep) char *text = NULL;
	int r = sp_rpm_root_list(desk->root, NULL, SP_RPM_FILES, &have, desk->err);

	for (size_t i = 0; r == 0 && i < memo->replaced.n; i++)
		r = check_replaced(desk, memo, memo->replaced.items[i], &have);
	if (r < 0 || memo->replaced.n)
		return r;
	if (!has(&have, memo->nevra))
		return undo_files(desk, memo);
	text = sp_text_format("'%s' could not be erased again", memo->nevra);
	return text ? leave(desk, memo->nevra, text) : sp_error_nomem(desk->err);
}

int sp_transaction_work_undo(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	SP_AUTO(sp_transaction_desk_close) struct sp_transaction_desk desk = { 0 };
	const struct sp_transaction_work *work = arg;
	int r = sp_transaction_desk_open(&desk, work, outlet, err);

	if (r == 0)
		r = undo_packages(&desk, work);
	for (size_t i = 0; r == 0 && i < work->n_memos; i++)
		if (!work->memos[i].already)
			r = settle(&desk, &work->memos[i]);
	return r < 0 ? r : sp_transaction_desk_end(&desk, 0);
}
