/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The database is asked, and nobody's memory: what it has is what is there. */

#include "installer-plugin/remains.h"

#include <string.h>

#include "base/worker.h"
#include "installer-plugin/host.h"
#include "installer-plugin/install.h"
#include "installer-plugin/install_files.h"
#include "installer-plugin/installed.h"
#include "installer-plugin/log.h"
#include "installer-plugin/context.h"
#include "installer-plugin/operator.h"
#include "repo/evr.h"

/* The version that stood there before, "1:2.0-3"; NULL: none did. */
static const char *version_before(const struct sp_record *record, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < record->before.n; i++)
		if (!strncmp(record->before.items[i], name, len) &&
		    record->before.items[i][len] == ' ')
			return record->before.items[i] + len + 1;
	return NULL;
}

static bool has_replaced(const struct sp_installed *installed,
			 const struct sp_record *record, const struct sp_package *package)
{
	const char *had = version_before(record, package->name);
	const char *has = sp_installed_find(installed, package->name);

	return had && has && sp_evr_compare(had, has) != 0 &&
	       sp_installed_has(installed, package);
}

static bool is_any_left(const struct sp_installed *installed,
			const struct sp_record *record)
{
	for (size_t i = 0; i < record->pack.n_packages; i++)
		if (has_replaced(installed, record, &record->pack.packages[i]))
			return true;
	return false;
}

/* ---- one record ------------------------------------------------------------------------- */

static int sort_out(const struct sp_installed *installed, const struct sp_record *record,
		    struct sp_record *amended, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < record->pack.n_packages; i++) {
		const struct sp_package *package = &record->pack.packages[i];

		if (!sp_install_is_rpm(package))
			continue;
		if (!sp_installed_has(installed, package))
			r = sp_strv_add(&amended->left_out, package->name, err);
		else if (sp_strv_has(&record->brought, package->name))
			r = sp_strv_add(&amended->brought, package->name, err);
	}
	return r;
}

/* Everything but what changes is borrowed from @record. */
static int amend(const struct sp_host *host, const struct sp_installed *installed,
		 const struct sp_record *record, const char *why, bool is_staged,
		 struct sp_error *err)
{
	struct sp_record amended = *record;
	int r;

	amended.incomplete = (char *)(uintptr_t)why;
	amended.left_out = amended.brought = (struct sp_strv){ 0 };
	r = sort_out(installed, record, &amended, err);
	if (r == 0)
		r = sp_record_amend(host->root_fd, &amended, is_staged, err);
	sp_strv_done(&amended.left_out);
	sp_strv_done(&amended.brought);
	return r;
}

/* ---- those before it --------------------------------------------------------------------- */

static bool has_lost(const struct sp_installed *installed, const struct sp_record *other,
		     const struct sp_record *record)
{
	for (size_t i = 0; i < other->pack.n_packages; i++) {
		const struct sp_package *package = &other->pack.packages[i];

		if (version_before(record, package->name) &&
		    !sp_strv_has(&other->left_out, package->name) &&
		    !sp_installed_has(installed, package))
			return true;
	}
	return false;
}

static int amend_others(const struct sp_install *install,
			const struct sp_installed *installed,
			const struct sp_record *record, struct sp_error *err)
{
	const struct sp_record_list *records = &install->host->records;
	SP_AUTO(sp_str_freep)
	char *why = sp_text_format("an update to '%s' %s failed", record->pack.label,
				   record->pack.version);
	int r = why ? 0 : sp_error_nomem(err);

	for (size_t i = 0; r == 0 && i < records->n; i++)
		if (strcmp(records->items[i].directory, record->directory) != 0 &&
		    has_lost(installed, &records->items[i], record))
			r = amend(install->host, installed, &records->items[i], why,
				  false, err);
	return r;
}

int sp_remains_record(const struct sp_install *install, const struct sp_record *record,
		      const char *why, struct sp_error *err)
{
	SP_AUTO(sp_installed_done) struct sp_installed installed = { 0 };
	struct sp_patience patience = sp_operator_patience(install->op);
	int r = sp_installed_read(install->host->path, &patience, &installed, err);

	if (r < 0)
		return r;
	if (!is_any_left(&installed, record))
		return SP_REMAINS_NOTHING;
	sp_log_line(install->context->log, "'%s' %s stays, not all of it: %s",
		    record->pack.label, record->pack.version, why);
	r = sp_install_files_settle(install, record, err);
	if (r == 0)
		r = amend(install->host, &installed, record, why, true, err);
	if (r == 0)
		r = amend_others(install, &installed, record, err);
	return r < 0 ? r
		     : sp_record_commit(install->host->root_fd, record->directory, err);
}
