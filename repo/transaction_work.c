/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Installing and proving.  A worker of each kind starts with librpm untouched, so what
 * one of them believes is never what another one checks. */
#include "repo/transaction_work.h"

#include "base/json.h"
#include "repo/digest.h"
#include "repo/pack.h"
#include "repo/rpm_files.h"
#include "repo/rpm_root.h"
#include "repo/rpm_run.h"
#include "repo/room.h"
#include "repo/transaction_desk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One package file, and what is known about it. */
struct item {
	const struct sp_transaction_item *given;
	struct sp_rpm_package *package; /* what it is */
	bool already;
	struct sp_strv replaced, fresh;
};

struct install {
	struct sp_transaction_desk desk;
	struct sp_rpm_packages packages; /* of the items, in their order */
	struct item *items;
	size_t n_items;
	int *fds; /* of those that are to be installed */
	size_t *index_of_fd;
	size_t n_fds;
};

static void install_done(struct install *install)
{
	for (size_t i = 0; install->items && i < install->n_items; i++) {
		sp_strv_done(&install->items[i].replaced);
		sp_strv_done(&install->items[i].fresh);
	}
	free(install->items);
	free(install->fds);
	free(install->index_of_fd);
	sp_rpm_packages_done(&install->packages);
	sp_transaction_desk_close(&install->desk);
}

/* ---- is each item what it must be --------------------------------------------- */

static int check_bytes(struct install *install, const struct item *item,
		       const char *nevra)
{
	const struct sp_package *package = item->given->package;
	struct sp_error *err = install->desk.err;
	char digest[SP_DIGEST_HEX_SIZE];
	uint64_t bytes = 0;
	int r = sp_digest_fd(item->given->fd, SP_DIGEST_SHA256, UINT64_MAX, digest,
			     &bytes, err);

	if (r < 0)
		return sp_error_context(err, "package '%s'", nevra);
	if (package->size_bytes && package->size_bytes != bytes)
		return sp_findings_add(&install->desk.findings, "damaged-package", nevra,
				       err, "'%s' has %llu bytes instead of %llu", nevra,
				       (unsigned long long)bytes,
				       (unsigned long long)package->size_bytes);
	if (package->sha256 && !sp_digest_is_equal(digest, package->sha256))
		return sp_findings_add(&install->desk.findings, "damaged-package", nevra,
				       err,
				       "'%s' does not have the digest that the pack "
				       "says",
				       nevra);
	return 0;
}

static bool is_epoch(const char *epoch)
{
	return epoch && *epoch && strcmp(epoch, "0") != 0;
}

static bool is_expected(const struct sp_rpm_package *is, const struct sp_package *package)
{
	SP_AUTO(sp_str_freep) char *evr = NULL;

	evr = sp_text_format("%s%s%s-%s", is_epoch(package->epoch) ? package->epoch : "",
			     is_epoch(package->epoch) ? ":" : "", package->version,
			     package->release ? package->release : "");
	return evr && strcmp(is->name, package->name) == 0 && strcmp(is->evr, evr) == 0 &&
	       package->arch && strcmp(is->arch, package->arch) == 0;
}

static int read_item(struct install *install, struct item *item, const char *nevra)
{
	struct sp_error cause = SP_ERROR_INIT;
	struct sp_error *err = install->desk.err;
	struct sp_findings *findings = &install->desk.findings;
	const struct sp_rpm_package *is;
	int r = sp_rpm_root_read(install->desk.root, item->given->fd, &install->packages,
				 &cause);

	if (r == -SP_ERR_DAMAGED || r == -SP_ERR_LIMIT)
		return sp_findings_add(findings, "damaged-package", nevra, err,
				       "'%s' cannot be installed: %s", nevra, cause.text);
	if (r < 0) {
		*err = cause;
		return r;
	}
	is = &install->packages.items[install->packages.n - 1];
	if (!is_expected(is, item->given->package))
		return sp_findings_add(findings, "nevra-mismatch", nevra, err,
				       "the package that should be '%s' is '%s'", nevra,
				       is->nevra);
	return sp_rpm_files_check_places(is, install->desk.transaction->installer,
					 findings, err);
}

/* librpm silently takes the newer of the two. */
static int check_names(struct install *install)
{
	const struct sp_rpm_packages *all = &install->packages;

	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(all->items[i].name, all->items[k].name) == 0)
				return sp_findings_add(
					&install->desk.findings, "conflict",
					all->items[i].nevra, install->desk.err,
					"'%s' and '%s' cannot be installed together",
					all->items[k].nevra, all->items[i].nevra);
	return 0;
}

static int read_items(struct install *install)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < install->n_items; i++) {
		struct item *item = &install->items[i];
		SP_AUTO(sp_str_freep) char *nevra = NULL;

		nevra = sp_package_nevra(item->given->package);
		if (!nevra || !item->given->package->version)
			return sp_error_set(install->desk.err, SP_ERR_INTERNAL,
					    "a package without a version is no RPM");
		r = check_bytes(install, item, nevra);
		if (r == 0 && install->desk.findings.n == 0)
			r = read_item(install, item, nevra);
		if (r == 0 && install->desk.findings.n)
			return 0;
	}
	for (size_t i = 0; i < install->packages.n; i++)
		install->items[i].package = &install->packages.items[i];
	return r == 0 ? check_names(install) : r;
}

/* ---- what is there already ------------------------------------------------------ */

/* That very package, with all of its files? */
static int check_already(struct install *install, struct item *item,
			 const struct sp_rpm_package *have)
{
	SP_AUTO(sp_strv_done) struct sp_strv wrong = { 0 };
	const struct sp_rpm_package *want = item->package;
	int r;

	if (strcmp(have->nevra, want->nevra) != 0 || !*want->header_digest ||
	    strcmp(have->header_digest, want->header_digest) != 0)
		return 0;
	r = sp_rpm_files_verify(sp_rpm_root_fd(install->desk.root), have, &wrong,
				install->desk.err);
	item->already = r == 0 && wrong.n == 0 && !install->desk.transaction->again;
	return r;
}

static int look_at_item(struct install *install, struct item *item)
{
	SP_AUTO(sp_rpm_packages_done) struct sp_rpm_packages have = { 0 };
	struct sp_error *err = install->desk.err;
	int r = sp_rpm_root_list(install->desk.root, item->package->name, SP_RPM_FILES,
				 &have, err);

	for (size_t i = 0; r == 0 && i < have.n; i++) {
		r = check_already(install, item, &have.items[i]);
		if (r == 0)
			r = sp_strv_add(&item->replaced, have.items[i].nevra, err);
	}
	if (r == 0 && !item->already)
		r = sp_rpm_files_list_fresh(sp_rpm_root_fd(install->desk.root),
					    item->package, &item->fresh, err);
	return r;
}

static struct json_object *memo_to_json(const struct item *item)
{
	struct json_object *json = sp_json_object();

	sp_json_set_string(json, "nevra", item->package->nevra);
	sp_json_set_bool(json, "already", item->already);
	sp_json_set_strv(json, "replaced", &item->replaced);
	sp_json_set_strv(json, "fresh", &item->fresh);
	return json;
}

static int look_at_items(struct install *install)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < install->n_items; i++) {
		struct item *item = &install->items[i];

		r = look_at_item(install, item);
		if (r < 0)
			break;
		if (!item->already) {
			install->fds[install->n_fds] = item->given->fd;
			install->index_of_fd[install->n_fds++] = i;
		}
		r = sp_transaction_desk_send(&install->desk, "memo", memo_to_json(item));
	}
	return r;
}

/* ---- is there room ---------------------------------------------------------------- */

static int check_room(struct install *install)
{
	const struct sp_transaction *transaction = install->desk.transaction;
	uint64_t needed = 0, available;

	if (!transaction->installer)
		return 0;
	available = sp_room_free_bytes(transaction->root);
	for (size_t i = 0; i < install->n_fds; i++)
		needed +=
			install->items[install->index_of_fd[i]].package->installed_bytes;
	if (needed <= available)
		return 0;
	return sp_findings_add(&install->desk.findings, "no-space", NULL,
			       install->desk.err,
			       "the packages need %llu KiB, and only %llu KiB are free "
			       "for them in '%s'",
			       (unsigned long long)(needed >> 10),
			       (unsigned long long)(available >> 10), transaction->root);
}

/* ---- doing it ----------------------------------------------------------------------- */

static int tell_running(void *user, struct sp_error *err)
{
	struct install *install = user;

	/* The error goes to where the desk's goes. */
	(void)err;
	return sp_transaction_desk_send_running(&install->desk);
}

/* What an interrupted transaction of the same packages left would stop this one. */
static int sweep(struct install *install)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < install->n_items; i++) {
		const struct sp_rpm_package *package = install->items[i].package;
		SP_AUTO(sp_strv_done) struct sp_strv paths = { 0 };

		for (size_t f = 0; r == 0 && f < package->n_files; f++)
			r = sp_strv_add(&paths, package->files[f].path,
					install->desk.err);
		if (r == 0)
			r = sp_rpm_files_sweep(sp_rpm_root_fd(install->desk.root), &paths,
					       install->desk.err);
	}
	return r;
}

static int run(struct install *install)
{
	const struct sp_transaction *transaction = install->desk.transaction;
	struct sp_rpm_job job = {
		.fds = install->fds,
		.n_fds = install->n_fds,
		.provided = transaction->provided,
		.files_provide = transaction->installer,
		.test_only = transaction->test_only,
		.no_scripts = transaction->no_scripts,
		.allow_downgrade = transaction->allow_downgrade,
		.no_disk_check = transaction->installer,
		.before = tell_running,
		.user = install,
	};
	int r = transaction->test_only ? 0 : sweep(install);

	if (r < 0)
		return r;
	install->desk.index_of_element = install->index_of_fd;
	return sp_rpm_run(install->desk.root, &job, &install->desk.findings,
			  install->desk.err);
}

static int prepare(struct install *install)
{
	size_t n = install->desk.transaction->n_items;

	install->items = calloc(n + 1, sizeof *install->items);
	install->fds = calloc(n + 1, sizeof *install->fds);
	install->index_of_fd = calloc(n + 1, sizeof *install->index_of_fd);
	if (!install->items || !install->fds || !install->index_of_fd)
		return sp_error_nomem(install->desk.err);
	install->n_items = n;
	for (size_t i = 0; i < n; i++)
		install->items[i].given = &install->desk.transaction->items[i];
	return 0;
}

int sp_transaction_work_install(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	SP_AUTO(install_done) struct install install = { 0 };
	int r = sp_transaction_desk_open(&install.desk, arg, outlet, err);

	if (r == 0)
		r = prepare(&install);
	if (r == 0)
		r = read_items(&install);
	if (r == 0 && install.desk.findings.n == 0)
		r = look_at_items(&install);
	if (r == 0 && install.desk.findings.n == 0)
		r = check_room(&install);
	if (r < 0)
		return r;
	if (install.desk.findings.n)
		return sp_transaction_desk_end(&install.desk, SP_RPM_RUN_REFUSED);
	if (install.n_fds)
		r = run(&install);
	return r < 0 ? r : sp_transaction_desk_end(&install.desk, r);
}

/* ---- proving it ---------------------------------------------------------------------- */

static int prove_files(struct sp_transaction_desk *desk,
		       const struct sp_rpm_package *package)
{
	SP_AUTO(sp_strv_done) struct sp_strv wrong = { 0 };
	int r = sp_rpm_files_verify(sp_rpm_root_fd(desk->root), package, &wrong,
				    desk->err);

	if (r < 0 || wrong.n == 0)
		return r;
	return sp_findings_add(
		&desk->findings, "transaction-failed", package->nevra, desk->err,
		"'%s' was installed, but %zu of its files are not right: %s",
		package->nevra, wrong.n, wrong.items[0]);
}

static int prove_one(struct sp_transaction_desk *desk,
		     const struct sp_transaction_item *item, const char *nevra)
{
	SP_AUTO(sp_rpm_packages_done) struct sp_rpm_packages have = { 0 }, want = { 0 };
	int r = sp_rpm_root_read(desk->root, item->fd, &want, desk->err);

	if (r == 0)
		r = sp_rpm_root_list(desk->root, want.items[0].name, SP_RPM_FILES, &have,
				     desk->err);
	for (size_t i = 0; r == 0 && i < have.n; i++)
		if (strcmp(have.items[i].nevra, nevra) == 0 &&
		    strcmp(have.items[i].header_digest, want.items[0].header_digest) == 0)
			return prove_files(desk, &have.items[i]);
	if (r < 0)
		return r;
	return sp_findings_add(&desk->findings, "transaction-failed", nevra, desk->err,
			       "'%s' is not in the rpm database, though librpm says that "
			       "it was installed",
			       nevra);
}

int sp_transaction_work_prove(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	SP_AUTO(sp_transaction_desk_close) struct sp_transaction_desk desk = { 0 };
	const struct sp_transaction_work *work = arg;
	int r = sp_transaction_desk_open(&desk, work, outlet, err);

	for (size_t i = 0; r == 0 && i < work->n_memos; i++)
		r = prove_one(&desk, &work->transaction->items[i], work->memos[i].nevra);
	return r < 0 ? r : sp_transaction_desk_end(&desk, 0);
}
