/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Erasing on purpose.  librpm counts a package as erased whose files it could not remove:
 * what is still there and belongs to nobody else is named. */
#include "repo/rpm_files.h"
#include "repo/rpm_root.h"
#include "repo/rpm_run.h"
#include "repo/transaction_desk.h"

#include <string.h>

static int check_erased(struct sp_transaction_desk *desk, const struct sp_strv *nevras)
{
	SP_AUTO(sp_rpm_packages_done) struct sp_rpm_packages have = { 0 };
	int r = sp_rpm_root_list(desk->root, NULL, 0, &have, desk->err);

	for (size_t i = 0; r == 0 && i < have.n; i++)
		if (sp_strv_has(nevras, have.items[i].nevra))
			r = sp_findings_add(&desk->findings, "left-behind",
					    have.items[i].nevra, desk->err,
					    "'%s' could not be erased",
					    have.items[i].nevra);
	return r;
}

/* ---- files ------------------------------------------------------------------------- */

static bool is_owned(const struct sp_rpm_packages *have, const char *path)
{
	for (size_t i = 0; i < have->n; i++)
		for (size_t k = 0; k < have->items[i].n_files; k++)
			if (strcmp(have->items[i].files[k].path, path) == 0)
				return true;
	return false;
}

/* The files that are on disk of the packages to be erased. */
static int list_files(struct sp_transaction_desk *desk, const struct sp_strv *nevras,
		      struct sp_strv *files)
{
	SP_AUTO(sp_rpm_packages_done) struct sp_rpm_packages have = { 0 };
	int r = sp_rpm_root_list(desk->root, NULL, 0, &have, desk->err);

	for (size_t i = 0; r == 0 && i < have.n; i++) {
		SP_AUTO(sp_rpm_packages_done) struct sp_rpm_packages named = { 0 };

		if (!sp_strv_has(nevras, have.items[i].nevra))
			continue;
		r = sp_rpm_root_list(desk->root, have.items[i].name, SP_RPM_FILES, &named,
				     desk->err);
		for (size_t k = 0; r == 0 && k < named.n; k++)
			if (!strcmp(named.items[k].nevra, have.items[i].nevra))
				r = sp_rpm_files_list_there(sp_rpm_root_fd(desk->root),
							    &named.items[k], files,
							    desk->err);
	}
	return r;
}

/* Only after something was left is it worth asking whose it is. */
static int check_files(struct sp_transaction_desk *desk, const struct sp_strv *files)
{
	SP_AUTO(sp_rpm_packages_done) struct sp_rpm_packages have = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv left = { 0 };
	int r = sp_rpm_files_still_there(sp_rpm_root_fd(desk->root), files, &left,
					 desk->err);

	if (r == 0 && left.n)
		r = sp_rpm_root_list(desk->root, NULL, SP_RPM_FILES, &have, desk->err);
	for (size_t i = 0; r == 0 && i < left.n; i++)
		if (!is_owned(&have, left.items[i]))
			r = sp_findings_add(&desk->findings, "left-behind", left.items[i],
					    desk->err, "'%s' could not be removed",
					    left.items[i]);
	return r;
}

/* ---- all of it ----------------------------------------------------------------------- */

static int tell_running(void *user, struct sp_error *err)
{
	(void)err;
	return sp_transaction_desk_send_running(user);
}

int sp_transaction_work_erase(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	SP_AUTO(sp_transaction_desk_close) struct sp_transaction_desk desk = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv files = { 0 };
	const struct sp_transaction_work *work = arg;
	struct sp_rpm_job job = {
		.erase = work->erase,
		.test_only = work->transaction->test_only,
		.no_scripts = work->transaction->no_scripts,
		.no_disk_check = true,
		.before = tell_running,
		.user = &desk,
	};
	int checked = 0, r = sp_transaction_desk_open(&desk, work, outlet, err);

	if (r == 0 && !job.test_only)
		r = list_files(&desk, work->erase, &files);
	if (r == 0)
		r = sp_rpm_run(desk.root, &job, &desk.findings, err);
	if (r >= 0 && r != SP_RPM_RUN_REFUSED && !job.test_only)
		checked = check_erased(&desk, work->erase);
	if (r >= 0 && r != SP_RPM_RUN_REFUSED && !job.test_only && checked == 0)
		checked = check_files(&desk, &files);
	if (r < 0 || checked < 0)
		return r < 0 ? r : checked;
	return sp_transaction_desk_end(&desk, r);
}
